public import Alerting
import Integrations
public import Storage
import Synchronization

/// An event flow with all that its events need, read once and kept until something of it changes.
public final class FlowEntry: Sendable {
    public let record: EventFlowRecord
    public let flow: EventFlow
    private let hours: [SupportHours.ID: SupportHours]
    private let periods: SourcePeriods

    init(
        _ record: EventFlowRecord, _ flow: EventFlow, hours: [SupportHours.ID: SupportHours] = [:],
        periods: SourcePeriods = .none
    ) {
        self.record = record
        self.flow = flow
        self.hours = hours
        self.periods = periods
    }

    func environment(at now: Timestamp) -> FlowEnvironment {
        FlowEnvironment(conditions: ConditionEnvironment(now: now, isIn: periods.isIn), hours: hours)
    }

    /// Leads an event through the flow; nothing is written.
    public func walk(
        _ event: AlertEvent, integrationType: String, resumed: Int64? = nil, at now: Timestamp,
        counters: inout ConditionCounters
    ) -> FlowWalk {
        FlowWalk(
            event, through: flow, integrationType: integrationType, resumed: resumed, in: environment(at: now),
            counters: &counters)
    }

    /// - Throws: `StorageError`; a stored tree that this version cannot read is `unreadable`.
    static func load(_ record: EventFlowRecord, in transaction: any Transaction) throws -> FlowEntry {
        let flow: EventFlow
        do throws(Failure) {
            flow = try EventFlow(root: record.root)
        } catch {
            throw StorageError.unreadable(column: "root")
        }
        return try load(record, flow, in: transaction)
    }

    /// The flow as it would be with another tree.
    static func load(
        _ record: EventFlowRecord, _ flow: EventFlow, in transaction: any Transaction
    ) throws -> FlowEntry {
        var hours: [SupportHours.ID: SupportHours] = [:]
        for id in flow.hours {
            hours[id] = try SupportHoursList.find(id, account: record.account, in: transaction)?.hours
        }
        let periods = try SourcePeriods.load(
            flow.periods, account: record.account, since: record.createdAt, in: transaction)
        return FlowEntry(record, flow, hours: hours, periods: periods)
    }
}

/// Finds event flows by integration key, from memory where it can.
public final class FlowDirectory: Sendable {
    /// A way into a flow.
    public struct Entrance: Sendable {
        public let integration: EventFlowIntegration
        public let entry: FlowEntry
    }

    private struct State {
        var entrances: [String: Entrance] = [:]
        /// Goes up at every change, so that a read that began before one is not kept.
        var generation = 0
    }

    private let store: Store
    private let state = Mutex(State())
    private static let capacity = 10_000

    public init(store: Store) {
        self.store = store
    }

    /// - Returns: `nil` for an unknown key. The part after the prefix is compared in constant time.
    public func entrance(forKey key: String) async throws -> Entrance? {
        guard (AlertSourceRecord.keyPrefixLength...Limits.alertKey).contains(key.utf8.count) else { return nil }
        let prefix = String(key.prefix(AlertSourceRecord.keyPrefixLength))
        let (cached, generation) = state.withLock { ($0.entrances[prefix], $0.generation) }
        if let cached { return Tokens.areEqual(cached.integration.key, key) ? cached : nil }
        let found: Entrance? = try await store.read { transaction in
            guard let integration = try EventFlowIntegrations.find(keyPrefix: prefix, in: transaction),
                let record = try EventFlows.find(integration.flow, in: transaction)
            else { return nil }
            return Entrance(integration: integration, entry: try FlowEntry.load(record, in: transaction))
        }
        guard let found, Tokens.areEqual(found.integration.key, key) else { return nil }
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.entrances.count >= Self.capacity { state.entrances.removeAll() }
            state.entrances[prefix] = found
        }
        return found
    }

    /// To be called after every commit that changes a flow, support hours or a schedule.
    public func forgetAll() {
        state.withLock { state in
            state.entrances.removeAll()
            state.generation += 1
        }
    }
}
