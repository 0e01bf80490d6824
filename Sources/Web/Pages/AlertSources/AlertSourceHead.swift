import Alerting
import Engine
import Integrations
import Storage

/// The top of an alert source's pages: what it is, how it fares, its tabs.
struct AlertSourceHead {
    let name: String
    let type: String
    let monogram: String
    let style: String
    let guideLink: String?
    let status: String
    let statusInWords: String
    let isActive: Bool
    let link: String
    let alertsLink: String
    let openAlerts: String?
    let mayConfigure: Bool
    let tabs: [Tab]

    struct Tab {
        let label: String
        let link: String
        let isCurrent: Bool
    }

    enum Place { case settings, rules, explorer, actions }

    init(_ facts: AlertSourceFacts, at place: Place, _ visit: Visit) {
        let (source, open) = (facts.source, facts.open)
        let entry = IntegrationCatalog.entry(type: source.integrationType)
        let health = AlertSourceHealth(
            source, open: open, isInMaintenance: facts.isInMaintenance(at: visit.moments.now))
        name = source.name
        type = entry?.name ?? source.integrationType
        monogram = Monogram.text(for: entry?.name ?? source.integrationType)
        style = entry?.path ?? "unknown"
        guideLink = entry.map { GuidePages.link(for: $0) }
        status = health.style
        statusInWords = health.words
        isActive = source.isActive
        link = Links.source(source.id)
        alertsLink = Links.alerts(of: source.id)
        let count = open.values.reduce(0, +)
        openAlerts = count > 0 ? "\(count)" : nil
        mayConfigure = visit.mayConfigure
        tabs = [
            Tab(label: "Settings", link: Links.source(source.id), isCurrent: place == .settings),
            Tab(label: "Rules", link: Links.rules(source.id), isCurrent: place == .rules),
            Tab(label: "Event explorer", link: Links.events(source.id), isCurrent: place == .explorer),
            Tab(label: "Alert actions", link: Links.source(source.id) + "/actions", isCurrent: place == .actions),
        ].filter { visit.mayConfigure || $0.label != "Rules" }
    }

    static func crumbs(_ source: AlertSourceRecord? = nil) -> [Frame.Crumb] {
        let list = Frame.Crumb(label: "Alert sources", link: Links.sources)
        return [list] + (source.map { [Frame.Crumb(label: $0.name, link: Links.source($0.id))] } ?? [])
    }
}

/// How an alert source fares, by its open alerts.
enum AlertSourceHealth: String, CaseIterable {
    case pending = "PENDING"
    case allAccepted = "ALL_ACCEPTED"
    case allResolved = "ALL_RESOLVED"
    case inMaintenance = "IN_MAINTENANCE"
    case disabled = "DISABLED"

    init(_ source: AlertSourceRecord, open: [AlertStatus: Int], isInMaintenance: Bool) {
        self =
            if !source.isActive {
                .disabled
            } else if isInMaintenance {
                .inMaintenance
            } else if open[.pending, default: 0] > 0 {
                .pending
            } else {
                open[.accepted, default: 0] > 0 ? .allAccepted : .allResolved
            }
    }

    var words: String {
        switch self {
        case .pending: "Pending"
        case .allAccepted: "All accepted"
        case .allResolved: "All resolved"
        case .inMaintenance: "In maintenance"
        case .disabled: "Disabled"
        }
    }

    /// The class of its badge.
    var style: String {
        switch self {
        case .pending: "pending"
        case .allAccepted: "accepted"
        case .allResolved: "resolved"
        case .inMaintenance: "maintenance"
        case .disabled: "disabled"
        }
    }
}
