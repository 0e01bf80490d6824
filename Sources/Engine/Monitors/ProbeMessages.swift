public import Alerting
import Foundation

/// What servers and probes say to each other, as JSON.
public enum ProbeMessages {
    public static func json(_ order: ProbeOrder) -> JSONValue {
        .object([
            "id": .integer(order.monitor.rawValue), "version": .integer(order.version),
            "kind": .string(order.subject.kind.rawValue), "target": .string(order.subject.target),
            "block": order.subject.block, "timeoutMs": .integer(order.timeout.wholeMilliseconds),
            "lateMs": .integer(order.late.wholeMilliseconds),
        ])
    }

    /// `nil` for what this version does not understand.
    public static func order(_ value: JSONValue) -> ProbeOrder? {
        guard let id = value["id"]?.integer, let version = value["version"]?.integer,
            let kind = value["kind"]?.string.flatMap(Monitor.Kind.init), let target = value["target"]?.string,
            let timeout = value["timeoutMs"]?.integer, (1...60_000).contains(timeout),
            // A newer server may know more than we do.
            let subject = try? MonitorSubject(kind: kind, target: target, block: value["block"])
        else { return nil }
        return ProbeOrder(
            monitor: Monitor.ID(id), version: version, subject: subject, timeout: .milliseconds(timeout),
            late: .milliseconds(max(0, value["lateMs"]?.integer ?? 0)))
    }

    public static func json(_ result: ProbeResult) -> JSONValue {
        let report = result.report
        let members: [String: JSONValue?] = [
            "id": .integer(result.monitor.rawValue), "version": .integer(result.version),
            "lateMs": .integer(result.late.wholeMilliseconds), "totalMs": .integer(report.total.wholeMilliseconds),
            "lookUpMs": milliseconds(report.phases.lookUp), "connectMs": milliseconds(report.phases.connect),
            "encryptionMs": milliseconds(report.phases.encryption),
            "firstByteMs": milliseconds(report.phases.firstByte),
            "status": report.status.map { .integer(Int64($0)) }, "reason": report.reason.map(JSONValue.string),
            "validUntilMs": report.validUntil.map { .integer($0.milliseconds) },
            "screenshot": report.screenshot.map { .string(Data($0).base64EncodedString()) },
        ]
        return .object(members.compactMapValues(\.self))
    }

    /// `nil` for what cannot be read.
    public static func result(_ value: JSONValue) -> ProbeResult? {
        guard let id = value["id"]?.integer, id > 0, let version = value["version"]?.integer,
            let total = value["totalMs"]?.integer
        else { return nil }
        func duration(_ name: String) -> Duration? {
            value[name]?.integer.map { .milliseconds(min(max($0, 0), 600_000)) }
        }
        let image = value["screenshot"]?.string.flatMap { Data(base64Encoded: $0) }
        let isFine = image.map { $0.count <= Limits.monitorScreenshot && $0.starts(with: [0x89, 0x50]) } ?? false
        let report = CheckReport(
            reason: value["reason"]?.string.map { Limits.cut($0, to: Limits.summary) },
            total: .milliseconds(min(max(total, 0), 600_000)),
            phases: CheckAnswer.Phases(
                lookUp: duration("lookUpMs"), connect: duration("connectMs"), encryption: duration("encryptionMs"),
                firstByte: duration("firstByteMs")),
            status: value["status"]?.integer.flatMap { (0...999).contains($0) ? Int($0) : nil },
            validUntil: value["validUntilMs"]?.integer.map(Timestamp.init(milliseconds:)),
            screenshot: isFine ? image.map { [UInt8]($0) } : nil)
        return ProbeResult(
            monitor: Monitor.ID(id), version: version, late: duration("lateMs") ?? .zero, report: report)
    }

    private static func milliseconds(_ duration: Duration?) -> JSONValue? {
        duration.map { .integer($0.wholeMilliseconds) }
    }
}
