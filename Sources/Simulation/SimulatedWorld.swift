public import Alerting
public import Engine
public import Integrations
import Logging
public import Storage

/// A node, its database and the outside world, driven one step at a time.
///
/// The engine and the database are the real ones; time, the senders and the faults are ours. Nothing runs by itself.
public final class SimulatedWorld {
    /// What every node of this world is made of, but for its database.
    private struct Parts {
        let clock: SimulatedClock
        let senders: [SimulatedSender]
        let throttles: [Channel: Throttle]
        /// Does alert actions; `nil`: none of them works.
        var actions: (any ActionSender)?
        /// Whether escalations take along the messages that they queue.
        var takesAlong = true
        /// Whether an alert's first step is done along with its event.
        var escalatesAlong = false
        let prober = SimulatedProber()
        let webhooks = SimulatedWebhookCaller()
        let links = ActionLinks(publicURL: "https://nightbell.example", key: [UInt8](repeating: 7, count: 32))

        init(_ channels: [Channel], _ throttles: [Channel: Throttle], clock: SimulatedClock) {
            self.clock = clock
            self.throttles = throttles
            senders = channels.map { SimulatedSender($0, clock: clock) }
        }

        func node(on database: any Database) -> Engine {
            let store = Store(database: database, ids: BlockIDs(database: database), clock: clock)
            let engine = Engine(
                store: store, senders: senders, links: links, throttles: throttles, actions: actions,
                prober: prober, caller: webhooks, logger: silence)
            if takesAlong { for loop in engine.notifications { loop.open() } }
            if escalatesAlong { engine.escalation.open() }
            return engine
        }

        /// A node that can die.
        func start(on disk: any Database) -> (FaultyDatabase, Engine) {
            let database = FaultyDatabase(disk)
            for sender in senders { sender.onCrash { database.die() } }
            return (database, node(on: database))
        }
    }

    private let parts: Parts
    /// What outlives a node.
    public let disk: any Database
    public var clock: SimulatedClock { parts.clock }
    public var senders: [SimulatedSender] { parts.senders }
    public var links: ActionLinks { parts.links }
    /// The node's own way to the disk; another one after each restart.
    public private(set) var database: FaultyDatabase
    public private(set) var engine: Engine

    /// What monitors are checked by.
    public var prober: SimulatedProber { parts.prober }
    public var webhooks: SimulatedWebhookCaller { parts.webhooks }
    /// Whether monitors are checked, and jobs that fall silent noticed.
    private let hasMonitors: Bool

    /// - Parameters:
    ///   - disk: empty and migrated.
    ///   - channels: one of them twice has two providers.
    ///   - throttles: those that are not the usual ones.
    ///   - takesAlong: whether escalations take along the messages that they queue, as those of a server do; `false`:
    ///     they wait until `notify`.
    ///   - escalatesAlong: whether an alert's first step is done along with its event, as a server does; `false`: it
    ///     waits until `escalate`.
    public init(
        _ disk: any Database, channels: [Channel] = [.email], policy: EscalationPolicy = SimulatedCast.usualPolicy,
        sources: [AlertSourceRecord]? = nil, throttles: [Channel: Throttle] = [:], actions: (any ActionSender)? = nil,
        takesAlong: Bool = true, escalatesAlong: Bool = false
    ) async throws {
        hasMonitors = true
        let clock = SimulatedClock()
        var parts = Parts(channels, throttles, clock: clock)
        (parts.actions, parts.takesAlong, parts.escalatesAlong) = (actions, takesAlong, escalatesAlong)
        self.parts = parts
        self.disk = disk
        let sources = sources ?? [SimulatedCast.source(at: clock.now)]
        try await disk.write { transaction in
            try SimulatedCast.write(policy: policy, sources: sources, at: clock.now, in: transaction)
        }
        (database, engine) = parts.start(on: disk)
    }

    /// Over a database that holds a configuration already. What monitors would find out by themselves is left out.
    ///
    /// - Parameter channels: those that can be sent on; one of them twice has two providers.
    public init(
        over disk: any Database, at start: Timestamp, channels: [Channel], throttles: [Channel: Throttle] = [:]
    ) {
        hasMonitors = false
        parts = Parts(channels, throttles, clock: SimulatedClock(at: start))
        self.disk = disk
        (database, engine) = parts.start(on: disk)
    }

    public var now: Timestamp { clock.now }

    public func sender(_ channel: Channel) -> SimulatedSender {
        guard let sender = senders.first(where: { $0.channel == channel }) else {
            preconditionFailure("a world without this channel")
        }
        return sender
    }

    // MARK: - Requests

    /// A generic event to an alert source's key.
    @discardableResult
    public func post(
        _ kind: AlertEvent.Kind = .alert, _ key: String?, summary: String = "Shop is down", priority: Priority? = nil,
        fields: [String: JSONValue] = [:], to integrationKey: String = SimulatedCast.shopKey
    ) async throws -> IngestAnswer {
        var body = fields
        body["integrationKey"] = .string(integrationKey)
        body["eventType"] = .string(kind.rawValue.uppercased())
        if let key { body["alertKey"] = .string(key) }
        if kind == .alert { body["summary"] = .string(summary) }
        if let priority { body["priority"] = .string(priority.rawValue.uppercased()) }
        let request = WebhookRequest(path: "/api/events", body: Array(JSONValue.object(body).text.utf8))
        return try await engine.reception.receiveGeneric(request)
    }

