import Alerting
import Testing

/// Trees as on the wire.
enum FlowSample {
    static func json(_ text: String) -> JSONValue {
        // A sample that is none is a mistake of the test's.
        guard let value = try? JSONValue.parse(text) else {
            Issue.record("no JSON: \(text)")
            return .null
        }
        return value
    }

    static func route(_ source: Int, _ more: String = "") -> String {
        #"{"nodeType":"ROUTE_EVENT","metadata":{"alertSourceId":\#(source)\#(more)}}"#
    }

    static func root(_ target: String, branch: String = "CATCH_ALL") -> String {
        #"{"nodeType":"ROOT","branches":[{"branchType":"\#(branch)","target":\#(target)}]}"#
    }

    static func flow(_ root: String) throws -> EventFlow {
        try EventFlow(root: EventFlow.numbered(json(root)))
    }

    /// Two branches by host, and one for the rest.
    static let hosts = root(
        """
        {"nodeType":"DEFINE_BRANCHES","metadata":{"definitions":[
          {"branchName":"Shop","conditions":"context.event.customDetails.host starts_with shop"},
          {"branchName":"Disk","conditions":"context.event.summary contains disk"}]},
         "branches":[{"branchType":"BRANCH","condition":"Shop","target":\(route(1))},
          {"branchType":"BRANCH","condition":"context.branchName == 'Disk'","target":\(route(2))},
          {"branchType":"CATCH_ALL","target":\(route(3))}]}
        """)
}

