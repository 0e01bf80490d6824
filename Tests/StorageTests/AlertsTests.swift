import Alerting
import Simulation
import Storage
import Testing

struct AlertsTests {
    private let world: StorageWorld
    private let id = Alert.ID(1)

    init() throws {
        world = try StorageWorld()
    }

    private func find(_ id: Alert.ID = .init(1)) throws -> AlertRecord {
        try #require(try world.write { try Alerts.find(id, in: $0) })
    }

    @Test func `given an alert with everything in it, when it is read, then nothing is lost`() throws {
        var alert = world.alert(1)
        alert.severity = 2
        alert.details = "Zeile 1\nZeile 2 \u{1F514}"
        alert.links = [AlertLink(href: "https://shop.example", text: "Shop"), AlertLink(href: "https://b.example")]
        alert.images = [AlertImage(source: "https://i.example/a.png", href: "https://i.example", alternative: "Graph")]
        alert.labels = ["region": "eu", "empty": ""]
        alert.customDetails = .object(["code": .integer(503), "list": .array([.null, .bool(true), .string("é")])])
        alert.routingKey = "shop"
        alert.eventCount = 3
        alert.lastEventAt = world.now + .minutes(1)
        let expected = alert

        try world.write { try Alerts.insert(expected, in: $0) }

        let record = try find()
        #expect(record.alert == expected)
        #expect(!record.isLastResort)
        #expect(record.assigned == nil)
    }

    @Test func `given custom details as deep as JSON may be, when they are stored, then the alert can be read`() throws
    {
        let depth = Limits.jsonDepth
        let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        var alert = world.alert(1)
        alert.customDetails = try JSONValue.parse(text)
        let expected = alert

        try world.write { try Alerts.insert(expected, in: $0) }

        #expect(try find().alert.customDetails == expected.customDetails)
    }

