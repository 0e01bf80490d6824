import Testing

@testable import Alerting

struct SimilarityTests {
    private func score(_ first: String, _ second: String) -> Double {
        let words = [first, second].map { Similarity.Words(joined: Similarity.words(of: $0).joined(separator: " ")) }
        return Similarity.score(words[0], words[1])
    }

    @Test func `given a summary, then it is cut into words without case, and words with digits are alike`() {
        #expect(Similarity.words(of: "CPU 95% on Web-17 (Köln)!") == ["cpu", "#", "on", "web", "#", "köln"])
        #expect(Similarity.words(of: " ,; ") == [])
        #expect(Similarity.words(of: String(repeating: "a ", count: 100)).count == Limits.similarWords)
    }

    @Test(
        arguments: [
            ("disk full on web1", "disk full on web2", 1.0), ("disk full", "disk full", 1),
            ("a b c d", "a b c e", 0.75),
            ("a b", "b a", 1), ("a a b", "a b b", 4.0 / 6), ("a", "b", 0), ("", "", 0), ("a", "", 0),
            ("a b", "a", 2.0 / 3),
        ] as [(String, String, Double)])
    func `given two summaries, then the score is what they have in common`(
        first: String, second: String, expected: Double
    ) {
        #expect(abs(score(first, second) - expected) < 1e-9)
        #expect(score(first, second) == score(second, first))
    }

    @Test func `given several candidates, then the most similar at or above the threshold is chosen`() {
        let now = Timestamp(milliseconds: 1_767_225_600_000)
        let rule = GroupingRule.similar(threshold: 0.75, within: .hours(1))
        let candidate = { (id: Int64, text: String, age: Duration) in
            GroupCandidate(
                alert: OpenAlert(id: .init(id), status: .pending, priority: .high), raisedAt: now - age,
                text: rule.groupText(of: text))
        }
        let text = rule.groupText(of: "a b c d")

        let near = [
            candidate(3, "a b c e", .minutes(1)), candidate(2, "a b c d", .minutes(59)), candidate(1, "x", .zero),
        ]
        #expect(rule.choice(among: near, text: text, at: now)?.alert.id == .init(2))
        #expect(rule.choice(among: Array(near.prefix(1)), text: text, at: now)?.alert.id == .init(3))
        #expect(rule.choice(among: [candidate(1, "a b c d", .hours(1))], text: text, at: now) == nil)
        #expect(rule.choice(among: [candidate(1, "a b e f", .zero)], text: text, at: now) == nil)
    }

    @Test func `given grouping by summary, then case and blanks do not count`() {
        #expect(GroupingRule.summary.groupText(of: "  Disk\tFULL ") == "disk full")
        #expect(GroupingRule.untilResolved.groupText(of: "x") == nil)
    }
}
