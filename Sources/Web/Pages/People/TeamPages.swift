import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Teams: the list, one team, its form.
struct TeamPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/teams", use: list)
        group.get("/teams/new", use: new)
        group.post("/teams") { try await save(nil, try site.visit($0, $1)) }
        group.get("/teams/:id", use: show)
        group.get("/teams/:id/edit", use: edit)
        group.post("/teams/:id", use: update)
        group.get("/teams/:id/deletion", use: askDeletion)
        group.post("/teams/:id/deletion", use: delete)
    }

    private var teams: TeamAdministration { site.services.administration.teams }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let records = try await teams.list(page: Page(limit: 1000), by: visit.caller)
        let rows = records.map { team in
            TeamListPage.Row(
                link: Links.team(team.id), name: team.name, visibility: team.visibility.words,
                members: "\(team.members.count) member\(team.members.count == 1 ? "" : "s")",
                isYours: team.members.contains { $0.user == visit.caller.user })
        }
        return site.response(
            TeamListPage(
                frame: site.frame("Teams", .teams, context), rows: rows, hasRows: !rows.isEmpty,
                mayConfigure: visit.mayConfigure))
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let team = try await teams.find(visit.id(), by: visit.caller)
        let members = Set(team.members.map(\.user))
        let names = try await site.services.administration.users.names(of: members, by: visit.caller)
        let isOwn = visit.isAdministrator || members.contains(visit.caller.user)
        return site.response(
            TeamPage(
                frame: site.frame(team.name, .teams, crumbs: Self.crumbs(), context), name: team.name,
                visibility: team.visibility.words, link: Links.team(team.id),
                mayChange: visit.mayConfigure && isOwn,
                members: team.members.map {
                    TeamPage.Member(
                        name: names[$0.user] ?? "a deleted user", link: Links.user($0.user), role: $0.role.words)
                }, hasMembers: !members.isEmpty))
    }

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "create teams")
        let draft = TeamDraft(name: "", members: [.init(user: visit.caller.user, role: visit.caller.role)])
        return try await form(draft, nil, problem: nil, visit)
    }

    @Sendable private func edit(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let team = try await teams.find(visit.id(), by: visit.caller)
        return try await form(TeamDraft(team), team, problem: nil, visit)
    }

    @Sendable private func update(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        return try await save(try await teams.find(visit.id(), by: visit.caller), visit)
    }

    private func save(_ team: TeamRecord?, _ visit: Visit) async throws -> Response {
        let known = Dictionary(uniqueKeysWithValues: (team?.members ?? []).map { ($0.user, $0.role) })
        let chosen = visit.form.all("member").compactMap { User.ID($0) }
        let draft = TeamDraft(
            name: visit.form["name"], visibility: Team.Visibility(rawValue: visit.form["visibility"]) ?? .open,
            members: chosen.map { TeamRecord.Member(user: $0, role: known[$0] ?? .responder) })
        do {
            let saved =
                if let team {
                    try await teams.update(team.id, with: draft, by: visit.caller)
                } else {
                    try await teams.create(draft, by: visit.caller)
                }
            return site.seeOther(Links.team(saved.id), .done("The team is saved."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await form(draft, team, problem: failure.sentence, visit)
        }
    }

    private func form(
        _ draft: TeamDraft, _ team: TeamRecord?, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let users = try await site.services.administration.users.list(page: Page(limit: 500), by: visit.caller)
        let members = Set(draft.members.map(\.user))
        let page = TeamEditPage(
            frame: site.frame(
                team == nil ? "Create team" : "Edit", .teams, crumbs: Self.crumbs(team), visit.context),
            heading: team == nil ? "Create team" : "Edit team", problem: problem,
            action: team.map { Links.team($0.id) } ?? Links.teams, name: draft.name,
            isClosed: draft.visibility == .closed,
            users: users.map {
                Choice("\($0.id)", $0.fullName, isChosen: members.contains($0.id), hint: $0.email)
            })
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    @Sendable private func askDeletion(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        return site.ask(deletion(of: try await teams.find(visit.id(), by: visit.caller)), context)
    }

    @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let team = try await teams.find(visit.id(), by: visit.caller)
        return try await site.delete(
            deletion(of: team), visit, back: Links.teams,
            done: "The team “\(team.name)” was deleted."
        ) { try await teams.delete(team.id, by: visit.caller) }
    }

    private func deletion(of team: TeamRecord) -> Deletion {
        Deletion(
            section: .teams, crumbs: Self.crumbs(team),
            heading: "Delete the team “\(team.name)”?",
            consequence: "What belonged to it only is then seen by everybody in the account.", name: team.name,
            page: Links.team(team.id))
    }

    private static func crumbs(_ team: TeamRecord? = nil) -> [Frame.Crumb] {
        let list = Frame.Crumb(label: "Teams", link: Links.teams)
        return [list] + (team.map { [Frame.Crumb(label: $0.name, link: Links.team($0.id))] } ?? [])
    }
}

struct TeamListPage: HTMLPage {
    static let template = "team-list"
    let frame: Frame
    let rows: [Row]
    let hasRows: Bool
    let mayConfigure: Bool

    struct Row {
        let link: String
        let name: String
        let visibility: String
        let members: String
        let isYours: Bool
    }
}

struct TeamPage: HTMLPage {
    static let template = "team"
    let frame: Frame
    let name: String
    let visibility: String
    let link: String
    let mayChange: Bool
    let members: [Member]
    let hasMembers: Bool

    struct Member {
        let name: String
        let link: String
        let role: String
    }
}

struct TeamEditPage: HTMLPage {
    static let template = "team-edit"
    let frame: Frame
    let heading: String
    let problem: String?
    let action: String
    let name: String
    let isClosed: Bool
    let users: [Choice]
}

extension Team.Visibility {
    var words: String {
        switch self {
        case .open: "Public: everybody in the account sees what belongs to it"
        case .closed: "Private: only members and administrators see what belongs to it"
        }
    }
}
