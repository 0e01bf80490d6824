import Alerting
import Engine
import Storage

/// "Who gets paged if…": a story to be tried out, and what came of it.
struct RehearsalPage: HTMLPage {
    static let template = "rehearsal"
    let frame: Frame
    let problem: String?
    let hasSources: Bool
    let sources: [Choice]
    let at: String
    let zones: [Choice]
    let payload: String
    let accept: String
    let hours: [Choice]
    let result: Result?

    struct Result {
        let heading: String
        let pages: [PagedPerson]
        let hasPages: Bool
        let alerts: [Outcome]
        let hasAlerts: Bool
        let lines: [Line]
    }

    struct PagedPerson {
        let after: String
        let at: Moment
        let person: String
        let channel: String
        let level: String?
    }

    struct Outcome {
        let summary: String
        let sentence: String
        let people: [Person]
        let hasPeople: Bool
    }

    struct Person {
        let name: String
        let isPaged: Bool
        let reason: String
    }

    struct Line {
        let after: String
        let at: Moment
        let stage: String
        let text: String
    }
}

extension RehearsalPage {
    init(
        _ form: RehearsalForm, sources: [AlertSourceRecord], report: RehearsalReport?, problem: String?, visit: Visit,
        frame: Frame
    ) {
        self.frame = frame
        self.problem = problem
        hasSources = !sources.isEmpty
        self.sources = sources.map { Choice("\($0.id)", $0.name, isChosen: $0.id == form.source) }
        at = form.at
        zones = TimeZones.choices(form.zone)
        payload = form.payload
        accept = form.acceptAfter
        hours = RehearsalForm.hours.map { hours in
            let words = Moments.words(.hours(hours))
            return Choice("\(hours)", words, isChosen: "\(hours)" == form.hours)
        }
        let moments = Moments(zoneName: form.zone, now: visit.moments.now)
        result = report.map { Result($0, moments) }
    }
}

extension RehearsalPage.Result {
    fileprivate init(_ report: RehearsalReport, _ moments: Moments) {
        heading = "\(report.source), \(moments.moment(report.start).text) \(moments.zoneName)"
        pages = report.pages.map { page in
            RehearsalPage.PagedPerson(
                after: Self.after(page.at, report), at: moments.moment(page.at),
                person: page.person ?? "The last-resort contact", channel: page.channel.name,
                level: page.level.map { "level \($0 + 1)" })
        }
        hasPages = !pages.isEmpty
        alerts = report.alerts.map { alert in
            let policy = alert.policy.map { " It is on the escalation policy “\($0)”." } ?? ""
            let resort = alert.isLastResort ? " The last-resort contact was paged." : ""
            let people = alert.people.map { person in
                let reason = person.reason.sentence { String(moments.moment($0).text.suffix(8)) }
                return RehearsalPage.Person(name: person.name, isPaged: person.reason.isPaged, reason: reason)
            }
            return RehearsalPage.Outcome(
                summary: alert.summary,
                sentence:
                    "\(alert.priority.words) priority; at the end it is \(alert.status.rawValue).\(policy)\(resort)",
                people: people, hasPeople: !people.isEmpty)
        }
        hasAlerts = !alerts.isEmpty
        lines = report.lines.map { line in
            RehearsalPage.Line(
                after: Self.after(line.at, report), at: moments.moment(line.at), stage: line.stage.rawValue,
                text: line.text)
        }
    }

    /// `+5 min`.
    private static func after(_ time: Timestamp, _ report: RehearsalReport) -> String {
        let seconds = max(0, (time - report.start).wholeMilliseconds / 1000)
        return seconds == 0 ? "at once" : "after " + Moments.words(.seconds(seconds))
    }
}
