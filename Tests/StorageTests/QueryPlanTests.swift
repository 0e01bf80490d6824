import Alerting
import Simulation
import Storage
import Synchronization
import Testing

/// Asks SQLite how it finds the rows of the statements that run all the time: by an index, never by reading a table.
struct QueryPlanTests {
    /// Notes the plan of every statement and then runs it.
    private struct Explaining: Transaction {
        final class Plans: Sendable {
            let steps = Mutex<[String]>([])
        }

        let base: any Transaction
        let plans: Plans

        func query(_ sql: String, _ arguments: Arguments) throws(StorageError) -> [Row] {
            try explain(sql, arguments)
            return try base.query(sql, arguments)
        }

        func execute(_ sql: String, _ arguments: Arguments) throws(StorageError) {
            try explain(sql, arguments)
            try base.execute(sql, arguments)
        }

        private func explain(_ sql: String, _ arguments: Arguments) throws(StorageError) {
            for row in try base.query("EXPLAIN QUERY PLAN " + sql, arguments) {
                let step = try row.text("detail")
                plans.steps.withLock { $0.append(step) }
            }
        }
    }

    private let world: StorageWorld

    init() throws {
        world = try StorageWorld()
    }

    private func steps(_ body: @Sendable (any Transaction) throws -> Void) throws -> [String] {
        let plans = Explaining.Plans()
        try world.write { try body(Explaining(base: $0, plans: plans)) }
        return plans.steps.withLock { $0 }
    }

    private func scans(_ body: @Sendable (any Transaction) throws -> Void) throws -> [String] {
        let steps = try steps(body)
        #expect(!steps.isEmpty)
        // The teams themselves are few; values that are looked for, and what was found of them, are no table.
        let few = ["t", "v", "c", "f", "found", "d", "e LEFT-JOIN"].map { "SCAN \($0)" }
        return steps.filter {
            $0.hasPrefix("SCAN") && !$0.contains("USING") && !few.contains($0)
                && !$0.hasSuffix("CONSTANT ROWS")
        }
    }

    private static let key = AlertKey("home")

    @Test func `given an event, when its key and its group are looked up, then no table is read whole`() throws {
        let key = try #require(Self.key)

        let now = world.now

        let scans = try scans { transaction in
            _ = try AlertKeys.find(key, source: SimulatedCast.shop, in: transaction)
            _ = try AlertKeys.find([.init(key, mayEnd: true)], source: SimulatedCast.shop, in: transaction)
            _ = try AlertKeys.newestOpen(source: SimulatedCast.shop, except: key, in: transaction)
            try AlertKeys.close(key, source: SimulatedCast.shop, resolvedAt: nil, at: now, in: transaction)
            try AlertKeys.closeAll(of: .init(1), at: now, in: transaction)
            _ = try AlertSources.find(keyPrefix: "nb1s", in: transaction)
            _ = try EscalationPolicies.find(routingKey: "a", account: SimulatedCast.account, in: transaction)
        }

        #expect(scans == [])
    }

    @Test func `given timers, when those that are due are taken, then no table is read whole and nothing is sorted`()
        throws
    {
        let steps = try steps { [world] transaction in
            _ = try Timers.claimDue(at: world.now, limit: 9, in: transaction)
            _ = try Timers.nextDue(in: transaction)
            _ = try Timers.due(at: world.now, limit: 9, in: transaction)
        }

        #expect(steps.filter { $0.hasPrefix("SCAN") && !$0.contains("USING") } == [])
        #expect(steps.filter { $0.contains("TEMP B-TREE") } == [])
    }

