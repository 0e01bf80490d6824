import TestSupport
import Testing

struct StorageOnPostgresTests {
    @Test(.disabled(if: OnPostgres.isRunning))
    func `given PostgreSQL, when all that holds of storage is asked of it, then it holds there too`() async throws {
        let failures = try await OnPostgres.run(
            filter: #"^StorageTests\."#,
            skipping: ["StorageOnPostgresTests", "SQLite", "QueryPlanTests"])

        #expect(failures == "")
    }
}
