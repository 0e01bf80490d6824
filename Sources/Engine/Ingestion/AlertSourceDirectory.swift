public import Alerting
public import Integrations
public import Storage
import Synchronization

/// An alert source with all that its events need, read once and kept until something of it changes.
///
/// A class, because every request that is under way holds it: copying all its texts would cost more than reading them.
public final class SourceEntry: Sendable {
    public let record: AlertSourceRecord
    public let rules: AlertSourceRules
    /// `nil`: no reader for its integration type; its requests are read as generic events.
    public let integration: IntegrationCatalog.Entry?
    public let settings: IntegrationSettings
    /// `nil`: the source follows none.
    public let supportHours: SupportHours?
    /// Its conditions and templates.
    public let eventRules: EventRules
    /// What of an event has to wait for the transaction.
    let shaping: Shaping
    let periods: SourcePeriods
    /// What the tool signs its requests with; `nil`: nothing is asked for.
    let webhookSecret: String?
    let policy: EscalationPolicy
    /// Alert events a minute; further ones are folded into an alert about the storm.
    let eventLimit: Int
    /// Its maintenance windows that are not over.
    let maintenance: [MaintenanceWindow.Span]
    /// `policy` as it is stored with every alert.
    let structure: String

    init(
        _ record: AlertSourceRecord, policy: EscalationPolicy, supportHours: SupportHours? = nil,
        maintenance: [MaintenanceWindow.Span] = [], periods: SourcePeriods = .none,
        webhookSecret: String? = nil
    ) {
        self.periods = periods
        self.record = record
        self.webhookSecret = webhookSecret
        self.policy = policy
        self.supportHours = supportHours
        self.maintenance = maintenance
        rules = record.rules
        eventLimit = EventLimit.of(record)
        integration = IntegrationCatalog.entry(type: record.integrationType)
        settings = IntegrationSettings(
            // A mapping was checked when it was saved; one that no longer reads is as good as none.
            mapping: record.mapping.flatMap { try? PayloadMapping(json: $0) },
            mail: integration?.kind.isMail == true ? MailRules(stored: record.fields) : nil)
        structure = PolicyStructure.text(of: policy)
        eventRules = EventRules(stored: record.fields)
        shaping = eventRules.isEmpty ? .none : eventRules.usesCounters ? .counted : .pure
    }

    enum Shaping: Sendable {
        case none, pure
        /// A condition counts, and what it counted is in the database.
        case counted
    }

    /// What conditions may know at `now`.
    func environment(at now: Timestamp) -> ConditionEnvironment {
        ConditionEnvironment(now: now, isIn: periods.isIn)
    }

    /// Whether the source's support hours are on; `nil` when it has none.
    func isSupported(at now: Timestamp) -> Bool? {
        guard rules.priorityRule.followsSupportHours else { return nil }
        return supportHours?.isDuring(now) ?? record.supportHours.flatMap { periods.isIn($0, now) }
    }
}

/// Finds alert sources by integration key, from memory where it can.
public final class AlertSourceDirectory: Sendable {
    private struct State {
        var entries: [String: SourceEntry] = [:]
        /// As they were, for when the database is away.
        var last: [String: SourceEntry] = [:]
        /// The generation that `last` was read in; `nil`: never.
        var warmed: Int?
        /// Goes up at every change, so that a read that began before one is not kept.
        var generation = 0
    }

    private let store: Store
    private let state = Mutex(State())
    private static let capacity = 10_000
    private static let warmedAtOnce = 50

    public init(store: Store) {
        self.store = store
    }

    /// From memory alone; `nil` too for a key that was not asked for lately.
    func remembered(forKey key: String) -> SourceEntry? {
        guard let prefix = Self.prefix(of: key) else { return nil }
        return Self.opened(state.withLock { $0.entries[prefix] }, by: key)
    }

    /// `nil`: no source can have this key.
    private static func prefix(of key: String) -> String? {
        key.utf8.count <= Limits.alertKey ? AlertSourceRecord.keyPrefix(of: key) : nil
    }

    /// `source` when it has the whole key; compared in constant time.
    private static func opened(_ source: SourceEntry?, by key: String) -> SourceEntry? {
        source.flatMap { Tokens.areEqual($0.record.integrationKey, key) ? $0 : nil }
    }

