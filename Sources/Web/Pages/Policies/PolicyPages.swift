import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Escalation policies: the list, one policy, its form.
struct PolicyPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/escalation-policies", use: list)
        group.get("/escalation-policies/new", use: new)
        group.post("/escalation-policies", use: create)
        group.get("/escalation-policies/:id", use: show)
        group.get("/escalation-policies/:id/edit", use: edit)
        group.post("/escalation-policies/:id", use: update)
        group.get("/escalation-policies/:id/deletion", use: askDeletion)
        group.post("/escalation-policies/:id/deletion", use: delete)
    }

    private var policies: EscalationPolicyAdministration { site.services.administration.policies }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let scope = visit.caller.scope
        let (records, names, sources) = try await site.engine.store.read { transaction in
            (
                try EscalationPolicies.list(scope: scope, page: Page(limit: 1000), in: transaction),
                try TargetNames(scope: scope, in: transaction),
                try AlertSources.list(scope: scope, page: Page(limit: 2000), in: transaction)
            )
        }
        let users = Dictionary(grouping: sources, by: \.policy)
        let rows = records.map { record in
            let count = users[record.id]?.count ?? 0
            let first = record.policy.levels.first?.targets.map(names.name) ?? []
            let levels = record.policy.levels.count
            return PolicyListPage.Row(
                link: Links.policy(record.id), name: record.name, levels: "\(levels) level\(levels == 1 ? "" : "s")",
                first: first.joined(separator: ", "), sources: "\(count) alert source\(count == 1 ? "" : "s")",
                hasSources: count > 0)
        }
        return site.response(
            PolicyListPage(
                frame: site.frame("Escalation policies", .policies, context), rows: rows, hasRows: !rows.isEmpty,
                mayConfigure: visit.mayConfigure))
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let record = try await policies.find(visit.id(), by: visit.caller)
        let scope = visit.caller.scope
        let (names, sources) = try await site.engine.store.read { transaction in
            (
                try TargetNames(scope: scope, in: transaction),
                try AlertSources.list(scope: scope, page: Page(limit: 2000), in: transaction)
            )
        }
        let readiness = try await site.engine.readiness.levels(of: record, by: visit.caller)
        return site.response(
            PolicyPage(
                record, names: names, sources: sources.filter { $0.policy == record.id }, readiness: readiness,
                visit: visit,
                frame: site.frame(record.name, .policies, crumbs: Self.crumbs(), context)))
    }

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "create escalation policies")
        return try await form(PolicyForm(for: visit.caller.user), nil, problem: nil, visit)
    }

    @Sendable private func create(_ request: Request, _ context: WebContext) async throws -> Response {
        try await save(nil, try site.visit(request, context))
    }

    @Sendable private func edit(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change escalation policies")
        let record = try await policies.find(visit.id(), by: visit.caller)
        return try await form(PolicyForm(record), record, problem: nil, visit)
    }

    @Sendable private func update(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        return try await save(try await policies.find(visit.id(), by: visit.caller), visit)
    }

    private func save(_ record: PolicyRecord?, _ visit: Visit) async throws -> Response {
        try visit.caller.require(.user, to: "change escalation policies")
        var typed = PolicyForm(visit.form)
        let button = visit.form["do"]
        guard button == "save" else {
            typed.press(button)
            return try await form(typed, record, problem: nil, visit)
        }
        do {
            let draft = try typed.draft()
            let saved =
                if let record {
                    try await policies.update(record.id, with: draft, by: visit.caller)
                } else {
                    try await policies.create(draft, by: visit.caller)
                }
            return site.seeOther(Links.policy(saved.id), .done("The escalation policy is saved."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await form(typed, record, problem: failure.sentence, visit)
        }
    }

    private func form(
        _ typed: PolicyForm, _ record: PolicyRecord?, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let scope = visit.caller.scope
        let names = try await site.engine.store.read { try TargetNames(scope: scope, in: $0) }
        let title = record == nil ? "Create escalation policy" : "Edit"
        let frame = site.frame(title, .policies, crumbs: Self.crumbs(record), visit.context)
        let page = PolicyEditPage(typed, names: names, id: record?.id, problem: problem, frame: frame)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    @Sendable private func askDeletion(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let record = try await policies.find(visit.id(), by: visit.caller)
        return site.ask(deletion(of: record), context)
    }

    @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let record = try await policies.find(visit.id(), by: visit.caller)
        return try await site.delete(
            deletion(of: record), visit, back: Links.policies,
            done: "The escalation policy “\(record.name)” was deleted."
        ) { try await policies.delete(record.id, by: visit.caller) }
    }

    private func deletion(of record: PolicyRecord) -> Deletion {
        Deletion(
            section: .policies, crumbs: Self.crumbs(record),
            heading: "Delete “\(record.name)”?",
            consequence: "Open alerts keep the levels that they were raised with. This cannot be undone.",
            name: record.name, page: Links.policy(record.id))
    }

    private static func crumbs(_ record: PolicyRecord? = nil) -> [Frame.Crumb] {
        let list = Frame.Crumb(label: "Escalation policies", link: Links.policies)
        return [list] + (record.map { [Frame.Crumb(label: $0.name, link: Links.policy($0.id))] } ?? [])
    }
}

extension PolicyPage {
    fileprivate init(
        _ record: PolicyRecord, names: TargetNames, sources: [AlertSourceRecord],
        readiness: [(level: ReadinessReport.Level, people: [ReadinessReport.Person])], visit: Visit, frame: Frame
    ) {
        self.frame = frame
        name = record.name
        link = Links.policy(record.id)
        mayConfigure = visit.mayConfigure
        delay = record.policy.delay > .zero ? Moments.words(record.policy.delay) : nil
        levels = record.policy.levels.enumerated().map { index, level in
            let called = readiness.first { $0.level.level == index }
            return Level(
                number: "\(index + 1)", targets: level.targets.map(names.name), timeout: Moments.words(level.timeout),
                calls: PolicyForm.Calling(level) == .everybody ? nil : PolicyForm.Calling(level).words,
                condition: level.condition.map(names.words),
                people: called?.people.map { ReachablePerson($0, visit.moments) } ?? [],
                hasPeople: called?.people.isEmpty == false, isReady: called?.level.isReady ?? false)
        }
        ending =
            record.isRepeating
            ? "Then it starts again from level 1, \(record.frequency == 1 ? "once" : "\(record.frequency) times")."
            : "Then it ends; the alert stays pending."
        routingKey = record.routingKey
        teams = names.teams.filter { record.teams.contains($0.id) }.map(\.name)
        hasTeams = !teams.isEmpty
        self.sources = sources.map { Source(name: $0.name, link: Links.source($0.id)) }
        hasSources = !sources.isEmpty
    }
}
