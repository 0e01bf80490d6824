import Alerting
import Testing

struct AlertTimelineTests {
    private static let names: [User.ID: String] = [.init(1): "Alice Example"]

    private func sentence(_ kind: TimelineEntry.Kind, _ actor: Actor = .system, user: Int64? = nil) -> String {
        TimelineEntry(
            at: Timestamp(milliseconds: 0), kind: kind, actor: actor, level: 0, user: user.map { .init($0) },
            reason: "late_by_3 min", text: "Email"
        ).sentence { Self.names[$0] }
    }

    @Test(arguments: TimelineEntry.Kind.allCases)
    func `given a line of any kind, then it is a sentence without a code word`(kind: TimelineEntry.Kind) {
        let sentence = sentence(kind, .user(.init(1)), user: 1)

        #expect(sentence.hasSuffix(".") || sentence.hasSuffix("Email"))
        #expect(!sentence.contains("_"))
    }

    @Test func `given people, then they are named, and a deleted one is said to be`() {
        #expect(sentence(.accepted, .user(.init(1))) == "Accepted by Alice Example (late by 3 min).")
        #expect(sentence(.accepted, .user(.init(9))) == "Accepted by a deleted user (late by 3 min).")
        #expect(sentence(.resolved, .source) == "Resolved by the alert source (late by 3 min).")
        #expect(sentence(.messageQueued, user: 1) == "Email to Alice Example (late by 3 min).")
    }
}
