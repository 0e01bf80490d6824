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

        /// Whether the owner may say where state, key and the rest are found.
        public var mayBeMapped: Bool { !isGenericEvent && !kind.isMail && !isPagingAPI }

        /// Whether requests to other addresses than the source's own are read by it too.
        private var isPagingAPI: Bool { reader is PagerDuty.Type || reader is Opsgenie.Type }

        /// Whether a fault is told by the answer's status, as clients of these APIs expect; it raises no alert then.
        public var tellsItsSender: Bool { isGenericEvent || isPagingAPI }

        /// Whether its messages are signed by Amazon and its subscriptions have to be confirmed.
        public var isAmazon: Bool { reader is AmazonSNS.Type }

        /// The key of the alert source in the request itself; `nil`: none.
        public func integrationKey(in request: WebhookRequest) -> String? { reader.integrationKey(in: request) }

        /// What the request says, with every part within its limit.
        public func events(
            from request: WebhookRequest, settings: IntegrationSettings
        ) throws(IntegrationError) -> [AlertEvent] {
            // An owner who says where things are is believed before the reader that knows the tool.
            let isMapped = settings.mapping != nil && mayBeMapped
            let events = try (isMapped ? GenericWebhook.self : reader).events(from: request, settings: settings)
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
        Entry(AmazonSNS.self),
        Entry(AmazonSNS.self, as: AmazonSNS.kind.renamed("CLOUDWATCH", "Amazon CloudWatch")),
        Entry(AWX.self),
        Entry(AzureAlerts.self),
        Entry(BetterStack.self),
        Entry(Checkly.self),
        Entry(Checkmk.self),
        Entry(Cloudflare.self),
        Entry(PrometheusAlertmanager.self, as: PrometheusAlertmanager.kind.renamed("CORTEX", "Cortex")),
        Entry(Cronitor.self),
        Entry(Datadog.self),
        Entry(Dynatrace.self),
        Entry(Email.self),
        Entry(Email.self, as: oldEmail),
        Entry(Gatus.self),
        Entry(GenericWebhook.self),
        Entry(GitHub.self),
        Entry(GitLab.self),
        Entry(GoogleCloudMonitoring.self),
        Entry(Grafana.self),
        Entry(HealthchecksIO.self),
        Entry(HetrixTools.self),
        Entry(Honeybadger.self),
        Entry(Honeycomb.self),
        Entry(Icinga.self),
        Entry(Jira.self),
        Entry(EventsAPI.self, as: eventShaped("KAFKA", "Kafka")),
        Entry(Kapacitor.self),
        Entry(EventsAPI.self, as: eventShaped("KEEP", "Keep")),
        Entry(EventsAPI.self, as: eventShaped("KUBERNETES", "Kubernetes")),
        Entry(LibreNMS.self),
        Entry(PrometheusAlertmanager.self, as: PrometheusAlertmanager.kind.renamed("LOKI", "Loki")),
        Entry(PrometheusAlertmanager.self, as: PrometheusAlertmanager.kind.renamed("MIMIR", "Mimir")),
        Entry(EventsAPI.self, as: eventShaped("MQTT", "MQTT")),
        Entry(Nagios.self),
        Entry(Netdata.self),
        Entry(NewRelic.self),
        Entry(Opsgenie.self),
        Entry(PagerDuty.self),
        Entry(Pingdom.self),
        Entry(PrometheusAlertmanager.self),
        Entry(PRTG.self),
        Entry(Rollbar.self),
        Entry(Sensu.self),
        Entry(Sentry.self),
        Entry(PrometheusAlertmanager.self, as: PrometheusAlertmanager.kind.renamed("SIGNOZ", "SigNoz")),
        Entry(Site24x7.self),
        Entry(Splunk.self),
        Entry(SignalFx.self),
        Entry(StatusCake.self),
        Entry(GenericWebhook.self, as: GenericWebhook.kind.renamed("UPTIME", "Uptime.com")),
        Entry(UptimeRobot.self),
        Entry(
            PrometheusAlertmanager.self, as: PrometheusAlertmanager.kind.renamed("VICTORIAMETRICS", "VictoriaMetrics")),
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

    /// The entry whose API has an address of its own (`/v2/enqueue`, `/v2/alerts`), whatever the alert source's type.
    public static func entry(ofAPIAt path: String) -> Entry? {
        if path == "/v2/enqueue" || path == "/v2/change/enqueue" { return entry(type: PagerDuty.kind.type) }
        return path == Opsgenie.root || path.hasPrefix(Opsgenie.root + "/") ? entry(type: Opsgenie.kind.type) : nil
    }

    /// The type under which older clients know mails.
    private static let oldEmail: IntegrationKind = {
        var kind = Email.kind.renamed("EMAIL", "Email (older clients)")
        kind.path = "email-1"
        return kind
    }()

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

extension IntegrationKind {
    /// The same format under another tool's name.
    fileprivate func renamed(_ type: String, _ name: String) -> IntegrationKind {
        var kind = self
        kind.type = type
        kind.path = type.lowercased()
        kind.aliases = []
        kind.name = name
        return kind
    }
}
