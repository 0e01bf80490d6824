import Alerting
import Engine
import Simulation
import Storage
import Testing

struct LinkStoriesTests {
    private typealias Cast = SimulatedCast

    private func failure(_ body: () async throws -> String) async -> Failure? {
        do {
            Issue.record("not refused: \(try await body())")
            return nil
        } catch {
            return error as? Failure
        }
    }

    @Test func `given a link, when a scanner looks at it, then nothing changes, and confirming it accepts`()
        async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.settle()
        let token = world.token(to: Cast.alice.email)
        let answers = world.engine.linkAnswers

        for _ in 0..<3 {
            let offer = try await answers.offer(token)
            #expect(offer.reader == "Alice Example")
            #expect(offer.alert.id == id)
        }
        #expect(try await world.status(of: id) == .pending)

        #expect(try await answers.perform(.accept, token) == "You have accepted this alert.")
        let alert = try await world.alert(id)?.alert
        #expect(alert?.acceptedBy == .user(Cast.alice.user))
    }

    @Test func `given a link, when it is used again and again, then each answer says what is so`() async throws {
        let world = try await SimulatedWorld()
        _ = try await world.raise()
        try await world.settle()
        let token = world.token(to: Cast.alice.email)
        let answers = world.engine.linkAnswers

        #expect(try await answers.perform(.accept, token) == "You have accepted this alert.")
        #expect(try await answers.perform(.accept, token) == "You have accepted this alert already.")
        #expect(try await answers.perform(.resolve, token) == "You have resolved this alert.")
        #expect(try await answers.perform(.resolve, token) == "This alert is resolved already.")
        let refused = await failure { try await answers.perform(.accept, token) }
        #expect(refused?.code == .conflict)
        #expect(refused?.message.contains("resolved") == true)
    }

    @Test func `given two people were paged, when the second accepts, then the answer says who was first`() async throws
    {
        let world = try await SimulatedWorld(policy: EscalationPolicy(levels: [Cast.level(Cast.alice, Cast.bob)]))
        _ = try await world.raise()
        try await world.settle()
        let answers = world.engine.linkAnswers
        _ = try await answers.perform(.accept, world.token(to: Cast.bob.email))

        let refused = await failure { try await answers.perform(.accept, world.token(to: Cast.alice.email)) }

        #expect(refused == Failure(.conflict, "This alert was accepted already by Bob Example."))
    }

    @Test func `given escalate is clicked twice on one message, then the second is refused with a sentence`()
        async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.settle()
        let token = world.token(to: Cast.alice.email)
        let answers = world.engine.linkAnswers

        #expect(try await answers.perform(.escalate, token) == "The next level is being called.")
        let refused = await failure { try await answers.perform(.escalate, token) }
        try await world.settle()

        #expect(refused?.code == .conflict)
        #expect(refused?.message == "The level that you were paged for has passed already.")
        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email])
        #expect(try await world.kinds(of: id).filter { $0 == .escalatedByUser }.count == 1)
    }

    @Test func `given the level's time ran out, when its message is clicked, then escalate is refused`() async throws {
        let world = try await SimulatedWorld()
        _ = try await world.raise()
        try await world.settle()
        let token = world.token(to: Cast.alice.email)
        try await world.advance(by: .minutes(5))

        let refused = await failure { try await world.engine.linkAnswers.perform(.escalate, token) }

        #expect(refused?.code == .conflict)
    }

    @Test func `given an accepted alert, when escalate is clicked, then it says that it is accepted`() async throws {
        let world = try await SimulatedWorld()
        _ = try await world.raise()
        try await world.settle()
        let token = world.token(to: Cast.alice.email)
        _ = try await world.engine.linkAnswers.perform(.accept, token)

        let refused = await failure { try await world.engine.linkAnswers.perform(.escalate, token) }

        #expect(refused == Failure(.conflict, "This alert is accepted already."))
    }

    @Test func `given the last resort's link, then it accepts without a name, and says when somebody was first`()
        async throws
    {
        let world = try await SimulatedWorld(policy: EscalationPolicy(levels: []))
        let first = try await world.raise("a")
        try await world.settle()
        let token = world.token(to: "chief@example.com")
        let answers = world.engine.linkAnswers
        #expect(try await answers.offer(token).reader == nil)
        #expect(try await answers.perform(.accept, token) == "You have accepted this alert.")
        #expect(try await answers.perform(.accept, token) == "You have accepted this alert already.")
        #expect(try await world.alert(first)?.alert.acceptedBy == .system)

        let second = try await world.raise("b")
        try await world.settle()
        let other = world.token(to: "chief@example.com")
        try await world.engine.desk.accept(second, by: Cast.carol.caller)
        let taken = await failure { try await answers.perform(.accept, other) }
        #expect(taken?.message == "This alert was accepted already by Carol Example.")
        try await world.engine.desk.resolve(second, by: Cast.carol.caller)
        let resolved = await failure { try await answers.perform(.accept, other) }
        #expect(resolved?.message.contains("resolved") == true)
    }

    @Test func `given forged tokens, then they are not valid`() async throws {
        let world = try await SimulatedWorld()
        _ = try await world.raise()
        try await world.settle()
        let token = world.token(to: Cast.alice.email)
        let stranger = ActionLinks(publicURL: "https://nightbell.example", key: [UInt8](repeating: 8, count: 32))
        let message = try #require(world.links.message(of: token))
        let forged = [
            "", "-", "1", "1-", "-1-abc", "9999999999999999999999-a", stranger.token(for: message),
            world.links.token(for: .init(message.rawValue + 1)), token + "0", String(token.dropLast()),
            token.uppercased(), "+" + token, " " + token, "0" + token,
        ]

        for text in forged {
            let refused = await failure { try await world.engine.linkAnswers.perform(.accept, text) }
            #expect(refused?.code == .notFound, "\(text)")
        }
        #expect(try await world.openAlerts().map(\.alert.status) == [.pending])
    }

    @Test func `given a link of two weeks ago, then it is no longer valid`() async throws {
        let world = try await SimulatedWorld()
        _ = try await world.raise()
        try await world.settle()
        let token = world.token(to: Cast.alice.email)
        world.clock.advance(by: ActionLinks.lifetime - .milliseconds(1))
        _ = try await world.engine.linkAnswers.offer(token)

        world.clock.advance(by: .milliseconds(1))

        await #expect(throws: Failure.self) { try await world.engine.linkAnswers.offer(token) }
    }

    @Test func `given an installation, then its links stay valid over restarts and differ from another's`() async throws
    {
        let (first, second) = (try await SimulatedWorld(), try await SimulatedWorld())

        let url = "https://nightbell.example/"
        let before = try await ActionLinks.load(publicURL: url, from: first.engine.store)
        let after = try await ActionLinks.load(publicURL: url, from: first.engine.store)
        let other = try await ActionLinks.load(publicURL: url, from: second.engine.store)

        #expect(before.token(for: .init(1)) == after.token(for: .init(1)))
        #expect(before.token(for: .init(1)) != other.token(for: .init(1)))
        #expect(before.alert(.init(7)) == "https://nightbell.example/alerts/7")
    }
}
