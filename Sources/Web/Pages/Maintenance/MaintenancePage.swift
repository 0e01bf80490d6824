import Alerting
import Engine
import Storage

struct MaintenanceListPage: HTMLPage {
    static let template = "maintenance-list"
    let frame: Frame
    let month: String
    let previous: String
    let next: String
    let weeks: [MaintenanceMonth.Week]
    let open: [Row]
    let hasOpen: Bool
    let closed: [Row]
    let hasClosed: Bool
    let mayConfigure: Bool

    struct Row {
        let summary: String
        let link: String
        let state: String
        let style: String
        let start: Moment
        let end: Moment
        let sources: String

        init(_ window: MaintenanceWindowRecord, _ names: [AlertSource.ID: String], _ visit: Visit) {
            let stage = MaintenanceWindowRecord.Stage(window.span, at: visit.moments.now)
            summary = window.summary
            link = Links.maintenance(window.id)
            state = stage.words
            style = stage.style
            start = visit.moments.moment(window.span.start)
            end = visit.moments.moment(window.span.end)
            sources = window.sources.compactMap { names[$0] }.joined(separator: ", ")
        }
    }
}

struct MaintenancePage: HTMLPage {
    static let template = "maintenance"
    let frame: Frame
    let summary: String
    let link: String
    let state: String
    let style: String
    let start: Moment
    let end: Moment
    let zone: String
    let mode: String
    let notifications: String
    let createdBy: String?
    let details: String
    let hasDetails: Bool
    let sources: [Source]
    let hasSources: Bool
    let monitors: [Source]
    let hasMonitors: Bool
    let mayConfigure: Bool
    let mayEnd: Bool

    struct Source {
        let name: String
        let link: String
    }

    init(
        _ window: MaintenanceWindowRecord, names: [AlertSource.ID: String], monitors: [MonitorRecord], creator: String?,
        visit: Visit, frame: Frame
    ) {
        let stage = MaintenanceWindowRecord.Stage(window.span, at: visit.moments.now)
        self.frame = frame
        summary = window.summary
        link = Links.maintenance(window.id)
        state = stage.words
        style = stage.style
        start = visit.moments.moment(window.span.start)
        end = visit.moments.moment(window.span.end)
        zone = window.timeZone
        mode = window.span.mode.words
        let moments = MaintenanceForm.moments(window.notifications)
        notifications = moments.isEmpty ? "None" : moments.joined(separator: ", ")
        createdBy = creator
        details = window.details
        hasDetails = !window.details.isEmpty
        sources = window.sources.map { Source(name: names[$0] ?? "Alert source \($0)", link: Links.source($0)) }
        hasSources = !sources.isEmpty
        self.monitors = monitors.map { Source(name: $0.name, link: Links.monitor($0.id)) }
        hasMonitors = !monitors.isEmpty
        mayConfigure = visit.mayConfigure
        mayEnd = visit.mayConfigure && stage == .begun
    }
}

struct MaintenanceEditPage: HTMLPage {
    static let template = "maintenance-edit"
    let frame: Frame
    let heading: String
    let problem: String?
    let action: String
    let back: String
    let summary: String
    let details: String
    let start: String
    let end: String
    let zones: [Choice]
    let sources: [Choice]
    let monitors: [Choice]
    let hasMonitors: Bool
    let modes: [Choice]
    let notifications: [Choice]
}

extension MaintenanceWindowRecord.Stage {
    var words: String {
        switch self {
        case .planned: "Planned"
        case .begun: "Running"
        case .over: "Over"
        }
    }

    /// The class of its badge.
    var style: String {
        switch self {
        case .planned: "planned"
        case .begun: "maintenance"
        case .over: "disabled"
        }
    }
}

extension MaintenanceWindow.Mode {
    var words: String {
        switch self {
        case .hold: "Held back: what still fails at the end is raised then"
        case .discard: "Discarded: nothing is raised at the end"
        }
    }
}
