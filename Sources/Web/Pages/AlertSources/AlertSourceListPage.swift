import Alerting
import Engine
import Hummingbird
import Integrations
import Storage

/// The alert sources that somebody may see, by name.
struct AlertSourceListPage: HTMLPage {
    static let template = "source-list"
    let frame: Frame
    let text: String
    let statuses: [Choice]
    let types: [Choice]
    let rows: [Row]
    let hasRows: Bool
    let isFiltered: Bool
    let mayConfigure: Bool
    let pager: Pager

    struct Row {
        let link: String
        let name: String
        let type: String
        let monogram: String
        let style: String
        let status: String
        let statusInWords: String
        let alertsLink: String
        let openAlerts: String?
        let policy: String
        let policyLink: String
    }
}

struct AlertSourceListPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/alert-sources", use: list)
    }

    private static let most = 2000

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let scope = visit.caller.scope
        let now = visit.moments.now
        let (sources, counts, policies, inMaintenance) = try await site.engine.store.read { transaction in
            (
                try AlertSources.list(scope: scope, page: Page(limit: Self.most), in: transaction),
                try AlertSources.openCounts(account: scope.account, in: transaction),
                try EscalationPolicies.list(scope: scope, page: Page(limit: Self.most), in: transaction),
                try MaintenanceWindows.sourcesInForce(account: scope.account, at: now, in: transaction)
            )
        }
        let names = Dictionary(uniqueKeysWithValues: policies.map { ($0.id, $0.name) })
        let health = Dictionary(
            uniqueKeysWithValues: sources.map { source in
                let isInMaintenance = inMaintenance.contains(source.id)
                let open = counts[source.id] ?? [:]
                return (source.id, AlertSourceHealth(source, open: open, isInMaintenance: isInMaintenance))
            })
        let rows = sources.filter { Self.isWanted($0, health[$0.id], visit.query) }
        let number = Pager.number(visit.query)
        let shown = rows.dropFirst(number * Pager.size).prefix(Pager.size)
        let page = AlertSourceListPage(
            frame: site.frame("Alert sources", .sources, isLive: true, context), text: visit.query["text"],
            statuses: [Choice("", "Any status", isChosen: visit.query["status"].isEmpty)]
                + AlertSourceHealth.allCases.map {
                    Choice($0.rawValue, $0.words, isChosen: visit.query["status"] == $0.rawValue)
                },
            types: Self.types(sources, chosen: visit.query["type"]),
            rows: shown.map { AlertSourceListPage.Row($0, health[$0.id], counts[$0.id] ?? [:], policies: names) },
            hasRows: !shown.isEmpty,
            isFiltered: ["text", "status", "type"].contains { !visit.query[$0].isEmpty },
            mayConfigure: visit.mayConfigure,
            pager: Pager(total: rows.count, number: number) { Self.link(visit.query, page: $0) })
        return site.response(page)
    }

    private static func isWanted(_ source: AlertSourceRecord, _ health: AlertSourceHealth?, _ query: Form) -> Bool {
        let (text, status, type) = (query["text"].lowercased(), query["status"], query["type"])
        return (text.isEmpty || source.name.lowercased().contains(text))
            && (status.isEmpty || health?.rawValue == status)
            && (type.isEmpty || source.integrationType == type)
    }

    private static func types(_ sources: [AlertSourceRecord], chosen: String) -> [Choice] {
        let types = Set(sources.map(\.integrationType)).map { type in
            Choice(type, IntegrationCatalog.entry(type: type)?.name ?? type, isChosen: type == chosen)
        }
        return [Choice("", "Any integration", isChosen: chosen.isEmpty)] + types.sorted { $0.label < $1.label }
    }

    private static func link(_ query: Form, page: Int) -> String {
        var link = Form()
        for name in ["text", "status", "type"] where !query[name].isEmpty { link.add(name, query[name]) }
        if page > 0 { link.add("page", "\(page)") }
        return Links.sources + link.query
    }
}

extension AlertSourceListPage.Row {
    fileprivate init(
        _ source: AlertSourceRecord, _ health: AlertSourceHealth?, _ open: [AlertStatus: Int],
        policies: [EscalationPolicy.ID: String]
    ) {
        let entry = IntegrationCatalog.entry(type: source.integrationType)
        let count = open.values.reduce(0, +)
        link = Links.source(source.id)
        name = source.name
        type = entry?.name ?? source.integrationType
        monogram = Monogram.text(for: type)
        style = entry?.path ?? "unknown"
        status = health?.style ?? ""
        statusInWords = health?.words ?? ""
        alertsLink = Links.alerts(of: source.id)
        openAlerts = count > 0 ? "\(count) open" : nil
        policy = policies[source.policy] ?? "Escalation policy \(source.policy)"
        policyLink = Links.policy(source.policy)
    }
}
