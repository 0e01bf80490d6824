import Alerting
import Engine
import Integrations
import Simulation
import Storage
import Testing

struct EventFlowStoriesTests {
    private typealias Cast = SimulatedCast

    private static let warehouseKey = "nb1sWareWareWareWareWareWareWareWareWare"
    private static let key = "nb1flowFlowFlowFlowFlowFlowFlowFlowFlowFlow"

    /// "Shop" and "Warehouse" (LOW) behind a flow.
    private static func world(_ root: String) async throws -> SimulatedWorld {
        let now = SimulatedClock().now
        let warehouse = Cast.source(
            AlertSource.ID(2), name: "Warehouse", key: warehouseKey, priority: "LOW", at: now)
        let world = try await SimulatedWorld(sources: [Cast.source(at: now), warehouse])
        try await set(root, in: world, isNew: true)
        return world
    }

    private static func set(_ root: String, in world: SimulatedWorld, isNew: Bool = false) async throws {
        let tree = EventFlow.numbered(try JSONValue.parse(root))
        _ = try EventFlow(root: tree)
        let record = EventFlowRecord(
            id: .init(500), account: Cast.account, name: "Front", root: tree, createdAt: world.now, updatedAt: world.now
        )
        let integration = EventFlowIntegration(
            id: .init(501), flow: record.id, type: "API", key: key, createdAt: world.now)
        try await world.write { transaction in
            guard isNew else { return try EventFlows.update(record, in: transaction) }
            try EventFlows.insert(record, in: transaction)
            try EventFlowIntegrations.insert(integration, in: transaction)
        }
        world.engine.flows.forgetAll()
    }

    private static func record(_ world: SimulatedWorld) async throws -> [EventFlowEvent] {
        try await world.disk.read { try EventFlowLog.list(flow: .init(500), limit: 100, in: $0).reversed() }
    }

    private static func route(_ source: Int, _ more: String = "") -> String {
        #"{"nodeType":"ROUTE_EVENT","metadata":{"alertSourceId":\#(source)\#(more)}}"#
    }

    private static let bySummary = """
        {"nodeType":"ROOT","branches":[
         {"branchType":"BRANCH","condition":"context.event.summary contains stock","target":\(route(2))},
         {"branchType":"BRANCH","condition":"context.event.summary contains shop","target":\(route(1))}]}
        """

    private static let waiting = """
        {"nodeType":"ROOT","branches":[{"branchType":"CATCH_ALL","target":{"nodeType":"WAIT",
         "metadata":{"waitForDuration":"PT10M"},"branches":[{"branchType":"CATCH_ALL","target":\(route(1))}]}}]}
        """

    @Test func `given branches, when events come, then each raises at the alert source of its branch or nowhere`()
        async throws
    {
        let world = try await Self.world(Self.bySummary)

        let shop = try await world.post(.alert, "a", summary: "Shop is down", to: Self.key)
        let stock = try await world.post(.alert, "b", summary: "Stock is wrong", to: Self.key)
        let other = try await world.post(.alert, "c", summary: "Sun is out", to: Self.key)
        try await world.settle()

        let alerts = try await world.alerts().map(\.alert)
        #expect(alerts.map(\.source) == [AlertSource.ID(1), AlertSource.ID(2)])
        #expect(shop.alert == alerts[0].id && stock.alert == alerts[1].id)
        #expect(other.reason == .droppedByFlow && other.alert == nil)
        #expect(try await Self.record(world).map(\.outcome) == [.routed, .routed, .dropped])
        #expect(try await Self.record(world)[0].alert == shop.alert)
        #expect(world.email.delivered.contains { $0.subject.contains("Shop is down") })
    }

    @Test func `given a resolve with the same key, when it comes by the flow, then the alert is resolved`() async throws
    {
        let root = #"{"nodeType":"ROOT","branches":[{"branchType":"CATCH_ALL","target":\#(Self.route(1))}]}"#
        let world = try await Self.world(root)
        let raised = try await world.post(.alert, "a", to: Self.key)

        let resolved = try await world.post(.resolve, "a", to: Self.key)

        #expect(resolved.reason == .resolvedBySource && resolved.alert == raised.alert)
    }

    @Test func `given overrides, when an event is routed, then priority and policy are the flow's`() async throws {
        let more = #","overwritePriority":"HIGH","escalationPolicyId":77"#
        let root = #"{"nodeType":"ROOT","branches":[{"branchType":"CATCH_ALL","target":\#(Self.route(2, more))}]}"#
        let world = try await Self.world(root)
        let now = world.now
        try await world.write { transaction in
            try EscalationPolicies.insert(
                PolicyRecord(
                    id: .init(77), account: Cast.account, name: "Night", levels: [Cast.level(Cast.bob)],
                    createdAt: now, updatedAt: now), in: transaction)
        }

        let id = try #require(try await world.post(.alert, "a", to: Self.key).alert)
        try await world.settle()

        let alert = try #require(try await world.alert(id)?.alert)
        #expect(alert.priority == .high && alert.policy == .init(77))
        #expect(world.email.delivered.map(\.address) == [Cast.bob.email])
        let trace = try #require(try await world.events(of: AlertSource.ID(2)).first?.trace)
        #expect(trace.contains(#""priority":"flow""#) && trace.contains(#""policy":"flow""#))
    }

