import Alerting
import Engine
import Simulation
import Storage
import Testing

/// Alert sources with conditions, templates and mappings, from the request to the page.
struct RulesStoriesTests {
    private typealias Cast = SimulatedCast

    private static func world(
        _ fields: String, creation: String = "ONE_ALERT_PER_EMAIL", priority: String = "HIGH", type: String = "API"
    ) async throws -> SimulatedWorld {
        var shop = Cast.source(type: type, creation: creation, priority: priority, at: SimulatedClock().now)
        shop.fields = try JSONValue.parse(fields)
        return try await SimulatedWorld(sources: [shop])
    }

    @discardableResult
    private static func post(
        _ world: SimulatedWorld, _ kind: AlertEvent.Kind = .alert, _ key: String? = "disk", _ payload: String = "{}",
        summary: String = "Disk full", fields: [String: JSONValue] = [:]
    ) async throws -> IngestAnswer {
        var fields = fields
        fields["customDetails"] = try JSONValue.parse(payload)
        return try await world.post(kind, key, summary: summary, fields: fields)
    }

    @Test func `given an event filter, then what does not fit raises nothing and its trace says so`() async throws {
        let world = try await Self.world(#"{"eventFilter": "event.customDetails.env == prod"}"#)

        let dropped = try await Self.post(world, .alert, "a", #"{"env": "test"}"#)
        let kept = try await Self.post(world, .alert, "a", #"{"env": "PROD"}"#)

        #expect([dropped.reason, kept.reason] == [.filtered, .newAlert])
        #expect(try await world.alerts().count == 1)
        let traces = try await world.events().map { try $0.trace.map { IntakeTrace(try JSONValue.parse($0)) } }
        #expect(traces.map { $0?.filter } == [.dropped, .passed])
        #expect(traces.map { $0?.policy } == [nil, .source])
        #expect(traces.last??.grouping == .newAlert)
    }

    @Test func `given conditions for the types, then the tool's states raise, accept and resolve`() async throws {
        let world = try await Self.world(
            """
            {"eventTypeFilterCreate": "event.customDetails.state in [down, broken]",
             "eventTypeFilterAccept": "event.customDetails.state == seen",
             "eventTypeFilterResolve": "event.customDetails.state == up",
             "alertKeyTemplate": {"textTemplate": "{{ event.customDetails.host }}"}}
            """)
        var reasons: [IntakeReason] = []
        for state in ["down", "seen", "idle", "broken", "up", "up"] {
            let answer = try await Self.post(world, .alert, nil, #"{"state": "\#(state)", "host": "web1"}"#)
            reasons.append(answer.reason)
        }

        #expect(
            reasons == [.newAlert, .acceptedBySource, .noEventType, .keyOpen, .resolvedBySource, .noOpenAlert])
        let alert = try #require(try await world.alerts().first?.alert)
        #expect((alert.key, alert.eventCount, alert.status) == ("web1", 2, .resolved))
    }

    @Test func `given templates, then the alert, its links and its page have their texts`() async throws {
        let world = try await Self.world(
            """
            {"summaryTemplate": {"textTemplate": "{{ host }}: {{ event.summary.upperCase() }}"},
             "detailsTemplate": {"elements": [{"type": "VAR", "val": "free"}, {"type": "TEXT", "val": " GB free"}]},
             "linkTemplates": [{"text": "Graph", "hrefTemplate": {"textTemplate": "https://g.example/{{ host }}"}}]}
            """)

        let id = try #require(try await Self.post(world, .alert, "a", #"{"host": "web1", "free": 3}"#).alert)
        try await world.settle()

        let alert = try #require(try await world.alert(id)?.alert)
        #expect((alert.summary, alert.details) == ("web1: DISK FULL", "3 GB free"))
        #expect(alert.links == [AlertLink(href: "https://g.example/web1", text: "Graph")])
        #expect(world.email.delivered.first?.subject.contains("web1: DISK FULL") == true)
    }

    @Test func `given templates that do not work out, then the event's own text stands and the timeline says why`()
        async throws
    {
        let world = try await Self.world(
            """
            {"summaryTemplate": {"textTemplate": "{{ event.customDetails.nothing }}"},
             "detailsTemplate": {"textTemplate": "{{#l}}{{#l}}{{#l}}x{{/l}}{{/l}}{{/l}}"}}
            """)
        let list = Array(repeating: "1", count: 100).joined(separator: ",")

        let id = try #require(try await Self.post(world, .alert, "a", "{\"l\": [\(list)]}").alert)

        #expect(try await world.alert(id)?.alert.summary == "Disk full")
        let lines = try await world.timeline(of: id).filter { $0.kind == .templateFailed }
        #expect(
            lines.map { $0.sentence { _ in nil } } == [
                "summaryTemplate was not used: its text is blank; the event's own text is used.",
                "detailsTemplate was not used: it takes too many steps; the event's own text is used.",
            ])
    }

    @Test func `given a stored template that is none, then events still raise alerts and say so`() async throws {
        let world = try await Self.world(#"{"summaryTemplate": {"textTemplate": "{{ open"}, "eventFilter": "and and"}"#)

        let id = try #require(try await Self.post(world).alert)

        #expect(try await world.alert(id)?.alert.summary == "Disk full")
        let words = try await world.timeline(of: id).compactMap(\.text)
        #expect(words.contains("summaryTemplate was not used: it is not understood"))
        #expect(words.contains("eventFilter was not used: it is not understood"))
    }

    @Test func `given mappings, then the tool's words become priority and severity, before the source's rule`()
        async throws
    {
        let world = try await Self.world(
            """
            {"priorityTemplate": {"valueTemplate": {"textTemplate": "{{ level }}"},
               "mappings": [{"value": "crit", "priority": "HIGH"}, {"value": "info", "priority": "LOW"}]},
             "severityTemplate": {"valueTemplate": {"textTemplate": "{{ level }}"},
               "mappings": [{"value": "crit", "severity": 1}, {"value": "info", "severity": 5}]}}
            """, priority: "LOW")

        for level in ["crit", "INFO", "else"] {
            try await Self.post(world, .alert, level, #"{"level": "\#(level)"}"#)
        }
        try await Self.post(world, .alert, "own", "{}", fields: ["severity": .integer(3), "priority": .string("HIGH")])

        let alerts = try await world.alerts().map(\.alert)
        #expect(alerts.map(\.priority) == [.high, .low, .low, .high])
        #expect(alerts.map(\.severity) == [1, 5, nil, 3])
        let steps = try await world.events().compactMap { try $0.trace.map { IntakeTrace(try JSONValue.parse($0)) } }
        #expect(steps.map(\.priority) == [.template, .template, .rule, .event])
    }

    @Test func `given a LOW alert, when an event of its key is mapped to HIGH, then paging starts`() async throws {
        let world = try await Self.world(
            """
            {"priorityTemplate": {"valueTemplate": {"textTemplate": "{{ level }}"},
               "mappings": [{"value": "crit", "priority": "HIGH"}, {"value": "info", "priority": "LOW"}]}}
            """)
        let id = try #require(try await Self.post(world, .alert, "a", #"{"level": "info"}"#).alert)
        try await world.advance(by: .hours(1))
        #expect(world.email.addresses == [Cast.alice.email])

        try await Self.post(world, .alert, "a", #"{"level": "crit"}"#)
        try await world.advance(by: .minutes(6))

        #expect(try await world.alert(id)?.alert.priority == .high)
        #expect(world.email.addresses == [Cast.alice.email, Cast.alice.email, Cast.bob.email])
    }

    @Test func `given a routing template, then the policy of the payload's team is called, else the source's`()
        async throws
    {
        let world = try await Self.world(
            #"{"routingTemplate": {"textTemplate": "{{ team }}, {{ event.labels.team }}"}}"#)
        let now = world.now
        try await world.write { transaction in
            try EscalationPolicies.insert(
                PolicyRecord(
                    id: .init(2), account: Cast.account, name: "Desk", levels: [Cast.level(Cast.bob)],
                    routingKey: "desk", createdAt: now, updatedAt: now), in: transaction)
        }

        let first = try await Self.post(world, .alert, "a", #"{"team": "desk"}"#).alert
        let second = try await Self.post(
            world, .alert, "b", "{}", fields: ["labels": .object(["team": .string("desk")])]
        ).alert
        let third = try await Self.post(world, .alert, "c", #"{"team": "nobody"}"#).alert

        let policies = try await world.alerts().map(\.alert.policy)
        #expect(policies == [.init(2), .init(2), Cast.policy])
        #expect(try await world.kinds(of: try #require(first)).contains(.routed))
        #expect(try await world.kinds(of: try #require(second)).contains(.routed))
        #expect(try await world.kinds(of: try #require(third)).contains(.notRouted))
    }

    @Test func `given a counting filter, then the third event within its window passes, also after a restart`()
        async throws
    {
        let world = try await Self.world(#"{"eventFilter": "trigger_count.10m >= 3"}"#)
        var reasons: [IntakeReason] = []
        for number in 1...2 { reasons.append(try await Self.post(world, .alert, "k\(number)").reason) }

        world.crash()
        reasons.append(try await Self.post(world, .alert, "k3").reason)
        world.clock.advance(by: .minutes(10))
        reasons.append(try await Self.post(world, .alert, "k4").reason)

        #expect(reasons == [.filtered, .filtered, .newAlert, .filtered])
    }

    @Test func `given a filter by on-call, when the schedule changes, then the next event is judged by it`()
        async throws
    {
        let world = try await Self.world("{}")
        let administration = world.engine.administration(passwords: Passwords(log2N: 4))
        let now = world.now
        func draft(_ start: String, _ end: String) -> ScheduleDraft {
            var draft = ScheduleDraft(name: "Desk", kind: .static, timeZone: "UTC")
            draft.shifts = [.init(user: Cast.bob.user, start: start, end: end)]
            return draft
        }
        let schedule = try await administration.schedules.create(
            draft("2026-01-01T00:00", "2026-01-01T01:00"), by: Cast.carol.caller)
        try await world.write { transaction in
            guard var source = try AlertSources.find(Cast.shop, in: transaction) else { return }
            let filter = "now is_in {id: \(schedule.id), type: ON_CALL_SCHEDULE}"
            source.fields = .object(["eventFilter": .string(filter)])
            try AlertSources.update(source, in: transaction)
        }
        world.engine.directory.forgetAll()
        world.clock.set(to: now + .minutes(30))
        #expect(try await Self.post(world, .alert, "a").reason == .newAlert)
        world.clock.set(to: now + .minutes(60))
        #expect(try await Self.post(world, .alert, "b").reason == .filtered)

        _ = try await administration.schedules.update(
            schedule.id, with: draft("2026-01-01T00:00", "2026-01-01T02:00"), by: Cast.carol.caller)

        #expect(try await Self.post(world, .alert, "c").reason == .newAlert)
    }

    @Test func `given maintenance and templates, when what was held is raised, then it followed the rules once`()
        async throws
    {
        let world = try await Self.world(
            """
            {"eventFilter": "event.summary == 'Disk full'",
             "summaryTemplate": {"textTemplate": "{{ host }}: {{ event.summary }}"}}
            """)
        _ = try await world.engine.administration(passwords: Passwords(log2N: 4)).maintenance.create(
            MaintenanceWindowDraft(
                summary: "New database", start: world.now, end: world.now + .hours(1), mode: .hold,
                sources: [Cast.shop]), by: Cast.carol.caller)
        #expect(try await Self.post(world, .alert, "a", #"{"host": "web1"}"#).reason == .heldInMaintenance)

        try await world.advance(by: .hours(1))

        #expect(try await world.openAlerts().map(\.alert.summary) == ["web1: Disk full"])
    }
}
