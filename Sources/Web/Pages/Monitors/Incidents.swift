import Alerting
import Storage

/// A stretch of time in which a monitor failed.
struct Incident: Equatable {
    var monitor: Monitor.ID
    var start: Timestamp
    /// `nil`: it still fails.
    var end: Timestamp?
    var reason: String

    /// The newest first.
    ///
    /// - Parameter events: the newest first.
    static func of(_ events: [MonitorEvent]) -> [Incident] {
        var open: [Monitor.ID: Int] = [:]
        var found: [Incident] = []
        for event in events.reversed() {
            switch event.state {
            case .failing:
                guard open[event.monitor] == nil else { continue }
                open[event.monitor] = found.count
                found.append(Incident(monitor: event.monitor, start: event.at, reason: event.reason ?? ""))
            case .passing, .pending:
                guard let place = open.removeValue(forKey: event.monitor) else { continue }
                found[place].end = event.at
            }
        }
        return found.reversed()
    }

    func duration(at now: Timestamp) -> Duration { (end ?? now) - start }
}

/// An incident as a page shows it.
struct IncidentRow {
    let name: String
    let link: String
    let start: Moment
    let end: Moment?
    let duration: String
    let reason: String

    init(_ incident: Incident, name: String, link: String, moments: Moments) {
        self.name = name
        self.link = link
        start = moments.moment(incident.start)
        end = incident.end.map { moments.moment($0) }
        duration = Moments.words(seconds: incident.duration(at: moments.now).wholeMilliseconds / 1000)
        reason = incident.reason
    }
}
