import Alerting
import Engine
import ServiceLifecycle
import Simulation
import Storage
import Testing

struct EngineServicesTests {
    private typealias Cast = SimulatedCast

    @Test(.timeLimit(.minutes(5)))
    func `given all loops run, when an event comes, then its page goes out by itself, and they end when told`()
        async throws
    {
        let world = try await SimulatedWorld(channels: [.email, .sms])
        try await world.prefer(.sms, for: Cast.bob)
        let services = world.engine.services
        let running = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for service in services { group.addTask { try await service.run() } }
                try await group.waitForAll()
            }
        }

        let id = try await world.raise()
        await world.email.waitForAttempts(1)
        try await world.engine.desk.escalate(id, asOf: nil, by: Cast.carol.caller)
        await world.sender(.sms).waitForAttempts(1)

        running.cancel()
        try await running.value
        #expect(world.email.addresses == [Cast.alice.email])
        #expect(world.sender(.sms).addresses == [Cast.bob.phone])
        let messages = try await world.messages(of: id)
        #expect(messages.map(\.status) == [.delivered, .delivered])
    }

    @Test(.timeLimit(.minutes(5)))
    func `given a disk that was full, when there is room again, then the loops go on by themselves`() async throws {
        let world = try await SimulatedWorld()
        _ = try await world.raise()
        world.database.refuseWrites(.full)
        let escalation = world.engine.escalation
        let running = Task { try await escalation.run() }
        await #expect(throws: StorageError.full) { try await escalation.runOnce() }

        world.database.recover()
        world.engine.wakeups.alertsChanged()
        while try await world.disk.read({ try Messages.nextDue(.email, in: $0) }) == nil { await Task.yield() }

        running.cancel()
        try await running.value
        try await world.notify()
        #expect(world.email.addresses == [Cast.alice.email])
    }
}
