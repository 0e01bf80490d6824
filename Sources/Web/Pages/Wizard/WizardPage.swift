import Alerting
import Integrations

/// What all steps of the wizard share.
struct WizardFrame {
    let steps: [Step]
    let hidden: [Hidden]
    let problem: String?

    struct Step {
        let label: String
        let isDone: Bool
        let isCurrent: Bool
    }

    struct Hidden {
        let name: String
        let value: String
    }

    init(_ step: WizardStep, _ draft: WizardDraft, problem: String?) {
        self.problem = problem
        steps = WizardStep.allCases.compactMap { other in
            other.words.map {
                Step(label: $0, isDone: other.number < step.number, isCurrent: other == step)
            }
        }
        hidden = draft.carried(beside: step).map { Hidden(name: $0.name, value: $0.value) }
    }
}

struct WizardTypePage: HTMLPage {
    static let template = "wizard-type"
    let frame: Frame
    let wizard: WizardFrame
    let filter: String
    let featured: [Tile]
    let tiles: [Tile]
    let hasTiles: Bool

    struct Tile {
        let type: String
        let name: String
        let category: String
        let monogram: String
        let style: String
        let isChosen: Bool
    }

    /// All that can be chosen.
    static var types: [String] { IntegrationCatalog.entries.map(\.type) }

    /// - Parameter filter: words that the name or kind must contain; the chosen one is always shown.
    init(frame: Frame, wizard: WizardFrame, filter: String, chosen: String) {
        self.frame = frame
        self.wizard = wizard
        self.filter = filter
        let all = IntegrationCatalog.entries
        let preferred = all.filter(\.kind.isFeatured) + all.filter { !$0.kind.isFeatured }
        let featuredTypes = Set(preferred.prefix(3).map(\.type))
        let wanted = filter.lowercased()
        let shown = all.filter { entry in
            wanted.isEmpty || entry.type == chosen || entry.name.lowercased().contains(wanted)
                || entry.kind.category.rawValue.lowercased().contains(wanted)
        }
        featured = shown.filter { featuredTypes.contains($0.type) }.map { Tile($0, chosen: chosen) }
        tiles = shown.filter { !featuredTypes.contains($0.type) }.map { Tile($0, chosen: chosen) }
        hasTiles = !shown.isEmpty
    }
}

extension WizardTypePage.Tile {
    fileprivate init(_ entry: IntegrationCatalog.Entry, chosen: String) {
        type = entry.type
        name = entry.name
        category = entry.kind.category.rawValue
        monogram = Monogram.text(for: entry.name)
        style = entry.path
        isChosen = entry.type == chosen
    }
}

/// Two letters that stand for an integration.
enum Monogram {
    static func text(for name: String) -> String {
        let capitals = name.filter { $0.isUppercase || $0.isNumber }
        return capitals.count > 1 ? String(capitals.prefix(2)) : String(name.prefix(2)).uppercased()
    }
}

struct WizardNamePage: HTMLPage {
    static let template = "wizard-name"
    let frame: Frame
    let wizard: WizardFrame
    let integration: String
    let name: String
    let hasTeams: Bool
    let teams: [Choice]
}

struct WizardEscalationPage: HTMLPage {
    static let template = "wizard-escalation"
    let frame: Frame
    let wizard: WizardFrame
    let hasPolicies: Bool
    let isNew: Bool
    let policies: [Choice]
    let policyName: String
    let reader: String
}

struct WizardGroupingPage: HTMLPage {
    static let template = "wizard-grouping"
    let frame: Frame
    let wizard: WizardFrame
    let grouping: GroupingChoices
}

struct WizardSettingsPage: HTMLPage {
    static let template = "wizard-settings"
    let frame: Frame
    let wizard: WizardFrame
    let integration: String
    let name: String
    let priority: PriorityChoices
    let templates: [Template]

    struct Template {
        let name: String
        let label: String
        let value: String
    }

    static func templates(_ form: Form) -> [Template] {
        zip(WizardDraft.templates, ["Summary", "Details", "Alert key"]).map { name, label in
            Template(name: name, label: label, value: form[name])
        }
    }
}
