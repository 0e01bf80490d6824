import Alerting
import Storage

/// Writes the text of a page.
struct MessageComposer {
    let links: ActionLinks
    /// What a page this much later than intended is marked as.
    static let tolerance = Duration.minutes(2)

    /// Another alert that goes out with a message.
    struct Part {
        var alert: Alert
        var message: MessageRecord
    }

    /// - Parameter others: what waited for the same contact.
    func compose(
        _ message: MessageRecord, alert: Alert, source: String, startsThread: Bool, with others: [Part] = [],
        secret: String? = nil, at now: Timestamp
    ) -> OutgoingMessage {
        guard message.body == nil else { return compose(message, about: alert, secret: secret, at: now) }
        let delay = now - message.intended
        let late = delay > Self.tolerance ? "late by \(Self.words(delay))" : nil
        let accept = links.answer(message.id, action: "accept")
        let resolve = links.answer(message.id, action: "resolve")
        let all = ([Part(alert: alert, message: message)] + others).sorted { $0.alert.raisedAt > $1.alert.raisedAt }
        let parts = Parts(
            alert: alert, source: source, late: late, isLastResort: message.purpose == .lastResort,
            alertLink: links.alert(alert.id), accept: accept, resolve: resolve,
            others: others.map { (Self.line($0.alert.summary), links.alert($0.alert.id)) })
        let lateMark = late.map { " (\($0))" } ?? ""
        let mark = "[\(alert.priority.rawValue.uppercased())] "
        let summary = Self.line(alert.summary)
        let newest = Self.line(all[0].alert.summary)
        return OutgoingMessage(
            id: .init(message.id.rawValue), attempt: message.attempts, address: message.target,
            subject: mark + (others.isEmpty ? summary : "\(all.count) alerts, the newest: \(newest)") + lateMark,
            text: parts.text, html: message.channel == .email ? parts.html : nil, thread: "alert-\(alert.id)",
            startsThread: startsThread,
            acceptLink: accept, resolveLink: resolve, openLink: links.alert(alert.id),
            brief: mark + Self.brief(all, code: message.shortCode) + lateMark, token: links.token(for: message.id),
            shortCode: message.shortCode, isUrgent: alert.priority == .high, secret: secret)
    }

    /// A message with words of its own.
    ///
    /// - Parameter alert: what its links act on; `nil`: nothing.
    func compose(
        _ message: MessageRecord, about alert: Alert? = nil, secret: String?, at now: Timestamp
    ) -> OutgoingMessage {
        let subject = Self.line(message.subject ?? "Nightbell")
        let body = message.body ?? ""
        let isAnswerable = alert != nil && message.purpose == .ask || message.purpose == .drill
        let accept = isAnswerable ? links.answer(message.id, action: "accept") : nil
        let resolve = alert != nil && message.purpose == .ask ? links.answer(message.id, action: "resolve") : nil
        let open = alert.map { links.alert($0.id) }
        let lines =
            [accept.map { "Answer: \($0)" }, resolve.map { "Resolve: \($0)" }, open.map { "Open: \($0)" }].compactMap(
                \.self)
        let text = ([body] + (lines.isEmpty ? [] : [""]) + lines).joined(separator: "\n") + "\n"
        let codes = message.shortCode.map { " Reply \($0)a to accept, \($0)r to resolve." }
        return OutgoingMessage(
            id: .init(message.id.rawValue), attempt: message.attempts, address: message.target, subject: subject,
            text: text, thread: alert.map { "alert-\($0.id)" }, startsThread: alert == nil, acceptLink: accept,
            resolveLink: resolve, openLink: open,
            brief: Limits.cut(Self.line(body), to: 280, of: .utf16) + (isAnswerable ? codes ?? "" : ""),
            token: links.token(for: message.id), shortCode: isAnswerable ? message.shortCode : nil,
            isUrgent: message.purpose != .update && message.purpose != .subscription, secret: secret)
    }

    /// The words for a phone, with what to reply; short in what phones count, whatever the script.
    ///
    /// - Parameter all: the newest first.
    private static func brief(_ all: [Part], code: Int?) -> String {
        let summary = Limits.cut(line(all[0].alert.summary), to: all.count > 1 ? 80 : 160, of: .utf16)
        guard let code = all.count > 1 ? all[0].message.shortCode : code else { return summary }
        guard all.count > 1 else {
            return "\(summary) (#\(all[0].alert.id)). Reply \(code)a accept, \(code)r resolve, \(code)e escalate"
        }
        let others = all.dropFirst().prefix(5).map { part in
            let summary = Limits.cut(line(part.alert.summary), to: 40, of: .utf16)
            return "\(part.message.shortCode.map(String.init) ?? "-"): \(summary)"
        }
        let rest = all.count > 6 ? ["and \(all.count - 6) more"] : []
        return "\(all.count) alerts, the newest: \(code): \(summary). Also \((others + rest).joined(separator: "; ")). "
            + "Reply \(code)a to accept one, ack all for all"
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
        /// Summaries and links of what goes out with it.
        var others: [(summary: String, link: String)] = []

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
            if !others.isEmpty { lines += ["", "Also:"] + others.map { "\($0.summary): \($0.link)" } }
            return lines.joined(separator: "\n") + "\n"
        }

        var html: String {
            let rows = facts.map { "<tr><th align=\"left\">\(escaped($0.0))</th><td>\(escaped($0.1))</td></tr>" }
            let linked = alert.links.prefix(10).filter { $0.href.hasPrefix("http://") || $0.href.hasPrefix("https://") }
            let list = linked.map { "<li><a href=\"\(escaped($0.href))\">\(escaped($0.text ?? $0.href))</a></li>" }
            let also = others.map { "<li><a href=\"\(escaped($0.link))\">\(escaped($0.summary))</a></li>" }.joined()
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
                \(also.isEmpty ? "" : "<h2 style=\"font-size:16px\">Also</h2><ul>\(also)</ul>")
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
