import Alerting
import Integrations
import Storage

/// The stages of one event's decision, as a page shows them.
struct TraceView {
    /// Which of the request's events it is, from 1; `nil` when there is but one.
    let number: String?
    let outcome: String
    let steps: [Step]
    let hasSteps: Bool
    let failures: [String]

    struct Step {
        let stage: String
        let sentence: String
    }

    init(_ event: StoredEvent, number: Int?) {
        self.number = number.map { "\($0)" }
        outcome = event.reason.sentence
        // What another version wrote in another form is not shown.
        let value = event.trace.flatMap { try? JSONValue.parse($0) }
        let trace = value.map(IntakeTrace.init) ?? IntakeTrace()
        var steps: [Step] = []
        func add(_ stage: String, _ sentence: String?) {
            if let sentence { steps.append(Step(stage: stage, sentence: sentence)) }
        }
        add("Filter", trace.filter?.sentence)
        add("Type", trace.type.map { "\(event.kind?.rawValue.uppercased() ?? "NONE"). \($0.sentence)" })
        add("Maintenance", trace.maintenance?.sentence)
        add("Key", trace.key.map { step in event.key.map { "“\($0)”. \(step.sentence)" } ?? step.sentence })
        add("Grouping", trace.grouping?.sentence)
        add(
            "Priority",
            trace.priority.map { "\(trace.priorityResult?.rawValue.uppercased() ?? ""). \($0.sentence)" })
        add("Policy", trace.policy?.sentence)
        if event.kind != .alert || trace.grouping == nil { add("Outcome", event.reason.sentence) }
        self.steps = value == nil ? [] : steps
        hasSteps = value != nil
        failures = trace.failures.map { $0.words + "; the event's own text was used." }
    }
}

/// A stored request as a command that sends it again.
enum CurlCommand {
    /// - Parameter url: the source's own address; with a key that is masked for those who may not see it.
    /// - Returns: `nil` for a body that is no text.
    static func text(_ event: StoredEvent, url: String) -> String? {
        guard url.hasPrefix("http"), let body = String(validating: event.body, as: UTF8.self), !body.utf8.contains(0)
        else { return nil }
        var parts = ["curl -i"]
        if event.method != (event.body.isEmpty ? "GET" : "POST") { parts[0] += " -X \(quoted(event.method))" }
        parts[0] += " \(quoted(url + (event.query.isEmpty ? "" : "?" + event.query)))"
        for header in event.webhookRequest.headers where header.name.lowercased() == "content-type" {
            parts.append("-H \(quoted("Content-Type: \(header.value)"))")
        }
        if !event.body.isEmpty { parts.append("--data-binary \(quoted(body))") }
        return parts.joined(separator: " \\\n  ")
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
