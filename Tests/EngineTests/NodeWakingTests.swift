import Alerting
import Engine
import Logging
import Simulation
import Storage
import StoragePostgres
import TestSupport
import Testing

/// Two nodes that tell each other of their work over PostgreSQL itself, as `nightbell serve` joins them.
struct NodeWakingTests {
    private static let logger = Logger(label: "node") { _ in SwiftLogNoOpLogHandler() }

    private struct Node {
        let engine: Engine
        let signals: PostgresSignals

        init(_ world: SimulatedWorld, _ temporary: TemporaryDatabase) throws {
            let signals = PostgresSignals(temporary.postgres.address)
            let database = try temporary.another()
            self.signals = signals
            engine = Engine(
                store: Store(database: database, ids: BlockIDs(database: database), clock: world.clock),
                senders: world.senders, links: world.links, logger: NodeWakingTests.logger,
                tell: { signals.send($0) })
        }

        func loop(_ name: String, at now: SimulatedWorld) -> NodeLoop {
            NodeLoop(
                store: engine.store,
                me: NodeRecord(
                    name: name, address: "http://\(name)", version: "1.0", role: .all, startedAt: now.now,
                    seenAt: now.now),
                permit: WorkPermit(), wakeups: engine.wakeups, signals: signals, interval: .days(1),
                logger: NodeWakingTests.logger)
        }
    }

    /// Nobody here looks by himself within a day: what is not told is not heard.
    @Test(.timeLimit(.minutes(5)))
    func `given an event at one node, then the other's escalation wakes and pages`() async throws {
        let temporary = try TemporaryDatabase(inMemory: true, kind: .postgres)
        let world = try await SimulatedWorld(temporary)
        let (north, south) = (try Node(world, temporary), try Node(world, temporary))
        let loop = south.loop("south", at: world)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await loop.run() }
            // Once it listens it looks for what it may have missed.
            await south.engine.wakeups.escalation.wait(atMost: .days(1))

            let request = SimulatedWorld.rapidSpikeRequest("failing", monitor: "Home", at: world.now)
            let answer = try await north.engine.reception.receive(request, key: SimulatedCast.shopKey)
            await south.engine.wakeups.escalation.wait(atMost: .days(1))
            _ = try await south.engine.escalation.runOnce()

            let alert = try #require(answer.alert)
            let messages = try await temporary.read { try Messages.list(of: alert, in: $0) }
            #expect(messages.map(\.target) == [SimulatedCast.alice.email])
            tasks.cancelAll()
            while await tasks.nextResult() != nil {}
        }
        north.signals.close()
    }
}
