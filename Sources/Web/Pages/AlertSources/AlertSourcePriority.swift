import Alerting
import Engine
import Storage

/// What people type about the priority of an alert source's alerts.
struct AlertSourcePriority: Equatable, Sendable {
    /// As on the wire.
    var rule: String
    /// An id; empty: none; `inline`: hours that are written out in the source, which stay as they are; `nil`: the form
    /// did not ask.
    var supportHours: String?
    /// Whether pending alerts are raised when support hours make them urgent.
    var raises: Bool

    static let inline = "inline"

    init(_ form: Form) {
        rule = form.optional("priority") ?? "HIGH"
        supportHours = form.has("supportHours") ? form["supportHours"] : nil
        raises = form["autoRaise"] == "yes"
    }

    init(_ source: AlertSourceRecord) {
        rule = source.priorityRule
        supportHours = Self.reference(in: source.fields)
        raises = Self.raises(source.fields)
    }

    private static func reference(in fields: JSONValue) -> String {
        guard let hours = fields["supportHours"], hours.object?.isEmpty == false else { return "" }
        return SupportHoursList.id(in: hours).map { "\($0)" } ?? inline
    }

    /// Older clients say it inside of the support hours that they write out.
    private static func raises(_ fields: JSONValue) -> Bool {
        fields["autoRaiseAlerts"]?.bool ?? fields["supportHours"]?["autoRaiseAlerts"]?.bool ?? false
    }

    private var followsSupportHours: Bool { PriorityRule(rawValue: rule.lowercased())?.followsSupportHours ?? false }

    /// What is wrong with it; `nil` when it is complete.
    var problem: String? {
        followsSupportHours && supportHours == "" ? "Choose the support hours that the priority goes by." : nil
    }

    /// Writes what was typed over `draft`. Hours stay in the form that they were sent in while they are the same.
    func write(to draft: inout AlertSourceDraft) {
        draft.priorityRule = rule
        if let supportHours, supportHours != Self.inline, supportHours != Self.reference(in: draft.fields) {
            let reference = Int64(supportHours).map { JSONValue.object(["id": .integer($0)]) }
            draft.fields = AlertSourceFields.setting("supportHours", reference, in: draft.fields)
        }
        guard raises != Self.raises(draft.fields) else { return }
        draft.fields = AlertSourceFields.setting("autoRaiseAlerts", .bool(raises), in: draft.fields)
    }
}

/// The choices of a priority, as the forms show them.
struct PriorityChoices {
    let rules: [Choice]
    let hours: [Choice]
    let raises: Bool

    init(_ priority: AlertSourcePriority, hours: [SupportHoursRecord]) {
        rules = Self.words.map { Choice($0.0, $0.1, isChosen: priority.rule == $0.0, hint: $0.2) }
        var choices = [Choice("", "None", isChosen: priority.supportHours ?? "" == "")]
        if priority.supportHours == AlertSourcePriority.inline {
            choices.append(Choice(AlertSourcePriority.inline, "Those written out by API", isChosen: true))
        }
        self.hours =
            choices
            + hours.map { Choice("\($0.id)", $0.name, isChosen: priority.supportHours == "\($0.id)") }
        raises = priority.raises
    }

    /// The rule in a few words.
    static func label(of rule: String) -> String {
        words.first { $0.0 == rule }?.1 ?? rule
    }

    private static let words = [
        ("HIGH", "High", "Pages by everybody's high-priority preferences, level by level, until somebody accepts."),
        ("LOW", "Low", "Tells the first level by its low-priority preferences and goes no further by itself."),
        ("HIGH_DURING_SUPPORT_HOURS", "High during support hours", "Low outside of them."),
        ("LOW_DURING_SUPPORT_HOURS", "Low during support hours", "High outside of them."),
    ]
}