    @Test func `given a wait, when it is over, then the alert is raised to the millisecond and paged`() async throws {
        let world = try await Self.world(Self.waiting)
        let answer = try await world.post(.alert, "a", to: Self.key)

        try await world.advance(by: .minutes(10) - .milliseconds(1))
        let early = try await world.alerts().count
        try await world.advance(by: .milliseconds(1))

        #expect(answer.reason == .waitingInFlow && early == 0)
        #expect(try await world.alerts().count == 1)
        #expect(world.email.delivered.count == 1)
        #expect(try await Self.record(world).map(\.outcome) == [.waiting, .resumed])
    }

    @Test(arguments: [AlertEvent.Kind.resolve, .accept])
    func `given a waiting event, when its key is well again or taken care of, then it is forgotten`(
        kind: AlertEvent.Kind
    ) async throws {
        let world = try await Self.world(Self.waiting)
        try await world.post(.alert, "A ", to: Self.key)
        try await world.post(.alert, "b", to: Self.key)

        let answer = try await world.post(kind, "a", to: Self.key)
        try await world.advance(by: .hours(1))

        #expect(answer.reason == .noOpenAlert)
        #expect(try await world.alerts().map(\.alert.key) == ["b"])
    }

    @Test func `given a node that is down when a wait ends, when it is back, then the alert is raised once`()
        async throws
    {
        let world = try await Self.world(Self.waiting)
        try await world.post(.alert, "a", to: Self.key)
        world.crash()
        world.beDown(for: .hours(2))

        try await world.settle()
        world.restart()
        try await world.settle()

        #expect(try await world.alerts().count == 1)
    }

    @Test func `given a tree that is changed while an event waits, when its node is gone, then it is not lost`()
        async throws
    {
        let world = try await Self.world(Self.waiting)
        try await world.post(.alert, "a", to: Self.key)
        try await Self.set(
            #"{"nodeType":"ROOT","branches":[{"branchType":"CATCH_ALL","target":\#(Self.route(2))}]}"#, in: world)

        try await world.advance(by: .minutes(10))

        #expect(try await world.alerts().map(\.alert.source) == [AlertSource.ID(2)])
    }

    @Test func `given a counting condition, when a node restarts in between, then what it counted is there`()
        async throws
    {
        let world = try await Self.world(
            """
            {"nodeType":"ROOT","branches":[{"branchType":"BRANCH","condition":"trigger_count.10m >= 3",
             "target":\(Self.route(1))}]}
            """)
        let first = try await world.post(.alert, "a", to: Self.key)
        _ = try await world.post(.alert, "a", to: Self.key)
        world.crash()

        let third = try await world.post(.alert, "a", to: Self.key)

        #expect(first.reason == .droppedByFlow && third.reason == .newAlert)
    }

    @Test func `given a body that nobody can read, when it comes, then the sender hears of it and it is on record`()
        async throws
    {
        let world = try await Self.world(Self.bySummary)

        await #expect(throws: Failure.self) {
            try await world.engine.reception.receive(WebhookRequest(body: Array("{".utf8)), key: Self.key)
        }

        #expect(try await Self.record(world).map(\.outcome) == [.unreadable])
        #expect(try await world.alerts().isEmpty)
    }

    @Test
    func `given a tool that cannot be told, when its body is unreadable, then the first alert source hears of it`()
        async throws
    {
        let world = try await Self.world(Self.bySummary)
        let other = EventFlowIntegration(
            id: .init(502), flow: .init(500), type: "PROMETHEUS", key: "nb1flowPromPromPromPromPromPromPromPromProm",
            createdAt: world.now)
        try await world.write { try EventFlowIntegrations.insert(other, in: $0) }

        let answer = try await world.engine.reception.receive(
            WebhookRequest(path: "/api/v1/events/prometheus", body: Array("{".utf8)), key: other.key)

        #expect(answer.reason == .unreadable)
        let alert = try #require(try await world.alerts().first?.alert)
        #expect(alert.source == AlertSource.ID(2) && alert.summary.contains("unreadable notification"))
    }

    @Test func `given what a flow handed on, when it is replayed at the alert source, then it is read as it was`()
        async throws
    {
        let world = try await Self.world(Self.bySummary)
        let id = try await world.post(.alert, "a", summary: "Shop is down", to: Self.key).alert
        let stored = try #require(try await world.events().first)
        let request = WebhookRequest(path: stored.path, body: stored.body)

        let again = try await world.engine.reception.replay(request, source: Cast.shop)

        #expect(again.alert == id && again.reason == .keyOpen)
    }

    @Test func `given an unknown key, when it is posted to, then it is not found`() async throws {
        let world = try await Self.world(Self.bySummary)

        await #expect(throws: Failure.self) {
            try await world.post(.alert, "a", to: "nb1flowNoneNoneNoneNoneNoneNoneNoneNoneNone")
        }
    }
}
