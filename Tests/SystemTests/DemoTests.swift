import TestSupport
import Testing

extension SystemTests {
    @Suite(.serialized) struct DemoTests {
        @Test func `given nothing, when the demonstration is played, then it pages, accepts, resolves and ends`()
            async throws
        {
            let folder = TemporaryFolder()

            let result = try await RunningServer.run(["demo", "--exit", "--data-dir", folder.path + "/demo"])

            let text = result.output.joined(separator: "\n")
            #expect(result.exit == .status(0), "\(result.error)")
            for words in [
                "Raised by the alert source", "Email to Alice Archer was handed over",
                "Subject: [HIGH] Shop - Home is failing", "Accepted by Alice Archer", "Resolved by the alert source",
            ] {
                #expect(text.contains(words), "\(words) is missing in \(text)")
            }
        }

        @Test func `given an installation, when the demonstration is asked for there, then it is refused`() async throws
        {
            let folder = TemporaryFolder()
            try await RunningServer.setUp(folder.path)

            let result = try await RunningServer.run(["demo", "--exit", "--data-dir", folder.path])

            #expect(result.exit == .status(1))
            #expect(result.error.last?.contains("holds an installation already") == true)
        }
    }
}
