import Alerting
import Engine
import Storage

struct MonitorListPage: HTMLPage {
    static let template = "monitor-list"
    let frame: Frame
    let rows: [Row]
    let hasRows: Bool
    let counts: String
    let mayConfigure: Bool
    let sites: [Site]

    /// Monitors whose targets have the same host.
    struct Site {
        let host: String
        let link: String
        let state: String
        let style: String
        let count: String
    }

    struct Row {
        let name: String
        let link: String
        let target: String
        let kind: String
        let state: String
        let style: String
        let response: String
        let reason: String?
        let day: UptimeBars
    }

    init(_ monitors: [MonitorRecord], _ hours: [Monitor.ID: [MonitorSum]], visit: Visit, frame: Frame) {
        self.frame = frame
        mayConfigure = visit.mayConfigure
        // What fails is seen first.
        let sorted = monitors.sorted {
            ($0.isFailing ? 0 : 1, $0.name.lowercased(), $0.id) < ($1.isFailing ? 0 : 1, $1.name.lowercased(), $1.id)
        }
        rows = sorted.map { Row($0, hours[$0.id] ?? [], moments: visit.moments) }
        sites = Dictionary(grouping: monitors, by: \.subject.site.host).sorted { $0.key < $1.key }.map { host, group in
            let (state, style) = group.together
            return Site(
                host: host, link: Links.site(host), state: state, style: style,
                count: group.count == 1 ? "1 monitor" : "\(group.count) monitors")
        }
        hasRows = !rows.isEmpty
        let failing = monitors.count { $0.isFailing }
        counts = "\(monitors.count) monitors, \(failing) failing"
    }
}

/// One monitor: its state, how it was, and its last checks.
struct MonitorPage: HTMLPage {
    static let template = "monitor"
    let frame: Frame
    let name: String
    let link: String
    let target: String
    let kind: String
    let state: String
    let style: String
    let reason: String?
    let since: Moment?
    let checked: Moment?
    let interval: String
    let validUntil: Moment?
    let validLabel: String
    let site: String
    let siteLink: String
    let regions: [Region]
    let hasRegions: Bool
    let agreement: String
    let week: PercentilePlot?
    let pictures: [Picture]
    let hasPictures: Bool
    let source: String
    let sourceLink: String?
    let uptimes: [UptimeBars]
    let plot: ResponsePlot?
    let events: [Event]
    let hasEvents: Bool
    let results: [Result]
    let hasResults: Bool
    let mayCheck: Bool
    let mayConfigure: Bool

    struct Region {
        let name: String
        let state: String
        let style: String
        let reason: String
        let heard: Moment?
    }

    struct Picture {
        let at: Moment
        let link: String
    }

    struct Event {
        let at: Moment
        let state: String
        let style: String
        let reason: String
    }

    struct Result {
        let at: Moment
        let region: String
        let outcome: String
        let style: String
        let total: String
        let late: String
    }

    /// What the page shows beside the monitor itself; lists have the newest first.
    struct History {
        /// Oldest first, as the next.
        var hours: [MonitorSum]
        var days: [MonitorSum]
        /// Of a day.
        var results: [MonitorResult]
        var events: [MonitorEvent]
        var spots: [MonitorSpots.Spot]
        var pictures: [Timestamp]
    }

