import Alerting
import Simulation
import Storage
import Synchronization
import TestSupport
import Testing

@testable import StoragePostgres

/// The statements that run all the time, in groups: each kind of database is asked how it finds their rows.
enum HotStatements: String, CaseIterable {
    case gathered, keys, timers, messages, messagesOfAnAlert, openAlerts, countedAlerts, allAlerts, events, forgotten

    func run(_ world: StorageWorld, as scope: Scope = .carol, in transaction: any Transaction) throws {
        let shop = SimulatedCast.shop
        let now = world.now
        let page = Page(limit: 50)
        let open = AlertFilter(statuses: [.pending, .accepted])
        switch self {
        case .gathered: try gather(world, in: transaction)
        case .keys:
            let key = try #require(AlertKey("home"))
            _ = try AlertKeys.find(key, source: shop, in: transaction)
            _ = try AlertKeys.find([.init(shop, [.init(key, mayEnd: true)], newestExcept: key)], in: transaction)
            _ = try AlertKeys.newestOpen(source: shop, except: key, in: transaction)
            try AlertKeys.close(key, source: shop, resolvedAt: nil, at: now, in: transaction)
            try AlertKeys.closeAll(of: .init(1), at: now, in: transaction)
            _ = try AlertSources.find(keyPrefix: "nb1s", in: transaction)
            _ = try EscalationPolicies.find(routingKey: "a", account: SimulatedCast.account, in: transaction)
        case .timers:
            _ = try Timers.claimDue(at: now, limit: 9, in: transaction)
            _ = try Timers.nextDue(in: transaction)
            _ = try Timers.due(at: now, limit: 9, in: transaction)
        case .messages:
            try Alerts.insert(world.alert(1), in: transaction)
            _ = try Messages.insert(world.message(1), in: transaction)
            let taken = try Messages.claimDue(Lane(.email), at: now, until: now, limit: 9, in: transaction)
            #expect(taken.count == 1)
            _ = try Messages.nextDue(ofEachLane: .email, in: transaction)
            _ = try Messages.due(Lane(.email), at: now, limit: 9, in: transaction)
            _ = try Messages.cancelWaiting(of: .init(1), reason: "accepted", in: transaction)
            _ = try Messages.cancelOverdue(besides: world.message(1), at: now, reason: "merged", in: transaction)
        case .messagesOfAnAlert:
            try Alerts.insert(world.alert(1), in: transaction)
            _ = try Messages.insert(world.message(1), in: transaction)
            _ = try Messages.list(of: .init(1), in: transaction)
            _ = try Messages.shortCode(of: .init(1), to: "a@example.com", in: transaction)
            _ = try Messages.cancelOverdue(besides: world.message(1), at: now, reason: "merged", in: transaction)
        case .openAlerts: _ = try AlertList.list(open, scope: scope, page: page, in: transaction)
        case .countedAlerts:
            for most in [nil, 10] { _ = try AlertList.count(open, scope: scope, most: most, in: transaction) }
        case .allAlerts: _ = try AlertList.list(AlertFilter(), scope: scope, page: page, in: transaction)
        case .events:
            _ = try EventLog.list(source: shop, limit: 50, in: transaction)
            _ = try EventLog.list(alert: .init(1), limit: 50, in: transaction)
            _ = try EventLog.overfullSources(keeping: 9, in: transaction)
        case .forgotten:
            try AlertKeys.prune(before: now, limit: 9, in: transaction)
            try Sessions.prune(before: now, in: transaction)
            _ = try EventLog.prune(before: now, limit: 9, in: transaction)
            _ = try EventLog.prune(source: shop, keeping: 9, limit: 9, in: transaction)
            _ = try Timeline.list(of: .init(1), in: transaction)
        }
    }
}

