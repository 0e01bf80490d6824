import Alerting
import Engine
import Logging
import Simulation
import Storage
import StoragePostgres
import TestSupport
import Testing

/// Two nodes on one database, each with a connection, ids and a clock of its own.
struct SeveralNodesTests {
    /// A clock that is wrong by the same time all along.
    private struct SkewedClock: Clock {
        let base: SimulatedClock
        let skew: Duration
        var now: Timestamp { base.now + skew }
    }

    private struct Pair {
        let world: SimulatedWorld
        let temporary: TemporaryDatabase
        /// As far ahead and as far behind as nodes may be.
        let nodes: [Engine]
    }

    /// - Parameter tell: gets the signals of both.
    private static func pair(
        skew: Duration = .zero, in temporary: TemporaryDatabase? = nil,
        tell: @escaping @Sendable (SignalTopic) -> Void = { _ in }
    ) async throws -> Pair {
        let temporary = try temporary ?? TemporaryDatabase(inMemory: true)
        let world = try await SimulatedWorld(temporary)
        let nodes = try [skew, .zero - skew].map { skew in
            let database = try temporary.another()
            return Engine(
                store: Store(
                    database: database, ids: BlockIDs(database: database),
                    clock: SkewedClock(base: world.clock, skew: skew)),
                senders: world.senders, links: world.links,
                logger: Logger(label: "node") { _ in SwiftLogNoOpLogHandler() }, tell: tell)
        }
        return Pair(world: world, temporary: temporary, nodes: nodes)
    }

    @Test func `given one key, when its events come to both nodes at once, then there is one alert that counts them`()
        async throws
    {
        let pair = try await Self.pair()
        let request = SimulatedWorld.rapidSpikeRequest("failing", monitor: "Home", at: pair.world.now)

        try await withThrowingTaskGroup(of: Void.self) { group in
            for round in 0..<40 {
                let node = pair.nodes[round % 2]
                group.addTask { _ = try await node.reception.receive(request, key: SimulatedCast.shopKey) }
            }
            try await group.waitForAll()
        }

        let open = try await pair.world.openAlerts()
        #expect(open.map(\.alert.eventCount) == [40])
    }

