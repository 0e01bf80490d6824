import Alerting
import Engine
import Integrations
import Storage

struct EventFlowListPage: HTMLPage {
    static let template = "flow-list"
    let frame: Frame
    let rows: [Row]
    let hasRows: Bool
    let mayConfigure: Bool

    struct Row {
        let link: String
        let name: String
        let ends: String
    }
}

struct EventFlowEditPage: HTMLPage {
    static let template = "flow-edit"
    let frame: Frame
    let heading: String
    let problem: String?
    let action: String
    let back: String
    let name: String
    /// The tree as JSON; `nil` for a new flow.
    let tree: String?
    let teams: [Choice]
    let hasTeams: Bool
}

/// One event flow: its outline, its keys, what came, and a trace of an event.
struct EventFlowPage: HTMLPage {
    static let template = "flow"
    let frame: Frame
    let name: String
    let link: String
    let problem: String?
    let outline: FlowOutline
    let keys: [Key]
    let types: [Choice]
    let events: [Event]
    let hasEvents: Bool
    let teams: [String]
    let hasTeams: Bool
    let mayConfigure: Bool
    let body: String
    let formats: [Choice]
    let results: [Result]
    let hasResults: Bool

    struct Key {
        let id: String
        let name: String
        /// `nil`: the reader may not see it.
        let url: String?
        let removal: String
    }

    struct Event {
        let at: Moment
        let kind: String
        let summary: String
        let outcome: String
        let trace: String
        let alertLink: String?
        let alert: String?
    }

    /// What became of one event of a traced request.
    struct Result {
        let summary: String
        let outcome: String
        let style: String
        let changes: [Change]
    }

    struct Change {
        let what: String
        let before: String
        let after: String
    }
}

extension EventFlowPage.Event {
    /// - Parameter link: of the flow.
    init(_ event: EventFlowEvent, link: String, moments: Moments) {
        at = moments.moment(event.receivedAt)
        kind = event.kind?.rawValue.uppercased() ?? "–"
        summary = event.summary.isEmpty ? event.key ?? event.reason ?? "No summary" : event.summary
        let intake = event.reason.flatMap(IntakeReason.init)?.sentence
        outcome = [event.outcome.sentence, intake ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
        trace = "\(link)?event=\(event.id)"
        alertLink = event.alert.map(Links.alert)
        alert = event.alert.map { "Alert #\($0)" }
    }
}

extension EventFlowPage.Result {
    init(_ walk: FlowWalk, native: AlertEvent, names: FlowOutline.Names, moments: Moments) {
        summary = walk.event.summary.isEmpty ? walk.event.kind.rawValue.uppercased() : walk.event.summary
        switch walk.outcome {
        case .routed(let route):
            (outcome, style) = ("Goes to \(names.sources[route.source] ?? "alert source \(route.source)")", "active")
        case .waiting(_, let until): (outcome, style) = ("Waits until \(moments.moment(until).text)", "accepted")
        case .dropped: (outcome, style) = ("Dropped: no way led to an alert source", "disabled")
        }
        let (old, new) = (native.wire.object ?? [:], walk.event.wire.object ?? [:])
        changes = Set(old.keys).union(new.keys).sorted().filter { old[$0] != new[$0] }.map { name in
            func text(_ value: JSONValue?) -> String {
                guard let value else { return "nothing" }
                return Limits.cut(value.scalarText ?? value.text, to: 300)
            }
            return .init(what: name, before: text(old[name]), after: text(new[name]))
        }
    }
}
