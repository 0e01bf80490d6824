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
    var days: String
    var maxKilobytes: String
    var maxPages: String
    var usesBrowser: Bool
    /// One a line.
    var steps: String
    /// With commas.
    var regions: String
    var agree: String

    static let intervals = [10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600]

    init() {
        (target, name, kind, interval, timeout, retests) = ("", "", "", "60", "10", "1")
        (source, groups, isPaused) = (nil, [], false)
        (expectedCodes, contains, lacks, jsonPath, jsonValue, certificateDays) = ("", "", "", "", "", "")
        (recordType, records, days, maxKilobytes, maxPages) = ("A", "", "", "", "")
        (usesBrowser, steps, regions, agree) = (false, "", "", "1")
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
        days = form["days"]
        maxKilobytes = form["maxKilobytes"]
        maxPages = form["maxPages"]
        usesBrowser = form["browser"] == "true"
        steps = form.raw("steps")
        regions = form["regions"]
        agree = form.optional("agree") ?? "1"
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
        days = block["days"]?.scalarText ?? ""
        maxKilobytes = block["maxKilobytes"]?.scalarText ?? ""
        maxPages = block["maxPages"]?.scalarText ?? ""
        usesBrowser = block["browser"]?.bool ?? false
        if case .journey(let check) = monitor.subject { steps = JourneyText.write(check.steps) }
        regions = monitor.regions.joined(separator: ", ")
        agree = "\(monitor.agree)"
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
        for (name, text) in [
            ("certificateDays", certificateDays), ("days", days), ("maxKilobytes", maxKilobytes),
            ("maxPages", maxPages),
        ] {
            // What is no number is refused by its name.
            block[name] = text.isEmpty ? .null : Int64(text).map(JSONValue.integer) ?? .bool(false)
        }
        block["browser"] = .bool(usesBrowser)
        if kind == .journey { block["steps"] = .array(try JourneyText.read(steps).map(\.json)) }
        block["recordType"] = .string(recordType)
        block["records"] = .texts(records.split { $0 == "\n" || $0 == "," }.map { String($0.filter { $0 != "\r" }) })
        let subject = try MonitorSubject(kind: kind, target: target, block: .object(block))
        guard let seconds = Int(interval), let limit = Int(timeout.isEmpty ? "10" : timeout),
            let retests = Int(retests),
            let agree = Int(agree)
        else { throw Failure(.invalid, "Choose an interval, a time limit and how often a failure is confirmed.") }
        return MonitorDraft(
            name: name.isEmpty ? Self.name(of: target) : name, subject: subject, interval: .seconds(seconds),
            timeout: .seconds(limit), retests: retests, isPaused: isPaused, source: source, groups: groups.sorted(),
            regions: regions.split { $0 == "," || $0.isWhitespace }.map(String.init), agree: agree)
    }

    /// What a target is called when nobody says: the host and path of a URL.
    static func name(of target: String) -> String {
        guard let scheme = target.firstRange(of: "://") else { return target }
        let rest = target[scheme.upperBound...].prefix { $0 != "?" && $0 != "#" }
        return String(rest.hasSuffix("/") ? rest.dropLast() : rest)
    }
}

/// Steps of a journey as people write them: one a line.
enum JourneyText {
    /// - Throws: `Failure.invalid` that names the line.
    static func read(_ text: String) throws(Failure) -> [JourneyCheck.Step] {
        var steps: [JourneyCheck.Step] = []
        for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
            let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            guard let verb = words.first else { continue }
            let rest = words.count > 1 ? String(words[1]) : ""
            let sides = rest.firstRange(of: " = ").map { range in
                (String(rest[..<range.lowerBound]), String(rest[range.upperBound...]))
            }
            switch (verb.lowercased(), sides) {
            case ("open", _): steps.append(.open(url: rest))
            case ("click", _): steps.append(.click(selector: rest))
            case ("fill", let (selector, text)?): steps.append(.fill(selector: selector, text: text))
            case ("expect", let (selector, text)?): steps.append(.expect(selector: selector, text: text))
            case ("expect", nil): steps.append(.expect(selector: "", text: rest))
            default:
                throw Failure(
                    .invalid,
                    "Step \(index + 1) cannot be read: open URL, click SELECTOR, fill SELECTOR = TEXT, expect TEXT."
                )
            }
        }
        return steps
    }

    static func write(_ steps: [JourneyCheck.Step]) -> String {
        steps.map { step in
            switch step {
            case .open(let url): "open \(url)"
            case .click(let selector): "click \(selector)"
            case .fill(let selector, let text): "fill \(selector) = \(text)"
            case .expect("", let text): "expect \(text)"
            case .expect(let selector, let text): "expect \(selector) = \(text)"
            }
        }.joined(separator: "\n")
    }
}
