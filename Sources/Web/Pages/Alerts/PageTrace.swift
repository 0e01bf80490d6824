import Alerting
import Engine
import Storage

/// An alert from its event to its answer, as a drawing: what took how long, down to milliseconds.
struct PageTrace {
    let height: String
    let axisY: String
    let gridBottom: String
    let label: String
    let bars: [Bar]
    let ticks: [Tick]
    /// What the drawing says, in words.
    let spans: [Span]

    struct Bar {
        let y: String
        let textY: String
        let x: String
        let width: String
        let name: String
        let kind: String
        let duration: String
        let durationX: String
    }

    struct Tick {
        let x: String
        let label: String
    }

    struct Span {
        let name: String
        let duration: String
    }

    private static let left = 210.0
    private static let width = 400.0
    private static let row = 24.0
    private static let top = 26.0
    private static let mostMessages = 20

    /// One stretch of time, in milliseconds since the event.
    struct Stretch: Equatable {
        var name: String
        var from: Int64
        var to: Int64
        /// A class of the style sheet.
        var kind: String
        var words: String
    }

    /// - Parameter facts: the timeline and messages of the alert.
    init(_ facts: AlertFacts, now: Timestamp) {
        let stretches = Self.stretches(of: facts, now: now)
        let scale = TraceScale(total: stretches.map(\.to).max() ?? 0, start: Self.left, width: Self.width)
        bars = stretches.enumerated().map { index, stretch in
            let y = Self.top + Double(index) * Self.row
            let (from, to) = (scale.x(stretch.from), scale.x(stretch.to))
            return Bar(
                y: TraceScale.number(y), textY: TraceScale.number(y + 12), x: TraceScale.number(from),
                width: TraceScale.number(max(3, to - from)), name: Limits.cut(stretch.name, to: 34), kind: stretch.kind,
                duration: stretch.words, durationX: TraceScale.number(max(from + 3, to) + 6))
        }
        ticks = scale.ticks.map { Tick(x: TraceScale.number($0.x), label: $0.label) }
        let bottom = Self.top + Double(stretches.count) * Self.row
        height = TraceScale.number(bottom + 4)
        gridBottom = TraceScale.number(bottom)
        axisY = "14"
        spans = stretches.map { Span(name: $0.name, duration: $0.words) }
        label = "From event to answer: " + stretches.map { "\($0.name) \($0.words)" }.joined(separator: ", ")
    }

    static func stretches(of facts: AlertFacts, now: Timestamp) -> [Stretch] {
        let alert = facts.record.alert
        let passed = { (time: Timestamp) in max(0, (time - alert.raisedAt).wholeMilliseconds) }
        var found: [Stretch] = []
        func add(_ name: String, _ from: Int64, _ to: Int64, _ kind: String, _ words: String? = nil) {
            let end = max(from, to)
            found.append(
                Stretch(name: name, from: from, to: end, kind: kind, words: words ?? TraceScale.words(end - from)))
        }
        let committed = facts.record.committedAt.map(passed)
        if let committed { add("Stored", 0, committed, "calm") }
        let entered = facts.timeline.first { $0.entry.kind == .levelEntered }.map { passed($0.entry.at) }
        if let entered {
            add("First level called", committed ?? 0, entered, "calm")
        } else if alert.status == .pending {
            add("Waits for its first level", committed ?? 0, passed(now), "warn")
        }
        for message in facts.messages.filter(\.purpose.isPage).prefix(mostMessages) {
            Self.draw(message, facts, now: now, passed: passed) { add($0, $1, $2, $3, $4) }
        }
        let told = facts.messages.compactMap(\.sentAt).min().map(passed)
        for line in facts.timeline where line.entry.kind == .messageReceipt {
            let person = line.entry.user.map { facts.name($0) ?? "a deleted user" } ?? "Last resort"
            let reason = line.entry.reason?.replacing("_", with: " ") ?? "reported"
            add("Receipt: \(person)", told ?? 0, passed(line.entry.at), "good", reason)
        }
        if let accepted = alert.acceptedAt { add("Accepted", told ?? entered ?? 0, passed(accepted), "good") }
        if let resolved = alert.resolvedAt {
            add("Resolved", alert.acceptedAt.map(passed) ?? told ?? 0, passed(resolved), "good")
        }
        return found
    }

    private static func draw(
        _ message: MessageRecord, _ facts: AlertFacts, now: Timestamp, passed: (Timestamp) -> Int64,
        _ add: (String, Int64, Int64, String, String?) -> Void
    ) {
        let person = message.user.map { facts.name($0) ?? "a deleted user" } ?? "Last resort"
        let name = "\(message.channel.name): \(person)"
        let from = passed(message.createdAt)
        let asked = message.intended > message.createdAt ? " of them asked for" : ""
        switch message.status {
        case .delivered:
            let to = passed(message.sentAt ?? message.due)
            let wait = TraceScale.words(max(0, passed(message.intended) - from))
            add(name, from, to, "bar", TraceScale.words(max(0, to - from)) + (asked.isEmpty ? "" : ", \(wait)\(asked)"))
        case .waiting, .sending: add(name, from, passed(now), "warn", "on its way")
        case .failed: add(name, from, passed(min(now, message.deadline)), "bad", "failed")
        case .cancelled: add(name, from, from, "calm", "not sent")
        }
    }
}