    @Test func `given messages, when those that are due are taken, then no table is read whole and nothing is sorted`()
        throws
    {
        let steps = try steps { [world] transaction in
            try Alerts.insert(world.alert(1), in: transaction)
            _ = try Messages.insert(world.message(1), in: transaction)
            let taken = try Messages.claimDue(Lane(.email), at: world.now, until: world.now, limit: 9, in: transaction)
            #expect(taken.count == 1)
            _ = try Messages.nextDue(ofEachLane: .email, in: transaction)
            _ = try Messages.due(Lane(.email), at: world.now, limit: 9, in: transaction)
            _ = try Messages.cancelWaiting(of: .init(1), reason: "accepted", in: transaction)
            _ = try Messages.cancelOverdue(
                besides: world.message(1), at: world.now, reason: "merged", in: transaction)
        }

        // The lists of lanes and ranks have no table.
        let tables = steps.filter { !["SCAN l", "SCAN v", "SCAN CONSTANT ROW"].contains($0) }
        #expect(tables.filter { $0.hasPrefix("SCAN") && !$0.contains("USING") } == [])
        #expect(steps.filter { $0.contains("TEMP B-TREE") } == [])
    }

    @Test func `given an alert's message, when it is queued, then only the alert's own are looked through`() throws {
        let steps = try steps { [world] transaction in
            try Alerts.insert(world.alert(1), in: transaction)
            _ = try Messages.insert(world.message(1), in: transaction)
            _ = try Messages.list(of: .init(1), in: transaction)
            _ = try Messages.shortCode(of: .init(1), to: "a@example.com", in: transaction)
            _ = try Messages.cancelOverdue(
                besides: world.message(1), at: world.now, reason: "merged", in: transaction)
        }

        let searches = steps.filter { $0.contains("messages") }
        #expect(searches.count >= 4)
        #expect(searches.filter { !$0.contains("INDEX messages_alert") } == [])
        let code = try self.steps { _ = try Messages.lastShortCode(to: "+4930123456", in: $0) }
        #expect(code.filter { $0.contains("TEMP B-TREE") } == [])
    }

    @Test(arguments: [Scope.carol, .alice])
    func `given the list of alerts, when it is read, then an index gives them`(scope: Scope) throws {
        let page = Page(limit: 50)

        let open = AlertFilter(statuses: [.pending, .accepted])
        let first = try steps { _ = try AlertList.list(open, scope: scope, page: page, in: $0) }
        #expect(first.contains { $0.contains("INDEX alerts_open_by_time (account_id=?)") })
        #expect(first.filter { $0.contains("TEMP B-TREE") } == [])
        for most in [nil, 10] {
            #expect(try scans { _ = try AlertList.count(open, scope: scope, most: most, in: $0) } == [])
        }
        let all = try steps { _ = try AlertList.list(AlertFilter(), scope: scope, page: page, in: $0) }
        #expect(all.filter { $0.hasPrefix("SCAN a") || $0.contains("TEMP B-TREE") } == [])
    }

    @Test func `given the event explorer, when it is read, then an index gives the newest in order`() throws {
        let steps = try steps { transaction in
            _ = try EventLog.list(source: SimulatedCast.shop, limit: 50, in: transaction)
            _ = try EventLog.list(alert: .init(1), limit: 50, in: transaction)
            _ = try EventLog.overfullSources(keeping: 9, in: transaction)
        }

        #expect(steps.filter { $0.hasPrefix("SCAN e") || $0.contains("TEMP B-TREE") } == [])
    }

    @Test func `given what is forgotten, when it is looked for, then no table is read whole`() throws {
        let steps = try steps { [world] transaction in
            try AlertKeys.prune(before: world.now, limit: 9, in: transaction)
            try Sessions.prune(before: world.now, in: transaction)
            _ = try EventLog.prune(before: world.now, limit: 9, in: transaction)
            _ = try EventLog.prune(source: SimulatedCast.shop, keeping: 9, limit: 9, in: transaction)
            _ = try Timeline.list(of: .init(1), in: transaction)
        }

        // The oldest events are the table's first rows; no more of them are read than are forgotten.
        #expect(steps.filter { $0.hasPrefix("SCAN") && !$0.contains("USING") && $0 != "SCAN events" } == [])
    }
}
