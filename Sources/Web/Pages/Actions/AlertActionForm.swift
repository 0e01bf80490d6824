import Alerting
import Engine
import Foundation
import Storage

/// What people type about an alert action or a connector: its name and the settings of its kind.
struct ActionSettings {
    private let fields: [ActionKind.Field]
    private var values: [String: String]

    /// - Parameter params: as stored; secrets in it are not shown.
    init(_ fields: [ActionKind.Field], params: JSONValue) {
        self.fields = fields
        values = [:]
        for field in fields where !field.isSecret { values[field.name] = Self.text(params[field.name], field) }
    }

    init(_ fields: [ActionKind.Field], _ form: Form) {
        self.fields = fields
        values = Dictionary(
            uniqueKeysWithValues: fields.map { field in
                let name = "param-\(field.name)"
                if field.isServices { return (field.name, form.all(name).joined(separator: ",")) }
                return (field.name, field.isLong ? form.raw(name) : form[name])
            })
    }

    /// The settings as on the wire, over those of before: what this form does not show stays, and so does a secret that
    /// is not typed anew.
    func params(over old: JSONValue) -> JSONValue {
        var members = old.object ?? [:]
        for field in fields {
            let text = values[field.name] ?? ""
            if text.isEmpty {
                if !field.isSecret { members[field.name] = nil }
            } else if field.isServices {
                members[field.name] = .array(text.split(separator: ",").compactMap { Int64($0) }.map(JSONValue.integer))
            } else if field.isList {
                let parts = text.split { $0 == "," || $0.isNewline }.map { $0.trimmingCharacters(in: .whitespaces) }
                members[field.name] = .array(parts.filter { !$0.isEmpty }.map(JSONValue.string))
            } else if field.name == "headers" {
                members[field.name] = Self.headers(text)
            } else {
                members[field.name] = .string(text)
            }
        }
        return .object(members)
    }

    /// Whether there is one that chooses among services.
    var hasServices: Bool { fields.contains(where: \.isServices) }

    /// - Parameter services: that can be chosen.
    func rows(services: [ServiceRecord] = []) -> [ActionField] {
        fields.map { field in
            let value = values[field.name] ?? ""
            let chosen = Set(value.split { $0 == "," || $0 == " " }.map(String.init))
            let choices =
                field.isServices
                ? services.map { Choice("\($0.id)", $0.name, isChosen: chosen.contains("\($0.id)")) }
                : field.options.map { Choice($0.value, $0.label, isChosen: $0.value == value) }
            return ActionField(
                name: "param-\(field.name)", label: field.label, hint: field.hint, value: value,
                isLong: field.isLong, isSecret: field.isSecret, isNeeded: field.isNeeded && !field.isSecret,
                choices: choices, isChoice: !field.options.isEmpty, isMany: field.isServices)
        }
    }

    private static func headers(_ text: String) -> JSONValue {
        .array(
            text.split(whereSeparator: \.isNewline).compactMap { line in
                let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
                return parts.count == 2 ? .object(["key": .string(parts[0]), "value": .string(parts[1])]) : nil
            })
    }

    private static func text(_ value: JSONValue?, _ field: ActionKind.Field) -> String {
        guard let items = value?.array else { return value?.scalarText ?? "" }
        if field.name == "headers" {
            return items.map { "\($0["key"]?.string ?? ""): \($0["value"]?.scalarText ?? "")" }.joined(separator: "\n")
        }
        return items.compactMap(\.scalarText).joined(separator: ", ")
    }
}

struct ActionField {
    let name: String
    let label: String
    let hint: String
    let value: String
    let isLong: Bool
    let isSecret: Bool
    let isNeeded: Bool
    /// One of them, or with `isMany` any number.
    let choices: [Choice]
    let isChoice: Bool
    let isMany: Bool
}

struct AlertActionListPage: HTMLPage {
    static let template = "action-list"
    let frame: Frame
    let rows: [Row]
    let hasRows: Bool
    let connectors: [Row]
    let hasConnectors: Bool
    let kinds: [Choice]
    let connectorKinds: [Choice]
    let mayConfigure: Bool

    struct Row {
        let link: String
        let name: String
        let kind: String
        let facts: String
    }
}

struct AlertActionEditPage: HTMLPage {
    static let template = "action-edit"
    let frame: Frame
    let heading: String
    let problem: String?
    let action: String
    let back: String
    let kind: String
    let kindName: String
    let name: String
    let connectors: [Choice]
    let needsConnector: Bool
    let fields: [ActionField]
    /// Its settings say when it is done by itself, not its triggers.
    let isDecidedBySettings: Bool
    let isManual: Bool
    let triggers: [Choice]
    let notResolved: String
    let escalationEnded: String
    let conditions: String
    let sources: [Choice]
    let teams: [Choice]
    let hasTeams: Bool
}

struct AlertActionPage: HTMLPage {
    static let template = "action"
    let frame: Frame
    let name: String
    let link: String
    let kind: String
    let mode: String
    let triggers: [String]
    let hasTriggers: Bool
    let connector: String?
    let connectorLink: String?
    let conditions: String?
    let sources: [String]
    let hasSources: Bool
    let mayConfigure: Bool
    let answer: Answer?
    let runs: [Run]
    let hasRuns: Bool

    /// What came of trying it.
    struct Answer {
        let isGood: Bool
        let words: String
        let status: String?
        let text: String
    }

    struct Run {
        let at: Moment
        let alert: String
        let alertLink: String
        let trigger: String
        let status: String
        let style: String
        let answer: String
    }
}

struct ConnectorEditPage: HTMLPage {
    static let template = "connector-edit"
    let frame: Frame
    let heading: String
    let problem: String?
    let action: String
    let back: String
    let kind: String
    let kindName: String
    let name: String
    let fields: [ActionField]
    /// Asks before it deletes; `nil` for a new one.
    let deletion: String?
    /// Where Slack sends clicks to.
    let interactions: String?
}
