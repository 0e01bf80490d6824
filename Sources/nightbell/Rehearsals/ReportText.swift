import Alerting
import Engine

/// A rehearsal's report for people to read, minute by minute.
struct ReportText {
    let report: RehearsalReport
    let start: StoryTime

    var text: String {
        ([heading, ""] + minutes + [""] + pages + [""] + outcomes).joined(separator: "\n")
    }

    private var heading: String {
        "Who gets paged: \(report.source), \(start.text(report.start)) \(start.zone.name) (\(report.start.iso8601))"
    }

    private var minutes: [String] {
        var last = ""
        return report.lines.map { line in
            let offset = start.offset(line.at)
            defer { last = offset }
            let time = offset == last ? "" : "\(offset)  \(start.text(line.at).suffix(8))"
            let contact = line.contact.map { " [\($0)]" } ?? ""
            return Self.padded(time, 18) + Self.padded(line.stage.rawValue, 13) + line.text + contact
        }
    }

    private var pages: [String] {
        guard !report.pages.isEmpty else { return ["Nobody was paged."] }
        return ["Paged:"]
            + report.pages.map { page in
                let level = page.level.map { ", level \($0 + 1)" } ?? ""
                return "  " + Self.padded(start.offset(page.at), 12)
                    + "\(page.person ?? "the last-resort contact"): \(page.channel.name) to \(page.contact)\(level)"
            }
    }

    private var outcomes: [String] {
        guard !report.alerts.isEmpty else { return ["No alert was raised."] }
        return report.alerts.flatMap { alert -> [String] in
            let policy = alert.policy.map { ", escalation policy “\($0)”" } ?? ""
            let resort = alert.isLastResort ? " The last-resort contact was paged." : ""
            return [
                "At the end: “\(alert.summary)” is \(alert.status.rawValue), \(alert.priority.rawValue.uppercased()) "
                    + "priority\(policy).\(resort)"
            ]
                + alert.people.map { person in
                    let sentence = person.reason.sentence { String(start.text($0).suffix(8)) }
                    return "  \(person.name): \(sentence)"
                }
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}

/// The same for programs.
enum ReportJSON {
    static func value(_ report: RehearsalReport, _ start: StoryTime) -> JSONValue {
        .object([
            "source": .string(report.source), "start": .string(report.start.iso8601),
            "end": .string(report.end.iso8601), "timeZone": .string(start.zone.name),
            "lines": .array(report.lines.map { line($0, start) }),
            "pages": .array(
                report.pages.map { page in
                    .object([
                        "at": .string(page.at.iso8601), "after": .integer((page.at - report.start).wholeMilliseconds),
                        "alert": .integer(page.alert.rawValue), "person": text(page.person),
                        "channel": .string(page.channel.rawValue), "contact": .string(page.contact),
                        "level": page.level.map { .integer(Int64($0 + 1)) } ?? .null,
                    ])
                }), "alerts": .array(report.alerts.map { alert($0, start) }),
        ])
    }

    private static func line(_ line: RehearsalReport.Line, _ start: StoryTime) -> JSONValue {
        .object([
            "at": .string(line.at.iso8601), "local": .string(start.text(line.at)),
            "stage": .string(line.stage.rawValue), "text": .string(line.text),
            "alert": line.alert.map { .integer($0.rawValue) } ?? .null, "contact": text(line.contact),
        ])
    }

    private static func alert(_ alert: RehearsalReport.Outcome, _ start: StoryTime) -> JSONValue {
        .object([
            "id": .integer(alert.alert.rawValue), "summary": .string(alert.summary), "key": .string(alert.key),
            "priority": .string(alert.priority.rawValue.uppercased()),
            "status": .string(alert.status.rawValue.uppercased()), "policy": text(alert.policy),
            "lastResort": .bool(alert.isLastResort),
            "people": .array(
                alert.people.map { person in
                    .object([
                        "name": .string(person.name), "paged": .bool(person.reason.isPaged),
                        "reason": .string(person.reason.sentence { String(start.text($0).suffix(8)) }),
                    ])
                }),
        ])
    }

    private static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
