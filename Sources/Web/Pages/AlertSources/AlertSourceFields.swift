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
    }

    var name: String
    var teams: Set<Team.ID>
    var policy: EscalationPolicy.ID?
    var grouping: Grouping
    /// Minutes; only counts for `window`.
    var window: Int
    /// Minutes; 0: never.
    var autoResolution: Int
    /// As on the wire.
    var priorityRule: String

    init(_ form: Form) {
        name = form["name"]
        teams = Set(form.all("team").compactMap { Team.ID($0) })
        policy = EscalationPolicy.ID(form["policy"])
        grouping = Grouping(rawValue: form["grouping"]) ?? .none
        window = Int(form["window"]) ?? 10
        autoResolution = Int(form["autoResolution"]) ?? 0
        priorityRule = form.optional("priority") ?? "HIGH"
    }

    init(_ source: AlertSourceRecord) {
        name = source.name
        teams = Set(source.teams)
        policy = source.policy
        grouping =
            switch source.rules.grouping {
            case .window: .window
            case .untilAccepted: .untilAccepted
            case .untilResolved: .untilResolved
            case .summary: .summary
            case .similar: .similar
            case .never: source.alertCreation == "OPEN_RESOLVE_ON_EXTRACTION" ? .key : .none
            }
        window = source.groupingWindow.map { Int($0.wholeMilliseconds / 60_000) } ?? 10
        autoResolution = source.autoResolution.map { Int($0.wholeMilliseconds / 60_000) } ?? 0
        priorityRule = source.priorityRule
    }

    /// Writes what was typed over `draft`; a way of grouping that this form does not offer stays as it was.
    func write(to draft: inout AlertSourceDraft) {
        draft.name = name
        draft.teams = teams.sorted()
        if let policy { draft.policy = policy }
        let offered = Grouping.allCases.map(\.alertCreation)
        if grouping != .none || offered.contains(draft.alertCreation) { draft.alertCreation = grouping.alertCreation }
        draft.groupingWindow = grouping == .window ? .minutes(window) : nil
        draft.autoResolution = autoResolution > 0 ? .minutes(autoResolution) : nil
        draft.priorityRule = priorityRule
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

    var priorityChoices: [Choice] {
        let known = [
            ("HIGH", "High", "Pages by everybody's high-priority preferences, level by level, until somebody accepts."),
            ("LOW", "Low", "Tells the first level by its low-priority preferences and goes no further by itself."),
        ]
        let choices = known.map { Choice($0.0, $0.1, isChosen: priorityRule == $0.0, hint: $0.2) }
        guard !known.contains(where: { $0.0 == priorityRule }) else { return choices }
        let words = priorityRule.lowercased().replacing("_", with: " ")
        return choices + [Choice(priorityRule, words.prefix(1).uppercased() + words.dropFirst(), isChosen: true)]
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
    let isNone: Bool
    let windows: [Choice]
    let autoResolutions: [Choice]

    init(_ fields: AlertSourceFields) {
        isWindow = fields.grouping == .window
        isUntilAccepted = fields.grouping == .untilAccepted
        isUntilResolved = fields.grouping == .untilResolved
        isNone = fields.grouping == .none
        windows = fields.windowChoices
        autoResolutions = fields.autoResolutionChoices
    }
}
