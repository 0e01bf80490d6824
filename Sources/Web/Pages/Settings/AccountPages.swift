import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// The account's own settings and what was changed in it, for administrators.
struct AccountPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/account", use: show)
        group.post("/account", use: save)
        group.get("/audit-log", use: audit)
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.admin, to: "see the account's settings")
        let account = try await site.services.administration.account.find(by: visit.caller)
        let emails = account.lastResortEmails.joined(separator: "\n")
        return try await response(name: account.name, emails: emails, problem: nil, visit)
    }

    @Sendable private func save(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let (name, emails) = (visit.form["name"], visit.form["lastResortEmails"])
        let list = emails.split { $0.isWhitespace || $0 == "," || $0 == ";" }.map(String.init)
        do {
            _ = try await site.services.administration.account.update(
                name: name, lastResortEmails: list, by: visit.caller)
            return site.seeOther(Links.account, .done("Saved."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await response(name: name, emails: emails, problem: failure.sentence, visit)
        }
    }

    private func response(name: String, emails: String, problem: String?, _ visit: Visit) async throws -> Response {
        let account = try await site.services.administration.account.find(by: visit.caller)
        let owners = Set([account.owner].compactMap(\.self))
        let names = try await site.services.administration.users.names(of: owners, by: visit.caller)
        let page = AccountPage(
            frame: site.frame("Account settings", .account, visit.context), problem: problem, name: name,
            lastResortEmails: emails, owner: account.owner.flatMap { names[$0] } ?? "nobody",
            publicURL: site.services.settings.publicURL, version: site.services.settings.version)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    @Sendable private func audit(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.admin, to: "see the audit log")
        let number = Pager.number(visit.query)
        let account = visit.caller.account
        let (entries, names) = try await site.engine.store.read { transaction in
            let window = Page(offset: number * Pager.size, limit: Pager.size + 1)
            let entries = try AuditLog.list(account: account, page: window, in: transaction)
            return (entries, try Users.names(of: Set(entries.compactMap(\.user)), in: transaction))
        }
        let rows = entries.prefix(Pager.size).map { entry in
            AuditPage.Row(
                at: visit.moments.moment(entry.at),
                who: entry.user.map { names[$0] ?? "a deleted user" } ?? "Command line",
                action: entry.action.replacing(".", with: " ").replacing("_", with: " "),
                target: entry.target.map { "#\($0)" },
                details: entry.details)
        }
        return site.response(
            AuditPage(
                frame: site.frame("Audit log", .audit, context), rows: rows,
                newer: number > 0 ? "\(Links.audit)?page=\(number - 1)" : nil,
                older: entries.count > Pager.size ? "\(Links.audit)?page=\(number + 1)" : nil))
    }
}

struct AccountPage: HTMLPage {
    static let template = "account"
    let frame: Frame
    let problem: String?
    let name: String
    let lastResortEmails: String
    let owner: String
    let publicURL: String
    let version: String
}

struct AuditPage: HTMLPage {
    static let template = "audit"
    let frame: Frame
    let rows: [Row]
    let newer: String?
    let older: String?

    struct Row {
        let at: Moment
        let who: String
        let action: String
        let target: String?
        let details: String
    }
}