struct EventFlowTests {
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)

    private static func walk(
        _ event: AlertEvent, _ flow: EventFlow, type: String = "API", resumed: Int64? = nil, at now: Timestamp = now,
        hours: [SupportHours.ID: SupportHours] = [:]
    ) -> FlowWalk {
        var counters = ConditionCounters()
        let environment = FlowEnvironment(conditions: ConditionEnvironment(now: now), hours: hours)
        return FlowWalk(
            event, through: flow, integrationType: type, resumed: resumed, in: environment, counters: &counters)
    }

    private static func event(_ summary: String = "down", host: String = "db1") -> AlertEvent {
        AlertEvent(
            kind: .alert, alertKey: "k", summary: summary, customDetails: .object(["host": .string(host)]))
    }

    @Test func `given branches, when events come, then the first that fits is taken, else the one for all others`()
        throws
    {
        let flow = try FlowSample.flow(FlowSample.hosts)
        let outcomes = [
            Self.event("disk full", host: "shop-3"), Self.event("disk full"), Self.event("cpu"),
        ].map { Self.walk($0, flow).outcome }

        #expect(outcomes == [1, 2, 3].map { .routed(FlowRoute(source: .init($0))) })
    }

    @Test func `given a way that leads nowhere, when an event takes it, then it is dropped and the trace says where`()
        throws
    {
        let flow = try FlowSample.flow(#"{"nodeType":"ROOT","branches":[{"branchType":"ACCEPTED"}]}"#)

        let walk = Self.walk(Self.event(), flow)

        #expect(walk.outcome == .dropped)
        #expect(walk.steps.last?.sentence == "Nothing follows on this branch.")
    }

    @Test func `given overrides, when an event is routed, then they go with it`() throws {
        let more = #","overwritePriority":"low","escalationPolicyId":9"#
        let flow = try FlowSample.flow(FlowSample.root(FlowSample.route(1, more), branch: "ACCEPTED"))

        let outcome = Self.walk(Self.event(), flow).outcome

        #expect(outcome == .routed(FlowRoute(source: .init(1), priority: .low, policy: .init(9))))
    }

    @Test(arguments: [
        (#"context.integrationType == 'GRAFANA'"#, true), (#"context.event.severity == nil"#, true),
        (#"context.event != null"#, true), (#"event.alertKey == 'K'"#, true),
        (#"context.event.customDetails.host == 'other'"#, false), (#"context.event.labels.a == '1'"#, false),
    ])
    func `given a condition of a branch, when it is asked, then it sees the event and the integration`(
        condition: String, isTaken: Bool
    ) throws {
        let flow = try FlowSample.flow(
            """
            {"nodeType":"ROOT","branches":[{"branchType":"BRANCH","condition":"\(condition)",
             "target":\(FlowSample.route(1))},{"branchType":"CATCH_ALL","target":\(FlowSample.route(2))}]}
            """)

        let outcome = Self.walk(Self.event(), flow, type: "GRAFANA").outcome

        #expect(outcome == .routed(FlowRoute(source: .init(isTaken ? 1 : 2))))
    }

    @Test(arguments: [
        ("2026-03-27T08:59:59Z", 1), ("2026-03-27T07:59:59Z", 2), ("2026-03-27T08:00:00Z", 1),
        // After the clocks went forward nine o'clock is an hour earlier.
        ("2026-03-30T07:00:00Z", 1), ("2026-03-30T06:59:59Z", 2),
    ])
    func `given support hours, when an event comes, then its way is theirs on days of changed clocks too`(
        time: String, source: Int64
    ) throws {
        let flow = try FlowSample.flow(
            FlowSample.root(
                """
                {"nodeType":"SUPPORT_HOURS","metadata":{"supportHoursId":5},"branches":[
                 {"branchType":"BRANCH","condition":"context.supportHoursState == 'DURING'",
                  "target":\(FlowSample.route(1))},
                 {"branchType":"BRANCH","condition":"context.supportHoursState == 'OUTSIDE'",
                  "target":\(FlowSample.route(2))},{"branchType":"CATCH_ALL","target":\(FlowSample.route(3))}]}
                """))
        let zone = try #require(Zone("Europe/Berlin"))
        let days = Dictionary(
            uniqueKeysWithValues: Weekday.allCases.prefix(5).map { ($0, SupportHours.Hours(start: 540, end: 1020)) })
        let now = try #require(Timestamp(iso8601: time))

        let known = Self.walk(
            Self.event(), flow, at: now, hours: [.init(5): SupportHours(zone: zone, days: days)])
        let gone = Self.walk(Self.event(), flow, at: now)

        #expect(known.outcome == .routed(FlowRoute(source: .init(source))))
        #expect(gone.outcome == .routed(FlowRoute(source: .init(3))))
    }

    @Test func `given a wait, when alert events come, then they wait, others pass, and it goes on from its node`()
        throws
    {
        let flow = try FlowSample.flow(
            FlowSample.root(
                #"{"nodeType":"WAIT","metadata":{"waitForDuration":"PT5M"},"branches":[{"branchType":"CATCH_ALL","#
                    + #""target":"# + FlowSample.route(1) + "}]}"))
        let node = try #require(flow.root.branches[0].target?.id)
        var resolve = Self.event()
        resolve.kind = .resolve

        #expect(Self.walk(Self.event(), flow).outcome == .waiting(node, until: Self.now + .minutes(5)))
        #expect(Self.walk(resolve, flow).outcome == .routed(FlowRoute(source: .init(1))))
        #expect(Self.walk(Self.event(), flow, resumed: node).outcome == .routed(FlowRoute(source: .init(1))))
        // The node was taken away meanwhile: the event is led through from the root and is not kept again.
        #expect(Self.walk(Self.event(), flow, resumed: 999).outcome == .routed(FlowRoute(source: .init(1))))
    }

    @Test func `given a wait for hours to begin or end, when they are so already, then nothing is waited for`() throws {
        let hours = SupportHours(zone: .utc, days: [.monday: .init(start: 540, end: 600)])
        let before = try #require(Timestamp(iso8601: "2026-11-23T08:59:59Z"))
        let within = try #require(Timestamp(iso8601: "2026-11-23T09:30:00Z"))
        func outcome(_ field: String, _ now: Timestamp) throws -> FlowWalk.Outcome {
            let flow = try FlowSample.flow(
                FlowSample.root(
                    #"{"nodeType":"WAIT","metadata":{"\#(field)":5},"branches":[{"branchType":"CATCH_ALL","target":"#
                        + FlowSample.route(1) + "}]}"))
            return Self.walk(Self.event(), flow, at: now, hours: [.init(5): hours]).outcome
        }

        #expect(try outcome("waitStartSupportHoursId", before) == .waiting(3, until: before + .seconds(1)))
        #expect(try outcome("waitStartSupportHoursId", within) == .routed(FlowRoute(source: .init(1))))
        #expect(try outcome("waitEndSupportHoursId", within) == .waiting(3, until: within + .minutes(30)))
        #expect(try outcome("waitEndSupportHoursId", before) == .routed(FlowRoute(source: .init(1))))
    }

    @Test func `given a counting condition, when it is asked often enough, then it is true`() throws {
        let flow = try FlowSample.flow(
            """
            {"nodeType":"ROOT","branches":[{"branchType":"BRANCH","condition":"trigger_count.10m >= 3",
             "target":\(FlowSample.route(1))}]}
            """)
        var counters = ConditionCounters()
        let environment = FlowEnvironment(conditions: ConditionEnvironment(now: Self.now))

        let outcomes = (0..<4).map { _ in
            FlowWalk(Self.event(), through: flow, integrationType: "API", in: environment, counters: &counters).outcome
        }

        #expect(flow.usesCounters)
        #expect(outcomes.map { $0 == .dropped } == [true, true, false, false])
    }

    @Test func `given a tree without numbers or with doubled ones, when it is numbered, then each has its own`() throws
    {
        let tree = FlowSample.json(
            """
            {"id":7,"nodeType":"ROOT","branches":[{"id":7,"branchType":"CATCH_ALL","target":
             {"id":-1,"nodeType":"PLAIN","branches":[{"branchType":"ACCEPTED"}]}}]}
            """)

        let once = EventFlow.numbered(tree)

        #expect(once["id"]?.integer == 7)
        #expect(once["branches"]?[0]?["id"]?.integer == 8)
        #expect(once["branches"]?[0]?["target"]?["id"]?.integer == 9)
        #expect(EventFlow.numbered(once) == once)
    }

    @Test(arguments: [
        (#"{"nodeType":"WAIT"}"#, "root.nodeType"), (#"{"nodeType":"NEW"}"#, "root.nodeType"),
        (FlowSample.root(#"{"nodeType":"ROOT"}"#), "root.branches[0].target.nodeType"),
        (FlowSample.root(#"{"nodeType":"BIND"}"#), "root.branches[0].target.nodeType"),
        (FlowSample.root(#"{"nodeType":"ROUTE_EVENT"}"#), "root.branches[0].target.metadata.alertSourceId"),
        (FlowSample.root(FlowSample.route(1, #","overwritePriority":"MID""#)), "metadata.overwritePriority"),
        (FlowSample.root(#"{"nodeType":"WAIT"}"#), "metadata.waitForDuration"),
        (FlowSample.root(#"{"nodeType":"WAIT","metadata":{"waitForDuration":"PT0S"}}"#), "metadata.waitForDuration"),
        (FlowSample.root(#"{"nodeType":"WAIT","metadata":{"waitForDuration":"P32D"}}"#), "metadata.waitForDuration"),
        (FlowSample.root(#"{"nodeType":"SUPPORT_HOURS"}"#), "metadata.supportHoursId"),
        (#"{"nodeType":"ROOT","branches":[{"branchType":"OTHER"}]}"#, "root.branches[0].branchType"),
        (#"{"nodeType":"ROOT","branches":[{"branchType":"BRANCH","condition":"a =="}]}"#, "root.branches[0].condition"),
        (
            FlowSample.root(#"{"nodeType":"DEFINE_BRANCHES","branches":[{"branchType":"BRANCH"}]}"#),
            "target.branches[0].condition"
        ),
        (
            FlowSample.root(#"{"nodeType":"TRANSFORM","metadata":{"rules":[{"target":"x","operator":"ADD"}]}}"#),
            "metadata.rules[0].operator"
        ),
        (
            FlowSample.root(
                #"{"nodeType":"TRANSFORM","metadata":{"rules":[{"target":"context.x","operator":"SET"}]}}"#),
            "metadata.rules[0].target"
        ),
        (
            FlowSample.root(
                #"{"nodeType":"TRANSFORM","metadata":{"rules":[{"target":"summary","operator":"TEMPLATE","#
                    + #""value":"{{#a}}"}]}}"#
            ), "metadata.rules[0].value"
        ),
        ("[]", "root"),
    ])
    func `given a tree that is none, when it is read, then the field at fault is named`(tree: String, field: String) {
        #expect {
            try FlowSample.flow(tree)
        } throws: { error in
            (error as? Failure)?.message.contains(field) == true
        }
    }

    @Test func `given a tree that is too deep or too wide, when it is read, then it is refused`() {
        var deep = FlowSample.route(1)
        for _ in 0..<Limits.flowDepth {
            deep = #"{"nodeType":"PLAIN","branches":[{"branchType":"CATCH_ALL","target":\#(deep)}]}"#
        }
        let wide = Array(
            repeating: #"{"branchType":"BRANCH","target":\#(FlowSample.route(1))}"#, count: Limits.flowNodes
        ).joined(separator: ",")

        #expect(throws: Failure.self) { try FlowSample.flow(FlowSample.root(deep)) }
        #expect(throws: Failure.self) { try FlowSample.flow(#"{"nodeType":"ROOT","branches":[\#(wide)]}"#) }
    }
}