    /// - Returns: `nil` for an unknown key. The part after the prefix is compared in constant time.
    public func entry(forKey key: String) async throws -> SourceEntry? {
        guard let prefix = Self.prefix(of: key) else { return nil }
        let (cached, generation) = state.withLock { ($0.entries[prefix], $0.generation) }
        if let cached { return Self.opened(cached, by: key) }
        let found: SourceEntry?
        do {
            found = try await store.read { transaction in
                try Self.load(AlertSources.find(keyPrefix: prefix, in: transaction), in: transaction)
            }
        } catch let error as StorageError where error.concernsAll {
            guard let last = state.withLock({ $0.last[prefix] }) else { throw error }
            return Self.opened(last, by: key)
        }
        guard let found = Self.opened(found, by: key) else { return nil }
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.entries.count >= Self.capacity { state.entries.removeAll() }
            state.entries[prefix] = found
        }
        return found
    }

    /// By id; for requests that come from a page instead of a key.
    public func entry(for id: AlertSource.ID) async throws -> SourceEntry? {
        try await store.read { transaction in try Self.entry(for: id, in: transaction) }
    }

    static func entry(for id: AlertSource.ID, in transaction: any Transaction) throws -> SourceEntry? {
        try load(AlertSources.find(id, in: transaction), in: transaction)
    }

    /// The support hours and schedules that a source's rules ask about, as they are now.
    public func periods(of record: AlertSourceRecord) async throws -> SourcePeriods {
        try await store.read { try SourcePeriods.load(for: record, EventRules(stored: record.fields), in: $0) }
    }

    /// The key of an alert of one source; `nil` when there is no such alert.
    func alertKey(of alert: Alert.ID, source: AlertSource.ID) async throws -> String? {
        try await store.read { transaction in
            let found = try Alerts.find(alert, in: transaction)
            return found.flatMap { $0.alert.source == source ? $0.alert.key : nil }
        }
    }

    /// The open alert of a key; `nil` when there is none.
    func openAlert(_ key: AlertKey, source: AlertSource.ID) async throws -> Alert.ID? {
        try await store.read { transaction in
            try AlertKeys.find(key, source: source, in: transaction)?.open?.id
        }
    }

    /// All sources, as they were read last.
    var lastKnown: [SourceEntry] { state.withLock { Array($0.last.values) } }

    /// Reads all sources once after each change, so that their keys are known while the database is away.
    ///
    /// - Returns: whether they were read.
    func warm() async throws -> Bool {
        let (warmed, generation) = state.withLock { ($0.warmed, $0.generation) }
        guard warmed != generation else { return false }
        let prefixes = try await store.read { try AlertSources.keyPrefixes(limit: Self.capacity, in: $0) }
        var entries: [String: SourceEntry] = [:]
        for start in stride(from: 0, to: prefixes.count, by: Self.warmedAtOnce) {
            let some = prefixes[start..<min(start + Self.warmedAtOnce, prefixes.count)]
            let found = try await store.read { transaction in
                try some.compactMap { prefix in
                    try Self.load(AlertSources.find(keyPrefix: prefix, in: transaction), in: transaction)
                        .map { (prefix, $0) }
                }
            }
            for (prefix, entry) in found { entries[prefix] = entry }
        }
        state.withLock { [entries] state in
            state.last = entries
            state.warmed = generation
        }
        return true
    }

    /// To be called after every commit that changes an alert source or an escalation policy.
    public func forgetAll() {
        state.withLock { state in
            state.entries.removeAll()
            state.generation += 1
        }
    }

    private static func load(_ record: AlertSourceRecord?, in transaction: any Transaction) throws -> SourceEntry? {
        guard let record else { return nil }
        let policy = try EscalationPolicies.find(record.policy, in: transaction)?.policy
        return SourceEntry(
            record, policy: policy ?? EscalationPolicy(levels: []),
            supportHours: try SupportHoursList.hours(of: record, in: transaction),
            maintenance: try MaintenanceWindows.spans(of: record.id, in: transaction),
            periods: try SourcePeriods.load(for: record, EventRules(stored: record.fields), in: transaction),
            webhookSecret: try WebhookSecrets.find(record.id, in: transaction))
    }
}
