import Alerting
import Engine
import Storage

struct ServiceListPage: HTMLPage {
    static let template = "service-list"
    let frame: Frame
    let rows: [Row]
    let hasRows: Bool
    let mayConfigure: Bool

    struct Row {
        let name: String
        let link: String
        let state: String
        let style: String
        let since: Moment?
        let bars: UptimeBars
    }
}

struct ServiceEditPage: HTMLPage {
    static let template = "service-edit"
    let frame: Frame
    let heading: String
    let problem: String?
    let action: String
    let back: String
    let name: String
    let alias: String
    let details: String
    /// Only for a new one: the others change theirs on their page.
    let statuses: [Choice]
    let hasStatuses: Bool
    let showsUptimeHistory: Bool
    let teams: [Choice]
    let hasTeams: Bool
}

/// One service: how it is, what holds it, how it was and why.
struct ServicePage: HTMLPage {
    static let template = "service"
    let frame: Frame
    let name: String
    let link: String
    let state: String
    let style: String
    let since: Moment?
    let why: String
    let details: String?
    let alias: String?
    let statuses: [Choice]
    let mayAnswer: Bool
    let holds: [Hold]
    let hasHolds: Bool
    let bars: UptimeBars
    let uptimes: [Uptime]
    let history: [Line]
    let hasHistory: Bool
    let isSubscribed: Bool
    let teams: String?
    let mayConfigure: Bool

    struct Hold {
        let alert: String
        let link: String
        let status: String
        let style: String
        let since: Moment
    }

    struct Uptime {
        let days: String
        let percent: String
    }

    struct Line {
        let status: String
        let style: String
        let start: Moment
        let length: String
        let why: String
        let text: String?
        let alert: String?
        let alertLink: String?
    }

    /// What the page needs to know beside the service.
    struct Facts {
        var history: ServiceAdministration.History
        var isSubscribed: Bool
        var users: [User.ID: String]
        var teams: [String]
    }

    private static let mostLines = 100

    init(_ service: ServiceRecord, _ facts: Facts, visit: Visit, frame: Frame) {
        let moments = visit.moments
        let periods = facts.history.periods
        let lines = periods.reversed().prefix(Self.mostLines).map { Line($0, facts.users, moments) }
        self.frame = frame
        name = service.name
        link = Links.service(service.id)
        (state, style) = (service.status.words, service.status.style)
        since = lines.first?.start
        why = lines.first.map { line in line.why + (line.text.map { ": \($0)" } ?? "") } ?? ""
        details = service.details.isEmpty ? nil : service.details
        alias = service.alias
        statuses = ServiceStatus.allCases.map {
            Choice($0.rawValue, $0.words, isChosen: $0 == service.status, hint: $0.style)
        }
        mayAnswer = visit.mayAnswer
        holds = facts.history.holds.map { hold in
            Hold(
                alert: "#\(hold.alert)", link: Links.alert(hold.alert), status: hold.status.words,
                style: hold.status.style, since: moments.moment(hold.heldAt))
        }
        hasHolds = !holds.isEmpty
        bars = UptimeBars(service, periods, moments: moments)
        let outages = periods.compactMap(\.outage)
        uptimes = [30, 60, 90].map {
            Uptime(
                days: "\($0) days",
                percent: ServiceBars.percentage(service, outages, days: $0, at: moments.now))
        }
        history = lines
        hasHistory = !lines.isEmpty
        isSubscribed = facts.isSubscribed
        teams = facts.teams.isEmpty ? nil : facts.teams.joined(separator: ", ")
        mayConfigure = visit.mayConfigure
    }
}

extension ServicePage.Line {
    fileprivate init(_ period: ServicePeriod, _ users: [User.ID: String], _ moments: Moments) {
        status = period.status.words
        style = period.status.style
        start = moments.moment(period.start)
        let seconds = ((period.end ?? moments.now) - period.start).components.seconds
        length = Moments.words(seconds: seconds) + (period.end == nil ? " until now" : "")
        why = period.reason.sentence(who: period.actor.name { users[$0] })
        text = period.text.isEmpty ? nil : period.text
        alert = period.alert.map { "#\($0)" }
        alertLink = period.alert.map { Links.alert($0) }
    }
}
