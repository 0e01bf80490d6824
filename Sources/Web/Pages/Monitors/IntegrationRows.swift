import Alerting
import Engine
import Storage

extension IntegrationsPage.Webhook {
    init(_ webhook: WebhookIntegration, _ deliveries: [WebhookDelivery], _ moments: Moments) {
        label = webhook.label
        url = webhook.url
        method = webhook.method.rawValue.uppercased()
        link = Links.webhook(webhook.id)
        self.deliveries = deliveries.map { delivery in
            let outcome = delivery.httpStatus.map { "Status \($0)" } ?? delivery.reason ?? "On its way"
            return IntegrationsPage.Delivery(
                at: moments.moment(delivery.triedAt ?? delivery.createdAt), state: delivery.status.words,
                style: delivery.status.style, outcome: outcome, body: delivery.body)
        }
        hasDeliveries = !deliveries.isEmpty
    }
}

extension IntegrationsPage.Group {
    init(
        _ group: DeliveryGroup, _ webhooks: [WebhookIntegration.ID: String], _ sources: [AlertSource.ID: String]
    ) {
        label = group.label
        colour = group.colour
        let minutes = group.sensitivity.components.seconds / 60
        sensitivity = minutes == 0 ? "At once" : "After \(Moments.words(group.sensitivity))"
        let all =
            group.webhooks.compactMap { webhooks[$0] } + group.emails
            + group.sources.map { sources[$0] ?? "Alert source \($0)" }
        receivers = all.isEmpty ? "Nobody" : all.joined(separator: ", ")
        link = Links.deliveryGroup(group.id)
    }
}

extension IntegrationsPage.Receiver {
    /// The mail addresses of delivery groups, each once.
    static func emails(of groups: [DeliveryGroup]) -> [Self] {
        let addresses = Set(groups.flatMap(\.emails)).sorted()
        return addresses.map { address in
            Self(label: address, link: nil, groups: list(groups.filter { $0.emails.contains(address) }))
        }
    }

    /// The alert sources that delivery groups feed.
    static func sources(of groups: [DeliveryGroup], _ names: [AlertSource.ID: String]) -> [Self] {
        let sources = Set(groups.flatMap(\.sources)).sorted()
        return sources.map { source in
            Self(
                label: names[source] ?? "Alert source \(source)",
                link: names[source] == nil ? nil : Links.source(source),
                groups: list(groups.filter { $0.sources.contains(source) }))
        }
    }

    private static func list(_ groups: [DeliveryGroup]) -> String { groups.map(\.label).joined(separator: ", ") }
}

extension IntegrationsPage.Service {
    /// Chats and ticket systems, in the order of their titles; what is told by other sections is not among them.
    static func all(_ actions: [AlertActionRecord]) -> [Self] {
        let kinds = ActionKind.all.filter { !elsewhere.contains($0.name) }
        return kinds.sorted { $0.title < $1.title }.map { kind in
            let mine = actions.filter { $0.kind == kind.name }
            return Self(
                title: kind.title, add: "/alert-actions/new?kind=\(kind.name)",
                actions: mine.map { Action(name: $0.name, link: Links.action($0.id)) }, hasActions: !mine.isEmpty)
        }
    }

    private static let elsewhere: Set<String> = ["webhook", "email", "reroute", "automation_rule"]
}

extension MonitorArea {
    var words: String {
        switch self {
        case .website: "websites"
        case .server: "servers"
        case .tools: "tools"
        }
    }
}

extension WebhookDelivery.Status {
    var words: String {
        switch self {
        case .waiting: "Waiting"
        case .delivered: "Delivered"
        case .failed: "Failed"
        }
    }

    /// The class of its badge.
    var style: String {
        switch self {
        case .waiting: "disabled"
        case .delivered: "active"
        case .failed: "pending"
        }
    }
}

extension IntegrationsPage.Rule {
    init(_ rule: MonitorRule, _ groups: [DeliveryGroup.ID: String], _ monitors: [Monitor.ID: String]) {
        label = rule.label
        self.monitors =
            rule.monitors.isEmpty
            ? "All \(rule.area.words)" : rule.monitors.compactMap { monitors[$0] }.joined(separator: ", ")
        self.groups = rule.groups.compactMap { groups[$0] }.joined(separator: ", ")
        state = rule.isActive ? "Active" : "Off"
        style = rule.isActive ? "active" : "disabled"
        link = Links.monitorRule(rule.id)
    }
}

extension IntegrationsPage.Probe {
    init(_ probe: MonitorProbe, _ moments: Moments) {
        name = probe.name
        region = probe.region
        let isHere = probe.seenAt.map { moments.now - $0 < .minutes(2) } ?? false
        state = probe.seenAt == nil ? "Never seen" : isHere ? "Working" : "Lost"
        style = probe.seenAt == nil ? "disabled" : isHere ? "active" : "pending"
        seen = probe.seenAt.map { moments.moment($0) }
        link = Links.probe(probe.id)
    }
}

/// A probe's token, which is shown once.
struct ProbeTokenPage: HTMLPage {
    static let template = "probe-token"
    let frame: Frame
    let name: String
    let region: String
    let command: String
    let back: String
}

/// A key's secret, which is shown once.
struct RapidSpikeKeyPage: HTMLPage {
    static let template = "rapidspike-key"
    let frame: Frame
    let label: String
    let apiBase: String
    let publicKey: String
    let secret: String
    let back: String
}
