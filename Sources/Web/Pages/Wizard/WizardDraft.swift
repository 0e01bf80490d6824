import Alerting
import Engine
import Foundation
import Integrations
import Storage

/// The pages of "Create alert source", in order.
enum WizardStep: String, CaseIterable {
    case type, name, escalation, grouping, settings

    /// In the progress bar; `nil`: beyond it.
    var words: String? {
        switch self {
        case .type: "Integration type"
        case .name: "Name your alert source"
        case .escalation: "Escalation"
        case .grouping: "Alert grouping"
        case .settings: nil
        }
    }

    /// The form's fields that belong to it; the other steps carry them along hidden.
    var fields: [String] {
        switch self {
        case .type: ["type"]
        case .name: ["name", "team"]
        case .escalation: ["escalation", "policy", "policyName"]
        case .grouping: ["grouping", "window", "threshold", "autoResolution"]
        case .settings: ["priority", "supportHours", "autoRaise"] + WizardDraft.templates
        }
    }

    var number: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What was typed so far. The whole of it travels in the address from step to step, so that the browser's own way
/// back works, a restart of the server costs nothing, and no step is kept anywhere.
struct WizardDraft: Sendable {
    let form: Form
    let type: String
    let fields: AlertSourceFields
    /// A new escalation policy is made instead of using one that exists.
    let isPolicyNew: Bool
    let policyName: String

    /// The templates that the last step asks for; the others are on the source's page of rules.
    static let templates = ["summaryTemplate", "detailsTemplate", "alertKeyTemplate"]
    private static let carried = WizardStep.allCases.flatMap(\.fields)

    init(_ form: Form, hasPolicies: Bool) {
        self.form = form
        type = IntegrationCatalog.entry(type: form["type"])?.type ?? ""
        fields = AlertSourceFields(form)
        isPolicyNew = !hasPolicies || form["escalation"] == "new"
        policyName = form.has("policyName") ? form["policyName"] : "Escalation policy for \(fields.name)"
    }

    var entry: IntegrationCatalog.Entry? { IntegrationCatalog.entry(type: type) }

    /// What is wrong with one step; `nil` when it is complete.
    func problem(in step: WizardStep, policies: [PolicyRecord]) -> String? {
        switch step {
        case .type: entry == nil ? "Choose an integration." : nil
        case .name: nameProblem(fields.name, "a name for the alert source")
        case .escalation:
            if isPolicyNew {
                nameProblem(policyName, "a name for the escalation policy")
            } else {
                policies.contains { $0.id == fields.policy } ? nil : "Choose an escalation policy."
            }
        case .grouping:
            switch (form["grouping"], fields.window) {
            case ("", _): "Choose how alerts are grouped."
            case ("window", ..<1), ("window", 43_201...): "Choose a time window of 1 minute to 30 days."
            default: (0...525_600).contains(fields.autoResolution) ? nil : "Choose a time for the auto-resolution."
            }
        case .settings: nil
        }
    }

    /// The first step before `wanted` that is not complete, else `wanted`.
    func step(for wanted: WizardStep, policies: [PolicyRecord]) -> WizardStep {
        WizardStep.allCases.first { $0.number < wanted.number && problem(in: $0, policies: policies) != nil } ?? wanted
    }

    /// What the other steps' pages have to carry along.
    func carried(beside step: WizardStep) -> [Form.Field] {
        form.fields.filter { Self.carried.contains($0.name) && !step.fields.contains($0.name) }
    }

    func link(to step: WizardStep) -> String {
        var query = Form()
        query.add("step", step.rawValue)
        for field in form.fields where Self.carried.contains(field.name) { query.add(field.name, field.value) }
        return Links.newSource + query.query
    }

    /// As the administration wants it.
    var draft: AlertSourceDraft {
        var draft = AlertSourceDraft(name: "", integrationType: type, policy: fields.policy ?? .init(0))
        fields.write(to: &draft)
        for name in Self.templates where !form[name].isEmpty {
            draft.fields = AlertSourceFields.setting(name, RulesForm.form(form[name]), in: draft.fields)
        }
        return draft
    }

    private func nameProblem(_ name: String, _ what: String) -> String? {
        if name.isEmpty { return "Enter \(what)." }
        return name.count > Limits.name ? "The name may have at most \(Limits.name) characters." : nil
    }
}
