import Engine
import HTTPTypes
import Logging
import TestSupport
import Testing

@testable import Web

struct BannerTests {
    @Test func `given a database that does not answer, then every page of a reader says so until it is back`()
        async throws
    {
        let folder = TemporaryFolder()
        let journal = try IntakeJournal(
            folder: folder.path + "/journal", id: "one", node: "north", limit: 1_000_000,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let sentence = "The database does not answer: 0 requests wait in this node&#39;s journal"
        let server = try await PageServer(journal: journal)
        try await server.browse { visitor in
            let before = try await visitor.signIn().get("/alerts")
            journal.note(isDatabaseAway: true)
            let (list, people) = (try await visitor.get("/alerts"), try await visitor.get("/users"))
            journal.note(isDatabaseAway: false)
            let after = try await visitor.get("/alerts")

            #expect(before.status == .ok && !before.text.contains("does not answer"))
            for page in [list, people] {
                #expect(page.status == .ok && page.text.contains(sentence))
                #expect(page.text.contains("nobody is paged meanwhile"))
            }
            #expect(!after.text.contains("does not answer"))
        }
    }
}
