public import Alerting
import Storage

/// What a probe is to check.
public struct ProbeOrder: Equatable, Sendable {
    public var monitor: Monitor.ID
    /// Of the monitor as it is now; given back with the result.
    public var version: Int64
    public var subject: MonitorSubject
    public var timeout: Duration
    /// How long ago it was due.
    public var late: Duration

    public init(monitor: Monitor.ID, version: Int64, subject: MonitorSubject, timeout: Duration, late: Duration) {
        self.monitor = monitor
        self.version = version
        self.subject = subject
        self.timeout = timeout
        self.late = late
    }
}

/// What a probe has found.
public struct ProbeResult: Equatable, Sendable {
    public var monitor: Monitor.ID
    public var version: Int64
    public var late: Duration
    public var report: CheckReport

    public init(monitor: Monitor.ID, version: Int64, late: Duration, report: CheckReport) {
        self.monitor = monitor
        self.version = version
        self.late = late
        self.report = report
    }
}

/// Gives work to probes in other places and takes their results.
///
/// A probe judges what it finds itself, so that no body travels. Times are this server's: a probe's clock may be wrong.
public struct ProbeDesk: Sendable {
    private let store: Store
    private let loop: MonitorLoop
    public static let mostOrders = 200
    public static let mostBusy = 512

    init(store: Store, loop: MonitorLoop) {
        self.store = store
        self.loop = loop
    }

    /// Takes what is due in the probe's region, and prolongs what it still works on.
    ///
    /// - Parameters:
    ///   - limit: 0: it has no place for more.
    ///   - busy: what it has taken and not brought back.
    /// - Throws: `Failure.forbidden` for a token that is unknown or void; so does the next.
    public func orders(
        token: String, version: String, limit: Int, busy: [Monitor.ID] = []
    ) async throws -> [ProbeOrder] {
        try await Failure.translating {
            try await store.write { change in
                let probe = try Self.probe(token, in: change)
                try MonitorProbes.touch(
                    probe.id, version: Limits.cut(version, to: 60), at: change.now, in: change.transaction)
                let lease = change.now + MonitorLoop.lease
                try MonitorSpots.prolong(
                    Array(busy.prefix(Self.mostBusy)), account: probe.account, region: probe.region, to: lease,
                    before: lease - MonitorLoop.renewal, in: change.transaction)
                guard limit > 0 else { return [] }
                return try MonitorSpots.claimDue(
                    account: probe.account, region: probe.region, at: change.now, until: lease,
                    limit: min(limit, Self.mostOrders), in: change.transaction
                ).map { monitor, due in
                    ProbeOrder(
                        monitor: monitor.id, version: monitor.updatedAt.milliseconds, subject: monitor.subject,
                        timeout: monitor.timeout, late: max(change.now - due, .zero))
                }
            }
        }
    }

    /// Writes down what a probe found; what is about monitors that were changed meanwhile counts for nothing.
    ///
    /// - Returns: how many counted.
    /// - Throws: `Failure.invalid` for more than `Limits.probeResultCount`: none of them is taken then.
    public func take(_ results: [ProbeResult], token: String) async throws -> Int {
        guard results.count <= Limits.probeResultCount else {
            throw Failure(.invalid, "results must have at most \(Limits.probeResultCount) items.", cause: "results")
        }
        let checks = try await Failure.translating {
            try await store.read { transaction in
                let probe = try Self.probe(token, in: transaction)
                let ids = results.map(\.monitor)
                let monitors = try Monitors.list(ids, account: probe.account, in: transaction)
                let known = Dictionary(uniqueKeysWithValues: monitors.map { ($0.id, $0) })
                return results.compactMap { result -> (MonitorRecord, ProbeResult, String)? in
                    guard let monitor = known[result.monitor], monitor.updatedAt.milliseconds == result.version,
                        monitor.regions.contains(probe.region)
                    else { return nil }
                    return (monitor, result, probe.region)
                }
            }
        }
        let now = store.clock.now
        try await loop.take(
            checks.map { monitor, result, region in
                let began = now - result.report.total
                return FinishedCheck(
                    monitor: monitor, report: result.report, due: began - result.late, began: began, ended: now,
                    region: region)
            })
        return checks.count
    }

    private static func probe(_ token: String, in change: Change) throws -> MonitorProbe {
        try probe(token, in: change.transaction)
    }

    private static func probe(_ token: String, in transaction: any Transaction) throws -> MonitorProbe {
        guard token.utf8.count <= 200,
            let probe = try MonitorProbes.find(tokenHash: Tokens.sha256(token), in: transaction)
        else { throw Failure(.forbidden, "This probe's token is unknown or void.", cause: "KEY_ERROR") }
        return probe
    }
}