    @Test func `given due work, when both nodes take it at once, then each page goes out once`() async throws {
        let pair = try await Self.pair()
        for monitor in 0..<30 { try await pair.world.rapidSpike("failing", monitor: "\(monitor)") }

        for _ in 0..<8 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in pair.nodes {
                    group.addTask {
                        try await node.escalation.runOnce()
                        for loop in node.notifications { try await loop.runOnce() }
                    }
                }
                try await group.waitForAll()
            }
        }

        let sent = pair.world.email.delivered
        #expect(Set(sent.map(\.id)).count == sent.count)
        #expect(sent.count == 30)
    }

    @Test(arguments: [0, 1, 5])
    func `given clocks that differ, when a story is played by both nodes in turn, then it ends as with one`(
        seconds: Int
    ) async throws {
        let pair = try await Self.pair(skew: .seconds(seconds))
        let world = pair.world
        var turn = 0
        func settle() async throws {
            for _ in 0..<6 {
                let node = pair.nodes[turn % 2]
                turn += 1
                try await node.escalation.runOnce()
                for loop in node.notifications { try await loop.runOnce() }
            }
        }
        let request = SimulatedWorld.rapidSpikeRequest("failing", monitor: "Home", at: world.now)
        _ = try await pair.nodes[0].reception.receive(request, key: SimulatedCast.shopKey)
        world.clock.advance(by: .seconds(seconds * 2))
        try await settle()
        #expect(world.email.addresses == [SimulatedCast.alice.email])

        world.clock.advance(by: .minutes(4))
        try await settle()
        #expect(world.email.addresses.count == 1)
        world.clock.advance(by: .minutes(1) + .seconds(seconds * 2))
        try await settle()
        #expect(world.email.addresses == [SimulatedCast.alice.email, SimulatedCast.bob.email])

        let alert = try #require(try await world.openAlerts().first)
        try await pair.nodes[1].desk.accept(alert.alert.id, by: SimulatedCast.bob.caller)
        world.clock.advance(by: .hours(1))
        try await settle()
        #expect(world.email.addresses.count == 2)
    }

    private func loop(
        _ pair: Pair, _ number: Int, permit: WorkPermit, known: Int? = nil, signals: (any NodeSignals)? = nil
    ) -> NodeLoop {
        let node = pair.nodes[number]
        let me = NodeRecord(
            name: "node-\(number)", address: "http://\(number)", version: "1.0", role: .all,
            startedAt: pair.world.now, seenAt: pair.world.now)
        return NodeLoop(
            store: node.store, me: me, permit: permit, wakeups: node.wakeups, signals: signals,
            interval: .days(1),
            logger: Logger(label: "node") { _ in SwiftLogNoOpLogHandler() },
            known: known ?? Migrations.all.last?.number ?? 0)
    }

    @Test func `given a change on one node, when the other looks, then it has forgotten what it knew`() async throws {
        let pair = try await Self.pair()
        let other = loop(pair, 1, permit: WorkPermit())
        try await other.beat()
        _ = try await pair.nodes[1].directory.entry(forKey: SimulatedCast.shopKey)

        let administration = pair.nodes[0].administration(passwords: Passwords(log2N: 4))
        var shop = try #require(
            try await pair.world.disk.read { try AlertSources.find(SimulatedCast.shop, in: $0) })
        shop.name = "Shop two"
        try await pair.world.write { [shop] in try AlertSources.update(shop, in: $0) }
        #expect(try await pair.nodes[1].directory.entry(forKey: SimulatedCast.shopKey)?.record.name != "Shop two")
        _ = try await administration.account.update(
            name: "Shops", lastResortEmails: [], by: SimulatedCast.carol.caller)

        try await other.beat()

        #expect(try await pair.nodes[1].directory.entry(forKey: SimulatedCast.shopKey)?.record.name == "Shop two")
    }

    @Test func `given nodes that live, then all are listed, and those of yesterday no more`() async throws {
        let pair = try await Self.pair()
        try await loop(pair, 0, permit: WorkPermit()).beat()
        pair.world.clock.advance(by: .hours(25))
        try await loop(pair, 1, permit: WorkPermit()).beat()

        let nodes = try await pair.world.disk.read { try Nodes.list(limit: 10, in: $0) }
        #expect(nodes.map(\.name) == ["node-1"])
        #expect(nodes.first?.seenAt == pair.world.now)
    }

    @Test func `given a database of a newer version, when a node looks, then it takes no more work and says why`()
        async throws
    {
        let pair = try await Self.pair()
        let permit = WorkPermit()
        let guarded = PermittedDatabase(pair.temporary, permit: permit)
        try await guarded.write { try Generations.advance("test", in: $0) }

        try await loop(pair, 0, permit: permit, known: 1).beat()

        #expect(permit.refusal?.contains("newer version") == true)
        let error = await #expect(throws: StorageError.self) {
            try await guarded.write { try Generations.advance("test", in: $0) }
        }
        #expect(error?.concernsAll == true)
        #expect(try await guarded.read { try Generations.current("test", in: $0) } == 1)
    }

    /// What a node tells here, another hears at once.
    private final class Wire: NodeSignals {
        private let (stream, continuation) = AsyncStream.makeStream(of: SignalTopic.self)
        private let other: AsyncStream<SignalTopic>.Continuation?

        init(to other: Wire? = nil) {
            self.other = other?.continuation
        }

        func send(_ topic: SignalTopic) { other?.yield(topic) }
        func heard() -> AsyncStream<SignalTopic> { stream }
        func close() { continuation.finish() }
    }

    @Test func `given an old node, when one of a newer version starts, then it stops at once and not at its next look`()
        async throws
    {
        let pair = try await Self.pair()
        let permit = WorkPermit()
        let wire = Wire()
        let newer = NodeRecord(
            name: "newer", address: "http://1", version: "2.0", role: .all, startedAt: pair.world.now,
            seenAt: pair.world.now)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let last = try #require(Migrations.all.last)
            let old = loop(pair, 0, permit: permit, known: last.number, signals: wire)
            tasks.addTask { try await old.run() }
            // It has looked at the database as it knows it.
            while try await pair.world.disk.read({ try Nodes.list(limit: 10, in: $0) }).isEmpty { await Task.yield() }
            #expect(permit.refusal == nil)

            try await pair.world.write { transaction in
                try transaction.execute(
                    """
                    INSERT INTO schema_migrations (number, name, checksum, applied_at_ms)
                    VALUES (:number, 'later', '', :now)
                    """, ["number": .init(last.number + 1), "now": .init(newer.seenAt)])
            }
            let start = NodeLoop(
                store: pair.nodes[1].store, me: newer, permit: WorkPermit(), wakeups: pair.nodes[1].wakeups,
                signals: Wire(to: wire), interval: .days(1),
                logger: Logger(label: "node") { _ in SwiftLogNoOpLogHandler() }, known: last.number + 1)
            tasks.addTask { try await start.run() }

            while permit.refusal == nil { await Task.yield() }
            tasks.cancelAll()
            while await tasks.nextResult() != nil {}
        }
        #expect(permit.refusal?.contains("newer version") == true)
    }

    /// Over PostgreSQL itself, as `nightbell serve` joins nodes. Nobody here looks by himself within a day: what is not
    /// told is not heard.
    @Test(.timeLimit(.minutes(5)))
    func `given an event at one node, then the other's escalation wakes and pages`() async throws {
        let temporary = try TemporaryDatabase(inMemory: true, kind: .postgres)
        let address = temporary.postgres.address
        let (north, south) = (PostgresSignals(address), PostgresSignals(address))
        let pair = try await Self.pair(in: temporary) { north.send($0) }
        let (first, second) = (pair.nodes[0], pair.nodes[1])
        let listening = loop(pair, 1, permit: WorkPermit(), signals: south)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await listening.run() }
            // Once it listens it looks for what it may have missed.
            await second.wakeups.escalation.wait(atMost: .days(1))

            let request = SimulatedWorld.rapidSpikeRequest("failing", monitor: "Home", at: pair.world.now)
            let answer = try await first.reception.receive(request, key: SimulatedCast.shopKey)
            await second.wakeups.escalation.wait(atMost: .days(1))
            _ = try await second.escalation.runOnce()

            let alert = try #require(answer.alert)
            let messages = try await temporary.read { try Messages.list(of: alert, in: $0) }
            #expect(messages.map(\.target) == [SimulatedCast.alice.email])
            tasks.cancelAll()
            while await tasks.nextResult() != nil {}
        }
        north.close()
    }
}
