import Alerting
import Engine
import Simulation
import Storage
import Testing

/// Answers in words that a provider has to be asked for, and who may ask.
struct FetchedReplyStoriesTests {
    private typealias Cast = SimulatedCast

    private func world() async throws -> SimulatedWorld {
        let world = try await SimulatedWorld(channels: [.sms, .email])
        try await world.prefer(.sms, for: Cast.alice)
        try await world.engine.fetchedReplies.take([], of: "Twilio")
        return world
    }

    private func reply(
        _ id: String, _ text: String, from phone: String = Cast.alice.phone, sentAt: Timestamp? = nil
    ) -> FetchedReply {
        FetchedReply(id: id, from: phone, text: text, sentAt: sentAt)
    }

    @Test func `given a fetched 1a, then it accepts once, however often it is listed, and its answer is an SMS`()
        async throws
    {
        let world = try await world()
        let id = try await world.raise()
        try await world.settle()

        #expect(try await world.engine.fetchedReplies.take([reply("SM1", "1a")], of: "Twilio") == 1)
        #expect(try await world.engine.fetchedReplies.take([reply("SM1", "1a")], of: "Twilio") == 0)
        try await world.settle()

        #expect(try await world.status(of: id) == .accepted)
        let texts = world.sender(.sms).delivered.map(\.brief)
        #expect(texts.count == 2)
        #expect(texts[1].hasPrefix("1: You have accepted this alert."))
        let lines = try await world.timeline(of: id)
        #expect(lines.filter { $0.kind == .accepted && $0.reason == "by sms" }.count == 1)
    }

    @Test func `given what is listed at the very first look, then it acts on nothing, as nobody knows its age`()
        async throws
    {
        let world = try await SimulatedWorld(channels: [.sms, .email])
        try await world.prefer(.sms, for: Cast.alice)
        let id = try await world.raise()
        try await world.settle()

        try await world.engine.fetchedReplies.take([reply("old", "1a")], of: "SMS gateway")
        #expect(try await world.status(of: id) == .pending)
        try await world.engine.fetchedReplies.take([reply("old", "1a"), reply("new", "1a")], of: "SMS gateway")
        #expect(try await world.status(of: id) == .accepted)
    }

    @Test func `given a reply that was written an hour ago, then it acts on nothing; a minute less and it does`()
        async throws
    {
        let world = try await world()
        let id = try await world.raise()
        try await world.settle()
        let old = reply("a", "1a", sentAt: world.now - .hours(1))
        try await world.engine.fetchedReplies.take([old], of: "Twilio")
        #expect(try await world.status(of: id) == .pending)

        let young = reply("b", "1a", sentAt: world.now - .minutes(59))
        try await world.engine.fetchedReplies.take([young], of: "Twilio")
        #expect(try await world.status(of: id) == .accepted)
    }

    @Test func `given STOP, then its answer still comes, and pages no more; strangers get nothing`() async throws {
        let world = try await world()
        try await world.engine.fetchedReplies.take(
            [reply("1", "STOP"), reply("2", "1a", from: "+4915112345678")], of: "Twilio")
        try await world.settle()
        #expect(world.sender(.sms).addresses == [Cast.alice.phone])

        _ = try await world.raise()
        try await world.settle()
        #expect(world.sender(.sms).addresses == [Cast.alice.phone])
        #expect(world.email.addresses == [Cast.alice.email])
    }

    @Test func `given an answer to an alert that is over, then one sentence says so, and asking again adds none`()
        async throws
    {
        let world = try await world()
        let id = try await world.raise()
        try await world.settle()
        try await world.engine.desk.accept(id, by: Cast.bob.caller)

        for _ in 1...2 { try await world.engine.fetchedReplies.take([reply("1", "1e")], of: "Twilio") }
        try await world.settle()

        let texts = world.sender(.sms).delivered.map(\.brief)
        #expect(texts.count == 2)
        #expect(texts.last?.contains("accepted already") == true)
    }

    @Test func `given two nodes, then one of them asks until it is gone or lets go`() async throws {
        let world = try await SimulatedWorld()
        let first = NodeLease(store: world.engine.store, name: "telegram", holder: "one")
        let second = NodeLease(store: world.engine.store, name: "telegram", holder: "two")
        let other = NodeLease(store: world.engine.store, name: "replies", holder: "two")

        #expect(try await first.hold(for: .seconds(50)))
        #expect(try await !second.hold(for: .seconds(50)))
        #expect(try await other.hold(for: .seconds(50)))
        #expect(try await first.hold(for: .seconds(50)))

        try await world.advance(by: .milliseconds(49_999))
        #expect(try await !second.hold(for: .seconds(50)))
        try await world.advance(by: .milliseconds(1))
        #expect(try await second.hold(for: .seconds(50)))
        #expect(try await !first.hold(for: .seconds(50)))
        try await first.release()
        #expect(try await !first.hold(for: .seconds(50)))
        try await second.release()
        #expect(try await first.hold(for: .seconds(50)))
    }
}
