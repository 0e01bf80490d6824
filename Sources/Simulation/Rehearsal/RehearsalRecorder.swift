import Alerting
import Engine
import Integrations
import Storage

/// Writes down what happens in a rehearsal as it happens: the events with what each stage of the intake said, and the
/// lines of all timelines.
final class RehearsalRecorder {
    private typealias Line = RehearsalReport.Line

    private let disk: any Database
    private let source: AlertSourceRecord
    private let scope: Scope
    private let names: [User.ID: String]
    private let policies: [EscalationPolicy.ID: String]
    private let schedules: [OnCallSchedule.ID: String]
    private let teams: [Team.ID: String]
    private var lines: [Line] = []
    private var lastEvent: Int64 = 0
    private var lastLine: Int64 = 0
    private static let everything = Page(limit: 10_000)

    init(_ disk: any Database, source: AlertSourceRecord) async throws {
        self.disk = disk
        self.source = source
        let account = source.account
        let (scope, users, policies, schedules, teams) = try await disk.read { transaction in
            let owner = try Accounts.find(account, in: transaction)?.owner ?? User.ID(0)
            let scope = Scope(account: account, user: owner, role: .admin)
            return (
                scope, try Users.list(account: account, page: Self.everything, in: transaction),
                try EscalationPolicies.list(scope: scope, page: Self.everything, in: transaction),
                try OnCallSchedules.list(scope: scope, page: Self.everything, in: transaction),
                try Teams.list(scope: scope, member: nil, page: Self.everything, in: transaction)
            )
        }
        self.scope = scope
        names = Dictionary(users.map { ($0.id, $0.fullName) }) { first, _ in first }
        self.policies = Dictionary(policies.map { ($0.id, $0.name) }) { first, _ in first }
        self.schedules = Dictionary(schedules.map { ($0.id, $0.name) }) { first, _ in first }
        self.teams = Dictionary(teams.map { ($0.id, $0.name) }) { first, _ in first }
    }

    func say(_ text: String, _ stage: RehearsalReport.Stage, at time: Timestamp) {
        lines.append(Line(at: time, stage: stage, text: text))
    }

    /// Takes up what is new since the last time.
    func note() async throws {
        let (scope, source, lastEvent, lastLine) = (scope, source.id, lastEvent, lastLine)
        let (events, entries, records, messages) = try await disk.read { transaction in
            let events = try EventLog.list(source: source, limit: 1000, in: transaction)
                .filter { $0.id.rawValue > lastEvent }
            let records = try AlertList.list(AlertFilter(), scope: scope, page: Self.everything, in: transaction)
            var entries: [StoredTimelineEntry] = []
            var messages: [Alert.ID: [MessageRecord]] = [:]
            for record in records {
                let id = record.alert.id
                entries += try Timeline.list(of: id, limit: 100_000, in: transaction)
                    .filter { $0.id.rawValue > lastLine }
                messages[id] = try Messages.list(of: id, in: transaction)
            }
            return (events, entries, records, messages)
        }
        self.lastEvent = max(lastEvent, events.map(\.id.rawValue).max() ?? 0)
        self.lastLine = max(lastLine, entries.map(\.id.rawValue).max() ?? 0)
        let alerts = Dictionary(records.map { ($0.alert.id, $0.alert) }) { first, _ in first }
        // Both draw their ids from one sequence: an event comes before what follows from it.
        var found: [(id: Int64, lines: [Line])] = events.map { ($0.id.rawValue, lines(of: $0)) }
        for entry in entries {
            found.append(
                (
                    entry.id.rawValue,
                    try await lines(of: entry, alerts[entry.alert], messages[entry.alert] ?? [])
                ))
        }
        lines += found.sorted { $0.id < $1.id }.flatMap(\.lines)
    }

    private func lines(of event: StoredEvent) -> [Line] {
        var found: [Line] = []
        func add(_ stage: RehearsalReport.Stage, _ text: String?) {
            guard let text else { return }
            found.append(Line(at: event.receivedAt, stage: stage, alert: event.alert, text: text))
        }
        let reader = IntegrationCatalog.entry(type: source.integrationType)?.name ?? source.integrationType
        // Written by this very version, a moment ago; one that cannot be read says nothing.
        let trace = event.trace.flatMap { try? JSONValue.parse($0) }.map { IntakeTrace($0) } ?? IntakeTrace()
        let kind = event.kind.map { $0.rawValue.uppercased() } ?? "no event"
        let words = event.summary.isEmpty ? "" : ": \(event.summary)"
        add(.event, "\(reader) read it as \(kind)\(words)" + (event.explanation.map { " (\($0))" } ?? ""))
        add(.filter, trace.filter?.sentence)
        add(.type, trace.type?.sentence)
        add(.maintenance, trace.maintenance?.sentence)
        add(.key, trace.key.map { step in event.key.map { "“\($0)”. \(step.sentence)" } ?? step.sentence })
        add(.grouping, trace.grouping?.sentence)
        add(
            .priority, trace.priority.map { "\(trace.priorityResult?.rawValue.uppercased() ?? ""). \($0.sentence)" })
        add(.policy, trace.policy?.sentence)
        for failed in trace.failures { add(.event, failed.words + "; the event's own text was used.") }
        if trace.grouping == nil { add(.alert, event.reason.sentence) }
        return found
    }

