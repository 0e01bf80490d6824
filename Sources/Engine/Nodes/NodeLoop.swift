import Alerting
public import Logging
public import ServiceLifecycle
public import Storage
import Synchronization

/// This node among the others: says that it lives, hears what they tell, forgets what they have changed, and stops
/// working when a newer version has changed the database's form.
public final class NodeLoop: Service {
    private let store: Store
    private let me: NodeRecord
    private let permit: WorkPermit
    private let wakeups: Wakeups
    private let signals: (any NodeSignals)?
    private let interval: Duration
    private let logger: Logger
    private let generation = Mutex<Int64?>(nil)
    private let waker = Waker()
    /// The newest migration that this program knows.
    private let known: Int

    /// How long after its last word a node counts as silent.
    public static let silence = Duration.seconds(30)
    /// How long the list keeps a node that is silent.
    private static let memory = Duration.days(1)

    /// - Parameters:
    ///   - store: over the database itself, whatever the permit says.
    ///   - interval: between two signs of life; also how long a change of the configuration on another node may stay
    ///     unseen when its signal is lost.
    public init(
        store: Store, me: NodeRecord, permit: WorkPermit, wakeups: Wakeups, signals: (any NodeSignals)?,
        interval: Duration, logger: Logger, known: Int = Migrations.all.last?.number ?? 0
    ) {
        self.store = store
        self.me = me
        self.permit = permit
        self.wakeups = wakeups
        self.signals = signals
        self.interval = interval
        self.logger = logger
        self.known = known
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await self.beatOn() }
                if let signals { tasks.addTask { await self.listen(to: signals) } }
                await tasks.next()
                signals?.close()
                tasks.cancelAll()
            }
            await leave()
        } onGracefulShutdown: {
            self.waker.wake()
        }
    }

    private func beatOn() async {
        var isKnown = false
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                try await beat()
                // Those of an older version learn at once what this one has made of the database.
                if !isKnown { signals?.send(.configuration) }
                isKnown = true
            } catch {
                logger.warning("node not noted", metadata: ["node": "\(me.name)", "reason": "\(error)"])
            }
            await waker.wait(atMost: interval)
        }
    }

    private func listen(to signals: any NodeSignals) async {
        for await topic in signals.heard() { await hear(topic) }
    }

    /// Does what another node's signal asks for.
    public func hear(_ topic: SignalTopic) async {
        switch topic {
        case .work: wakeups.wakeAll()
        case .pages: wakeups.pages.tell()
        case .configuration:
            wakeups.elsewhere.forgetAll()
            wakeups.pages.tell()
            waker.wake()
        }
    }

    /// One sign of life, and one look at what others have done.
    public func beat() async throws {
        let (newest, current) = try await store.read { transaction in
            (
                try Migrations.newest(in: transaction),
                try Generations.current(Generations.configuration, in: transaction)
            )
        }
        if newest > known { stopWorking(newest) }
        let last = generation.withLock { last in
            defer { last = current }
            return last
        }
        if last != current { wakeups.elsewhere.forgetAll() }
        // The newer version's business.
        guard permit.refusal == nil else { return }
        var me = me
        me.seenAt = store.clock.now
        try await store.write { [me] change in
            try Nodes.saw(me, in: change.transaction)
            try Nodes.prune(before: change.now - Self.memory, in: change.transaction)
        }
    }

    private func stopWorking(_ newest: Int) {
        let reason = """
            A newer version has brought the database to migration \(newest); this one knows \(known) of them and takes \
            no more work. Upgrade this node.
            """
        guard permit.revoke(reason) else { return }
        logger.error("node takes no more work", metadata: ["node": "\(me.name)", "reason": "\(reason)"])
    }

    private func leave() async {
        guard permit.refusal == nil else { return }
        do {
            try await store.write { [me] change in try Nodes.remove(me.name, in: change.transaction) }
        } catch {
            // It is silent from now on, which the list shows.
            logger.debug("node not taken off the list", metadata: ["reason": "\(error)"])
        }
    }
}
