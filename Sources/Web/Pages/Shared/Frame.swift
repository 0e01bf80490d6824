import Alerting
import Foundation
import Storage

/// What every page has around its own content.
struct Frame {
    let title: String
    let section: String
    let crumbs: [Crumb]
    let navigation: [Group]
    let reader: Reader?
    /// Against forged forms; in every form that posts.
    let formToken: String
    let notice: Notice?
    /// About the installation as a whole, on every page as long as it holds.
    let banner: String?
    let styleLink: String
    let scriptLink: String
    let iconLink: String
    var manifestLink: String = "/manifest.webmanifest"
    let version: String
    /// Listens for changes.
    let isLive: Bool

    struct Crumb {
        let label: String
        let link: String
    }

    /// Entries of the navigation that belong together.
    struct Group {
        let label: String
        let items: [Item]
    }

    struct Item {
        let label: String
        let link: String
        let isCurrent: Bool
        let symbol: String
    }

    struct Reader {
        let name: String
        let initials: String
        let link: String
        let role: String
        let zone: String
    }
}

/// One sentence about what was just done, on the page that follows.
struct Notice: Equatable, Sendable {
    let text: String
    let isProblem: Bool

    static func done(_ text: String) -> Notice { Notice(text: text, isProblem: false) }
    static func problem(_ text: String) -> Notice { Notice(text: text, isProblem: true) }

    /// For a cookie.
    var encoded: String { Form.encode((isProblem ? "!" : "+") + Limits.cut(text, to: 300)) }

    init(text: String, isProblem: Bool) {
        self.text = text
        self.isProblem = isProblem
    }

    init?(encoded: String) {
        guard let text = encoded.removingPercentEncoding, let sign = text.first, "!+".contains(sign) else { return nil }
        self.init(text: Limits.cut(String(text.dropFirst()), to: 300), isProblem: sign == "!")
    }
}

/// The entries of the main navigation.
enum Section: String, CaseIterable {
    case alerts, times, sources, flows, actions, maintenance, monitors, wallboard, heartbeats, integrations
    case services, statusPages, onCall, schedules, policies, supportHours, rehearsal, users, teams, account, audit,
        nodes
    case deliveries, readiness, none

    /// The heading that the entry is found below; groups are shown in the order of their cases.
    enum Group: String, CaseIterable {
        case alerting = "Alerting"
        case onCall = "On call"
        case inbound = "Incoming"
        case outbound = "Outgoing"
        case monitoring = "Monitoring"
        case people = "People"
        case settings = "Settings"
    }

    var group: Group {
        switch self {
        case .alerts, .times, .none: .alerting
        case .onCall, .schedules, .policies, .supportHours, .rehearsal: .onCall
        case .sources, .flows, .maintenance: .inbound
        case .actions: .outbound
        case .monitors, .wallboard, .heartbeats, .integrations, .services, .statusPages: .monitoring
        case .users, .teams, .readiness: .people
        case .deliveries: .outbound
        case .account, .audit, .nodes: .settings
        }
    }

    var item: (label: String, link: String, symbol: String)? {
        switch self {
        case .alerts: ("Alerts", Links.alerts, "bell")
        case .times: ("Paging times", Links.times, "gauge")
        case .sources: ("Alert sources", Links.sources, "plug")
        case .actions: ("Alert actions", Links.actions, "send")
        case .flows: ("Event flows", Links.flows, "flow")
        case .monitors: ("Monitors", Links.monitors, "pulse")
        case .services: ("Services", Links.services, "steps")
        case .statusPages: ("Status pages", Links.statusPages, "list")
        case .wallboard: ("Wallboard", Links.wallboard, "gauge")
        case .integrations: ("Integrations", Links.integrations, "plug")
        case .heartbeats: ("Heartbeat monitors", Links.heartbeats, "pulse")
        case .maintenance: ("Maintenance", Links.maintenance, "wrench")
        case .onCall: ("Who is on call", Links.onCall, "phone")
        case .schedules: ("On-call schedules", Links.schedules, "rota")
        case .policies: ("Escalation policies", Links.policies, "steps")
        case .supportHours: ("Support hours", Links.supportHours, "clock")
        case .rehearsal: ("Who gets paged if…", Links.rehearsal, "question")
        case .users: ("Users", Links.users, "person")
        case .teams: ("Teams", Links.teams, "people")
        case .account: ("Account settings", Links.account, "gear")
        case .audit: ("Audit log", Links.audit, "list")
        case .nodes: ("Nodes", Links.nodes, "list")
        case .deliveries: ("Deliveries", Links.deliveries, "list")
        case .readiness: ("Readiness", Links.readiness, "bell")
        case .none: nil
        }
    }

    var isForAdministrators: Bool { [.account, .audit, .nodes, .deliveries, .readiness].contains(self) }
}
