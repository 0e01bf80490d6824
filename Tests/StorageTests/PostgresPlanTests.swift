import Simulation
import Storage
import TestSupport
import Testing

/// Asks PostgreSQL how it finds the rows of the statements that run all the time, on the connection that writes: there
/// it reads a table whole only where no index would do.
struct PostgresPlanTests {
    private let world: StorageWorld

    init() throws {
        world = try StorageWorld(kind: .postgres)
    }

    /// Steps that read all rows of a table, or all that an index has.
    private func wholeReads(_ body: @Sendable (any Transaction) throws -> Void) throws -> [String] {
        let steps = try Explaining.steps(of: world, body)
        #expect(!steps.isEmpty)
        return steps.indices.filter { index in
            if steps[index].contains("Seq Scan on ") { return true }
            let isCondition = index + 1 < steps.count && steps[index + 1].contains(" Cond: ")
            return steps[index].contains("Index ") && steps[index].contains(" using ") && !isCondition
        }.map { steps[$0].trimmingPrefix { $0 == " " || $0 == "-" || $0 == ">" } }.map(String.init)
    }

    @Test(arguments: HotStatements.allCases)
    func `given statements that run all the time, then PostgreSQL finds their rows by an index`(
        hot: HotStatements
    ) throws {
        let expected: [HotStatements: Set<String>] = [
            // The first of them.
            .timers: ["Index Only Scan using timers_due on timers"],
            .forgotten: ["Index Only Scan using events_pkey on events events_1"],
            // Alert sources are few.
            .events: ["Index Only Scan using alert_sources_pkey on alert_sources s"],
        ]
        let world = world
        let reads = try wholeReads { try hot.run(world, in: $0) }
        #expect(Set(reads) == expected[hot, default: []])
    }

    @Test(arguments: [
        "SELECT id FROM events WHERE summary = 'Shop is down'", "SELECT id FROM alerts ORDER BY id LIMIT 1",
    ])
    func `given a statement without a condition that an index knows, then it is seen`(sql: String) throws {
        #expect(try wholeReads { _ = try $0.query(sql, [:]) }.count == 1)
    }
}
