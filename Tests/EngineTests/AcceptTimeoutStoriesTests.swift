import Alerting
import Engine
import Simulation
import Storage
import Testing

struct AcceptTimeoutStoriesTests {
    private typealias Cast = SimulatedCast

    private static func world(answer: Int64? = nil) async throws -> SimulatedWorld {
        var shop = Cast.source(at: SimulatedClock().now)
        shop.fields = .object(
            ["acceptTimeoutMin": .integer(30), "acceptAnswerMin": answer.map(JSONValue.integer) ?? .null])
        return try await SimulatedWorld(sources: [shop])
    }

    /// An alert that Alice has accepted.
    private static func accepted(_ world: SimulatedWorld) async throws -> Alert.ID {
        let id = try await world.raise()
        try await world.settle()
        try await world.engine.desk.accept(id, by: Cast.alice.caller)
        return id
    }

    @Test
    func `given an accepted alert, when its time is over, then the accepter is asked, and unanswered it pages anew`()
        async throws
    {
        let world = try await Self.world()
        let id = try await Self.accepted(world)

        try await world.advance(by: .minutes(30) - .milliseconds(1))
        #expect(world.email.delivered.count == 1)
        try await world.advance(by: .milliseconds(1))
        #expect(world.email.delivered.last?.address == "alice@example.com")
        #expect(world.email.delivered.last?.subject.hasPrefix("Are you still on it?") == true)
        #expect(try await world.status(of: id) == .accepted)

        try await world.advance(by: .minutes(5))
        #expect(try await world.status(of: id) == .pending)
        #expect(world.email.delivered.count == 3)
        #expect(try await world.kinds(of: id).contains(.acceptanceTimedOut))

        try await world.advance(by: .minutes(5))
        #expect(world.email.addresses.last == "bob@example.com")
    }

    @Test func `given a question, when the accepter accepts again, then the wait begins anew`() async throws {
        let world = try await Self.world()
        let id = try await Self.accepted(world)
        try await world.advance(by: .minutes(33))

        try await world.engine.desk.accept(id, by: Cast.alice.caller)
        try await world.advance(by: .minutes(29))
        #expect(try await world.status(of: id) == .accepted)
        #expect(try await world.kinds(of: id).filter { $0 == .acceptanceQuestioned }.count == 1)

        try await world.advance(by: .minutes(1))
        #expect(try await world.kinds(of: id).filter { $0 == .acceptanceQuestioned }.count == 2)
    }

    @Test func `given a question, when somebody else accepts, then they are told who was first and it goes on`()
        async throws
    {
        let world = try await Self.world(answer: 10)
        let id = try await Self.accepted(world)
        try await world.advance(by: .minutes(31))

        await #expect(throws: Failure.self) { try await world.engine.desk.accept(id, by: Cast.bob.caller) }
        try await world.advance(by: .minutes(8))
        #expect(try await world.status(of: id) == .accepted)
        try await world.advance(by: .minutes(1))
        #expect(try await world.status(of: id) == .pending)
    }

    @Test func `given a question, when the alert is resolved, then nothing follows`() async throws {
        let world = try await Self.world()
        let id = try await Self.accepted(world)
        try await world.advance(by: .minutes(31))

        try await world.engine.desk.resolve(id, by: Cast.alice.caller)
        try await world.advance(by: .hours(2))

        #expect(try await world.status(of: id) == .resolved)
        #expect(world.email.delivered.count == 2)
    }

    @Test
    func `given an acceptance by the source, or a source without the rule, when time goes by, then nobody is asked`()
        async throws
    {
        let world = try await Self.world()
        let id = try await world.raise()
        try await world.post(.accept, "home")
        let plain = try await SimulatedWorld()
        let other = try await Self.accepted(plain)

        try await world.advance(by: .days(1))
        try await plain.advance(by: .days(1))

        #expect(try await world.status(of: id) == .accepted)
        #expect(try await plain.status(of: other) == .accepted)
    }

    @Test func `given a node that was down when the question was due, when it is back, then the question comes first`()
        async throws
    {
        let world = try await Self.world()
        let id = try await Self.accepted(world)
        world.crash()
        world.beDown(for: .hours(3))

        try await world.settle()
        #expect(try await world.status(of: id) == .accepted)
        try await world.advance(by: .minutes(5))
        #expect(try await world.status(of: id) == .pending)
    }

    @Test(arguments: [
        ("eventLimitPerMinute", 0), ("eventLimitPerMinute", 1_000_001), ("acceptTimeoutMin", -1),
        ("acceptTimeoutMin", 10_081), ("acceptAnswerMin", 0), ("acceptAnswerMin", 1441),
    ])
    func `given a field out of its range, when a source is saved, then it is named`(field: String, value: Int64)
        async throws
    {
        let office = try await Office()
        var draft = AlertSourceDraft(try await office.source())
        draft.fields = .object([field: .integer(value)])
        let wrong = draft

        let failure = try await office.failure { try await office.sources.create(wrong, by: office.alice) }

        #expect(failure?.message.hasPrefix("\(field): ") == true)
    }
}
