public import Alerting
public import Storage

/// Probes in other places, as people see and change them. A probe's token is shown once and kept as a hash.
public struct ProbeAdministration: Sendable {
    private let configuration: Configuration
    private static let most = 200

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By name.
    public func list(by caller: Caller) async throws -> [MonitorProbe] {
        try await configuration.read { try MonitorProbes.list(account: caller.account, in: $0) }
    }

    /// - Returns: the probe, and the token that cannot be read again.
    public func create(
        name: String, region: String, by caller: Caller
    ) async throws -> (probe: MonitorProbe, token: String) {
        try caller.require(.admin, to: "add probes")
        let (name, region) = (try FieldRules.name(name), try RegionName.checked(region, "region"))
        guard region != Monitor.homeRegion else {
            throw Failure.invalid("region", "“\(Monitor.homeRegion)” is where the servers are.")
        }
        let token = "nbp_" + Tokens.random(Tokens.secretLength)
        let probe = try await configuration.change { change in
            guard try MonitorProbes.list(account: caller.account, in: change.transaction).count < Self.most else {
                throw Failure(.conflict, "There may be at most \(Self.most) probes.")
            }
            let probe = MonitorProbe(
                id: try change.newID(), account: caller.account, name: name, region: region,
                tokenHash: Tokens.sha256(token), createdAt: change.now)
            try MonitorProbes.insert(probe, in: change.transaction)
            try Self.audit("monitor_probe.created", probe, by: caller, in: change)
            return (probe, .monitorProbe(probe.id))
        }
        return (probe, token)
    }

    /// Its token is void from now on.
    ///
    /// - Throws: `Failure.notFound` when there is none.
    public func delete(_ id: MonitorProbe.ID, by caller: Caller) async throws {
        try caller.require(.admin, to: "remove probes")
        try await configuration.change { change in
            let all = try MonitorProbes.list(account: caller.account, in: change.transaction)
            guard let probe = all.first(where: { $0.id == id }) else {
                throw Failure(.notFound, "There is no probe \(id).")
            }
            try MonitorProbes.delete(id, in: change.transaction)
            try Self.audit("monitor_probe.deleted", probe, by: caller, in: change)
            return ((), .monitorProbe(id))
        }
    }

    private static func audit(_ action: String, _ probe: MonitorProbe, by caller: Caller, in change: Change) throws {
        try change.audit(
            action, account: caller.account, by: caller.user, target: "monitor_probe", id: probe.id.rawValue,
            details: "Probe “\(probe.name)” in \(probe.region)")
    }
}
