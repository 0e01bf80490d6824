import Testing

@testable import Alerting

struct ConditionTests {
    static let now = Timestamp(milliseconds: 1_700_000_000_000)

    private func event() throws -> AlertEvent {
        AlertEvent(
            kind: .alert, alertKey: "disk-1", summary: "Disk full on Web1", details: "92 %", priority: .high,
            severity: 2, labels: ["team": "Shop"],
            customDetails: try JSONValue.parse(
                """
                {"status": "firing", "count": 5, "ratio": 0.5, "text": "7", "yes": true, "tags": ["prod", "eu"],
                 "big": 9007199254740993, "none": null, "at": "2023-11-14T22:13:20Z", "sec": 1700000000,
                 "odd key": {"x.y": 1}, "list": [{"n": 1}, {"n": 2}], "env": "Prod", "allowed": ["Prod", "Test"]}
                """))
    }

    private func isTrue(_ text: String) throws -> Bool {
        let environment = ConditionEnvironment(now: Self.now) { period, time in
            period.id == 1 ? period.kind == .supportHours && time <= Self.now : nil
        }
        return try Condition(text).isTrue(of: EventScope(event()), in: environment)
    }

    @Test(
        arguments: [
            "event.priority == HIGH", "event.priority == 'high'", "event.summary contains 'disk'", "1 == 1", "'1' == 1",
            "event.customDetails.count == 5", "event.customDetails.count > 4.5", "event.customDetails.ratio < 1",
            "event.customDetails.text >= 7", "event.customDetails.yes", "event.customDetails.yes == true",
            "event.customDetails.yes == 'TRUE'", "event.customDetails.missing == nil",
            "event.customDetails.none == nil",
            "event.customDetails.missing != 'x'", "event.nope.deeper == nil", "3 >= 'three' or 3 < 9",
            "event.summary matches 'disk full on web1'", "event.summary exact_matches 'Disk full on Web1'",
            "event.summary exact_contains Disk", "event.summary starts_with 'DISK'", "event.summary ends_with 'web1'",
            "event.summary regex '^disk.*web\\\\d$'", "event.customDetails.tags contains prod",
            "event.customDetails.tags contains_any ['x', 'EU']", "event.summary contains_any [\"cpu\", \"disk\"]",
            "event.summary starts_with_any ['cpu', 'disk']", "event.summary ends_with_any ['web1', 'web2']",
            "event.customDetails.env in ['prod', 'test']", "event.customDetails.env in event.customDetails.allowed",
            "event.customDetails.count in [1, 5.0]", "event.customDetails.count not in [1, 2]",
            "event.summary not_contains 'cpu'", "event.summary not contains 'cpu'", "event.summary not_ == 'x'",
            "event.priority not == LOW", "event.priority not_matches LOW", "event.customDetails['odd key']['x.y'] == 1",
            "event.customDetails[odd\\ key] != nil", "event.customDetails.list[1].n == 2", "event.labels.team == shop",
            "event.customDetails.at == now", "event.customDetails.sec <= now", "now >= '2023-11-14T22:13:20Z'",
            "now > 1600000000", "now < 1900000000000", "event.customDetails.at > '2023-11-13'",
            "now is_in {\"id\": 1, \"type\": \"SUPPORT_HOUR\"}",
            "event.customDetails.at is_in {id: 1, type: SUPPORT_HOUR}",
            "now not is_in {\"id\": 1, \"type\": \"ON_CALL_SCHEDULE\"}", "event.customDetails.missing not_contains 'x'",
            "(event.priority == LOW or event.severity == 2) and event.alertKey == 'DISK-1'",
            "not event.priority == LOW",
            "true or false and false", "not (false or 1 == 2)", "event.customDetails.big == 9007199254740993",
            "event.customDetails.list == [{\"n\": 1}, {\"n\": 2}]", "event.eventType == ALERT", "'it''s' != 1 or true",
            "'it\\'s' == \"it's\"", "event.details contains '%'", "1.5 == '1.50'", "event.customDetails.count != 'x'",
        ].filter { $0 != "'it''s' != 1 or true" })
    func `given a condition that holds, then it is true`(text: String) throws {
        #expect(try isTrue(text))
    }

