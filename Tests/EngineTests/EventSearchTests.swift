import Alerting
import Engine
import Simulation
import Storage
import Testing

struct EventSearchTests {
    private typealias Cast = SimulatedCast

    private struct Sent {
        var summary: String
        var key: String?
        var body = "{}"
    }

    /// Writes one event for each text, a minute apart.
    private static func world(_ events: [Sent]) async throws -> SimulatedWorld {
        let world = try await SimulatedWorld()
        let start = world.now
        try await world.write { transaction in
            for (index, event) in events.enumerated() {
                let id = AlertEvent.ID(Int64(index + 1))
                try EventLog.insert(
                    StoredEvent(
                        id: id, request: id, source: Cast.shop, receivedAt: start + .minutes(index),
                        query: "host=q\(index)", body: Array(event.body.utf8), kind: .alert, key: event.key,
                        summary: event.summary, reason: index.isMultiple(of: 2) ? .newAlert : .keyOpen),
                    in: transaction)
            }
        }
        return world
    }

    private static let three = [
        Sent(summary: "Disk full", key: "disk-1", body: #"{"host": "Web1", "city": "Köln"}"#),
        Sent(summary: "Cart slow", key: "cart"),
        Sent(summary: "Disk 100% full", body: #"{"host": "web2"}"#),
    ]

    private func ids(_ search: EventSearch, in world: SimulatedWorld) async throws -> [Int64] {
        try await search.found(limit: 50, in: world.engine.store).events.map(\.id.rawValue)
    }

    @Test(
        arguments: [
            (nil, [3, 2, 1]), ("DISK", [3, 1]), ("disk-1", [1]), ("web", [3, 1]), ("köLN", [1]), ("100%", [3]),
            ("host=q1", [2]), ("nothing", []), ("%", [3]), ("\"host\": \"web2\"", [3]),
        ] as [(String?, [Int64])])
    func `given a text, then it is found in summary, key, query and body, whatever the case`(
        text: String?, expected: [Int64]
    ) async throws {
        let world = try await Self.world(Self.three)

        #expect(try await ids(EventSearch(source: Cast.shop, text: text), in: world) == expected)
        #expect(try await ids(EventSearch(source: .init(2), text: text), in: world) == [])
    }

    @Test func `given an outcome, times and a text together, then all of them count`() async throws {
        let world = try await Self.world(Self.three)
        let start = world.now

        #expect(try await ids(EventSearch(source: Cast.shop, reason: .keyOpen), in: world) == [2])
        #expect(try await ids(EventSearch(source: Cast.shop, text: "disk", reason: .keyOpen), in: world) == [])
        #expect(
            try await ids(
                EventSearch(source: Cast.shop, text: "disk", times: start..<start + .minutes(2)), in: world) == [1])
        #expect(try await ids(EventSearch(source: Cast.shop, text: "disk", before: .init(3)), in: world) == [1])
    }

    @Test func `given more than a page, then each goes on where the last ended`() async throws {
        let world = try await Self.world((0..<7).map { Sent(summary: "Disk \($0)", key: "k\($0)") })
        for text in [nil, "disk"] {
            var (found, next): ([Int64], AlertEvent.ID?) = ([], nil)
            repeat {
                let page = try await EventSearch(source: Cast.shop, text: text, before: next).found(
                    limit: 3, in: world.engine.store)
                #expect(page.events.count <= 3 && page.searchedTo == nil)
                found += page.events.map(\.id.rawValue)
                next = page.next
            } while next != nil

            #expect(found == [7, 6, 5, 4, 3, 2, 1])
        }
    }

    @Test func `given more events than a search looks at, then it says how far back it was, and goes on from there`()
        async throws
    {
        let count = Limits.searchedEvents + 150
        let world = try await Self.world((0..<count).map { Sent(summary: $0 == 3 ? "Needle" : "Hay") })

        let first = try await EventSearch(source: Cast.shop, text: "needle").found(limit: 50, in: world.engine.store)
        let second = try await EventSearch(source: Cast.shop, text: "needle", before: first.next).found(
            limit: 50, in: world.engine.store)

        #expect(first.events == [])
        #expect(first.searchedTo == world.now + .minutes(150))
        #expect(second.events.map(\.summary) == ["Needle"])
        #expect(second.next == nil && second.searchedTo == nil)
    }
}
