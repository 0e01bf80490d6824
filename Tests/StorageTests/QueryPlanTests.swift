import Alerting
import Simulation
import Storage
import TestSupport
import Testing

/// Asks SQLite how it finds the rows of the statements that run all the time: by an index, never by reading a table.
struct QueryPlanTests {
    private let world: StorageWorld

    init() throws {
        world = try StorageWorld(kind: .sqlite)
    }

    private func steps(_ hot: HotStatements, as scope: Scope = .carol) throws -> [String] {
        let world = world
        return try Explaining.steps(of: world) { try hot.run(world, as: scope, in: $0) }
    }

    private func scans(_ hot: HotStatements, as scope: Scope = .carol) throws -> [String] {
        let steps = try steps(hot, as: scope)
        #expect(!steps.isEmpty)
        // The teams themselves are few; values that are looked for, and what was found of them, are no table.
        let few = ["t", "v", "c", "f", "found", "d", "e LEFT-JOIN"].map { "SCAN \($0)" }
        return steps.filter {
            $0.hasPrefix("SCAN") && !$0.contains("USING") && !few.contains($0)
                && !$0.hasSuffix("CONSTANT ROWS")
        }
    }

    @Test func `given whatever an event writes, when it is written, then no table is read whole`() throws {
        #expect(try scans(.gathered) == [])
    }

    @Test func `given an event, when its key and its group are looked up, then no table is read whole`() throws {
        #expect(try scans(.keys) == [])
    }

    @Test func `given timers, when those that are due are taken, then no table is read whole and nothing is sorted`()
        throws
    {
        let steps = try steps(.timers)

        #expect(steps.filter { $0.hasPrefix("SCAN") && !$0.contains("USING") } == [])
        #expect(steps.filter { $0.contains("TEMP B-TREE") } == [])
    }

    @Test func `given messages, when those that are due are taken, then no table is read whole and nothing is sorted`()
        throws
    {
        let steps = try steps(.messages)

        // The lists of lanes and ranks have no table.
        let tables = steps.filter { !["SCAN l", "SCAN v", "SCAN CONSTANT ROW"].contains($0) }
        #expect(tables.filter { $0.hasPrefix("SCAN") && !$0.contains("USING") } == [])
        #expect(steps.filter { $0.contains("TEMP B-TREE") } == [])
    }

    @Test func `given an alert's message, when it is queued, then only the alert's own are looked through`() throws {
        let steps = try steps(.messagesOfAnAlert)

        let searches = steps.filter { $0.contains("messages") }
        #expect(searches.count >= 4)
        #expect(searches.filter { !$0.contains("INDEX messages_alert") } == [])
        let code = try Explaining.steps(of: world) { _ = try Messages.lastShortCode(to: "+4930123456", in: $0) }
        #expect(code.filter { $0.contains("TEMP B-TREE") } == [])
    }

    @Test(arguments: [Scope.carol, .alice])
    func `given the list of alerts, when it is read, then an index gives them`(scope: Scope) throws {
        let first = try steps(.openAlerts, as: scope)
        #expect(first.contains { $0.contains("INDEX alerts_open_by_time (account_id=?)") })
        #expect(first.filter { $0.contains("TEMP B-TREE") } == [])
        #expect(try scans(.countedAlerts, as: scope) == [])
        let all = try steps(.allAlerts, as: scope)
        #expect(all.filter { $0.hasPrefix("SCAN a") || $0.contains("TEMP B-TREE") } == [])
    }

    @Test func `given the event explorer, when it is read, then an index gives the newest in order`() throws {
        let steps = try steps(.events)

        #expect(steps.filter { $0.hasPrefix("SCAN e") || $0.contains("TEMP B-TREE") } == [])
    }

    @Test func `given what is forgotten, when it is looked for, then no table is read whole`() throws {
        let steps = try steps(.forgotten)

        // The oldest events are the table's first rows; no more of them are read than are forgotten.
        #expect(steps.filter { $0.hasPrefix("SCAN") && !$0.contains("USING") && $0 != "SCAN events" } == [])
    }
}
