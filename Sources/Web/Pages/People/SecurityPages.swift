import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// One's own password, sessions and API keys.
struct SecurityPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/profile/security") { try await response(try site.visit($0, $1)) }
        group.post("/profile/password", use: changePassword)
        group.post("/profile/sessions/deletion", use: endSessions)
        group.post("/profile/api-keys", use: createKey)
        group.post("/profile/api-keys/:key/deletion", use: deleteKey)
    }

    private static let link = "/profile/security"
    private var keys: APIKeyring { site.services.administration.apiKeys }

    @Sendable private func changePassword(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let (current, new) = (visit.form.raw("currentPassword"), visit.form.raw("newPassword"))
        do {
            try await site.services.administration.signIn.changePassword(
                of: visit.caller.user, keeping: context.session?.tokenHash, current: current, new: new,
                address: context.clientAddress)
            return site.seeOther(Self.link, .done("Your password is changed; your other sessions ended."))
        } catch let failure as Failure where failure.isForTheForm || failure.code == .unavailable {
            return try await response(visit, passwordProblem: failure.sentence)
        }
    }

    @Sendable private func endSessions(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let (user, account) = (visit.caller.user, visit.caller.account)
        let kept = context.session?.tokenHash
        try await site.engine.store.write { change in
            try Sessions.deleteAll(of: user, except: kept, in: change.transaction)
            try change.audit("user.sessions_ended", account: account, by: user, target: "user", id: user.rawValue)
        }
        return site.seeOther(Self.link, .done("All other browsers are signed out."))
    }

    /// The key is on this page only, never again: the answer is the page itself.
    @Sendable private func createKey(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        do {
            let (key, record) = try await keys.create(
                for: visit.caller.user, name: visit.form["name"], by: visit.caller.user)
            return try await response(visit, newKey: .init(name: record.name, key: key))
        } catch let failure as Failure where failure.isForTheForm {
            return try await response(visit, keyProblem: failure.sentence)
        }
    }

    @Sendable private func deleteKey(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        return try await site.act(back: Self.link, done: "The API key no longer works.") {
            try await keys.delete(visit.id("key"), by: visit.caller)
        }
    }

    private func response(
        _ visit: Visit, passwordProblem: String? = nil, keyProblem: String? = nil,
        newKey: SecurityPage.NewKey? = nil
    ) async throws -> Response {
        let records = try await keys.list(of: visit.caller.user)
        let crumbs = [Frame.Crumb(label: "Users", link: Links.users)]
        let page = SecurityPage(
            frame: site.frame("Security and API keys", .users, crumbs: crumbs, visit.context),
            head: UserHead(visit.user, at: .security, visit), passwordProblem: passwordProblem,
            keyProblem: keyProblem, newKey: newKey,
            keys: records.map { record in
                SecurityPage.Key(
                    name: record.name, prefix: record.prefix, createdAt: visit.moments.moment(record.createdAt),
                    lastUsedAt: record.lastUsedAt.map(visit.moments.moment),
                    deletion: "/profile/api-keys/\(record.id)/deletion")
            }, hasKeys: !records.isEmpty)
        let hasProblem = passwordProblem != nil || keyProblem != nil
        return site.response(page, status: hasProblem ? .unprocessableContent : .ok)
    }
}

struct SecurityPage: HTMLPage {
    static let template = "security"
    let frame: Frame
    let head: UserHead
    let passwordProblem: String?
    let keyProblem: String?
    let newKey: NewKey?
    let keys: [Key]
    let hasKeys: Bool

    struct NewKey {
        let name: String
        let key: String
    }

    struct Key {
        let name: String
        let prefix: String
        let createdAt: Moment
        let lastUsedAt: Moment?
        let deletion: String
    }
}
