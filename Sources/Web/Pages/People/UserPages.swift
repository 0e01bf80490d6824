import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// The people of the account: the list, a new one, and one person's facts.
struct UserPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/users", use: list)
        group.get("/users/new", use: new)
        group.post("/users", use: create)
        group.get("/users/:id", use: show)
        group.post("/users/:id", use: update)
        group.post("/users/:id/password", use: setPassword)
        group.get("/users/:id/deletion", use: askDeletion)
        group.post("/users/:id/deletion", use: delete)
        group.get("/profile") { site.seeOther(Links.user(try site.visit($0, $1).caller.user)) }
    }

    private var users: UserAdministration { site.services.administration.users }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let number = Pager.number(visit.query)
        let window = Page(offset: number * Pager.size, limit: Pager.size + 1)
        let records = try await users.list(page: window, by: visit.caller)
        let rows = records.prefix(Pager.size).map { user in
            UserListPage.Row(
                link: Links.user(user.id), name: user.fullName, email: user.email, role: user.role.words,
                zone: user.timeZone, isYou: user.id == visit.caller.user, maySignIn: user.passwordHash != nil,
                mutedUntil: user.mutedUntil.flatMap { $0 > visit.moments.now ? visit.moments.moment($0) : nil })
        }
        let total = number * Pager.size + records.count
        return site.response(
            UserListPage(
                frame: site.frame("Users", .users, context), rows: rows, isAdministrator: visit.isAdministrator,
                pager: Pager(total: total, number: number) { "\(Links.users)?page=\($0)" }))
    }

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.admin, to: "create users")
        return site.response(newPage(Form(), problem: nil, visit))
    }

    @Sendable private func create(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let form = visit.form
        do {
            let draft = UserDraft(
                email: form["email"], firstName: form["firstName"], lastName: form["lastName"],
                role: User.Role(rawValue: form["role"]) ?? .responder, timeZone: form["timeZone"])
            let password = form.raw("password")
            let user = try await users.create(
                draft, password: password.isEmpty ? nil : password, by: visit.caller)
            return site.seeOther(Links.user(user.id), .done("\(user.fullName) was added."))
        } catch let failure as Failure where failure.isForTheForm {
            return site.response(newPage(form, problem: failure.sentence, visit), status: failure.code.status)
        }
    }

    private func newPage(_ form: Form, problem: String?, _ visit: Visit) -> NewUserPage {
        NewUserPage(
            frame: site.frame("Add a user", .users, crumbs: Self.crumbs, visit.context), problem: problem,
            firstName: form["firstName"], lastName: form["lastName"], email: form["email"],
            roles: Self.roles(User.Role(rawValue: form["role"]) ?? .responder),
            zones: TimeZones.choices(form.optional("timeZone") ?? visit.user.timeZone))
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let user = try await users.find(visit.id(), by: visit.caller)
        return try await response(user, UserDraft(user), problem: nil, visit)
    }

    @Sendable private func update(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let user = try await users.find(visit.id(), by: visit.caller)
        let form = visit.form
        var draft = UserDraft(user)
        draft.firstName = form["firstName"]
        draft.lastName = form["lastName"]
        draft.email = form["email"]
        draft.timeZone = form["timeZone"]
        draft.position = form["position"]
        draft.department = form["department"]
        if let role = User.Role(rawValue: form["role"]) { draft.role = role }
        do {
            _ = try await users.update(user.id, with: draft, by: visit.caller)
            return site.seeOther(Links.user(user.id), .done("Saved."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await response(user, draft, problem: failure.sentence, visit)
        }
    }

    private func response(
        _ user: UserRecord, _ draft: UserDraft, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let isYou = user.id == visit.caller.user
        let teams = try await site.services.administration.teams.list(
            member: user.id, page: Page(limit: 200), by: visit.caller)
        let page = UserPage(
            frame: site.frame(isYou ? "My profile" : user.fullName, .users, crumbs: Self.crumbs, visit.context),
            head: UserHead(user, at: .profile, visit), problem: problem, link: Links.user(user.id),
            firstName: draft.firstName, lastName: draft.lastName, email: draft.email, position: draft.position,
            department: draft.department, role: user.role.words, roles: Self.roles(draft.role),
            zones: TimeZones.choices(draft.timeZone), zone: user.timeZone,
            mayChange: isYou || visit.isAdministrator, isAdministrator: visit.isAdministrator,
            mayDelete: visit.isAdministrator && !isYou, maySignIn: user.passwordHash != nil,
            teams: teams.map { UserPage.TeamLink(name: $0.name, link: Links.team($0.id)) }, hasTeams: !teams.isEmpty)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    @Sendable private func setPassword(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: User.ID = try visit.id()
        return try await site.act(back: Links.user(id), done: "The password is set; all of their sessions ended.") {
            try await users.setPassword(visit.form.raw("password"), of: id, by: visit.caller)
        }
    }

    @Sendable private func askDeletion(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.admin, to: "delete users")
        return site.ask(deletion(of: try await users.find(visit.id(), by: visit.caller)), context)
    }

    @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let user = try await users.find(visit.id(), by: visit.caller)
        return try await site.delete(
            deletion(of: user), visit, back: Links.users,
            done: "\(user.fullName) was deleted."
        ) { try await users.delete(user.id, by: visit.caller) }
    }

    private func deletion(of user: UserRecord) -> Deletion {
        Deletion(
            section: .users, crumbs: Self.crumbs, heading: "Delete \(user.fullName)?",
            consequence: "They leave all teams and escalation policies, and are not paged any more.",
            name: user.fullName, page: Links.user(user.id))
    }

    private static var crumbs: [Frame.Crumb] { [Frame.Crumb(label: "Users", link: Links.users)] }

    private static func roles(_ chosen: User.Role) -> [Choice] {
        User.Role.allCases.map { Choice($0.rawValue, $0.words, isChosen: $0 == chosen) }
    }
}
