import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// The forms that add and change webhooks, delivery groups and rules, and what deletes them.
struct IntegrationForms: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        let (webhooks, groups, rules) = (webhooks, self.groups, self.rules)
        add(
            "webhooks", "webhook", webhooks, to: group, asForm: WebhookForm.init, read: WebhookForm.init,
            draft: { form, _, _ in try form.draft() }, page: page)
        add(
            "groups", "delivery group", groups, to: group, asForm: DeliveryGroupForm.init,
            read: DeliveryGroupForm.init, draft: draft, page: page)
        add("rules", "rule", rules, to: group, asForm: RuleForm.init, read: RuleForm.init, draft: draft, page: page)
    }

    private var administration: Administration { site.services.administration }
    private var webhooks: WebhookAdministration { administration.webhooks }
    private var groups: DeliveryGroupAdministration { administration.deliveryGroups }
    private var rules: MonitorRuleAdministration { administration.monitorRules }

    /// The five doors that each of them has: two forms, and what they post to.
    ///
    /// - Parameters:
    ///   - asForm: a form with what is there; of `nil` for a new one.
    ///   - read: what was posted.
    ///   - page: the form's page; the sentence is of what was wrong with it.
    private func add<Record, Wish, Fields: Sendable>(
        _ path: String, _ noun: String, _ records: RecordAdministration<Record, Wish>,
        to group: RouterGroup<WebContext>, asForm: @escaping @Sendable (Record?) -> Fields,
        read: @escaping @Sendable (Form) -> Fields,
        draft: @escaping @Sendable (Fields, Record?, Visit) async throws -> Wish,
        page: @escaping @Sendable (Fields, Frames, Visit) async throws -> Response
    ) {
        let root = "/integrations/\(path)"
        let save: @Sendable (Identifier<Record>?, Visit) async throws -> Response = { id, visit in
            let form = read(visit.form)
            var old: Record?
            if let id { old = try await records.find(id, by: visit.caller) }
            do {
                let draft = try await draft(form, old, visit)
                if let id {
                    _ = try await records.update(id, with: draft, by: visit.caller)
                } else {
                    _ = try await records.create(draft, by: visit.caller)
                }
                return site.seeOther(Links.integrations, .done("The \(noun) is saved."))
            } catch let failure as Failure where failure.isForTheForm {
                return try await page(form, Frames(root, noun, id?.description, problem: failure.sentence), visit)
            }
        }
        group.get("\(root)/new") { request, context in
            let visit = try site.visit(request, context)
            try visit.caller.require(.user, to: "create \(noun)s")
            return try await page(asForm(nil), Frames(root, noun, nil), visit)
        }
        group.post(RouterPath(root)) { try await save(nil, try site.visit($0, $1)) }
        group.get("\(root)/:id") { request, context in
            let visit = try site.visit(request, context)
            try visit.caller.require(.user, to: "change \(noun)s")
            let id: Identifier<Record> = try visit.id()
            let record = try await records.find(id, by: visit.caller)
            return try await page(asForm(record), Frames(root, noun, id.description), visit)
        }
        group.post("\(root)/:id") { request, context in
            let visit = try site.visit(request, context)
            return try await save(try visit.id(), visit)
        }
        group.post("\(root)/:id/deletion") { request, context in
            let visit = try site.visit(request, context)
            return try await site.act(back: Links.integrations, done: "The \(noun) was deleted.") {
                try await records.delete(visit.id(), by: visit.caller)
            }
        }
    }

    /// What the page of a form says around its fields.
    struct Frames: Sendable {
        let heading: String
        let action: String
        /// `nil` for a new one.
        let deletion: String?
        let problem: String?
        let back = Links.integrations

        init(_ root: String, _ noun: String, _ id: String?, problem: String? = nil) {
            heading = id == nil ? "Add a \(noun)" : "Edit the \(noun)"
            action = id.map { "\(root)/\($0)" } ?? root
            deletion = id.map { "\(root)/\($0)/deletion" }
            self.problem = problem
        }
    }

    private func response(_ page: some HTMLPage, _ frames: Frames) -> Response {
        site.response(page, status: frames.problem == nil ? .ok : .unprocessableContent)
    }

    private func frame(_ frames: Frames, _ visit: Visit) -> Frame {
        let crumb = Frame.Crumb(label: "Integrations", link: Links.integrations)
        return site.frame(frames.heading, .integrations, crumbs: [crumb], visit.context)
    }

    @Sendable private func page(_ form: WebhookForm, _ frames: Frames, _ visit: Visit) async throws -> Response {
        response(
            WebhookEditPage(
                frame: frame(frames, visit), around: frames, form: form,
                methods: [WebhookIntegration.Method.post, .get].map { method in
                    Choice(
                        method.rawValue, method.rawValue.uppercased(), isChosen: method.rawValue == form.requestType)
                }), frames)
    }

    @Sendable private func page(
        _ form: DeliveryGroupForm, _ frames: Frames, _ visit: Visit
    ) async throws -> Response {
        let hooks = try await webhooks.list(by: visit.caller)
        let sources = try await administration.sources.list(page: Page(limit: 2000), by: visit.caller)
        return response(
            DeliveryGroupEditPage(
                frame: frame(frames, visit), around: frames, form: form,
                webhooks: hooks.map { Choice("\($0.id)", $0.label, isChosen: form.webhooks.contains($0.id)) },
                hasWebhooks: !hooks.isEmpty,
                sources: sources.map { Choice("\($0.id)", $0.name, isChosen: form.sources.contains($0.id)) },
                hasSources: !sources.isEmpty), frames)
    }

    @Sendable private func page(_ form: RuleForm, _ frames: Frames, _ visit: Visit) async throws -> Response {
        let groups = try await groups.list(by: visit.caller)
        let monitors = try await administration.monitors.list(page: Page(limit: 2000), by: visit.caller)
        return response(
            MonitorRuleEditPage(
                frame: frame(frames, visit), around: frames, form: form,
                areas: MonitorArea.allCases.map { Choice($0.rawValue, $0.sentence, isChosen: $0 == form.area) },
                monitors: monitors.map { Choice("\($0.id)", $0.name, isChosen: form.monitors.contains($0.id)) },
                hasMonitors: !monitors.isEmpty,
                groups: groups.map { Choice("\($0.id)", $0.label, isChosen: form.groups.contains($0.id)) },
                hasGroups: !groups.isEmpty), frames)
    }

    /// With the alert sources that the group has and this person does not see: they stay.
    @Sendable private func draft(
        _ form: DeliveryGroupForm, of group: DeliveryGroup?, _ visit: Visit
    ) async throws -> DeliveryGroupDraft {
        var draft = try form.draft()
        if let group {
            let seen = try await administration.sources.list(page: Page(limit: 2000), by: visit.caller)
            draft.sources += Set(group.sources).subtracting(seen.map(\.id)).sorted()
        }
        return draft
    }

    /// With the monitors that the rule has and this person does not see: they stay.
    @Sendable private func draft(
        _ form: RuleForm, of rule: MonitorRule?, _ visit: Visit
    ) async throws -> MonitorRuleDraft {
        var draft = form.draft()
        if let rule {
            let seen = try await administration.monitors.list(page: Page(limit: 2000), by: visit.caller)
            draft.monitors += Set(rule.monitors).subtracting(seen.map(\.id)).sorted()
        }
        return draft
    }
}

struct WebhookEditPage: HTMLPage {
    static let template = "webhook-edit"
    let frame: Frame
    let around: IntegrationForms.Frames
    let form: WebhookForm
    let methods: [Choice]
}

struct DeliveryGroupEditPage: HTMLPage {
    static let template = "delivery-group-edit"
    let frame: Frame
    let around: IntegrationForms.Frames
    let form: DeliveryGroupForm
    let webhooks: [Choice]
    let hasWebhooks: Bool
    let sources: [Choice]
    let hasSources: Bool
}

struct MonitorRuleEditPage: HTMLPage {
    static let template = "monitor-rule-edit"
    let frame: Frame
    let around: IntegrationForms.Frames
    let form: RuleForm
    let areas: [Choice]
    let monitors: [Choice]
    let hasMonitors: Bool
    let groups: [Choice]
    let hasGroups: Bool
}
