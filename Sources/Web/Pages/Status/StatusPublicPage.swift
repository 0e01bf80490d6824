import Alerting
import Engine
import Storage

/// What the public sees: services and monitors, how they were, and what is wrong now. Not why: reasons tell of the
/// inside.
struct StatusPublicPage: HTMLPage {
    static let template = "status-public"
    let frame: Frame
    let name: String
    /// Where its picture is.
    let logo: String?
    let intro: String?
    let colour: String
    let summary: String
    let style: String
    let notice: String?
    let problem: String?
    let offers: [Offer]
    let monitors: [Watched]
    let current: [Line]
    let hasCurrent: Bool
    let past: [Line]
    let hasPast: Bool
    let feedLink: String
    let subscribeLink: String
    let zone: String

    /// A service.
    struct Offer {
        let name: String
        let state: String
        let style: String
        let details: String?
        /// `nil`: how it was is not shown.
        let bars: UptimeBars?
        let alerts: [Held]
    }

    struct Held {
        let summary: String
        let since: Moment
    }

    /// A monitor.
    struct Watched {
        let name: String
        let state: String
        let style: String
        let bars: UptimeBars
    }

    /// What is or was wrong.
    struct Line {
        let name: String
        let words: String
        let start: Moment
        let duration: String
    }

    init(_ view: StatusDesk.View, notice: String?, problem: String?, moments: Moments, frame: Frame) {
        let page = view.page
        self.frame = frame
        (name, intro, colour) = (page.name, page.intro.isEmpty ? nil : page.intro, page.colour)
        logo = Links.statusLogo(page)
        (self.notice, self.problem) = (notice, problem)
        (summary, style) = Self.summary(view)
        offers = view.services.map { Offer($0, view, moments) }
        monitors = view.monitors.map { monitor in
            let ranges = UptimeBars.ranges(
                hours: view.hours[monitor.id] ?? [], days: view.days[monitor.id] ?? [], moments: moments)
            return Watched(
                name: monitor.name, state: monitor.isFailing ? "Does not work" : Self.words(monitor.watch.state),
                style: monitor.stateStyle, bars: ranges[2])
        }
        let troubles = StatusTrouble.all(of: view)
        current = troubles.filter { $0.end == nil }.map { Line($0, moments) }
        hasCurrent = !current.isEmpty
        past = troubles.filter { $0.end != nil }.prefix(20).map { Line($0, moments) }
        hasPast = !past.isEmpty
        feedLink = Links.status(page.slug) + "/feed.atom"
        subscribeLink = Links.status(page.slug) + "/subscription"
        zone = moments.zoneName
    }

    private static func summary(_ view: StatusDesk.View) -> (words: String, style: String) {
        let all = view.monitors.count + view.services.count
        let down = view.monitors.count { $0.isFailing } + view.services.count { $0.status.isDown }
        guard all > 0 else { return ("Nothing is watched here yet", "active") }
        if down > 0 { return (down == all ? "Nothing works" : "Some things do not work", "pending") }
        let worst = view.services.map(\.status).max() ?? .operational
        return switch worst {
        case .degraded: ("Some things are degraded", worst.style)
        case .underMaintenance: ("Maintenance is under way", worst.style)
        case .operational, .partialOutage, .majorOutage: ("Everything works", "active")
        }
    }

    private static func words(_ state: MonitorWatch.State) -> String {
        switch state {
        case .pending: "Not known yet"
        case .passing: "Works"
        case .failing: "Does not work"
        }
    }
}

extension StatusPublicPage.Offer {
    fileprivate init(_ service: ServiceRecord, _ view: StatusDesk.View, _ moments: Moments) {
        name = service.name
        (state, style) = (service.status.words, service.status.style)
        details = service.details.isEmpty ? nil : service.details
        bars =
            service.showsUptimeHistory
            ? UptimeBars(service, view.periods[service.id] ?? [], moments: moments) : nil
        alerts = view.alerts.filter { $0.service == service.id }.map {
            .init(summary: $0.summary, since: moments.moment($0.since))
        }
    }
}

extension StatusPublicPage.Line {
    fileprivate init(_ trouble: StatusTrouble, _ moments: Moments) {
        name = trouble.name
        words = trouble.end == nil ? trouble.words : trouble.pastWords
        start = moments.moment(trouble.start)
        let end = trouble.end ?? moments.now
        duration = Moments.words(seconds: (end - trouble.start).wholeMilliseconds / 1000)
    }
}

/// A time in which something on a status page was not well.
struct StatusTrouble {
    /// In the feed, after the page's address.
    let id: String
    let name: String
    /// A part of a sentence, such as `does not work`.
    let words: String
    let pastWords: String
    /// A part of a sentence about its end.
    let endWords: String
    let start: Timestamp
    /// `nil`: it goes on.
    let end: Timestamp?

    /// Of 90 days, the newest first.
    static func all(of view: StatusDesk.View) -> [StatusTrouble] {
        let names = Dictionary(uniqueKeysWithValues: view.monitors.map { ($0.id, $0.name) })
        let monitors = Incident.of(view.events).map { incident in
            StatusTrouble(
                id: "\(incident.monitor)-\(incident.start.milliseconds)", name: names[incident.monitor] ?? "",
                words: "does not work", pastWords: "did not work", endWords: "works again", start: incident.start,
                end: incident.end)
        }
        let services = view.services.flatMap { service -> [StatusTrouble] in
            (view.periods[service.id] ?? []).filter { $0.outage != nil }.map { period in
                let words = period.status.sentence
                return StatusTrouble(
                    id: "service-\(period.id)", name: service.name, words: words.now, pastWords: words.past,
                    endWords: "\(words.now) no longer", start: period.start, end: period.end)
            }
        }
        return (monitors + services).sorted { ($0.start, $0.id) > ($1.start, $1.id) }
    }
}

extension ServiceStatus {
    /// Parts of sentences.
    fileprivate var sentence: (now: String, past: String) {
        switch self {
        case .operational: ("is operational", "was operational")
        case .underMaintenance: ("is under maintenance", "was under maintenance")
        case .degraded: ("is degraded", "was degraded")
        case .partialOutage: ("has a partial outage", "had a partial outage")
        case .majorOutage: ("has a major outage", "had a major outage")
        }
    }
}
