import Alerting
import Engine
import Storage

/// What people type about a monitor.
struct MonitorForm {
    var target: String
    var name: String
    /// Empty: what the target is most likely meant for.
    var kind: String
    var interval: String
    var timeout: String
    var retests: String
    var source: AlertSource.ID?
    var groups: Set<DeliveryGroup.ID>
    var isPaused: Bool
    var expectedCodes: String
    var contains: String
    var lacks: String
    var jsonPath: String
    var jsonValue: String
    var certificateDays: String
    var recordType: String
    var records: String

    static let intervals = [10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600]

    init() {
        (target, name, kind, interval, timeout, retests) = ("", "", "", "60", "10", "1")
        (source, groups, isPaused) = (nil, [], false)
        (expectedCodes, contains, lacks, jsonPath, jsonValue, certificateDays) = ("", "", "", "", "", "")
        (recordType, records) = ("A", "")
    }

    init(_ form: Form) {
        target = form["target"]
        name = form["name"]
        kind = form["kind"]
        interval = form["interval"]
        timeout = form["timeout"]
        retests = form["retests"]
        source = AlertSource.ID(form["source"])
        groups = Set(form.all("group").compactMap { DeliveryGroup.ID($0) })
        isPaused = form["isPaused"] == "true"
        expectedCodes = form["expectedCodes"]
        contains = form["contains"]
        lacks = form["lacks"]
        jsonPath = form["jsonPath"]
        jsonValue = form["jsonValue"]
        certificateDays = form["certificateDays"]
        recordType = form.optional("recordType") ?? "A"
        records = form["records"]
    }

    init(_ monitor: MonitorRecord) {
        self.init()
        target = monitor.subject.target
        name = monitor.name
        kind = monitor.subject.kind.rawValue
        interval = "\(monitor.interval.components.seconds)"
        timeout = "\(monitor.timeout.components.seconds)"
        retests = "\(monitor.retests)"
        source = monitor.source
        groups = Set(monitor.groups)
        isPaused = monitor.isPaused
        let block = monitor.subject.block
        expectedCodes = block["expectedCodes"]?.string ?? ""
        contains = block["contains"]?.string ?? ""
        lacks = block["lacks"]?.string ?? ""
        jsonPath = block["jsonPath"]?.string ?? ""
        jsonValue = block["jsonValue"]?.string ?? ""
        certificateDays = block["certificateDays"]?.scalarText ?? ""
        recordType = block["recordType"]?.string ?? "A"
        records = (block["records"]?.array ?? []).compactMap(\.string).joined(separator: "\n")
    }

    /// - Parameter monitor: the one that is changed: what the form does not show stays.
    func draft(changing monitor: MonitorRecord?) throws(Failure) -> MonitorDraft {
        let kind = Monitor.Kind(rawValue: self.kind) ?? MonitorSubject.guess(target)
        let isSame = monitor?.subject.kind == kind
        var block = isSame ? monitor?.subject.block.object ?? [:] : [:]
        block["expectedCodes"] = .string(expectedCodes)
        block["contains"] = .string(contains)
        block["lacks"] = .string(lacks)
        block["jsonPath"] = .string(jsonPath)
        block["jsonValue"] = .string(jsonValue)
        block["certificateDays"] =
            certificateDays.isEmpty ? .null : Int64(certificateDays).map(JSONValue.integer) ?? .bool(false)
        block["recordType"] = .string(recordType)
        block["records"] = .texts(records.split { $0 == "\n" || $0 == "," }.map { String($0.filter { $0 != "\r" }) })
        let subject = try MonitorSubject(kind: kind, target: target, block: .object(block))
        guard let seconds = Int(interval), let limit = Int(timeout.isEmpty ? "10" : timeout), let retests = Int(retests)
        else { throw Failure(.invalid, "Choose an interval, a time limit and how often a failure is confirmed.") }
        return MonitorDraft(
            name: name.isEmpty ? Self.name(of: target) : name, subject: subject, interval: .seconds(seconds),
            timeout: .seconds(limit), retests: retests, isPaused: isPaused, source: source, groups: groups.sorted())
    }

    /// What a target is called when nobody says: the host and path of a URL.
    static func name(of target: String) -> String {
        guard let scheme = target.firstRange(of: "://") else { return target }
        let rest = target[scheme.upperBound...].prefix { $0 != "?" && $0 != "#" }
        return String(rest.hasSuffix("/") ? rest.dropLast() : rest)
    }
}
