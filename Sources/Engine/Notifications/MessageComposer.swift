import Alerting
import Storage

/// Writes the text of a page.
struct MessageComposer {
    let links: ActionLinks
    /// What a page this much later than intended is marked as.
    static let tolerance = Duration.minutes(2)

    func compose(
        _ message: MessageRecord, alert: Alert, source: String, startsThread: Bool, at now: Timestamp
    ) -> OutgoingMessage {
        let delay = now - message.intended
        let late = delay > Self.tolerance ? "late by \(Self.words(delay))" : nil
        let accept = links.answer(message.id, action: "accept")
        let resolve = links.answer(message.id, action: "resolve")
        let parts = Parts(
            alert: alert, source: source, late: late, isLastResort: message.purpose == .lastResort,
            alertLink: links.alert(alert.id), accept: accept, resolve: resolve)
        let lateMark = late.map { " (\($0))" } ?? ""
        return OutgoingMessage(
            id: .init(message.id.rawValue), attempt: message.attempts, address: message.target,
            subject: "[\(alert.priority.rawValue.uppercased())] \(Self.line(alert.summary))\(lateMark)",
            text: parts.text,
            html: parts.html, thread: "alert-\(alert.id)", startsThread: startsThread, acceptLink: accept,
            resolveLink: resolve)
    }

    /// `text` with a blank for every line break.
    private static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private static func words(_ duration: Duration) -> String {
        let minutes = duration.components.seconds / 60
        return minutes < 120 ? "\(minutes) min" : minutes < 2880 ? "\(minutes / 60) h" : "\(minutes / 1440) days"
    }

    private struct Parts {
        var alert: Alert
        var source: String
        var late: String?
        var isLastResort: Bool
        var alertLink: String
        var accept: String
        var resolve: String

        private var facts: [(String, String)] {
            var facts = [
                ("Alert", "#\(alert.id)"), ("Source", source), ("Priority", alert.priority.rawValue.uppercased()),
            ]
            if let severity = alert.severity { facts.append(("Severity", "\(severity)")) }
            facts.append(("Raised", alert.raisedAt.iso8601))
            if let late { facts.append(("This page is", late)) }
            if isLastResort {
                facts.append(("Why you", "nobody on the escalation policy can be reached; you are the last resort"))
            }
            return facts
        }

        private var details: String { Limits.cut(alert.details, to: 8000) }

        var text: String {
            var lines = [alert.summary, ""]
            lines += facts.map { "\($0.0): \($0.1)" }
            if !details.isEmpty { lines += ["", details] }
            lines += alert.links.prefix(10).map { "\($0.text ?? "Link"): \($0.href)" }
            lines += ["", "Accept: \(accept)", "Resolve: \(resolve)", "Open: \(alertLink)"]
            return lines.joined(separator: "\n") + "\n"
        }

        var html: String {
            let rows = facts.map { "<tr><th align=\"left\">\(escaped($0.0))</th><td>\(escaped($0.1))</td></tr>" }
            let linked = alert.links.prefix(10).filter { $0.href.hasPrefix("http://") || $0.href.hasPrefix("https://") }
            let list = linked.map { "<li><a href=\"\(escaped($0.href))\">\(escaped($0.text ?? $0.href))</a></li>" }
            let button = "display:inline-block;padding:12px 20px;border-radius:6px;color:#fff;text-decoration:none;"
            return """
                <!doctype html><html lang="en"><body style="font-family:sans-serif;font-size:16px;color:#1c2430">
                <h1 style="font-size:20px">\(escaped(alert.summary))</h1>
                <p><a style="\(button)background:#0b6e4f" href="\(escaped(accept))">Accept</a>
                <a style="\(button)background:#33475b" href="\(escaped(resolve))">Resolve</a></p>
                <table cellpadding="4">\(rows.joined())</table>
                \(details.isEmpty ? "" : "<pre style=\"white-space:pre-wrap\">\(escaped(details))</pre>")
                \(list.isEmpty ? "" : "<ul>\(list.joined())</ul>")
                <p><a href="\(escaped(alertLink))">Open the alert</a></p>
                </body></html>
                """
        }

        private func escaped(_ text: String) -> String {
            text.reduce(into: "") { result, character in
                switch character {
                case "&": result += "&amp;"
                case "<": result += "&lt;"
                case ">": result += "&gt;"
                case "\"": result += "&quot;"
                case "'": result += "&#39;"
                default: result.append(character)
                }
            }
        }
    }
}