    @Test func `given an event as it came, when its parts are stored, then they read back`() throws {
        let alert = world.alert(1)
        var event = AlertEvent(kind: .alert, links: [AlertLink(href: "https://a.example/\"x")])
        event.images = [AlertImage(source: "https://i.example/a.png")]
        event.labels = ["region": "eu"]
        event.customDocument = JSONDocument(try JSONOutline(Array(#" {"b": 1.50, "a": "\u00e9", "a": 2} "#.utf8)))
        let sent = event

        try world.write { transaction in
            try Alerts.insert(alert, in: transaction)
            try Alerts.append(sent, extras: AlertExtrasText(sent), to: alert.id, at: alert.raisedAt, in: transaction)
        }

        let stored = try find().alert
        #expect(stored.links == sent.links && stored.images == sent.images && stored.labels == sent.labels)
        #expect(stored.customDetails == .object(["a": .integer(2), "b": .number(1.5)]))
    }

    @Test func `given a policy of every kind of target, when its structure is stored, then it reads back`() throws {
        let policy = EscalationPolicy(
            levels: [
                EscalationLevel(targets: [.user(.init(1)), .team(.init(2)), .schedule(3)], timeout: .seconds(61)),
                EscalationLevel(targets: [], timeout: .hours(24)),
            ], repeats: 9, delay: .minutes(60))
        var alert = world.alert(1)
        alert.escalation = Escalation(policy: policy, raisedAt: world.now)
        let expected = alert

        try world.write { try Alerts.insert(expected, in: $0) }

        #expect(try find().alert.escalation == expected.escalation)
    }

    @Test(
        arguments: [
            .ready(due: Timestamp(milliseconds: 5)),
            .waiting(level: 2, pass: 1, deadline: Timestamp(milliseconds: 6)), .rested(level: 3), .stopped, .exhausted,
        ] as [Escalation.State])
    func `given each state of an escalation, when it is stored, then it reads back`(state: Escalation.State) throws {
        try world.write { [world] in try Alerts.insert(world.alert(1), in: $0) }

        try world.write { try Alerts.setEscalation(state, of: .init(1), in: $0) }

        #expect(try find().alert.escalation.state == state)
    }

    @Test func `given an event with and without news, when it is appended, then only news replaces`() throws {
        try world.write { [world] transaction in
            var alert = world.alert(1)
            alert.details = "first"
            alert.links = [AlertLink(href: "https://first.example")]
            try Alerts.insert(alert, in: transaction)
            let event = AlertEvent(kind: .alert, summary: "other")
            try Alerts.append(
                event, extras: AlertExtrasText(event), to: .init(1), at: world.now + .seconds(1), in: transaction)
        }
        var alert = try find().alert
        #expect((alert.eventCount, alert.details, alert.summary) == (2, "first", "Shop is down"))
        #expect(alert.links == [AlertLink(href: "https://first.example")])

        try world.write { [world] transaction in
            let event = AlertEvent(
                kind: .alert, summary: "other", details: "second", links: [AlertLink(href: "https://second.example")])
            try Alerts.append(
                event, extras: AlertExtrasText(event), to: .init(1), at: world.now + .seconds(2), in: transaction)
        }
        alert = try find().alert
        #expect((alert.eventCount, alert.details) == (3, "second"))
        #expect(alert.links == [AlertLink(href: "https://second.example")])
        #expect(alert.lastEventAt == world.now + .seconds(2))
    }

    @Test func `given an alert, when it is accepted and resolved twice, then only the first time counts`() throws {
        let answers = try world.write { [world] transaction in
            try Alerts.insert(world.alert(1), in: transaction)
            return [
                try Alerts.accept(.init(1), by: .user(.init(1)), at: world.now, in: transaction),
                try Alerts.accept(.init(1), by: .user(.init(2)), at: world.now + .seconds(1), in: transaction),
                try Alerts.resolve(.init(1), by: .source, at: world.now + .seconds(2), in: transaction),
                try Alerts.resolve(.init(1), by: .system, at: world.now + .seconds(3), in: transaction),
                try Alerts.accept(.init(1), by: .user(.init(2)), at: world.now + .seconds(4), in: transaction),
            ]
        }

        #expect(answers == [true, false, true, false, false])
        let alert = try find().alert
        #expect((alert.status, alert.acceptedBy, alert.resolvedBy) == (.resolved, .user(.init(1)), .source))
        #expect((alert.acceptedAt, alert.resolvedAt) == (world.now, world.now + .seconds(2)))
        #expect(alert.escalation.state == .stopped)
    }

    @Test func `given an accepted alert, when it is handed over, then it is pending again, and a resolved one is not`()
        throws
    {
        let escalation = Escalation(
            policy: EscalationPolicy(levels: [SimulatedCast.level(SimulatedCast.bob)]), raisedAt: world.now)
        try world.write { [world] transaction in
            for id in [1, 2] as [Int64] {
                try Alerts.insert(world.alert(id), in: transaction)
                _ = try Alerts.accept(.init(id), by: .user(.init(1)), at: world.now, in: transaction)
            }
            _ = try Alerts.resolve(.init(2), by: .system, at: world.now, in: transaction)
            for id in [1, 2] as [Int64] {
                try Alerts.reassign(
                    .init(id), policy: nil, escalation: escalation, assigned: .init(2), in: transaction)
            }
        }

        let handed = try find()
        #expect((handed.alert.status, handed.alert.acceptedBy, handed.assigned) == (.pending, nil, .init(2)))
        #expect(handed.alert.escalation == escalation)
        #expect(handed.alert.policy == SimulatedCast.policy)
        #expect(try find(.init(2)).alert.status == .resolved)
    }

    @Test func `given another account's caller, when the alert is looked up, then there is none`() throws {
        let found = try world.write { [world] transaction in
            try Alerts.insert(world.alert(1), in: transaction)
            let stranger = Scope(account: .init(99), user: .init(1), role: .admin)
            return [
                try Alerts.find(.init(1), scope: stranger, in: transaction),
                try Alerts.find(.init(1), scope: .alice, in: transaction),
                try Alerts.find(.init(2), scope: .alice, in: transaction),
            ].map { $0 != nil }
        }

        #expect(found == [false, true, false])
    }

    @Test func `given the marks of an alert, when they are set, then they read back`() throws {
        try world.write { [world] transaction in
            try Alerts.insert(world.alert(1, priority: .low), in: transaction)
            try Alerts.raisePriority(of: .init(1), in: transaction)
            try Alerts.markLastResort(.init(1), in: transaction)
        }

        #expect(try find().alert.priority == .high)
        #expect(try find().isLastResort)
    }
}
