import Alerting
import Engine
import Storage

/// What an alert source's page says about maintenance, with the form that begins one now.
struct AlertSourceMaintenance {
    let running: Window?
    let coming: [Window]
    let hasComing: Bool
    let held: [String]
    let hasHeld: Bool
    let mayBegin: Bool
    let lengths: [Choice]
    let action: String
    let planLink: String

    struct Window {
        let summary: String
        let link: String
        let start: Moment
        let end: Moment
        let endLink: String
        let mayEnd: Bool
    }

    init(_ facts: AlertSourceFacts, _ visit: Visit) {
        let now = visit.moments.now
        let windows = facts.maintenance.sorted { $0.span.end > $1.span.end }
        running = windows.first { $0.span.isInForce(at: now) }.map { Window($0, visit) }
        coming = facts.maintenance.filter { $0.span.start > now }.map { Window($0, visit) }
        hasComing = !coming.isEmpty
        held = facts.held.map { $0.event.summary.isEmpty ? $0.key : $0.event.summary }
        hasHeld = !held.isEmpty
        mayBegin = visit.mayConfigure && running == nil
        lengths = [30, 60, 120, 240, 480, 1440].map {
            Choice("\($0)", Moments.words(.minutes($0)), isChosen: $0 == 60)
        }
        action = Links.source(facts.source.id) + "/maintenance"
        planLink = Links.newMaintenance + "?source=\(facts.source.id)"
    }
}

extension AlertSourceMaintenance.Window {
    init(_ window: MaintenanceWindowRecord, _ visit: Visit) {
        summary = window.summary
        link = Links.maintenance(window.id)
        start = visit.moments.moment(window.span.start)
        end = visit.moments.moment(window.span.end)
        endLink = Links.maintenance(window.id) + "/end"
        mayEnd = visit.mayConfigure
    }
}

extension AlertSourceFacts {
    func isInMaintenance(at now: Timestamp) -> Bool {
        maintenance.contains { $0.span.isInForce(at: now) }
    }
}
