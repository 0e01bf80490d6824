import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// How long the account keeps what is over, for administrators.
struct RetentionPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/retention", use: show)
        group.post("/retention", use: save)
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let rules = try await site.services.administration.retention.rules(by: visit.caller)
        let fields = RetentionRule.Kind.allCases.map { kind in
            let rule = rules[kind] ?? .usual(kind)
            return Self.row(kind, days: "\(rule.days)", count: "\(rule.count)")
        }
        return response(fields, problem: nil, visit)
    }

    @Sendable private func save(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        var rules: [RetentionRule.Kind: RetentionRule] = [:]
        var rows: [RetentionPage.Row] = []
        for kind in RetentionRule.Kind.allCases {
            let (days, count) = (visit.form["\(kind.rawValue)Days"], visit.form["\(kind.rawValue)Count"])
            rows.append(Self.row(kind, days: days, count: count))
            // What is no number is out of every range.
            rules[kind] = RetentionRule(days: Int(days) ?? -1, count: Int(count) ?? -1)
        }
        do {
            try await site.services.administration.retention.update(rules, by: visit.caller)
            return site.seeOther(Links.retention, .done("Saved."))
        } catch let failure as Failure where failure.isForTheForm {
            return response(rows, problem: failure.sentence, visit)
        }
    }

    private func response(_ rows: [RetentionPage.Row], problem: String?, _ visit: Visit) -> Response {
        let page = RetentionPage(
            frame: site.frame(
                "Retention", .account, crumbs: [.init(label: "Account settings", link: Links.account)], visit.context),
            problem: problem, rows: rows)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    private static func row(_ kind: RetentionRule.Kind, days: String, count: String) -> RetentionPage.Row {
        RetentionPage.Row(
            kind: kind.rawValue, name: name(kind), hint: hint(kind), days: days, count: count,
            mostDays: "\(RetentionRule.possibleDays.upperBound)",
            mostCount: "\(RetentionRule.possibleCount.upperBound)",
            leastCount: "\(RetentionRule.possibleCount.lowerBound)")
    }

    private static func name(_ kind: RetentionRule.Kind) -> String {
        switch kind {
        case .events: "Requests"
        case .alerts: "Resolved alerts"
        case .logs: "Logs"
        }
    }

    private static func hint(_ kind: RetentionRule.Kind) -> String {
        switch kind {
        case .events: "What your tools sent, in the event explorers of all alert sources together."
        case .alerts: "With their timelines and messages. Open alerts are kept whatever their age."
        case .logs: "The audit log, and messages that are about no alert."
        }
    }
}

struct RetentionPage: HTMLPage {
    static let template = "retention"
    let frame: Frame
    let problem: String?
    let rows: [Row]

    struct Row {
        let kind: String
        let name: String
        let hint: String
        let days: String
        let count: String
        let mostDays: String
        let mostCount: String
        let leastCount: String
    }
}
