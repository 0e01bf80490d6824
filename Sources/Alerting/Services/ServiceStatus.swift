/// How a service is; each is worse than the one before.
///
/// The names are those of ilert's public OpenAPI document (v2.2026.5), read 2026-11-23.
public enum ServiceStatus: String, Sendable, CaseIterable, Comparable {
    case operational
    case underMaintenance = "under_maintenance"
    case degraded
    case partialOutage = "partial_outage"
    case majorOutage = "major_outage"

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// Whether time in it counts against the uptime; slow or announced work does not.
    public var isDown: Bool { self >= .partialOutage }

    /// For a person.
    public var words: String {
        switch self {
        case .operational: "Operational"
        case .underMaintenance: "Under maintenance"
        case .degraded: "Degraded"
        case .partialOutage: "Partial outage"
        case .majorOutage: "Major outage"
        }
    }

    /// The status of a service that people say is `own` and that alerts hold with others: the worst of all.
    public static func effective(own: ServiceStatus, held: [ServiceStatus]) -> ServiceStatus {
        held.reduce(own, max)
    }
}

/// Why a service has the status that it has.
public enum ServiceReason: String, Sendable, CaseIterable {
    /// It was made with it.
    case created
    /// A person said so; alerts that held it hold it no longer.
    case set
    /// An alert holds it, by an alert action.
    case held
    /// An alert that held it is over, and nothing holds it worse.
    case released

    /// - Parameter who: a person's name, or whatever else did it.
    public func sentence(who: String) -> String {
        switch self {
        case .created: "Created by \(who)"
        case .set: "Set by \(who)"
        case .held: "An alert holds it"
        case .released: "An alert that held it is over"
        }
    }
}