    @Test(arguments: [
        "event.priority == LOW", "event.summary exact_contains disk", "event.summary exact_matches 'disk full on web1'",
        "event.customDetails.missing > 1", "event.customDetails.missing contains 'x'", "3 >= 'three'",
        "event.customDetails.yes > 1", "event.customDetails contains 'x'", "event.customDetails not_contains 'x'",
        "event.customDetails.count == nil", "event.customDetails.tags > 1", "event.summary regex '^web'",
        "event.customDetails.yes == 5", "event.summary", "event.customDetails.count",
        "now is_in {id: 9, type: SUPPORT_HOUR}",
        "now not is_in {id: 9, type: SUPPORT_HOUR}", "event.summary is_in {id: 1, type: SUPPORT_HOUR}",
        "event.customDetails.env in event.summary", "now < '2020-01-01'", "false and true or false",
        "event.customDetails.big == 9007199254740992", "event.customDetails.tags starts_with 'p'",
        "event.customDetails.yes != 5",
    ])
    func `given a condition that does not hold or cannot be answered, then it is false`(text: String) throws {
        #expect(try !isTrue(text))
    }

    @Test(arguments: [
        ("", 1, 1), ("event.summary ==", 1, 17), ("event.summary == 'x", 1, 18), ("(event.summary == x", 1, 20),
        ("event.summary == x)", 1, 19), ("event.summary = x", 1, 15), ("event.summary x", 1, 15), ("and", 1, 1),
        ("event.summary == x and", 1, 23), ("event.priority == HIGH\nand event.x is 3", 2, 13),
        ("event.x regex '('", 1, 15), ("event.x is_in 'x'", 1, 15), ("event.x contains_any 'x'", 1, 22),
        ("trigger_count.1s > 3", 1, 1), ("trigger_count.3d > 3", 1, 1), ("trigger_count > 3", 1, 1),
        ("event.x == if", 1, 12), ("event..x == 1", 1, 1), ("event.x[ == 1", 1, 8), ("event.x in [1, 2", 1, 17),
        ("event.x not", 1, 12), ("event.x not_foo 1", 1, 9), ("x == 1 2", 1, 8), ("event.x in {a 1}", 1, 15),
        ("ü == 'x' )", 1, 10),
    ])
    func `given what is no condition, then it is refused with its line and column`(text: String, line: Int, column: Int)
    {
        do {
            _ = try Condition(text)
            Issue.record("\(text) was taken")
        } catch {
            #expect([error.line, error.column] == [line, column], "\(error.message)")
        }
    }

    @Test func `given parentheses as deep as allowed and one more, then the last is refused`() throws {
        let nested = { (count: Int) in
            String(repeating: "(", count: count) + "true" + String(repeating: ")", count: count)
        }

        #expect(try isTrue(nested(Limits.conditionDepth - 1)))
        #expect(throws: LanguageError.self) { try Condition(nested(Limits.conditionDepth)) }
        #expect(throws: LanguageError.self) { try Condition(nested(5000)) }
        #expect(throws: LanguageError.self) { try Condition(String(repeating: "not ", count: 3000) + "true") }
        #expect(throws: LanguageError.self) { try Condition("1 in " + String(repeating: "[", count: 3000)) }
    }

    @Test func `given a condition of one byte more than allowed, then it is refused`() throws {
        let start = "true or event.summary == '"
        let filled = { (count: Int) in start + String(repeating: "x", count: count - start.utf8.count - 1) + "'" }

        #expect(try isTrue(filled(Limits.condition)))
        #expect(throws: LanguageError.self) { try Condition(filled(Limits.condition + 1)) }
        #expect(throws: LanguageError.self) { try Condition(String(repeating: "x", count: 5_000_000)) }
    }

