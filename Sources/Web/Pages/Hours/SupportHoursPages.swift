import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Support hours: the list, one set with its next two weeks, its form, holidays from a calendar file.
struct SupportHoursPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/support-hours", use: list)
        group.get("/support-hours/new", use: new)
        group.post("/support-hours") { try await save(nil, try site.visit($0, $1)) }
        group.get("/support-hours/:id", use: show)
        group.get("/support-hours/:id/edit", use: edit)
        group.post("/support-hours/:id") { request, context in
            let visit = try site.visit(request, context)
            return try await save(try await hours.find(visit.id(), by: visit.caller), visit)
        }
        group.post("/support-hours/:id/holidays", use: importHolidays)
        group.get("/support-hours/:id/deletion", use: askDeletion)
        group.post("/support-hours/:id/deletion", use: delete)
    }

    private var hours: SupportHoursAdministration { site.services.administration.supportHours }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let records = try await hours.list(page: Page(limit: 1000), by: visit.caller)
        let rows = records.map { record in
            let state = SupportHoursState(record.hours, at: visit.moments.now)
            return SupportHoursListPage.Row(
                link: Links.supportHours(record.id), name: record.name, state: state.words, style: state.style,
                hours: SupportHoursWords.week(record.hours), zone: record.hours.zone.name)
        }
        return site.response(
            SupportHoursListPage(
                frame: site.frame("Support hours", .supportHours, context), rows: rows, hasRows: !rows.isEmpty,
                mayConfigure: visit.mayConfigure))
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let record = try await hours.find(visit.id(), by: visit.caller)
        let users = try await hours.users(of: record.id, by: visit.caller)
        let teams = try await site.services.administration.teams.names(of: Set(record.teams), by: visit.caller)
        let frame = site.frame(record.name, .supportHours, crumbs: Self.crumbs(), context)
        return site.response(
            SupportHoursPage(record, users: users, teams: teams.values.sorted(), visit: visit, frame: frame))
    }

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "create support hours")
        return try await form(SupportHoursForm(zone: visit.user.timeZone), nil, problem: nil, visit)
    }

    @Sendable private func edit(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change support hours")
        let record = try await hours.find(visit.id(), by: visit.caller)
        return try await form(SupportHoursForm(record), record, problem: nil, visit)
    }

    private func save(_ record: SupportHoursRecord?, _ visit: Visit) async throws -> Response {
        let form = SupportHoursForm(visit.form)
        do {
            let draft = try form.draft()
            let saved =
                if let record {
                    try await hours.update(record.id, with: draft, by: visit.caller)
                } else {
                    try await hours.create(draft, by: visit.caller)
                }
            return site.seeOther(Links.supportHours(saved.id), .done("The support hours are saved."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await self.form(form, record, problem: failure.sentence, visit)
        }
    }

    private func form(
        _ form: SupportHoursForm, _ record: SupportHoursRecord?, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let teams = try await site.services.administration.teams.list(page: Page(limit: 500), by: visit.caller)
        let title = record == nil ? "Create support hours" : "Edit"
        let page = SupportHoursEditPage(
            frame: site.frame(title, .supportHours, crumbs: Self.crumbs(record), visit.context),
            heading: record == nil ? title : "Edit support hours", problem: problem,
            action: record.map { Links.supportHours($0.id) } ?? Links.supportHours,
            back: record.map { Links.supportHours($0.id) } ?? Links.supportHours, name: form.name,
            zones: TimeZones.choices(form.zone), days: form.dayRows, exceptions: form.exceptionRows,
            teams: teams.map { Choice("\($0.id)", $0.name, isChosen: form.teams.contains($0.id)) },
            hasTeams: !teams.isEmpty)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    @Sendable private func importHolidays(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let record = try await hours.find(visit.id(), by: visit.caller)
        let link = Links.supportHours(record.id)
        do {
            let found = try Self.holidays(visit.form.raw("calendar"), for: record, at: visit.moments.now)
            let fresh = found.exceptions.filter { !record.hours.exceptions.contains($0) }
            var draft = SupportHoursDraft(record)
            draft.hours.exceptions += fresh
            _ = try await hours.update(record.id, with: draft, by: visit.caller)
            let rest = found.leftOut == 0 ? "" : " \(found.leftOut) were left out: over, or not understood."
            return site.seeOther(link, .done("\(fresh.count) exceptions were added.\(rest)"))
        } catch let failure as Failure where failure.isForTheForm {
            return site.seeOther(link, .problem(failure.sentence))
        }
    }

    private static func holidays(
        _ text: String, for record: SupportHoursRecord, at now: Timestamp
    ) throws(Failure) -> Holidays.Import {
        let zone = record.hours.zone
        do throws(ICalendarError) {
            let calendar = try ICalendarReader.read(Array(text.utf8))
            return Holidays.exceptions(in: calendar, zone: zone, from: zone.wallTime(at: now).day)
        } catch {
            throw Failure(.invalid, error.message)
        }
    }

    @Sendable private func askDeletion(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        return site.ask(deletion(of: try await hours.find(visit.id(), by: visit.caller)), context)
    }

    @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let record = try await hours.find(visit.id(), by: visit.caller)
        return try await site.delete(
            deletion(of: record), visit, back: Links.supportHours,
            done: "The support hours “\(record.name)” were deleted."
        ) { try await hours.delete(record.id, by: visit.caller) }
    }

    private func deletion(of record: SupportHoursRecord) -> Deletion {
        Deletion(
            section: .supportHours, crumbs: Self.crumbs(record),
            heading: "Delete the support hours “\(record.name)”?",
            consequence: "This cannot be undone. Support hours that an alert source follows cannot be deleted.",
            name: record.name, page: Links.supportHours(record.id))
    }

    private static func crumbs(_ record: SupportHoursRecord? = nil) -> [Frame.Crumb] {
        let list = Frame.Crumb(label: "Support hours", link: Links.supportHours)
        return [list] + (record.map { [Frame.Crumb(label: $0.name, link: Links.supportHours($0.id))] } ?? [])
    }
}
