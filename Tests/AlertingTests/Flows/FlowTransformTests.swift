import Alerting
import Testing

struct FlowTransformTests {
    /// What rules make of an event about a host.
    private static func walk(_ rules: String, condition: String = "", _ event: AlertEvent = event) throws -> FlowWalk {
        let flow = try FlowSample.flow(
            FlowSample.root(
                """
                {"nodeType":"TRANSFORM","metadata":{"condition":"\(condition)","rules":[\(rules)]},
                 "branches":[{"branchType":"CATCH_ALL","target":\(FlowSample.route(1))}]}
                """))
        var counters = ConditionCounters()
        return FlowWalk(
            event, through: flow, integrationType: "API",
            in: FlowEnvironment(conditions: ConditionEnvironment(now: Timestamp(milliseconds: 0))),
            counters: &counters)
    }

    private static let event = AlertEvent(
        kind: .alert, alertKey: "k", summary: "disk", labels: ["team": "db"],
        customDetails: .object([
            "host": .string("db1"), "level": .string("Warn"), "tags": .array([.string("a")]),
            "facts": .object(["rack": .integer(4)]),
        ]))

    private static func rule(_ target: String, _ operation: String, _ more: String) -> String {
        #"{"name":"r","target":"\#(target)","operator":"\#(operation)",\#(more)}"#
    }

    @Test func `given rules of every kind, when an event passes, then each does its part in order`() throws {
        let rules = [
            Self.rule("context.event.details", "SET", #""value":"set""#),
            Self.rule("context.event.alertKey", "COPY", #""source":"context.event.customDetails.host""#),
            Self.rule("event.summary", "TEMPLATE", #""value":"{{ context.event.alertKey }}: {{ event.summary }}""#),
            Self.rule(
                "priority", "MAP",
                #""source":"context.event.customDetails.level","mapping":{"error":"HIGH","WARN":"LOW"},"default":"HIGH""#
            ),
            Self.rule("customDetails.facts", "MERGE", #""properties":{"room":"r2"}"#),
            Self.rule(
                "customDetails.tags", "APPEND_ARRAY",
                #""source":"context.event.labels.team","items":["b"]"#),
            Self.rule("customDetails.new.deep", "SET", #""value":{"x":1}"#),
            Self.rule("labels.host", "COPY", #""source":"context.event.alertKey""#),
            Self.rule("severity", "SET", #""value":2"#),
        ].joined(separator: ",")

        let walk = try Self.walk(rules)
        let event = walk.event

        #expect(walk.outcome == .routed(FlowRoute(source: .init(1))))
        #expect(event.details == "set" && event.alertKey == "db1" && event.summary == "db1: disk")
        #expect(event.priority == .low && event.severity == 2)
        #expect(event.labels == ["team": "db", "host": "db1"])
        #expect(event.customDetails?["facts"] == .object(["rack": .integer(4), "room": .string("r2")]))
        #expect(event.customDetails?["tags"] == .array([.string("a"), .string("db"), .string("b")]))
        #expect(event.customDetails?["new"]?["deep"]?["x"]?.integer == 1)
    }

    @Test(arguments: [
        Self.rule("priority", "SET", #""value":"URGENT""#), Self.rule("severity", "SET", #""value":9"#),
        Self.rule("summary", "SET", #""value":"  ""#), Self.rule("summary", "SET", #""value":{"a":1}"#),
        Self.rule("summary", "COPY", #""source":"context.event.customDetails.none""#),
        Self.rule("eventType", "SET", #""value":"OTHER""#), Self.rule("color", "SET", #""value":"red""#),
        Self.rule("customDetails.host.x", "SET", #""value":1"#),
        Self.rule("customDetails.tags[7]", "SET", #""value":1"#),
        Self.rule("customDetails.host", "MERGE", #""properties":{"a":1}"#),
        Self.rule("customDetails.host", "APPEND_ARRAY", #""items":[1]"#),
        Self.rule("priority", "MAP", #""source":"context.event.customDetails.level","mapping":{}"#),
    ])
    func `given a value that does not fit, when a rule writes it, then the event stays and the trace says so`(
        rule: String
    ) throws {
        let walk = try Self.walk(rule)

        #expect(walk.event == Self.event)
        let told = walk.steps.map(\.sentence)
        #expect(told.contains { $0.contains("left out") || $0.contains("found nothing") })
    }

    @Test func `given a condition that is false, when an event passes, then nothing is changed`() throws {
        let rule = Self.rule("summary", "SET", #""value":"x""#)

        #expect(try Self.walk(rule, condition: "context.event.priority == HIGH").event.summary == "disk")
        #expect(try Self.walk(rule, condition: "context.event.summary == disk").event.summary == "x")
    }

    @Test func `given rules that double a value again and again, when an event passes, then it stays small`() throws {
        let rules = Array(
            repeating: Self.rule(
                "customDetails.copy", "APPEND_ARRAY", #""source":"context.event.customDetails","items":[1]"#),
            count: Limits.flowRules
        ).joined(separator: ",")

        let walk = try Self.walk(rules)

        #expect((walk.event.customDetails?.bytes().count ?? 0) <= 3 * Limits.flowValue)
    }
}
