import Alerting
import Engine
import Storage

/// A website or server: all monitors whose targets have its host.
struct SitePage: HTMLPage {
    static let template = "monitor-site"
    let frame: Frame
    let host: String
    let state: String
    let style: String
    let uptimes: [UptimeBars]
    let plot: ResponsePlot?
    let plotted: String
    let rows: [MonitorListPage.Row]
    let incidents: [IncidentRow]
    let hasIncidents: Bool

    struct History {
        var hours: [Monitor.ID: [MonitorSum]]
        var days: [Monitor.ID: [MonitorSum]]
        /// The newest first.
        var events: [MonitorEvent]
        /// Of the monitor whose times are drawn.
        var results: [MonitorResult]
    }

    init(
        _ host: String, _ monitors: [MonitorRecord], drawn: MonitorRecord?, _ history: History, visit: Visit,
        frame: Frame
    ) {
        let moments = visit.moments
        self.frame = frame
        self.host = host
        (state, style) = monitors.together
        uptimes = UptimeBars.ranges(
            hours: Self.merged(history.hours), days: Self.merged(history.days), moments: moments)
        plot = ResponsePlot(history.results, moments: moments)
        plotted = drawn?.name ?? ""
        rows = monitors.map { MonitorListPage.Row($0, history.hours[$0.id] ?? [], moments: moments) }
        let names = Dictionary(uniqueKeysWithValues: monitors.map { ($0.id, $0.name) })
        incidents = Incident.of(history.events).prefix(50).map { incident in
            IncidentRow(
                incident, name: names[incident.monitor] ?? "", link: Links.monitor(incident.monitor), moments: moments)
        }
        hasIncidents = !incidents.isEmpty
    }

    /// The sums of all monitors together, oldest first.
    static func merged(_ sums: [Monitor.ID: [MonitorSum]]) -> [MonitorSum] {
        var all: [Timestamp: MonitorSum] = [:]
        for sum in sums.values.joined() {
            guard var known = all[sum.start] else {
                all[sum.start] = sum
                continue
            }
            known.checks += sum.checks
            known.failures += sum.failures
            known.total += sum.total
            known.slowest = max(known.slowest, sum.slowest)
            known.percentiles = nil
            all[sum.start] = known
        }
        return all.values.sorted { $0.start < $1.start }
    }
}

/// All monitors at a glance, for a screen on the wall.
struct WallboardPage: HTMLPage {
    static let template = "wallboard"
    let frame: Frame
    let summary: String
    let style: String
    let tiles: [Tile]
    let hasTiles: Bool

    struct Tile {
        let name: String
        let link: String
        let host: String
        let state: String
        let style: String
        let facts: String
        let day: UptimeBars
    }

    init(_ monitors: [MonitorRecord], _ hours: [Monitor.ID: [MonitorSum]], visit: Visit, frame: Frame) {
        let moments = visit.moments
        self.frame = frame
        (summary, style) = monitors.together
        // What fails is seen first, what is not looked at last.
        func rank(_ monitor: MonitorRecord) -> Int { monitor.isPaused ? 2 : monitor.isFailing ? 0 : 1 }
        tiles = monitors.sorted {
            (rank($0), $0.name.lowercased(), $0.id) < (rank($1), $1.name.lowercased(), $1.id)
        }.map { monitor in
            let since = monitor.watch.failingSince.map {
                "for " + Moments.words(seconds: (moments.now - $0).wholeMilliseconds / 1000)
            }
            let facts =
                monitor.isFailing
                ? [since, monitor.last?.reason] : [monitor.last.map { "\($0.total.wholeMilliseconds) ms" }]
            return Tile(
                name: monitor.name, link: Links.monitor(monitor.id), host: monitor.subject.site.host,
                state: monitor.stateInWords, style: monitor.stateStyle,
                facts: facts.compactMap(\.self).joined(separator: ": "),
                day: UptimeBars("24 hours", hours[monitor.id] ?? [], count: 24, hours: 1, moments: moments))
        }
        hasTiles = !tiles.isEmpty
    }
}

/// When certificates and domains end, over the next year.
struct CertificatesPage: HTMLPage {
    static let template = "monitor-certificates"
    let frame: Frame
    let months: [Month]
    let bars: [Bar]
    let height: String
    let rows: [Row]
    let hasRows: Bool

    struct Month {
        let x: String
        let name: String
    }

    struct Bar {
        let y: String
        let width: String
        let textX: String
        let textY: String
        let style: String
        let title: String
    }

    struct Row {
        let name: String
        let link: String
        let what: String
        let end: Moment
        let left: String
        let style: String
    }

    private static let width = 720.0
    private static let year = 365.0
    /// The usual width of a letter in the drawing's text.
    private static let letter = 6.2

    init(_ monitors: [MonitorRecord], visit: Visit, frame: Frame) {
        let moments = visit.moments
        self.frame = frame
        let known = monitors.compactMap { monitor in monitor.last?.validUntil.map { (monitor, $0) } }
            .sorted { ($0.1, $0.0.id) < ($1.1, $1.0.id) }
        rows = known.map { monitor, end in
            let days = Self.days(moments.now, end)
            return Row(
                name: monitor.name, link: Links.monitor(monitor.id),
                what: monitor.subject.kind == .domain ? "Domain" : "Certificate", end: moments.moment(end),
                left: days < 0 ? "over" : "\(days) days", style: Self.style(days))
        }
        hasRows = !rows.isEmpty
        bars = known.prefix(60).enumerated().map { place, entry in
            let days = Self.days(moments.now, entry.1)
            let width = max(3, min(Self.year, Double(max(0, days))) / Self.year * Self.width)
            let title = "\(Limits.cut(entry.0.name, to: 44)): \(days < 0 ? "over" : "\(days) days")"
            // Within a bar that has room for it, else behind the bar.
            let isInside = width >= Double(title.count) * Self.letter + 12
            return Bar(
                y: "\(24 + place * 20)", width: Drawing.text(width), textX: Drawing.text(isInside ? 6 : width + 6),
                textY: "\(24 + place * 20 + 12)", style: Self.style(days), title: title)
        }
        height = "\(28 + bars.count * 20)"
        months = (0..<12).map { month in
            let time = moments.now + .days(month * 365 / 12)
            let words = moments.moment(time).text.split(separator: " ")
            return Month(
                x: Drawing.text(Double(month) / 12 * Self.width),
                name: words.count > 1 ? String(words[1].prefix { $0 != "," }) : "")
        }
    }

    private static func days(_ now: Timestamp, _ end: Timestamp) -> Int {
        Int(((end - now).wholeMilliseconds / 86_400_000))
    }

    private static func style(_ days: Int) -> String {
        days < 14 ? "pending" : days < 30 ? "accepted" : "active"
    }
}
