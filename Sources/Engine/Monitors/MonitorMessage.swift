import Alerting
import Foundation
import Storage

/// What is said of a monitor to the outside: our own form, version 1, which RapidSpike's readers understand.
enum MonitorMessage {
    static let version = 1

    /// The words that a person is told.
    static func sentence(_ monitor: MonitorRecord, isFailing: Bool) -> String {
        guard isFailing else { return "\(monitor.name) is passing" }
        return monitor.last?.reason.map { "\(monitor.name) is failing: \($0)" } ?? "\(monitor.name) is failing"
    }

    static func json(_ monitor: MonitorRecord, isFailing: Bool, at now: Timestamp) -> JSONValue {
        let site = monitor.subject.site
        var members: [String: JSONValue] = [
            "version": .integer(Int64(version)), "status": .string(isFailing ? "failing" : "passing"),
            "message": .string(sentence(monitor, isFailing: isFailing)),
            "monitor": .object([
                "uuid": .string(monitor.uuid), "type": .string(monitor.subject.kind.rawValue),
                "label": .string(monitor.name), "target": .string(monitor.subject.target),
            ]),
            "website": .object([
                "uuid": .string(site.uuid(of: monitor.account)), "label": .string(site.host),
                "domain_name": .string(site.root),
            ]),
            "created_date": .string(String(now.iso8601.prefix(19)).replacingOccurrences(of: "T", with: " ")),
            "unix_created_date": .integer(now.milliseconds / 1000),
        ]
        if isFailing, let reason = monitor.last?.reason { members["error"] = .string(reason) }
        return .object(members)
    }

    /// Resolves what it may have raised: nobody is paged by a test.
    static func test(at now: Timestamp) -> JSONValue {
        .object([
            "version": .integer(Int64(version)), "status": .string("passing"),
            "message": .string("This is a test from Nightbell"),
            "monitor": .object([
                "uuid": .string("00000000-0000-4000-8000-000000000000"), "type": .string("http"),
                "label": .string("Test"), "target": .string("https://example.com/"),
            ]),
            "website": .object([
                "label": .string("example.com"), "domain_name": .string("https://example.com"),
            ]),
            "unix_created_date": .integer(now.milliseconds / 1000),
        ])
    }

    /// The same as the fields of a query, for webhooks by GET.
    static func query(_ body: JSONValue) -> String {
        let fields = [
            ("version", body["version"]?.scalarText), ("status", body["status"]?.string),
            ("message", body["message"]?.string), ("monitor_uuid", body["monitor"]?["uuid"]?.string),
            ("monitor_type", body["monitor"]?["type"]?.string), ("monitor_label", body["monitor"]?["label"]?.string),
            ("target", body["monitor"]?["target"]?.string),
            ("unix_created_date", body["unix_created_date"]?.scalarText),
        ]
        return fields.compactMap { name, value in value.map { "\(name)=\(encoded($0))" } }.joined(separator: "&")
    }

    private static func encoded(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }

    /// The alert event that an alert source gets.
    static func event(_ monitor: MonitorRecord, isFailing: Bool, at now: Timestamp) -> AlertEvent {
        guard isFailing else {
            return AlertEvent(kind: .resolve, alertKey: "monitor-\(monitor.uuid)", summary: "")
        }
        let target = monitor.subject.target
        let isWeb = target.hasPrefix("http://") || target.hasPrefix("https://")
        return AlertEvent(
            kind: .alert, alertKey: "monitor-\(monitor.uuid)",
            summary: Limits.cut(sentence(monitor, isFailing: true), to: Limits.summary),
            details: """
                Target: \(target)
                Check: \(monitor.subject.kind.words), every \(monitor.interval.wholeMilliseconds / 1000) s
                Error: \(monitor.last?.reason ?? "unknown")
                Failing since: \((monitor.watch.failingSince ?? now).iso8601)
                """,
            links: isWeb ? [AlertLink(href: target, text: "Target")] : [],
            customDetails: json(monitor, isFailing: true, at: now))
    }
}
