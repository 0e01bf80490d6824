import Alerting
import Engine
import Integrations
import Logging
import Simulation
import Storage
import Synchronization
import Testing

struct IngestionTests {
    private typealias Cast = SimulatedCast

    private func request(
        _ key: String, _ source: SourceEntry, _ kind: AlertEvent.Kind = .alert, at now: Timestamp
    ) -> IngestRequest {
        let event = AlertEvent(kind: kind, alertKey: key, summary: "Shop is down")
        return IngestRequest(WebhookRequest(body: []), event: .success(event), source: source, receivedAt: now)
    }

    /// Hands them in at once; their answers come in any order.
    private func submit(_ requests: [IngestRequest], to ingestion: Ingestion) async throws -> [IngestAnswer] {
        try await withThrowingTaskGroup(of: IngestAnswer.self) { group in
            for request in requests { group.addTask { try await ingestion.submit(request) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func `given a thousand requests at once over a hundred keys, then a hundred alerts with exact counts`()
        async throws
    {
        var shop = Cast.source(at: SimulatedClock().now)
        shop.fields = .object(["eventLimitPerMinute": .integer(1000)])
        let world = try await SimulatedWorld(sources: [shop])
        let (ingestion, now) = (world.engine.ingestion, world.now)
        let source = try #require(try await world.engine.directory.entry(forKey: Cast.shopKey))
        let requests = (0..<1000).map { request("key \($0 % 100)", source, at: now) }

        let answers = try await submit(requests, to: ingestion)

        #expect(answers.filter { $0.reason == .newAlert }.count == 100)
        #expect(answers.filter { $0.reason == .keyOpen }.count == 900)
        let alerts = try await world.alerts()
        #expect(alerts.count == 100)
        #expect(alerts.allSatisfy { $0.alert.eventCount == 10 })
        #expect(try await world.events().count == 1000)
        #expect(Set(answers.compactMap(\.alert)).count == 100)
    }

    @Test func `given alerts of which some were paged, when all are resolved at once, then each ends as if alone`()
        async throws
    {
        var shop = Cast.source(at: SimulatedClock().now)
        shop.fields = .object(["eventLimitPerMinute": .integer(1000)])
        let world = try await SimulatedWorld(sources: [shop], takesAlong: false)
        let source = try #require(try await world.engine.directory.entry(forKey: Cast.shopKey))
        let (ingestion, now) = (world.engine.ingestion, world.now)
        _ = try await submit((0..<30).map { request("paged \($0)", source, at: now) }, to: ingestion)
        while try await world.escalate() {}
        let quiet = try await submit((0..<30).map { request("quiet \($0)", source, at: now) }, to: ingestion)
        #expect(quiet.allSatisfy { $0.reason == .newAlert })

        // Each twice: the second finds the alert's end in the same transaction.
        let keys = (0..<30).flatMap { ["paged \($0)", "quiet \($0)"] }
        let answers = try await submit((keys + keys).map { request($0, source, .resolve, at: now) }, to: ingestion)

        #expect(answers.filter { $0.reason == .resolvedBySource }.count == 60)
        #expect(answers.filter { $0.reason == .noOpenAlert }.count == 60)
        #expect(try await world.nextDue() == nil)
        for record in try await world.alerts() {
            let id = record.alert.id
            #expect(record.alert.status == .resolved)
            let messages = try await world.messages(of: id)
            #expect(messages.allSatisfy { $0.status == .cancelled })
            #expect(messages.isEmpty == record.alert.key.hasPrefix("quiet"))
            let lines = try await world.timeline(of: id).map(\.kind)
            #expect(lines.filter { $0 == .resolved }.count == 1)
            #expect(lines.filter { $0 == .messageCancelled }.count == messages.count)
        }
    }

    /// One key's events at once come in any order; whatever it is, the books agree in the end.
    @Test func `given failing and passing at once over a few keys, then each key has at most one open alert`()
        async throws
    {
        var shop = Cast.source(at: SimulatedClock().now)
        shop.fields = .object(["eventLimitPerMinute": .integer(1000)])
        let world = try await SimulatedWorld(sources: [shop])
        let source = try #require(try await world.engine.directory.entry(forKey: Cast.shopKey))
        let (ingestion, now) = (world.engine.ingestion, world.now)
        let requests = (0..<600).map { request("key \($0 % 7)", source, $0 % 3 == 0 ? .resolve : .alert, at: now) }

        let answers = try await submit(requests, to: ingestion)

        let alerts = try await world.alerts().map(\.alert)
        let open = alerts.filter { $0.status != .resolved }
        #expect(Set(open.map(\.key)).count == open.count)
        #expect(alerts.count == answers.filter { $0.reason == .newAlert }.count)
        #expect(alerts.count - open.count == answers.filter { $0.reason == .resolvedBySource }.count)
        #expect(alerts.reduce(0) { $0 + $1.eventCount } == 400)
        #expect(try await world.events().count == 600)
    }

    @Test func `given a bad request among good ones, then it fails alone`() async throws {
        let start = SimulatedClock().now
        let deskKey = "nb1sDeskDeskDeskDeskDeskDeskDesk"
        let world = try await SimulatedWorld(sources: [
            Cast.source(at: start), Cast.source(.init(2), name: "Desk", type: "API", key: deskKey, at: start),
        ])
        let good = try #require(try await world.engine.directory.entry(forKey: Cast.shopKey))
        let gone = try #require(try await world.engine.directory.entry(forKey: deskKey))
        try await world.write { try AlertSources.delete(.init(2), in: $0) }
        let (ingestion, now) = (world.engine.ingestion, world.now)
        let requests = (0..<50).map { request("key \($0)", $0 % 10 == 0 ? gone : good, at: now) }

        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for request in requests {
                group.addTask {
                    do {
                        _ = try await ingestion.submit(request)
                        return true
                    } catch {
                        #expect((error as? Failure)?.code == .unavailable)
                        return false
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }

        #expect(outcomes.filter(\.self).count == 45)
        #expect(try await world.alerts().count == 45)
    }

    @Test func `given a request of many events, then all of it is committed under one request`() async throws {
        var shop = Cast.source(type: "PROMETHEUS", at: SimulatedClock().now)
        let count = Limits.eventsPerRequest
        shop.fields = .object(["eventLimitPerMinute": .integer(Int64(count))])
        let world = try await SimulatedWorld(sources: [shop])
        let alerts = (0..<count).map { number -> JSONValue in
            .object([
                "status": .string("firing"), "fingerprint": .string("f\(number)"),
                "labels": .object(["alertname": .string("Down")]),
            ])
        }
        let body = JSONValue.object(["version": .string("4"), "alerts": .array(alerts)])

        let answer = try await world.receive(Array(body.text.utf8))

        #expect(answer.alertKey == "f0")
        #expect(try await world.alerts().count == count)
        let events = try await world.events()
        #expect(events.count == count)
        #expect(Set(events.map(\.request)).count == 1)
        #expect(events.filter { !$0.body.isEmpty }.count == 1)
    }

    @Test func `given a resolve that cancels many messages, when ids run short, then it is tried again`() async throws {
        let everybody = EscalationPolicy(levels: [Cast.level(Cast.alice)])
        let world = try await SimulatedWorld(policy: everybody)
        let id = try await world.raise("home")
        let now = world.now
        try await world.write { transaction in
            for number in 0..<900 {
                _ = try Messages.insert(
                    MessageRecord(
                        id: .init(Int64(1_000_000 + number)), account: Cast.account, alert: id, user: nil,
                        contact: nil, channel: .email, target: "\(number)@example.com", level: 0, intended: now,
                        due: now + .hours(1), deadline: now + .hours(4), createdAt: now), in: transaction)
            }
        }
        let scarce = ScarceIDs(world.engine.store.ids)
        let store = Store(database: world.disk, ids: scarce, clock: world.clock)
        let engine = Engine(store: store, senders: world.senders, links: world.links, logger: .init(label: "test"))

        let answer = try await engine.reception.receiveGeneric(
            WebhookRequest(
                body: Array(
                    #"{"integrationKey":"\#(Cast.shopKey)","eventType":"RESOLVE","alertKey":"home"}"#.utf8)))

        #expect(answer.reason == .resolvedBySource)
        #expect(try await world.messages(of: id).allSatisfy { $0.status == .cancelled })
        #expect(scarce.shortages == 1)
    }

    @Test func `given a change that needs more ids than usual, then it is tried again with many`() async throws {
        let world = try await SimulatedWorld()

        let drawn = try await world.engine.store.write { change in
            try (0..<5000).map { _ in try change.newID() as Alert.ID }
        }

        #expect(Set(drawn).count == 5000)
    }

    @Test func `given a locked database, then nobody waits for it more than once`() async throws {
        let world = try await SimulatedWorld()
        let source = try #require(try await world.engine.directory.entry(forKey: Cast.shopKey))
        let (ingestion, now) = (world.engine.ingestion, world.now)
        world.database.refuseWrites(.unavailable(message: "locked"))
        let requests = (0..<20).map { request("key \($0)", source, at: now) }

        let failures = await withTaskGroup(of: Failure?.self) { group in
            for request in requests {
                group.addTask {
                    do {
                        _ = try await ingestion.submit(request)
                        return nil
                    } catch {
                        return error as? Failure
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }

        #expect(failures.allSatisfy { $0?.code == .unavailable })
        world.database.recover()
        _ = try await ingestion.submit(requests[0])
        #expect(try await world.alerts().count == 1)
    }

    /// Runs out in the middle of the first transaction.
    private final class ScarceIDs: IDSource {
        private let base: any IDSource
        private let state = Mutex((left: 5, shortages: 0))

        init(_ base: any IDSource) {
            self.base = base
        }

        var shortages: Int { state.withLock { $0.shortages } }

        func reserve(_ count: Int) async throws { try await base.reserve(count) }
        func reserveBlocking(_ count: Int) throws { try base.reserveBlocking(count) }

        func next() throws(IDShortage) -> Int64 {
            let isShort = state.withLock { state in
                state.left -= 1
                guard state.left == 0 else { return false }
                state.shortages += 1
                return true
            }
            guard !isShort else { throw .tooFewReserved }
            return try base.next()
        }
    }
}
