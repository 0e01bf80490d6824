import Alerting
import Engine

/// What a story is expected to come to.
enum Expectation: Equatable {
    /// - Parameters: name, first or full; channel and level when they matter; not before and not after these.
    case paged(String, by: Channel?, level: Int?, after: Duration?, within: Duration?)
    /// Not at all, or not within the time.
    case notPaged(String, within: Duration?)
    case lastResort(Bool)
    /// `nil`: none is raised.
    case alert(AlertStatus?)
    case priority(Priority)
    case policy(String)
    case key(String)
    case summary(String)
    case pages(Int)

    private static let names: Set<String> = [
        "paged", "not-paged", "by", "level", "after", "within", "last-resort", "alert", "priority", "policy", "key",
        "summary", "pages",
    ]

    /// One mapping of the list; it may say several things.
    static func read(_ item: JSONValue, _ place: String) throws(Failure) -> [Expectation] {
        let fields = try Fields(item, place, names)
        var found: [Expectation] = []
        if let name = try fields.text("paged") {
            found.append(
                .paged(
                    name, by: try channel(fields), level: try fields.count("level"),
                    after: try fields.duration("after"), within: try fields.duration("within")))
        }
        if let name = try fields.text("not-paged") {
            found.append(.notPaged(name, within: try fields.duration("within")))
        }
        if let isTrue = try fields.isTrue("last-resort") { found.append(.lastResort(isTrue)) }
        if let text = try fields.text("alert") { found.append(try alert(text, fields)) }
        if let text = try fields.text("priority") {
            guard let priority = Priority(rawValue: text.lowercased()) else {
                throw .invalid(fields.at("priority"), "must be HIGH or LOW.")
            }
            found.append(.priority(priority))
        }
        if let name = try fields.text("policy") { found.append(.policy(name)) }
        if let key = try fields.text("key") { found.append(.key(key)) }
        if let summary = try fields.text("summary") { found.append(.summary(summary)) }
        if let count = try fields.count("pages") { found.append(.pages(count)) }
        guard !found.isEmpty else { throw .invalid(place, "expects nothing.") }
        return found
    }

    private static func channel(_ fields: Fields) throws(Failure) -> Channel? {
        guard let text = try fields.text("by") else { return nil }
        guard let channel = Channel(rawValue: text.lowercased()) else {
            throw .invalid(fields.at("by"), "there is no such channel.")
        }
        return channel
    }

    private static func alert(_ text: String, _ fields: Fields) throws(Failure) -> Expectation {
        if text.lowercased() == "none" { return .alert(nil) }
        guard let status = AlertStatus(rawValue: text.lowercased()) else {
            throw .invalid(fields.at("alert"), "must be none, pending, accepted or resolved.")
        }
        return .alert(status)
    }

    /// - Returns: what is otherwise, in a sentence; `nil`: it holds.
    func fault(in report: RehearsalReport, _ start: StoryTime) -> String? {
        switch self {
        case .paged(let name, let channel, let level, let after, let within):
            paged(name, channel, level, after, within, report, start)
        case .notPaged(let name, let within):
            report.pages.first { page in
                Self.isNamed(page.person, name)
                    && within.map { page.at - report.start <= $0 } ?? true
            }.map { "\(name) should not be paged, and is at \(start.offset($0.at))." }
        case .lastResort(let isExpected):
            report.alerts.contains(where: \.isLastResort) == isExpected
                ? nil : "The last-resort contact is\(isExpected ? " not" : "") paged."
        case .alert(let status): alert(status, report)
        case .priority(let priority):
            value("priority", priority.rawValue.uppercased(), report) { $0.priority.rawValue.uppercased() }
        case .policy(let name): value("escalation policy", name, report) { $0.policy ?? "none" }
        case .key(let key): value("alert key", key, report, \.key)
        case .summary(let summary): value("summary", summary, report, \.summary)
        case .pages(let count):
            report.pages.count == count ? nil : "\(count) pages are expected, and \(report.pages.count) go out."
        }
    }

    private func paged(
        _ name: String, _ channel: Channel?, _ level: Int?, _ after: Duration?, _ within: Duration?,
        _ report: RehearsalReport, _ start: StoryTime
    ) -> String? {
        let own = report.pages.filter { page in
            Self.isNamed(page.person, name) && (channel.map { page.channel == $0 } ?? true)
                && (level.map { page.level == $0 - 1 } ?? true)
        }
        let kind = (channel.map { " by \($0.rawValue)" } ?? "") + (level.map { " on level \($0)" } ?? "")
        guard let first = own.first else {
            let reason = report.alerts.flatMap(\.people).first { Self.isNamed($0.name, name) }
                .map { " " + $0.reason.sentence { String(start.text($0).suffix(8)) } }
            return "\(name) should be paged\(kind), and is not.\(reason ?? "")"
        }
        let offset = first.at - report.start
        if let after, offset < after { return "\(name) is paged\(kind) at \(start.offset(first.at)), too early." }
        if let within, offset > within { return "\(name) is paged\(kind) at \(start.offset(first.at)), too late." }
        return nil
    }

    private func alert(_ status: AlertStatus?, _ report: RehearsalReport) -> String? {
        guard let status else {
            return report.alerts.first.map { "No alert is expected, and “\($0.summary)” is raised." }
        }
        guard let alert = report.alerts.last else { return "An alert is expected, and none is raised." }
        return alert.status == status
            ? nil : "The alert is \(alert.status.rawValue) at the end, not \(status.rawValue)."
    }

    private func value(
        _ what: String, _ expected: String, _ report: RehearsalReport, _ value: (RehearsalReport.Outcome) -> String
    ) -> String? {
        guard let alert = report.alerts.last else { return "The \(what) should be \(expected); no alert is raised." }
        let found = value(alert)
        return found == expected ? nil : "The \(what) should be \(expected); it is \(found)."
    }

    /// A full name or a first one, in any case.
    private static func isNamed(_ person: String?, _ name: String) -> Bool {
        guard let person = person?.lowercased() else { return false }
        return person == name.lowercased() || person.split(separator: " ").first.map(String.init) == name.lowercased()
    }
}