    /// RapidSpike's request about one monitor.
    ///
    /// - Parameter status: such as `failing`, `passing`.
    @discardableResult
    public func rapidSpike(
        _ status: String, monitor: String = "Home", at time: Timestamp? = nil,
        to integrationKey: String = SimulatedCast.shopKey
    ) async throws -> IngestAnswer {
        let request = Self.rapidSpikeRequest(status, monitor: monitor, at: time ?? now)
        return try await engine.reception.receive(request, key: integrationKey)
    }

    @discardableResult
    public func receive(
        _ body: [UInt8], to integrationKey: String = SimulatedCast.shopKey
    ) async throws -> IngestAnswer {
        try await engine.reception.receive(Self.jsonRequest(body), key: integrationKey)
    }

    public static func rapidSpikeRequest(_ status: String, monitor: String, at time: Timestamp) -> WebhookRequest {
        let body = JSONValue.object([
            "status": .string(status), "message": .string("Shop - \(monitor) is \(status)"),
            "monitor": .object(["uuid": .string("monitor-\(monitor)"), "label": .string(monitor)]),
            "website": .object(["label": .string("Shop")]),
            "unix_created_date": .integer(time.milliseconds / 1000),
        ])
        return jsonRequest(Array(body.text.utf8))
    }

    public static func jsonRequest(_ body: [UInt8]) -> WebhookRequest {
        WebhookRequest(
            path: "/api/v1/events/rapidspike", headers: [.init("Content-Type", "application/json")], body: body)
    }

    // MARK: - Time

    /// Does what is due now, and what follows from it now.
    public func settle() async throws {
        // Bounded: a node that always finds something due would be a mistake of ours.
        for _ in 0..<1000 {
            var isIdle = try await !engine.maintenance.runOnce()
            if hasMonitors, try await engine.heartbeatLoop.runOnce() { isIdle = false }
            if try await engine.flowLoop.runOnce() { isIdle = false }
            if try await engine.actionLoop.runOnce() > 0 { isIdle = false }
            if hasMonitors, try await engine.monitors.runOnce() { isIdle = false }
            if try await engine.webhooks.runOnce() { isIdle = false }
            if try await engine.subscriptionLoop.runOnce() { isIdle = false }
            if try await engine.drillLoop.runOnce() { isIdle = false }
            if try await engine.serviceLoop.runOnce() { isIdle = false }
            if try await escalate() { isIdle = false }
            if try await engine.notices.runOnce() { isIdle = false }
            if try await notify() > 0 { isIdle = false }
            let due = try await nextDue()
            if isIdle, due.map({ $0 > now }) ?? true { return }
        }
        throw Failure(.internal, "The node never comes to rest.")
    }

    /// - Returns: whether there may be more to escalate.
    @discardableResult
    public func escalate() async throws -> Bool {
        try await engine.escalation.runOnce()
    }

    /// - Returns: how many messages were tried.
    @discardableResult
    public func notify() async throws -> Int {
        var tried = 0
        for loop in engine.notifications { tried += try await loop.runOnce() }
        return tried
    }

    /// The instant at which the node has something to do next; `nil`: never by itself.
    public func nextDue() async throws -> Timestamp? {
        let channels = senders.map(\.channel)
        return try await disk.read { [hasMonitors] transaction in
            let timer = try Timers.nextDue(in: transaction)
            let messages = try channels.compactMap { try Messages.nextDue($0, in: transaction) }
            let window = try MaintenanceWindows.nextChange(in: transaction)
            let notice = try Notices.nextDue(in: transaction)
            let heartbeat = hasMonitors ? try HeartbeatMonitors.nextDeadline(in: transaction) : nil
            let monitor = hasMonitors ? try Monitors.nextDue(in: transaction) : nil
            let wait = try EventFlowWaits.nextDue(in: transaction)
            let action = try AlertActionRuns.nextDue(in: transaction)
            let group = try DeliveryGroups.nextNotice(in: transaction)
            let webhook = try WebhookDeliveries.nextDue(in: transaction)
            let drill = try DrillPlans.nextDue(in: transaction)
            let loops = [timer, window, notice, heartbeat, monitor, wait, action, group, webhook, drill]
            return (loops.compactMap(\.self) + messages).min()
        }
    }

    /// Lets time go by, with a stop at every instant at which something is due.
    public func advance(by duration: Duration) async throws {
        let end = now + duration
        try await settle()
        while let due = try await nextDue(), due <= end {
            clock.set(to: max(due, now))
            try await settle()
        }
        clock.set(to: end)
    }

    /// Lets time go by while the node is down.
    public func beDown(for duration: Duration) {
        clock.advance(by: duration)
    }

    // MARK: - Faults

    /// Ends the node at once: what it held in memory is gone.
    public func crash() {
        database.die()
        restart()
    }

    /// Starts a new node over the same disk.
    public func restart() {
        database.die()
        (database, engine) = parts.start(on: disk)
    }

    /// Starts a second node over the same disk, which lives beside the first.
    public func secondNode() -> Engine { parts.node(on: disk) }

    private static let silence = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
}
