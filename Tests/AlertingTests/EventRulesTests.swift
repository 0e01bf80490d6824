import Testing

@testable import Alerting

struct EventRulesTests {
    private static let now = Timestamp(milliseconds: 1_700_000_000_000)

    private func rules(_ json: String) throws -> EventRules {
        try EventRules(checking: JSONValue.parse(json))
    }

    private func event(_ payload: String = "{}", kind: AlertEvent.Kind = .alert, key: String? = "k") throws
        -> AlertEvent
    {
        AlertEvent(
            kind: kind, alertKey: key, summary: "Native", details: "Native details",
            customDetails: try JSONValue.parse(payload), routingKeys: ["own"])
    }

    private func shape(_ rules: EventRules, _ event: AlertEvent) -> ShapedEvent {
        var counters = ConditionCounters()
        return rules.shape(event, in: ConditionEnvironment(now: Self.now), counters: &counters)
    }

    @Test func `given no rules, then an event stays as it is`() throws {
        let rules = try rules("{}")

        let shaped = shape(rules, try event())

        #expect(rules.isEmpty)
        #expect(shaped == ShapedEvent(try event()))
        #expect(shaped.trace.text == #"{"filter":"none","type":"native","key":"native"}"#)
    }

    @Test func `given a filter, then what does not fit is dropped whatever its type`() throws {
        let rules = try rules(#"{"eventFilter": "event.customDetails.env == 'prod'"}"#)

        #expect(shape(rules, try event(#"{"env": "prod"}"#)).drop == nil)
        #expect(shape(rules, try event(#"{"env": "test"}"#)).drop == .filtered)
        #expect(shape(rules, try event(#"{"env": "test"}"#, kind: .resolve)).drop == .filtered)
        #expect(shape(rules, try event(#"{"env": "test"}"#)).trace.filter == .dropped)
    }

    @Test func `given conditions for the types, then resolve goes before accept and accept before raise`() throws {
        let rules = try rules(
            """
            {"eventTypeFilterCreate": "event.customDetails.s in ['down', 'all']",
             "eventTypeFilterAccept": "event.customDetails.s in ['ack', 'all', 'two']",
             "eventTypeFilterResolve": "event.customDetails.s in ['up', 'all', 'two']"}
            """)

        let kinds = try ["down", "ack", "up", "two", "all"].map {
            shape(rules, try event(#"{"s": "\#($0)"}"#)).event.kind
        }

        #expect(kinds == [.alert, .accept, .resolve, .resolve, .resolve])
        #expect(shape(rules, try event(#"{"s": "else"}"#)).drop == .noEventType)
        #expect(shape(rules, try event(#"{"s": "else"}"#, kind: .comment)).event.kind == .comment)
    }

    @Test func `given a condition for one type, then events of the others stay as the integration says`() throws {
        let rules = try rules(#"{"eventTypeFilterCreate": "event.customDetails.level == 'critical'"}"#)

        #expect(shape(rules, try event(#"{"level": "info"}"#)).drop == .noEventType)
        #expect(shape(rules, try event(#"{"level": "info"}"#, kind: .resolve)).event.kind == .resolve)
        #expect(shape(rules, try event(#"{"level": "critical"}"#, kind: .resolve)).event.kind == .alert)
    }

    @Test func `given templates, then summary, details, key, routing, links and services are theirs`() throws {
        let rules = try rules(
            """
            {"summaryTemplate": {"textTemplate": "{{ host }}\\n is {{ status }}"},
             "detailsTemplate": {"elements": [{"type": "TEXT", "val": "see "}, {"type": "VAR", "val": "event.summary"}]},
             "alertKeyTemplate": {"textTemplate": "{{ host }}"}, "routingTemplate": {"textTemplate": "{{ team }}"},
             "linkTemplates": [{"text": "Graph {{", "hrefTemplate": {"textTemplate": "https://g.example/{{ host }}"}},
               {"linkTextTemplate": {"textTemplate": "{{ host }}"}, "hrefTemplate": {"textTemplate": "javascript:x"}}],
             "servicesTemplate": [{"textTemplate": "web, {{ host }}"}, {"textTemplate": "{{ none }}"}]}
            """)

        let shaped = shape(rules, try event(#"{"host": "web1", "status": "down", "team": "a, b"}"#))

        #expect(shaped.event.summary == "web1 is down")
        #expect(shaped.event.details == "see Native")
        #expect(shaped.event.alertKey == "web1")
        #expect(shaped.event.routingKeys == ["a, b"])
        #expect(shaped.event.links == [AlertLink(href: "https://g.example/web1", text: "Graph {{")])
        #expect(shaped.event.services == ["web", "web1"])
        #expect(shaped.trace.key == .template)
        #expect(shaped.trace.failures == [])
        #expect(shape(rules, try event(#"{"host": "web1"}"#, kind: .resolve, key: nil)).event.alertKey == "web1")
    }

    @Test func `given templates that cannot be used, then the native text stands and the reason is told`() throws {
        let long = JSONValue.string(String(repeating: "x", count: 40_000))
        var rules = try rules(#"{"summaryTemplate": {"textTemplate": "{{ nothing }}"}}"#)
        rules.details = try Template("{{ long }}{{ long }}")
        rules.key = try Template(" {{ nothing }} ")
        var broken = try event()
        broken.customDetails = .object(["long": long])

        let shaped = shape(rules, broken)

        #expect(
            (shaped.event.summary, shaped.event.details, shaped.event.alertKey) == ("Native", "Native details", "k"))
        #expect(
            shaped.trace.failures == [
                .init(field: "alertKeyTemplate", failure: .blank), .init(field: "summaryTemplate", failure: .blank),
                .init(field: "detailsTemplate", failure: .outputTooLong),
            ])
        #expect(IntakeTrace(try JSONValue.parse(shaped.trace.text)) == shaped.trace)
    }

    @Test func `given mappings, then a value stands for its priority and severity, without case`() throws {
        let rules = try rules(
            """
            {"priorityTemplate": {"valueTemplate": {"textTemplate": "{{ level }}"},
               "mappings": [{"value": "Critical", "priority": "HIGH"}, {"value": "info", "priority": "LOW"}]},
             "severityTemplate": {"valueTemplate": {"textTemplate": "{{ level }}"},
               "mappings": [{"value": "critical", "severity": 1}]}}
            """)

        let critical = shape(rules, try event(#"{"level": " CRITICAL "}"#))
        let other = shape(rules, try event(#"{"level": "odd"}"#))

        #expect((critical.event.priority, critical.event.severity, critical.isPriorityMapped) == (.high, 1, true))
        #expect((other.event.priority, other.event.severity, other.isPriorityMapped) == (nil, nil, false))
        #expect(shape(rules, try event(#"{"level": "INFO"}"#)).event.priority == .low)
    }

    @Test func `given counting conditions, then each counts by itself`() throws {
        let rules = try rules(
            #"{"eventFilter": "trigger_count.1m >= 2", "eventTypeFilterResolve": "trigger_count.1m >= 2"}"#)
        var counters = ConditionCounters()
        let event = try event()
        let environment = ConditionEnvironment(now: Self.now)

        let shaped = (1...3).map { _ in rules.shape(event, in: environment, counters: &counters) }

        #expect(shaped.map(\.drop) == [.filtered, nil, nil])
        #expect(shaped.map(\.event.kind) == [.alert, .alert, .resolve])
        #expect(
            counters.windows.keys.sorted() == [
                "eventFilter.trigger_count.PT1M", "eventTypeFilterResolve.trigger_count.PT1M",
            ])
        #expect(rules.usesCounters)
    }

    @Test(arguments: [
        (#"{"eventFilter": "event.x =="}"#, "eventFilter", "Line 1, column 11"),
        (#"{"eventFilter": 5}"#, "eventFilter", "text"),
        (#"{"summaryTemplate": {"textTemplate": "a\n{{ x"}}"#, "summaryTemplate", "Line 2, column 1"),
        (#"{"summaryTemplate": "x"}"#, "summaryTemplate", "object"),
        (#"{"linkTemplates": {}}"#, "linkTemplates", "list"),
        (#"{"linkTemplates": [{"text": "a"}]}"#, "linkTemplates[0].hrefTemplate", "needed"),
        (#"{"linkTemplates": [{"hrefTemplate": {"textTemplate": "x"}}]}"#, "linkTemplates[0].text", "needed"),
        (#"{"priorityTemplate": {"mappings": []}}"#, "priorityTemplate.valueTemplate", "needed"),
        (
            #"{"priorityTemplate": {"valueTemplate": {"textTemplate": "x"}, "mappings": [{"value": "a", "priority": "X"}]}}"#,
            "priorityTemplate.mappings[0]", "value"
        ),
        (
            #"{"severityTemplate": {"valueTemplate": {"textTemplate": "x"}, "mappings": [{"value": "a", "severity": 6}]}}"#,
            "severityTemplate.mappings[0]", "value"
        ),
        (#"{"servicesTemplate": [{"textTemplate": "{{"}]}"#, "servicesTemplate[0]", "Line 1"),
    ])
    func `given a field that is not understood, then it is refused by name and, when it was stored, left out`(
        json: String, field: String, words: String
    ) throws {
        let fields = try JSONValue.parse(json)
        do {
            _ = try EventRules(checking: fields)
            Issue.record("\(json) was taken")
        } catch {
            #expect(error.field == field)
            #expect(error.sentence.contains(words), "\(error.sentence)")
        }
        var expected = EventRules()
        expected.unreadable = [String(field.prefix { $0 != "[" && $0 != "." })]
        #expect(EventRules(stored: fields).unreadable == expected.unreadable)
    }

    @Test func `given eleven links, then the last is one too many`() throws {
        let link = #"{"text": "a", "hrefTemplate": {"textTemplate": "https://x.example"}}"#
        let list = { (count: Int) in
            "{\"linkTemplates\": [\(Array(repeating: link, count: count).joined(separator: ","))]}"
        }

        #expect(try rules(list(10)).links.count == 10)
        #expect(throws: EventRulesFault.self) { try rules(list(11)) }
    }
}
