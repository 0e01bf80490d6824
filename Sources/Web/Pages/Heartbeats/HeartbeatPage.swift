import Alerting
import Engine
import Storage

struct HeartbeatListPage: HTMLPage {
    static let template = "heartbeat-list"
    let frame: Frame
    let rows: [Row]
    let hasRows: Bool
    let mayConfigure: Bool

    struct Row {
        let name: String
        let link: String
        let state: String
        let style: String
        let lastPing: Moment?
        let interval: String
        let source: String
    }
}

struct HeartbeatEditPage: HTMLPage {
    static let template = "heartbeat-edit"
    let frame: Frame
    let heading: String
    let problem: String?
    let action: String
    let back: String
    let name: String
    let interval: String
    let units: [Choice]
    let sources: [Choice]
    let alertSummary: String
    let isEdit: Bool
    let teams: [Choice]
    let hasTeams: Bool
}

/// One heartbeat monitor: its state, its last signals, and how a job is connected.
struct HeartbeatPage: HTMLPage {
    static let template = "heartbeat"
    let frame: Frame
    let name: String
    let link: String
    let state: String
    let style: String
    let lastPing: Moment?
    let deadline: Moment?
    let interval: String
    let source: String
    let sourceLink: String?
    let pings: [Ping]
    let hasPings: Bool
    let snippets: Snippets?
    let mayConfigure: Bool

    struct Ping {
        let at: Moment
        let signal: String
        let style: String
        let run: String
        let body: String?
    }

    /// Only for those who may change the monitor.
    struct Snippets {
        let url: String
        let cron: String
        let shell: String
        let systemd: String

        init(_ url: String) {
            self.url = url
            cron = "0 3 * * * /usr/local/bin/backup && curl -fsS -m 10 --retry 3 -o /dev/null '\(url)'"
            shell = """
                curl -fsS -m 10 --retry 3 -o /dev/null '\(url)/start'
                output=$(/usr/local/bin/backup 2>&1)
                curl -fsS -m 10 --retry 3 -o /dev/null --data-raw "$output" "\(url)/$?"
                """
            systemd = """
                [Service]
                Type=oneshot
                ExecStartPre=-/usr/bin/curl -fsS -m 10 -o /dev/null '\(url)/start'
                ExecStart=/usr/local/bin/backup
                ExecStopPost=-/bin/sh -c 'curl -fsS -m 10 -o /dev/null "\(url)/$EXIT_STATUS"'
                """
        }
    }

    init(
        _ monitor: HeartbeatMonitorRecord, pings: [HeartbeatPing], source: AlertSourceRecord?, publicURL: String,
        visit: Visit, frame: Frame
    ) {
        let heartbeat = monitor.heartbeat
        self.frame = frame
        name = monitor.name
        link = Links.heartbeat(monitor.id)
        state = heartbeat.state.words
        style = heartbeat.state.style
        lastPing = heartbeat.lastPing.map { visit.moments.moment($0) }
        deadline = heartbeat.deadline.map { visit.moments.moment($0) }
        interval = Moments.words(heartbeat.interval)
        self.source = source?.name ?? ""
        sourceLink = source.map { Links.source($0.id) }
        self.pings = pings.map { Ping($0, visit.moments) }
        hasPings = !pings.isEmpty
        snippets =
            visit.mayConfigure ? Snippets(HeartbeatURL.of(monitor.integrationKey, publicURL: publicURL)) : nil
        mayConfigure = visit.mayConfigure
    }
}

extension HeartbeatPage.Ping {
    fileprivate init(_ ping: HeartbeatPing, _ moments: Moments) {
        at = moments.moment(ping.at)
        signal = ping.signal.words
        style = ping.signal.style
        run = ping.run.map { $0 < .seconds(1) ? "\($0.wholeMilliseconds) ms" : Moments.words($0) } ?? ""
        body = ping.body.isEmpty ? nil : ping.body
    }
}

extension Heartbeat.State {
    var words: String {
        switch self {
        case .unknown: "No heartbeat yet"
        case .healthy: "Healthy"
        case .overdue: "Overdue"
        }
    }

    /// The class of its badge.
    var style: String {
        switch self {
        case .unknown: "disabled"
        case .healthy: "active"
        case .overdue: "pending"
        }
    }
}

extension Heartbeat.Signal {
    var words: String {
        switch self {
        case .success: "Alive"
        case .start: "Started"
        case .failure: "Failed"
        case .exit(let status): "Exit status \(status)"
        case .log: "Log"
        }
    }

    /// The class of its badge.
    var style: String {
        switch self {
        case .success, .exit(0): "active"
        case .start, .log: "disabled"
        case .failure, .exit: "pending"
        }
    }
}

/// What people type about a heartbeat monitor.
struct HeartbeatForm {
    var name: String
    var interval: String
    /// Seconds of one.
    var unit: Int
    var source: AlertSource.ID?
    var alertSummary: String
    var teams: Set<Team.ID>

    private static let units = [(1, "seconds"), (60, "minutes"), (3600, "hours"), (86_400, "days")]

    init() {
        (name, interval, unit, source, alertSummary, teams) = ("", "15", 60, nil, "", [])
    }

    init(_ monitor: HeartbeatMonitorRecord) {
        let seconds = Int(monitor.heartbeat.interval.components.seconds)
        unit = Self.units.last { seconds % $0.0 == 0 }?.0 ?? 1
        interval = "\(seconds / unit)"
        name = monitor.name
        source = monitor.source
        alertSummary = monitor.alertSummary
        teams = Set(monitor.teams)
    }

    init(_ form: Form) {
        name = form["name"]
        interval = form["interval"]
        unit = Int(form["unit"]) ?? 1
        source = AlertSource.ID(form["source"])
        alertSummary = form["alertSummary"]
        teams = Set(form.all("team").compactMap { Team.ID($0) })
    }

    func draft() throws(Failure) -> HeartbeatDraft {
        guard let number = Int(interval), (1...2_678_400).contains(number), Self.units.contains(where: { $0.0 == unit })
        else { throw Failure(.invalid, "Enter after how long the monitor is overdue: 25 seconds to 31 days.") }
        let duration = Duration.seconds(number * unit)
        guard HeartbeatDraft.intervals.contains(duration) else {
            throw Failure(.invalid, "Enter after how long the monitor is overdue: 25 seconds to 31 days.")
        }
        return HeartbeatDraft(
            name: name, interval: duration, alertSummary: alertSummary, source: source, teams: teams.sorted())
    }

    var unitChoices: [Choice] {
        Self.units.map { Choice("\($0.0)", $0.1, isChosen: $0.0 == unit) }
    }
}
