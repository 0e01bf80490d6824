import Alerting
import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// `nightbell simulate`, `check` and `export` on the demonstration's configuration.
    @Suite(.serialized) struct SimulateTests {
        private static let payload = """
            {"status": "failing", "message": "Shop - Home is failing",
             "monitor": {"uuid": "67f71e26-6d76-4d6b-9b6b-944c28e32c9d", "label": "Home"}}
            """

        private static func demo() async throws -> (folder: TemporaryFolder, data: String) {
            let folder = TemporaryFolder()
            let data = folder.path + "/demo"
            let told = try await RunningServer.run(["demo", "--exit", "--data-dir", data])
            #expect(told.exit == .status(0), "\(told.error)")
            try folder.write(payload, to: "failing.json")
            return (folder, data)
        }

        @Test func `given the demo, when an hour of silence is simulated, then all three are paged in their turn`()
            async throws
        {
            let (folder, data) = try await Self.demo()

            let result = try await RunningServer.run([
                "simulate", "--data-dir", data, "--at", "2026-10-25T02:30 Europe/Berlin", "--source", "Shop",
                "--payload", folder.path + "/failing.json", "--silent", "60m",
            ])

            let text = result.output.joined(separator: "\n")
            #expect(result.exit == .status(0), "\(result.error)")
            for words in [
                "Who gets paged: Shop, 2026-10-25 02:30:00 Europe/Berlin (2026-10-25T00:30:00.000Z)",
                "+0:00       Alice Archer: Email to alice@example.com, level 1", "+5:00       Bob Baker",
                "+10:00      Carol Cole", "At the end: “Home is failing” is pending, HIGH priority",
            ] {
                #expect(text.contains(words), "\(words) is missing in \(text)")
            }
        }

        @Test func `given the demo, when an acceptance is simulated as JSON, then the others are told why not`()
            async throws
        {
            let (folder, data) = try await Self.demo()

            let result = try await RunningServer.run([
                "simulate", "--data-dir", data, "--at", "2026-10-25T00:30:00Z", "--source", "Shop", "--payload",
                folder.path + "/failing.json", "--accept-after", "7m", "--format", "json",
            ])

            let value = try JSONValue.parse(result.output.joined(separator: "\n"))
            #expect(value["pages"]?.array?.map { $0["person"]?.string } == ["Alice Archer", "Bob Baker"])
            let alert = value["alerts"]?[0]
            #expect(alert?["status"]?.string == "ACCEPTED")
            #expect(
                alert?["people"]?[2]?["reason"]?.string
                    == "Not paged: level 3 was not reached, somebody had accepted.")
        }

        @Test func `given an export, when stories are checked on it, then each is judged and the code says it all`()
            async throws
        {
            let (folder, data) = try await Self.demo()
            let export = try await RunningServer.run(["export", "--data-dir", data, folder.path + "/live.json"])
            try folder.write(Self.stories(expecting: "Carol"), to: "good.yaml")
            try folder.write(Self.stories(expecting: "Olivia"), to: "bad.yaml")

            let good = try await RunningServer.run(["check", folder.path + "/good.yaml"])
            let bad = try await RunningServer.run(["check", folder.path + "/bad.yaml"])

            #expect(export.exit == .status(0), "\(export.error)")
            let exported = try String(contentsOfFile: folder.path + "/live.json", encoding: .utf8)
            #expect(!exported.contains("alice@example.com") && exported.contains("Archer"))
            #expect(good.exit == .status(0), "\(good.output) \(good.error)")
            #expect(good.output.last == "2 stories, 0 failed.")
            #expect(bad.exit == .status(1))
            #expect(bad.output.contains { $0.contains("Olivia should be paged") }, "\(bad.output)")
        }

        private static func stories(expecting third: String) -> String {
            """
            configuration: live.json
            stories:
              - name: Nobody reacts
                at: 2026-10-25T02:30 Europe/Berlin
                source: Shop
                payload-file: failing.json
                silent: 60m
                expect:
                  - alert: pending
                    priority: HIGH
                    policy: Shop on call
                  - paged: Alice
                    by: email
                    within: 1m
                  - paged: \(third)
                    after: 10m
                    level: 3
                  - pages: 3
              - name: Well again within the minute
                at: 2026-10-25T02:30 Europe/Berlin
                source: Shop
                payload: {status: failing, message: Down, monitor: {uuid: 1}}
                then:
                  - after: 1m
                    payload: {status: passing, message: Up, monitor: {uuid: 1}}
                expect:
                  - alert: resolved
                  - not-paged: Bob Baker
            """
        }

        @Test(arguments: [
            ("stories: []", "stories: there must be at least one."),
            ("stories: [{name: x, sauce: Shop}]", "stories[0].sauce: there is no such field"),
            (
                "stories: [{at: tomorrow, source: Shop, payload: {}, expect: [{pages: 1}]}]",
                "stories[0].at: write it as in"
            ),
            (
                "stories: [{at: 2026-10-25T02:30 Europe/Berlin, source: Shop, payload: {}, expect: [{by: email}]}]",
                "stories[0].expect[0]: expects nothing."
            ), ("a: [", "The file is no YAML"), ("", "The file is empty."),
        ])
        func `given a file with a mistake, when it is checked, then the field is named and nothing is played`(
            text: String, sentence: String
        ) async throws {
            let folder = TemporaryFolder()
            try folder.write(text, to: "stories.yaml")

            let result = try await RunningServer.run(["check", folder.path + "/stories.yaml"])

            #expect(result.exit == .status(65))
            #expect(result.error.last?.contains(sentence) == true, "\(result.error)")
        }

        @Test func `given aliases that make many nodes of few, when the file is checked, then it is refused`()
            async throws
        {
            let folder = TemporaryFolder()
            var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            for level in 1...8 {
                let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
                text += "a\(level): &a\(level) [\(aliases)]\n"
            }
            try folder.write(text, to: "stories.yaml")

            let result = try await RunningServer.run(["check", folder.path + "/stories.yaml"])

            #expect(result.exit == .status(65), "\(result.error)")
        }

        @Test func `given no such source, when it is simulated, then the sentence says which there are`() async throws {
            let (folder, data) = try await Self.demo()

            let result = try await RunningServer.run([
                "simulate", "--data-dir", data, "--source", "Shoe", "--payload", folder.path + "/failing.json",
            ])

            #expect(result.exit == .status(1))
            #expect(result.error.last == "nightbell: There is no alert source “Shoe”; there are: “Shop”.")
        }
    }
}
