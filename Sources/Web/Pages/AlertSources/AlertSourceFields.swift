import Alerting
import Engine
import Foundation
import Storage

/// What people type about an alert source, in the wizard and on its own page.
struct AlertSourceFields: Sendable {
    enum Grouping: String, CaseIterable {
        case window, untilAccepted, untilResolved, summary, similar, key, none

        var alertCreation: String {
            switch self {
            case .window: "ONE_ALERT_GROUPED_PER_WINDOW"
            case .untilAccepted: "ONE_PENDING_ALERT_ALLOWED"
            case .untilResolved: "ONE_OPEN_ALERT_ALLOWED"
            case .summary: "ONE_ALERT_PER_EMAIL_SUBJECT"
            case .similar: "INTELLIGENT_GROUPING"
            case .key: "OPEN_RESOLVE_ON_EXTRACTION"
            case .none: "ONE_ALERT_PER_EMAIL"
            }
        }

        init?(alertCreation: String) {
            let current = alertCreation.replacing("INCIDENT", with: "ALERT")
            guard let found = Self.allCases.first(where: { $0.alertCreation == current }) else { return nil }
            self = found
        }
    }

    var name: String
    var teams: Set<Team.ID>
    var policy: EscalationPolicy.ID?
    var grouping: Grouping
    /// Minutes; only counts for `window`.
    var window: Int
    /// 0 to 1; only counts for `similar`.
    var threshold: Double
    /// Minutes; 0: never.
    var autoResolution: Int
    var priority: AlertSourcePriority

    init(_ form: Form) {
        name = form["name"]
        teams = Set(form.all("team").compactMap { Team.ID($0) })
        policy = EscalationPolicy.ID(form["policy"])
        grouping = Grouping(rawValue: form["grouping"]) ?? .none
        window = Int(form["window"]) ?? 10
        threshold = Double(form["threshold"]) ?? GroupingRule.usualThreshold
        autoResolution = Int(form["autoResolution"]) ?? 0
        priority = AlertSourcePriority(form)
    }

    init(_ source: AlertSourceRecord) {
        name = source.name
        teams = Set(source.teams)
        policy = source.policy
        grouping = Grouping(alertCreation: source.alertCreation) ?? .none
        window = source.groupingWindow.map { Int($0.wholeMilliseconds / 60_000) } ?? 10
        threshold = source.fields["scoreThreshold"]?.double ?? GroupingRule.usualThreshold
        autoResolution = source.autoResolution.map { Int($0.wholeMilliseconds / 60_000) } ?? 0
        priority = AlertSourcePriority(source)
    }

    /// Takes the way of grouping from a page that tried it, if the address carries one.
    mutating func takeGrouping(from query: Form) {
        guard query.has("grouping") else { return }
        let typed = Self(query)
        (grouping, window, threshold) = (typed.grouping, typed.window, typed.threshold)
    }

    /// Writes what was typed over `draft`.
    func write(to draft: inout AlertSourceDraft) {
        draft.name = name
        draft.teams = teams.sorted()
        if let policy { draft.policy = policy }
        // A spelling of older clients stays.
        if Grouping(alertCreation: draft.alertCreation) != grouping { draft.alertCreation = grouping.alertCreation }
        switch grouping {
        case .window: draft.groupingWindow = .minutes(window)
        // Similar summaries may have a window too; this form does not ask for it.
        case .similar: draft.fields = Self.setting("scoreThreshold", .number(threshold), in: draft.fields)
        case .untilAccepted, .untilResolved, .summary, .key, .none: draft.groupingWindow = nil
        }
        draft.autoResolution = autoResolution > 0 ? .minutes(autoResolution) : nil
        priority.write(to: &draft)
    }

    /// Writes the way of grouping alone over a source that is only tried.
    func writeGrouping(to source: inout AlertSourceRecord) {
        var draft = AlertSourceDraft(source)
        write(to: &draft)
        source.alertCreation = draft.alertCreation
        source.groupingWindow = draft.groupingWindow
        source.fields = draft.fields
    }

    static func setting(_ name: String, _ value: JSONValue?, in fields: JSONValue) -> JSONValue {
        var members = fields.object ?? [:]
        members[name] = value
        return .object(members)
    }

    static let windows = [2, 5, 10, 15, 30, 60, 120, 240, 480, 720, 1440]
    static let autoResolutions = [10, 30, 60, 120, 240, 480, 720, 1440, 4320, 10_080]

    var windowChoices: [Choice] {
        Self.with(window, in: Self.windows).map {
            Choice("\($0)", Moments.words(.minutes($0)), isChosen: $0 == window)
        }
    }

    var autoResolutionChoices: [Choice] {
        [Choice("0", "Never", isChosen: autoResolution == 0)]
            + Self.with(autoResolution, in: Self.autoResolutions).map {
                Choice("\($0)", Moments.words(.minutes($0)), isChosen: $0 == autoResolution)
            }
    }

    private static func with(_ value: Int, in list: [Int]) -> [Int] {
        value <= 0 || list.contains(value) ? list : (list + [value]).sorted()
    }
}

/// The choices of an alert source's grouping, as the forms show them.
struct GroupingChoices {
    let isWindow: Bool
    let isUntilAccepted: Bool
    let isUntilResolved: Bool
    let isSummary: Bool
    let isSimilar: Bool
    let isKey: Bool
    let isNone: Bool
    let thresholds: [Choice]
    let windows: [Choice]
    let autoResolutions: [Choice]

    init(_ fields: AlertSourceFields) {
        isWindow = fields.grouping == .window
        isUntilAccepted = fields.grouping == .untilAccepted
        isUntilResolved = fields.grouping == .untilResolved
        isSummary = fields.grouping == .summary
        isSimilar = fields.grouping == .similar
        isKey = fields.grouping == .key
        isNone = fields.grouping == .none
        let usual = [0.5, 0.6, 0.7, 0.8, 0.9, 1]
        let all = usual.contains(fields.threshold) ? usual : (usual + [fields.threshold]).sorted()
        thresholds = all.map { Choice("\($0)", "\($0)", isChosen: $0 == fields.threshold) }
        windows = fields.windowChoices
        autoResolutions = fields.autoResolutionChoices
    }
}
