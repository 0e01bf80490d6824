import TestSupport
import Testing

struct EngineOnPostgresTests {
    @Test(.disabled(if: OnPostgres.isRunning))
    func `given PostgreSQL, when the engine's stories are played on it, then they end the same`() async throws {
        let failures = try await OnPostgres.run(
            filter: #"^EngineTests\."#, skipping: ["EngineOnPostgresTests", "PasswordsTests", "TokensTests"],
            environment: ["NIGHTBELL_SEEDS": "3", "NIGHTBELL_LONG_SEEDS": "0"])

        #expect(failures == "")
    }
}