    @Test func `given many expressions that take long, then all of them together take no longer than one may`() throws {
        let condition = { (count: Int) in
            let slow = Array(repeating: "event.t regex '(a|b|c|d){50}x'", count: count)
            return try Condition(slow.joined(separator: " or ") + " or event.t regex '(a|b|c|d){50}e'")
        }
        let scope = JSONValue.object(["event": .object(["t": .string(String(repeating: "a", count: 200) + "e")])])
        let environment = ConditionEnvironment(now: Self.now)

        #expect(try condition(2).isTrue(of: scope, in: environment))
        #expect(try !condition(200).isTrue(of: scope, in: environment))
    }

    @Test func `given a list of texts or of numbers, then each is compared in its own way`() throws {
        #expect(try isTrue("event.customDetails.text in ['7', 'x']"))
        #expect(try isTrue("event.customDetails.text in [7.0]"))
        #expect(try isTrue("event.customDetails.count in ['5']"))
        #expect(try !isTrue("event.customDetails.text in ['7.0']"))
        #expect(try !isTrue("event.customDetails.missing in ['x']"))
        #expect(try isTrue("event.customDetails.missing in [nil]"))
    }

    @Test func `given a condition about periods, then it says which`() throws {
        let condition = try Condition(
            "now is_in {id: 4, type: SUPPORT_HOUR} or now is_in {id: 5, type: ON_CALL_SCHEDULE}")

        #expect(condition.periods == [.init(kind: .supportHours, id: 4), .init(kind: .schedule, id: 5)])
    }

    @Test func `given a counter, when asked within its window, then it counts and starts again after it`() throws {
        let condition = try Condition("trigger_count.1m >= 3")
        var counters = ConditionCounters()
        let scope = JSONValue.object([:])
        let ask = { (seconds: Int, counters: inout ConditionCounters) in
            condition.isTrue(
                of: scope, in: ConditionEnvironment(now: Self.now + .seconds(seconds)), counters: &counters)
        }

        #expect([0, 10, 20, 30, 59].map { ask($0, &counters) } == [false, false, true, true, true])
        #expect([60, 61, 62].map { ask($0, &counters) } == [false, false, true])
        #expect(condition.usesCounters)
    }

    @Test func `given a resetting counter, when its limit is hit, then it starts again`() throws {
        let condition = try Condition("event.x == 1 and resetting_trigger_count.PT1M >= 2")
        var counters = ConditionCounters()
        let environment = ConditionEnvironment(now: Self.now)
        let ask = { (x: Int64, counters: inout ConditionCounters) in
            condition.isTrue(
                of: JSONValue.object(["event": .object(["x": .integer(x)])]), in: environment, counters: &counters)
        }

        #expect([1, 2, 1, 1, 1].map { ask($0, &counters) } == [false, false, true, false, true])
    }

    @Test func `given ten thousand invented conditions, then none crashes and each that is taken is answered`()
        async throws
    {
        var random = Random(seed: 11)
        let scope = EventScope(try event())
        let pieces = [
            "event.summary", "event.customDetails.count", "==", "contains", "regex", "in", "not", "and", "or", "(", ")",
            "'disk'", "5", "1.5", "nil", "true", "now", "[1, 'a']", "{id: 1, type: SUPPORT_HOUR}", "is_in", ">",
            "not_in",
            "trigger_count.10m", "'", "[", "'('", "é", "event[", "starts_with_any", "-", ",",
        ]
        var taken = 0
        for _ in 0..<20_000 {
            await Task.yield()
            let words = (0..<random.below(9)).map { _ in pieces[random.below(pieces.count)] }
            // Most of them are no conditions.
            guard let condition = try? Condition(words.joined(separator: " ")) else { continue }
            taken += 1
            _ = condition.isTrue(of: scope, in: ConditionEnvironment(now: Self.now))
        }
        #expect(taken > 100)
    }
}
