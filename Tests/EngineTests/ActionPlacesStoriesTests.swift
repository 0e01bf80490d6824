import Alerting
import Engine
import Simulation
import Storage
import Testing

/// Services that never answer, beside others that do.
struct ActionPlacesStoriesTests {
    private typealias Cast = SimulatedCast

    /// A world with one action that is answered and so many that hang, all of them for raised alerts only.
    private static func world(_ actions: RecordingActions, hanging: Int) async throws -> SimulatedWorld {
        actions.hang()
        let world = try await AlertActionStoriesTests.world(actions) { $0.triggers = [.created] }
        let now = world.now
        try await world.write { transaction in
            for number in 1...hanging {
                // Of actions that are due at the same time the hanging ones come first.
                try AlertActions.insert(
                    AlertActionRecord(
                        id: .init(Int64(800 - number)), account: Cast.account, name: "Chat \(number)", kind: "webhook",
                        triggers: [.created],
                        params: .object(["webhookUrl": .string("\(RecordingActions.hangingURL)/\(number)")]),
                        createdAt: now, updatedAt: now), in: transaction)
            }
        }
        return world
    }

    @Test(.timeLimit(.minutes(2)))
    func
        `given a chat that hangs, when alerts come, then another is done for each, and the chat has four places`()
        async throws
    {
        let actions = RecordingActions()
        let world = try await Self.world(actions, hanging: 1)
        let loop = world.engine.actionLoop
        let running = Task { try await loop.run() }
        for number in 1...10 { _ = try await world.raise("\(number)") }

        await actions.waitForOrders(14)

        #expect(actions.answered.count == 10)
        #expect(actions.hung.count == 4)
        running.cancel()
        actions.release()
        try await running.value
    }

    @Test(.timeLimit(.minutes(2)))
    func `given sixteen chats that hang with more to do than there are places, then another action is done at once`()
        async throws
    {
        let actions = RecordingActions()
        let world = try await Self.world(actions, hanging: 16)
        for number in 1...8 { _ = try await world.raise("\(number)") }
        let loop = world.engine.actionLoop
        let running = Task { try await loop.run() }

        while actions.answered.count < 8 { await Task.yield() }

        // Four each of twelve, and the last places for the first of each of the others.
        #expect(actions.hung.count <= 48 + 4)
        #expect(Set(actions.hung.map { $0.params["webhookUrl"]?.string }).count == 16)
        // What hung is over at its time limit, and nothing is lost.
        running.cancel()
        actions.release()
        try await running.value
        try await world.advance(by: .minutes(30))
        #expect(Set(actions.hung.map(\.idempotencyKey)).count == 16 * 8)
    }
}
