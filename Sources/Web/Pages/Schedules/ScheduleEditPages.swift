import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// The form of on-call schedules, which shows what saving would do before it does.
struct ScheduleEditPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/on-call-schedules/new", use: new)
        group.post("/on-call-schedules/new") { try await save(nil, try site.visit($0, $1)) }
        group.get("/on-call-schedules/:id/edit", use: edit)
        group.post("/on-call-schedules/:id/edit") { request, context in
            let visit = try site.visit(request, context)
            return try await save(try await schedules.find(visit.id(), by: visit.caller), visit)
        }
    }

    private var schedules: ScheduleAdministration { site.services.administration.schedules }

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "create on-call schedules")
        let kind = OnCallSchedule.Kind(rawValue: visit.query["kind"]) ?? .recurring
        let form = ScheduleForm(new: kind, for: visit.user, now: visit.moments.now)
        return try await page(form, nil, preview: nil, problem: nil, visit)
    }

    @Sendable private func edit(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change on-call schedules")
        let record = try await schedules.find(visit.id(), by: visit.caller)
        return try await page(ScheduleForm(record, now: visit.moments.now), record, preview: nil, problem: nil, visit)
    }

    private func save(_ record: ScheduleRecord?, _ visit: Visit) async throws -> Response {
        try visit.caller.require(.user, to: "change on-call schedules")
        var form = ScheduleForm(visit.form)
        // What kind it is does not change.
        if let record { form.kind = record.kind }
        let button = visit.form["do"]
        guard ["save", "preview"].contains(button) else {
            form.press(button)
            return try await page(form, record, preview: nil, problem: nil, visit)
        }
        do {
            let draft = try form.draft(of: record, now: visit.moments.now)
            if button == "preview" {
                let preview = try await schedules.preview(draft, of: record?.id, by: visit.caller)
                return try await page(form, record, preview: preview, problem: nil, visit)
            }
            let saved =
                if let record {
                    try await schedules.update(record.id, with: draft, by: visit.caller)
                } else {
                    try await schedules.create(draft, by: visit.caller)
                }
            return site.seeOther(Links.schedule(saved.id), .done("The on-call schedule is saved."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await page(form, record, preview: nil, problem: failure.sentence, visit)
        }
    }

    private func page(
        _ form: ScheduleForm, _ record: ScheduleRecord?, preview: SchedulePreview?, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let users = try await site.services.administration.users.list(page: Page(limit: 500), by: visit.caller)
        let teams = try await site.services.administration.teams.list(page: Page(limit: 500), by: visit.caller)
        let range = visit.form["range"]
        let shown = preview.map { preview in
            let named = preview.duties.users.union(record?.duties.users ?? [])
            let names = Dictionary(users.map { ($0.id, $0.fullName) }) { $1 }
            let view = ScheduleView(range: range, from: "", zone: preview.zone, now: preview.now)
            return ScheduleEditPage.Preview(
                preview, view: view, people: ShiftPeople(named, names: names), showsGaps: form.warns)
        }
        let title = record == nil ? "Create on-call schedule" : "Edit"
        let page = ScheduleEditPage(
            form, of: record, users: users, teams: teams, range: range, preview: shown, problem: problem,
            frame: site.frame(title, .schedules, crumbs: SchedulePages.crumbs(record), visit.context))
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }
}
