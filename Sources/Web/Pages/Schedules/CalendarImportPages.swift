import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Static schedules out of calendar files: first a report of what would become of each event, then the import.
struct CalendarImportPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/on-call-schedules/import", use: new)
        group.post("/on-call-schedules/import", use: take)
    }

    private var schedules: ScheduleAdministration { site.services.administration.schedules }

    private struct Typed {
        var name = ""
        var zone: String
        var target = ""
        var calendar = ""
    }

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "import calendars")
        let typed = Typed(zone: visit.user.timeZone, target: visit.query["schedule"])
        return try await page(typed, mapped: nil, problem: nil, visit)
    }

    @Sendable private func take(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "import calendars")
        let form = visit.form
        let typed = Typed(
            name: form["name"], zone: form.optional("zone") ?? visit.user.timeZone, target: form["target"],
            calendar: form.raw("calendar"))
        let bytes = Array(typed.calendar.utf8)
        do {
            let target: OnCallSchedule.ID? = OnCallSchedule.ID(typed.target)
            guard form["do"] == "import" else {
                var zone = typed.zone
                if let target { zone = try await schedules.find(target, by: visit.caller).timeZone }
                let mapped = try await schedules.mapping(of: bytes, zone: zone, by: visit.caller)
                return try await page(typed, mapped: mapped, problem: nil, visit)
            }
            let (schedule, mapped) = try await schedules.importCalendar(
                bytes, name: typed.name, zone: typed.zone, into: target, by: visit.caller)
            let left = mapped.report.isEmpty ? "" : " \(mapped.report.count) events were reported."
            return site.seeOther(
                Links.schedule(schedule.id), .done("\(mapped.shifts.count) shifts were imported.\(left)"))
        } catch let failure as Failure where failure.isForTheForm {
            return try await page(typed, mapped: nil, problem: failure.sentence, visit)
        }
    }

    private func page(
        _ typed: Typed, mapped: CalendarImport?, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let statics = try await schedules.list(page: Page(limit: 1000), by: visit.caller).filter { $0.kind == .static }
        let chosen = statics.first { "\($0.id)" == typed.target }
        let zone = ZoneTables.table(chosen?.timeZone ?? typed.zone) ?? ZoneTable("UTC", first: 0, changes: [])
        var report: CalendarImportPage.Report?
        if let mapped {
            let users = Set(mapped.shifts.map(\.user))
            let names = try await site.services.administration.users.names(of: users, by: visit.caller)
            report = .init(mapped, people: ShiftPeople(users, names: names), zone: zone)
        }
        let page = CalendarImportPage(
            frame: site.frame("Import a calendar", .schedules, crumbs: SchedulePages.crumbs(), visit.context),
            problem: problem, name: typed.name, zones: TimeZones.choices(typed.zone),
            targets: [Choice("", "A new schedule", isChosen: chosen == nil)]
                + statics.map { known in
                    Choice("\(known.id)", "Replace what lies ahead in “\(known.name)”", isChosen: known == chosen)
                },
            hasTargets: !statics.isEmpty, calendar: typed.calendar, report: report)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }
}

struct CalendarImportPage: HTMLPage {
    static let template = "calendar-import"
    let frame: Frame
    let problem: String?
    let name: String
    let zones: [Choice]
    let targets: [Choice]
    let hasTargets: Bool
    let calendar: String
    let report: Report?

    /// What would become of the file's events.
    struct Report {
        let summary: String
        let hasShifts: Bool
        let shifts: [Row]
        let moreShifts: String?
        let problems: [Problem]
        let hasProblems: Bool
        let moreProblems: String?

        struct Row {
            let person: String
            let time: String
        }

        struct Problem {
            let event: String
            let time: String
            let why: String
        }

        private static let mostRows = 200

        init(_ mapped: CalendarImport, people: ShiftPeople, zone: ZoneTable) {
            let counts = [
                "\(mapped.shifts.count) shifts", "\(mapped.report.count) remarks",
                mapped.past > 0 ? "\(mapped.past) events that are over or cancelled" : nil,
                mapped.unreadable > 0 ? "\(mapped.unreadable) events that could not be read" : nil,
            ]
            summary = counts.compactMap(\.self).joined(separator: ", ") + "."
            hasShifts = !mapped.shifts.isEmpty
            shifts = mapped.shifts.prefix(Self.mostRows).map { shift in
                let span = TimeSpan(start: zone.start(of: shift.start.seconds), end: zone.end(of: shift.end.seconds))
                return Row(person: people.name(shift.user), time: SpanWords.text(span, in: zone))
            }
            let (rest, more) = (mapped.shifts.count - Self.mostRows, mapped.report.count - Self.mostRows)
            moreShifts = rest > 0 ? "and \(rest) more" : nil
            problems = mapped.report.prefix(Self.mostRows).map { line in
                Problem(
                    event: line.summary.isEmpty ? "(no title)" : line.summary,
                    time: SpanWords.moment(line.start, in: zone), why: line.problem.message)
            }
            hasProblems = !mapped.report.isEmpty
            moreProblems = more > 0 ? "and \(more) more" : nil
        }
    }
}