    init(_ monitor: MonitorRecord, _ history: History, source: AlertSourceRecord?, visit: Visit, frame: Frame) {
        let moments = visit.moments
        self.frame = frame
        name = monitor.name
        link = Links.monitor(monitor.id)
        target = monitor.subject.target
        kind = monitor.subject.kind.words
        state = monitor.stateInWords
        style = monitor.stateStyle
        reason = monitor.isFailing || monitor.watch.suspicions > 0 ? monitor.last?.reason : nil
        since = (monitor.isFailing ? monitor.watch.failingSince : monitor.watch.changedAt).map { moments.moment($0) }
        checked = monitor.last.map { moments.moment($0.at) }
        interval = Moments.words(monitor.interval)
        validUntil = monitor.last?.validUntil.map { moments.moment($0) }
        validLabel = monitor.subject.kind == .domain ? "Domain ends" : "Certificate ends"
        site = monitor.subject.site.host
        siteLink = Links.site(site)
        regions = history.spots.map { spot in
            Region(
                name: spot.region,
                state: spot.checkedAt == nil ? "No word yet" : spot.reason == nil ? "Passing" : "Failing",
                style: spot.checkedAt == nil ? "disabled" : spot.reason == nil ? "active" : "pending",
                reason: spot.reason ?? "", heard: spot.checkedAt.map { moments.moment($0) })
        }
        hasRegions = !regions.isEmpty
        agreement = "It fails when \(monitor.agree) of \(monitor.regions.count) say so."
        week = PercentilePlot(history.hours)
        pictures = history.pictures.map { time in
            Picture(at: moments.moment(time), link: Links.screenshot(monitor.id, time))
        }
        hasPictures = !pictures.isEmpty
        self.source = source?.name ?? ""
        sourceLink = source.map { Links.source($0.id) }
        uptimes = UptimeBars.ranges(hours: history.hours, days: history.days, moments: moments)
        plot = ResponsePlot(history.results, moments: moments)
        events = history.events.map { event in
            Event(
                at: moments.moment(event.at), state: event.state.words, style: event.state.style,
                reason: event.reason ?? "")
        }
        hasEvents = !events.isEmpty
        results = history.results.prefix(20).map { result in
            Result(
                at: moments.moment(result.at), region: result.region,
                outcome: (result.isExcused ? "In maintenance: " : "") + (result.reason ?? "Passed"),
                style: result.reason == nil ? "active" : result.isExcused ? "disabled" : "pending",
                total: "\(result.total.wholeMilliseconds) ms",
                late: result.late < .seconds(1) ? "" : "\(result.late.wholeMilliseconds) ms late")
        }
        hasResults = !results.isEmpty
        mayCheck = visit.mayAnswer && !monitor.isPaused
        mayConfigure = visit.mayConfigure
    }
}

struct MonitorEditPage: HTMLPage {
    static let template = "monitor-edit"
    let frame: Frame
    let heading: String
    let problem: String?
    let action: String
    let back: String
    let form: MonitorForm
    let kinds: [Choice]
    let intervals: [Choice]
    let retests: [Choice]
    let sources: [Choice]
    let groups: [Choice]
    let hasGroups: Bool
    let isEdit: Bool
}

extension MonitorRecord {
    var isFailing: Bool { !isPaused && watch.state == .failing }

    var stateInWords: String { isPaused ? "Paused" : watch.state.words }
    var stateStyle: String { isPaused ? "disabled" : watch.state.style }
}

extension [MonitorRecord] {
    /// What they are together, in words and by its style; what is paused has no say.
    var together: (state: String, style: String) {
        let failing = count { $0.isFailing }
        let watched = filter { !$0.isPaused }
        let pending = watched.count { $0.watch.state == .pending }
        if failing > 0 { return ("\(failing) of \(count) failing", "pending") }
        if watched.isEmpty { return (isEmpty ? "None" : "Paused", "disabled") }
        if pending == watched.count { return ("Pending", "disabled") }
        return (pending == 0 ? "All passing" : "\(watched.count - pending) passing, \(pending) pending", "active")
    }
}

extension MonitorWatch.State {
    var words: String {
        switch self {
        case .pending: "Pending"
        case .passing: "Passing"
        case .failing: "Failing"
        }
    }

    /// The class of its badge.
    var style: String {
        switch self {
        case .pending: "disabled"
        case .passing: "active"
        case .failing: "pending"
        }
    }
}

extension MonitorListPage.Row {
    init(_ monitor: MonitorRecord, _ hours: [MonitorSum], moments: Moments) {
        name = monitor.name
        link = Links.monitor(monitor.id)
        target = monitor.subject.target
        kind = monitor.subject.kind.words
        state = monitor.stateInWords
        style = monitor.stateStyle
        response = monitor.last.map { "\($0.total.wholeMilliseconds) ms" } ?? ""
        reason = monitor.isFailing ? monitor.last?.reason : nil
        day = UptimeBars("24 hours", hours, count: 24, hours: 1, moments: moments)
    }
}
