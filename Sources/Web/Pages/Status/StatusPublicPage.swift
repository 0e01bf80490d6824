import Alerting
import Engine
import Storage

/// What the public sees: services, how they were, and what is wrong now. Not why: reasons tell of the inside.
struct StatusPublicPage: HTMLPage {
    static let template = "status-public"
    let frame: Frame
    let name: String
    let intro: String?
    let colour: String
    let summary: String
    let style: String
    let notice: String?
    let problem: String?
    let services: [Service]
    let current: [IncidentRow]
    let hasCurrent: Bool
    let past: [IncidentRow]
    let hasPast: Bool
    let feedLink: String
    let subscribeLink: String
    let zone: String

    struct Service {
        let name: String
        let state: String
        let style: String
        let bars: UptimeBars
    }

    init(_ view: StatusDesk.View, notice: String?, problem: String?, moments: Moments, frame: Frame) {
        let (page, monitors) = (view.page, view.monitors)
        self.frame = frame
        (name, intro, colour) = (page.name, page.intro.isEmpty ? nil : page.intro, page.colour)
        (self.notice, self.problem) = (notice, problem)
        let failing = monitors.count { $0.isFailing }
        summary =
            monitors.isEmpty
            ? "Nothing is watched here yet"
            : failing == 0
                ? "Everything works" : failing == monitors.count ? "Nothing works" : "Some things do not work"
        style = failing == 0 ? "active" : "pending"
        services = monitors.map { monitor in
            let ranges = UptimeBars.ranges(
                hours: view.hours[monitor.id] ?? [], days: view.days[monitor.id] ?? [], moments: moments)
            return Service(
                name: monitor.name, state: monitor.isFailing ? "Does not work" : Self.words(monitor.watch.state),
                style: monitor.stateStyle, bars: ranges[2])
        }
        let names = Dictionary(uniqueKeysWithValues: monitors.map { ($0.id, $0.name) })
        let rows = Incident.of(view.events).map { incident in
            IncidentRow(incident, name: names[incident.monitor] ?? "", link: "", moments: moments)
        }
        current = rows.filter { $0.end == nil }
        hasCurrent = !current.isEmpty
        past = Array(rows.filter { $0.end != nil }.prefix(20))
        hasPast = !past.isEmpty
        feedLink = Links.status(page.slug) + "/feed.atom"
        subscribeLink = Links.status(page.slug) + "/subscription"
        zone = moments.zoneName
    }

    private static func words(_ state: MonitorWatch.State) -> String {
        switch state {
        case .pending: "Not known yet"
        case .passing: "Works"
        case .failing: "Does not work"
        }
    }
}

/// The incidents of a status page as a feed (RFC 4287).
enum StatusFeed {
    static func atom(_ view: StatusDesk.View, publicURL: String, now: Timestamp) -> String {
        let address = publicURL + Links.status(view.page.slug)
        let names = Dictionary(uniqueKeysWithValues: view.monitors.map { ($0.id, $0.name) })
        let incidents = Incident.of(view.events).prefix(50)
        let updated = incidents.map { $0.end ?? $0.start }.max() ?? view.page.createdAt
        let entries = incidents.map { incident in
            let name = names[incident.monitor] ?? ""
            let title = incident.end == nil ? "\(name) does not work" : "\(name) works again"
            let until = incident.end.map { " until \($0.iso8601)" } ?? ""
            let words = "\(name) did not work from \(incident.start.iso8601)\(until)."
            return """
                <entry><id>\(escaped(address))#\(incident.monitor)-\(incident.start.milliseconds)</id>\
                <title>\(escaped(title))</title><updated>\((incident.end ?? incident.start).iso8601)</updated>\
                <published>\(incident.start.iso8601)</published><link href="\(escaped(address))"/>\
                <content type="text">\(escaped(words))</content>\
                </entry>
                """
        }
        return """
            <?xml version="1.0" encoding="utf-8"?>
            <feed xmlns="http://www.w3.org/2005/Atom"><id>\(escaped(address))</id>\
            <title>\(escaped(view.page.name))</title><updated>\(updated.iso8601)</updated>\
            <author><name>\(escaped(view.page.name))</name></author>\
            <link href="\(escaped(address))"/><link rel="self" href="\(escaped(address))/feed.atom"/>
            \(entries.joined(separator: "\n"))
            </feed>

            """
    }

    /// As text of XML, without what XML may not have.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case _ where scalar.value < 32 && scalar != "\n" && scalar != "\t": break
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
