import Alerting
import Engine
import Simulation
import Storage
import Testing

struct StormStoriesTests {
    private typealias Cast = SimulatedCast

    private static let quietKey = "nb1sQuietQuietQuietQuietQuietQuietQuiet"

    /// "Shop" with a limit of five alert events a minute, and "Warehouse" with the usual one.
    private static func world() async throws -> SimulatedWorld {
        let now = SimulatedClock().now
        var shop = Cast.source(at: now)
        shop.fields = .object(["eventLimitPerMinute": .integer(5)])
        let warehouse = Cast.source(AlertSource.ID(2), name: "Warehouse", key: quietKey, at: now)
        return try await SimulatedWorld(sources: [shop, warehouse])
    }

    private static func storm(_ world: SimulatedWorld, _ keys: Range<Int>) async throws -> [IntakeReason] {
        var reasons: [IntakeReason] = []
        for key in keys { reasons.append(try await world.post(.alert, "disk-\(key)", summary: "Disk \(key)").reason) }
        return reasons
    }

    @Test func `given more alert events than the limit, when they come, then one alert counts and lists what is above`()
        async throws
    {
        let world = try await Self.world()

        let reasons = try await Self.storm(world, 0..<12)

        #expect(reasons == Array(repeating: .newAlert, count: 5) + Array(repeating: .foldedIntoStorm, count: 7))
        #expect(try await world.openAlerts().count == 6)
        let storm = try #require(try await world.openAlerts().last?.alert)
        #expect(storm.summary == "Event storm: more than 5 alert events a minute from Shop")
        #expect(storm.eventCount == 7)
        #expect(storm.details.contains("- disk-5: Disk 5") && storm.details.contains("- disk-11: Disk 11"))
        #expect(!storm.details.contains("disk-4"))
        #expect(try await world.events().count == 12)
    }

    @Test func `given a storm, when keys that are open resolve, accept or fail again, then it concerns their alerts`()
        async throws
    {
        let world = try await Self.world()
        _ = try await Self.storm(world, 0..<8)

        let resolve = try await world.post(.resolve, "disk-0")
        let accept = try await world.post(.accept, "disk-1")
        let again = try await world.post(.alert, "disk-2", summary: "Disk 2")
        let folded = try await world.post(.resolve, "disk-7")

        #expect(
            [resolve.reason, accept.reason, again.reason, folded.reason] == [
                .resolvedBySource, .acceptedBySource, .keyOpen, .noOpenAlert,
            ])
    }

    @Test func `given a storm of one source, when another's alert comes, then it is paged`() async throws {
        let world = try await Self.world()
        _ = try await Self.storm(world, 0..<50)

        let answer = try await world.post(.alert, "gate", summary: "Gate is open", to: Self.quietKey)
        try await world.settle()

        #expect(answer.reason == .newAlert)
        #expect(world.email.delivered.contains { $0.subject.contains("Gate is open") })
    }

    @Test func `given a storm that goes on, when a minute begins, then nothing passes until a whole one was calm`()
        async throws
    {
        let world = try await Self.world()
        _ = try await Self.storm(world, 0..<20)

        world.clock.advance(by: .seconds(60))
        #expect(try await Self.storm(world, 20..<23) == Array(repeating: .foldedIntoStorm, count: 3))
        world.clock.advance(by: .seconds(60))
        #expect(try await Self.storm(world, 23..<24) == [.newAlert])
    }

    @Test func `given a storm, when nothing is folded for a while, then its timeline says so and it stays open`()
        async throws
    {
        let world = try await Self.world()
        _ = try await Self.storm(world, 0..<12)
        let storm = try #require(try await world.openAlerts().last?.alert)

        try await world.advance(by: .seconds(89))
        #expect(try await !world.kinds(of: storm.id).contains(.stormOver))
        try await world.advance(by: .seconds(1))

        #expect(try await world.kinds(of: storm.id).contains(.stormOver))
        #expect(try await world.status(of: storm.id) == .pending)
    }

    @Test func `given a node that dies in a storm, when it is over the limit again, then the same alert counts on`()
        async throws
    {
        let world = try await Self.world()
        _ = try await Self.storm(world, 0..<8)
        world.crash()

        let reasons = try await Self.storm(world, 10..<18)

        #expect(reasons.suffix(3) == Array(repeating: .foldedIntoStorm, count: 3))
        let storms = try await world.openAlerts().filter { $0.alert.summary.hasPrefix("Event storm") }
        #expect(storms.map(\.alert.eventCount) == [6])
    }

    @Test func `given one request with more alerts than the limit, when it comes, then those above are folded`()
        async throws
    {
        var warehouse = Cast.source(type: "PROMETHEUS", at: SimulatedClock().now)
        warehouse.fields = .object(["eventLimitPerMinute": .integer(5)])
        let world = try await SimulatedWorld(sources: [warehouse])
        let alerts = (0..<9).map { number in
            #"{"status":"firing","labels":{"alertname":"A\#(number)"},"annotations":{},"fingerprint":"f\#(number)"}"#
        }
        let body = #"{"version":"4","status":"firing","alerts":[\#(alerts.joined(separator: ","))]}"#

        try await world.receive(Array(body.utf8))

        #expect(try await world.openAlerts().count == 6)
        #expect(try await world.openAlerts().last?.alert.eventCount == 4)
    }
}