extension HotStatements {
    /// Whatever an event may write.
    private func gather(_ world: StorageWorld, in transaction: any Transaction) throws {
        let (shop, now) = (SimulatedCast.shop, world.now)
        let key = try #require(AlertKey("home"))
        try Alerts.insert(world.alert(1), in: transaction)
        try AlertKeys.open(key, alert: .init(1), source: shop, at: now, in: transaction)
        try Timers.set(AlertTimer(alert: .init(1), kind: .escalation, due: now), in: transaction)
        try Timeline.insert(
            TimelineEntry(at: now, kind: .raisedBySource), id: .init(1), alert: .init(1), in: transaction)
        try EventLog.insert(
            StoredEvent(
                id: .init(1), request: .init(1), source: shop, receivedAt: now, method: "POST", path: "/", body: [],
                kind: .alert, key: "home", summary: "down", reason: .newAlert, alert: .init(1)),
            in: transaction)
        let event = AlertEvent(kind: .alert, summary: "down", details: "again")
        try Alerts.append(event, to: .init(1), at: now, in: transaction)
        try AlertKeys.close(key, source: shop, resolvedAt: now, at: now, in: transaction)
        try Timers.cancelAll(of: .init(1), in: transaction)
        try Alerts.end(.init(1), by: .source, at: now, in: transaction)
    }
}

/// Notes how each statement finds its rows and then runs it.
struct Explaining: Transaction {
    final class Plans: Sendable {
        let steps = Mutex<[String]>([])
    }

    let base: any Transaction
    let kind: TemporaryDatabase.Kind
    let plans: Plans

    func query(_ sql: String, _ arguments: Arguments) throws(StorageError) -> [Row] {
        try explain(sql, arguments)
        return try base.query(sql, arguments)
    }

    func execute(_ sql: String, _ arguments: Arguments) throws(StorageError) {
        try explain(sql, arguments)
        try base.execute(sql, arguments)
    }

    func gather(_ statement: GatheredStatement, _ arguments: Arguments) throws(StorageError) {
        switch kind {
        case .sqlite: try execute(statement.alone, arguments)
        case .postgres:
            try explainRows(statement, arguments)
            try base.gather(statement, arguments)
        }
    }

    func query(_ questions: [Question]) throws(StorageError) -> [[Row]] {
        for question in questions {
            switch (question, kind) {
            case (.statement(let sql, let arguments), _): try explain(sql, arguments)
            case (.lookUp(let lookUp, let things), .sqlite):
                for (sql, arguments) in lookUp.statements(for: things) { try explain(sql, arguments) }
            case (.lookUp(let lookUp, let things), .postgres): try explainRows(RowText(lookUp.text), things[...])
            }
        }
        return try base.query(questions)
    }

    private func explainRows(_ statement: GatheredStatement, _ arguments: Arguments) throws(StorageError) {
        let rows = try RowStatement(statement).text
        try explainRows(rows, [try arguments.values(of: rows.names, in: rows.text)])
    }

    /// As it is sent for many rows: a plan for any arrays.
    private func explainRows(_ rows: RowText, _ values: ArraySlice<[SQLValue]>) throws(StorageError) {
        let variant = try rows.variant(for: values) { "explained" }
        let types = variant.elements.filter { $0 != TypeID.inferred }.map { element in
            element == TypeID.int8 ? "bigint[]" : element == TypeID.bytea ? "bytea[]" : "text[]"
        }
        try base.execute("PREPARE explained (\(types.joined(separator: ", "))) AS \(rows.sql(variant))", [:])
        try explain("EXECUTE explained (\(types.map { _ in "NULL" }.joined(separator: ", ")))", [:])
        try base.execute("DEALLOCATE explained", [:])
    }

    private func explain(_ sql: String, _ arguments: Arguments) throws(StorageError) {
        let (command, column) =
            switch kind {
            case .sqlite: ("EXPLAIN QUERY PLAN ", "detail")
            case .postgres: ("EXPLAIN (COSTS OFF) ", "QUERY PLAN")
            }
        for row in try base.query(command + sql, arguments) {
            let step = try row.text(column)
            plans.steps.withLock { $0.append(step) }
        }
    }

    /// - Returns: one line for each step of each statement, in the database's words.
    static func steps(
        of world: StorageWorld, _ body: @Sendable (any Transaction) throws -> Void
    ) throws -> [String] {
        let plans = Plans()
        try world.write { try body(Explaining(base: $0, kind: world.temporary.kind, plans: plans)) }
        return plans.steps.withLock { $0 }
    }
}
