public import Alerting

/// Every integration the product can read, and the names of those it only knows.
public enum IntegrationCatalog {
    /// One integration: what is said about it, and its reader.
    public struct Entry: Sendable {
        public let kind: IntegrationKind
        private let reader: any Integration.Type

        init(_ reader: any Integration.Type, as kind: IntegrationKind? = nil) {
            self.reader = reader
            self.kind = kind ?? reader.kind
        }

        public var type: String { kind.type }
        public var path: String { kind.path }
        public var name: String { kind.name }

        /// Whether requests are the product's own event: their sender is told of a fault by status 400, while a
        /// vendor's request that cannot be read is taken and raises an alert.
        public var isGenericEvent: Bool { reader is EventsAPI.Type }

        /// What the request says, with every part within its limit.
        public func events(
            from request: WebhookRequest, settings: IntegrationSettings
        ) throws(IntegrationError) -> [AlertEvent] {
            let events = try reader.events(from: request, settings: settings)
            guard events.count <= Limits.eventsPerRequest else {
                throw .malformed(
                    reason: "The request carries \(events.count) alerts; at most \(Limits.eventsPerRequest) are read.")
            }
            return events.map { $0.withinLimits() }
        }
    }

    /// In the order of the page: featured ones first, then by name.
    public static let entries: [Entry] = [
        Entry(RapidSpike.self),
        Entry(EventsAPI.self),
        Entry(UptimeKuma.self),
        Entry(BetterStack.self),
        Entry(Checkly.self),
        Entry(Checkmk.self),
        Entry(Datadog.self),
        Entry(Gatus.self),
        Entry(Grafana.self),
        Entry(HealthchecksIO.self),
        Entry(HetrixTools.self),
        Entry(EventsAPI.self, as: eventShaped("KAFKA", "Kafka")),
        Entry(EventsAPI.self, as: eventShaped("KUBERNETES", "Kubernetes")),
        Entry(EventsAPI.self, as: eventShaped("MQTT", "MQTT")),
        Entry(Pingdom.self),
        Entry(PrometheusAlertmanager.self),
        Entry(Sentry.self),
        Entry(Site24x7.self),
        Entry(StatusCake.self),
        Entry(UptimeRobot.self),
        Entry(Zabbix.self),
    ]

    /// The entry of an `integrationType`, in any case; `nil` when there is no reader for it.
    public static func entry(type: String) -> Entry? {
        byType[type.uppercased()]
    }

    /// The entry of a URL's segment, in any case; `nil` when there is no reader for it.
    public static func entry(path: String) -> Entry? {
        byPath[path.lowercased()]
    }

    private static let byType = Dictionary(uniqueKeysWithValues: entries.map { ($0.type, $0) })

    private static let byPath = Dictionary(
        uniqueKeysWithValues: entries.flatMap { entry in
            ([entry.path] + entry.kind.aliases).map { ($0, entry) }
        })

    /// Agents that send the generic event to a URL of their own (ilert's kube-agent and ilagent, read 2026-11-23).
    private static func eventShaped(_ type: String, _ name: String) -> IntegrationKind {
        var kind = EventsAPI.kind
        kind.type = type
        kind.path = type.lowercased()
        kind.aliases = []
        kind.name = name
        kind.category = .infrastructure
        kind.isFeatured = false
        return kind
    }
}
