import Alerting
import Engine
import Simulation
import Storage
import Testing

struct AlertSourceDirectoryTests {
    private typealias Cast = SimulatedCast

    private func change(
        _ world: SimulatedWorld, _ body: @escaping @Sendable (inout AlertSourceRecord) -> Void
    ) async throws {
        try await world.write { transaction in
            guard var source = try AlertSources.find(Cast.shop, in: transaction) else { return }
            body(&source)
            try AlertSources.update(source, in: transaction)
        }
    }

    @Test func `given a key, then its source is found, and a key that differs anywhere finds none`() async throws {
        let world = try await SimulatedWorld()
        let directory = world.engine.directory
        let key = Cast.shopKey
        var others = [
            "", "nb1s", String(key.dropLast()), key + "p", key.uppercased(), " " + key, "\u{e9}" + key,
            String(repeating: "x", count: 300),
        ]
        others += (0..<key.count).map { index in
            var characters = Array(key)
            characters[index] = characters[index] == "x" ? "y" : "x"
            return String(characters)
        }

        // Twice: from the database, and from memory.
        for _ in 0..<2 {
            #expect(try await directory.entry(forKey: key)?.record.id == Cast.shop)
            for other in others { #expect(try await directory.entry(forKey: other) == nil, "\(other)") }
        }
    }

    @Test func `given a source that changes, when the directory is told, then the next event follows the new rules`()
        async throws
    {
        let world = try await SimulatedWorld()
        _ = try await world.raise("a")
        try await change(world) { $0.priorityRule = "LOW" }
        let stale = try await world.raise("b")

        world.engine.directory.forgetAll()
        let fresh = try await world.raise("c")

        #expect(try await world.alert(stale)?.alert.priority == .high)
        #expect(try await world.alert(fresh)?.alert.priority == .low)
    }

    @Test func `given a key that was rotated, when the directory is told, then only the new one is known`() async throws
    {
        let world = try await SimulatedWorld()
        _ = try await world.raise("a")
        let other = "nb1sOtherOtherOtherOtherOtherOther"
        try await change(world) { $0.integrationKey = other }
        world.engine.directory.forgetAll()

        let error = await #expect(throws: Failure.self) { try await world.raise("b") }

        #expect(error?.code == .notFound)
        #expect(try await world.post(.alert, "b", to: other).reason == .newAlert)
    }

    @Test func `given a policy that changes, then open alerts keep their levels and new ones have the new`()
        async throws
    {
        let world = try await SimulatedWorld()
        let old = try await world.raise("a")
        try await world.write { transaction in
            guard var policy = try EscalationPolicies.find(Cast.policy, in: transaction) else { return }
            policy.policy.levels = [Cast.level(Cast.carol)]
            try EscalationPolicies.update(policy, in: transaction)
        }
        world.engine.directory.forgetAll()
        let new = try await world.raise("b")

        #expect(try await world.alert(old)?.alert.escalation.policy.levels == Cast.usualPolicy.levels)
        #expect(try await world.alert(new)?.alert.escalation.policy.levels == [Cast.level(Cast.carol)])
    }

    @Test func `given a source by its id, then it is read anew every time`() async throws {
        let world = try await SimulatedWorld()
        #expect(try await world.engine.directory.entry(for: Cast.shop)?.record.name == "Shop")

        try await change(world) { $0.name = "Store" }

        #expect(try await world.engine.directory.entry(for: Cast.shop)?.record.name == "Store")
        #expect(try await world.engine.directory.entry(for: .init(99)) == nil)
    }
}
