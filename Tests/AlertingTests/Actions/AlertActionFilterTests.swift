import Alerting
import Testing

struct AlertActionFilterTests {
    private static let snapshot = AlertSnapshot(
        Alert(
            id: .init(1), account: .init(1), source: .init(1), key: "k", priority: .high, summary: "Disk full on db1",
            details: "97 %", policy: .init(2),
            escalation: Escalation(policy: EscalationPolicy(levels: []), raisedAt: Timestamp(milliseconds: 0)),
            raisedAt: Timestamp(milliseconds: 0), lastEventAt: Timestamp(milliseconds: 0)),
        trigger: .created, sourceName: "Shop", policyName: "Night", url: "https://bell.example/alerts/1")

    @Test(arguments: [
        ("ALERT_SUMMARY", "CONTAINS_ANY_WORDS", "cpu disk", true),
        ("ALERT_SUMMARY", "CONTAINS_ANY_WORDS", "dis", false),
        ("ALERT_SUMMARY", "CONTAINS_NOT_WORDS", "disk", false), ("ALERT_SUMMARY", "CONTAINS_STRING", "FULL ON", true),
        ("ALERT_SUMMARY", "CONTAINS_NOT_STRING", "full", false), ("ESCALATION_POLICY", "IS_STRING", "night", true),
        ("ESCALATION_POLICY", "IS_NOT_STRING", "night", false), ("ALERT_PRIORITY", "IS_STRING", "HIGH", true),
        ("ALERT_DETAILS", "MATCHES_REGEX", "^[0-9]+ %$", true), ("ALERT_DETAILS", "MATCHES_NOT_REGEX", "[a-z]", true),
    ])
    func `given one predicate, when an alert comes, then it fits or not`(
        field: String, criterion: String, value: String, fits: Bool
    ) throws {
        let json = JSONValue.object([
            "predicates": .array([
                .object(["field": .string(field), "criteria": .string(criterion), "value": .string(value)])
            ])
        ])

        #expect(try #require(try AlertActionFilter(json)).fits(Self.snapshot) == fits)
    }

    @Test(arguments: [("AND", false), ("OR", true)])
    func `given two predicates of which one fits, when they are joined, then the word decides`(
        word: String, fits: Bool
    ) throws {
        let json = try JSONValue.parse(
            """
            {"operator":"\(word)","predicates":[
             {"field":"ALERT_SUMMARY","criteria":"CONTAINS_STRING","value":"disk"},
             {"field":"ALERT_SUMMARY","criteria":"CONTAINS_STRING","value":"cpu"}]}
            """)

        #expect(try #require(try AlertActionFilter(json)).fits(Self.snapshot) == fits)
    }

    @Test func `given no predicates, when read, then there is no filter`() throws {
        for text in ["null", "{}", #"{"operator":"AND","predicates":[]}"#] {
            #expect(try AlertActionFilter(JSONValue.parse(text)) == nil)
        }
    }

    @Test(arguments: [
        #"{"operator":"XOR","predicates":[{"field":"ALERT_SUMMARY","criteria":"IS_STRING","value":""}]}"#,
        #"{"predicates":[{"field":"COLOR","criteria":"IS_STRING","value":""}]}"#,
        #"{"predicates":[{"field":"ALERT_SUMMARY","criteria":"IS","value":""}]}"#,
        #"{"predicates":[{"field":"ALERT_SUMMARY","criteria":"MATCHES_REGEX","value":"("}]}"#,
    ])
    func `given a filter with a fault, when read, then it is refused`(text: String) {
        #expect(throws: Failure.self) { try AlertActionFilter(JSONValue.parse(text)) }
    }

    @Test func `given the older variables, when a template names them, then each has its value`() throws {
        let names = [
            "alertId": "1", "alertKey": "k", "alertSummary": "Disk full on db1", "alertDetails": "97 %",
            "alertStatus": "PENDING", "alertPriority": "HIGH", "alertUrl": "https://bell.example/alerts/1",
            "alertSourceId": "1", "alertSourceName": "Shop", "escalationPolicyId": "2", "escalationPolicyName": "Night",
            "reportTime": "1970-01-01T00:00:00.000Z", "link": "", "eventType": "alert-created",
            "alert.alertSource.name": "Shop",
        ]
        for (name, value) in names {
            #expect(try Template("{{ \(name) }}").render(over: Self.snapshot.scope) == value, "\(name)")
        }
    }

    @Test(
        arguments: [
            (TimelineEntry.Kind.raisedBySource, 0, nil, AlertTrigger.created), (.levelEntered, 0, nil, nil),
            (.levelEntered, 1, nil, .autoEscalated), (.levelEntered, 0, "repeat 1", .autoEscalated),
            (.autoResolved, 0, nil, .autoResolved), (.messageQueued, 0, nil, nil), (.actionPerformed, 0, nil, nil),
        ] as [(TimelineEntry.Kind, Int, String?, AlertTrigger?)])
    func `given a line of the timeline, when it is written, then it is a trigger or none`(
        kind: TimelineEntry.Kind, level: Int, reason: String?, trigger: AlertTrigger?
    ) {
        #expect(AlertTrigger(kind, level: level, reason: reason) == trigger)
    }
}