    private func lines(
        of stored: StoredTimelineEntry, _ alert: Alert?, _ messages: [MessageRecord]
    ) async throws -> [Line] {
        let entry = stored.entry
        let kind = entry.kind.rawValue
        let stage: RehearsalReport.Stage =
            kind.hasPrefix("message_")
            ? .message
            : kind.hasPrefix("level_") || kind.hasPrefix("escalation_") || kind.hasPrefix("last_resort")
                ? .level : kind.hasPrefix("person_") ? .person : kind.hasPrefix("accept") ? .answer : .alert
        let message = messages.last {
            $0.user == entry.user && $0.level == entry.level && $0.channel.name == entry.text
        }
        let line = Line(
            at: entry.at, stage: stage, alert: stored.alert, text: entry.sentence { self.names[$0] },
            contact: stage == .message ? message?.target : nil)
        guard entry.kind == .levelEntered || entry.kind == .levelSkipped, let index = entry.level,
            let level = alert?.escalation.policy.levels, level.indices.contains(index)
        else { return [line] }
        let people = try await words(for: level[index], at: entry.at)
        return [
            Line(at: entry.at, stage: .level, alert: stored.alert, text: "Level \(index + 1) is \(people)."), line,
        ]
    }

    /// Whom a level stands for at an instant, such as `on call for “Primary”: Alice Archer; Bob Baker`.
    private func words(for level: EscalationLevel, at time: Timestamp) async throws -> String {
        var parts: [String] = []
        for target in level.targets {
            switch target {
            case .user(let id): parts.append(names[id] ?? "a deleted user")
            case .team(let id):
                let members = try await disk.read { try Teams.members(of: id, in: $0) }
                let people = members.map { names[$0] ?? "a deleted user" }.joined(separator: ", ")
                parts.append("team “\(teams[id] ?? "deleted")”: \(people.isEmpty ? "nobody" : people)")
            case .schedule(let number):
                let id = OnCallSchedule.ID(number)
                let user = try await disk.read { try OnCallDuty.user(of: id, at: time, in: $0) }
                let person = user.map { names[$0] ?? "a deleted user" } ?? "nobody"
                parts.append("on call for “\(schedules[id] ?? "a deleted schedule")”: \(person)")
            }
        }
        return parts.isEmpty ? "nobody" : parts.joined(separator: "; ")
    }

    /// Who was paged first about each pending alert.
    func firstPaged() async throws -> [(Alert.ID, UserRecord)] {
        let scope = scope
        return try await disk.read { transaction in
            let filter = AlertFilter(statuses: [.pending])
            return try AlertList.list(filter, scope: scope, page: Self.everything, in: transaction)
                .sorted { $0.alert.id < $1.alert.id }
                .compactMap { record in
                    let told = try Messages.list(of: record.alert.id, in: transaction)
                        .filter { $0.status == .delivered && $0.user != nil }
                        .min { ($0.sentAt ?? $0.due, $0.id) < ($1.sentAt ?? $1.due, $1.id) }
                    return try told?.user.flatMap { try Users.find($0, in: transaction) }.map { (record.alert.id, $0) }
                }
        }
    }

    func report(_ story: RehearsalStory, notices: [SimulatedSender.Attempt]) async throws -> RehearsalReport {
        let (scope, end, names, policies) = (scope, story.at + story.length, names, policies)
        let (outcomes, pages, known) = try await disk.read { transaction in
            let records = try AlertList.list(AlertFilter(), scope: scope, page: Self.everything, in: transaction)
                .sorted { $0.alert.id < $1.alert.id }
            var pages: [RehearsalReport.Page] = []
            var known: Set<Int64> = []
            let outcomes = try records.map { record in
                let messages = try Messages.list(of: record.alert.id, in: transaction)
                known.formUnion(messages.map(\.id.rawValue))
                pages += messages.filter { $0.status == .delivered && $0.purpose.isPage }.map { message in
                    RehearsalReport.Page(
                        at: message.sentAt ?? message.due, alert: record.alert.id,
                        person: message.user.map { names[$0] ?? "a deleted user" }, channel: message.channel,
                        contact: message.target, level: message.level)
                }
                let reasons = try PagingReasons(record, at: end, in: transaction).all
                return RehearsalReport.Outcome(
                    alert: record.alert.id, summary: record.alert.summary, key: record.alert.key,
                    priority: record.alert.priority, status: record.alert.status,
                    policy: record.alert.policy.flatMap { policies[$0] }, isLastResort: record.isLastResort,
                    people: reasons.map { .init(name: names[$0.user] ?? "a deleted user", reason: $0) })
            }
            return (outcomes, pages, known)
        }
        let mails = notices.filter { !known.contains($0.message.id.rawValue) }.map {
            Line(at: $0.at, stage: .notice, text: "A mail goes out: \($0.message.subject)", contact: $0.message.address)
        }
        let all = (lines + mails).enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        return RehearsalReport(
            source: source.name, start: story.at, end: end, lines: all.map(\.element),
            pages: pages.sorted { $0.at < $1.at }, alerts: outcomes)
    }
}
