import Foundation

/// Runs this bundle's tests once more, in a process of their own, with PostgreSQL behind every `TemporaryDatabase`.
public enum OnPostgres {
    /// Set in that process, so that it does not start another.
    public static var isRunning: Bool { TemporaryDatabase.Kind.current == .postgres }

    /// - Parameters:
    ///   - filter: which tests, as `swift test --filter` has it.
    ///   - skipped: which of them not: what is about SQLite alone.
    /// - Returns: what a reader needs to know of a run that failed; empty when all went well.
    public static func run(
        filter: String, skipping skipped: [String], environment: [String: String] = [:],
        within limit: Duration = .seconds(600)
    ) async throws -> String {
        let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let arguments =
            ["--testing-library", "swift-testing", "--no-parallel", "--filter", filter]
            + skipped.flatMap { ["--skip", $0] }
        let run = try await ChildProcess.run(
            executable, arguments, environment: environment.merging(["NIGHTBELL_TEST_DATABASE": "postgres"]) { $1 },
            within: limit)
        let lines = run.output + run.error
        guard run.exit == .status(0),
            lines.contains(where: { $0.contains("Test run with") && !$0.contains(" 0 tests") })
        else {
            let noise: Set<Character> = ["◇", "✔", "↳", "["]
            let said = lines.filter { line in line.first.map { !noise.contains($0) } ?? false }
            return """
                The same SQL must run on SQLite and on PostgreSQL (docs/STYLE.md, 7). On PostgreSQL failed \
                (\(run.exit)); repeat with NIGHTBELL_TEST_DATABASE=postgres swift test --filter '…':
                \(said.suffix(200).joined(separator: "\n"))
                """
        }
        return ""
    }
}
