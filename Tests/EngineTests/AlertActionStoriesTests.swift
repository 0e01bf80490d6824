import Alerting
import Engine
import Simulation
import Storage
import Testing

struct AlertActionStoriesTests {
    private typealias Cast = SimulatedCast

    static func world(
        _ actions: RecordingActions, _ change: (inout AlertActionRecord) -> Void = { _ in }
    ) async throws -> SimulatedWorld {
        let now = SimulatedClock().now
        let warehouse = Cast.source(
            AlertSource.ID(2), name: "Warehouse", key: "nb1sWareWareWareWareWareWareWareWareWare", at: now)
        let world = try await SimulatedWorld(sources: [Cast.source(at: now), warehouse], actions: actions)
        var action = AlertActionRecord(
            id: .init(800), account: Cast.account, name: "Hook", kind: "webhook",
            params: .object(["webhookUrl": .string("https://hook.example")]), createdAt: now, updatedAt: now)
        change(&action)
        try await world.write { [action] in try AlertActions.insert(action, in: $0) }
        return world
    }

    static func runs(_ world: SimulatedWorld, of id: Alert.ID) async throws -> [AlertActionRun] {
        try await world.disk.read { try AlertActionRuns.list(alert: id, in: $0) }
    }

    @Test func `given a life of an alert, when it is raised, accepted and resolved, then each is told in its order`()
        async throws
    {
        let actions = RecordingActions()
        let world = try await Self.world(actions)
        let id = try await world.raise()
        try await world.settle()
        try await world.engine.desk.accept(id, by: Cast.alice.caller)
        try await world.post(.resolve, "home")
        try await world.settle()

        #expect(actions.triggers == [.created, .acknowledged, .resolved])
        #expect(actions.orders.map(\.snapshot.status) == [.pending, .accepted, .resolved])
        #expect(actions.orders[1].snapshot.actor == "Alice Example")
        #expect(Set(actions.orders.map(\.idempotencyKey)).count == 3)
        let lines = try await world.timeline(of: id).filter { $0.kind == .actionPerformed }
        #expect(lines.map(\.reason) == ["alert-created", "alert-acknowledged", "alert-resolved"])
        #expect(lines.allSatisfy { $0.text == "Hook" })
    }

    @Test func `given an action for other sources or with conditions that do not fit, then it is not done`()
        async throws
    {
        let actions = RecordingActions()
        let world = try await Self.world(actions) { $0.sources = [AlertSource.ID(2)] }
        _ = try await world.raise()
        try await world.settle()
        #expect(actions.orders.isEmpty)

        try await world.write { transaction in
            guard var action = try AlertActions.find(.init(800), in: transaction) else { return }
            action.sources = []
            action.conditions = "alert.summary contains disk"
            try AlertActions.update(action, in: transaction)
        }
        let unfit = try await world.raise("a")
        try await world.post(.alert, "b", summary: "Disk full")
        try await world.settle()

        #expect(actions.orders.map(\.snapshot.alert.summary) == ["Disk full"])
        #expect(try await Self.runs(world, of: unfit).map(\.status) == [.cancelled])
    }

    @Test func `given a service that is away, when it is asked, then it is asked again until it works, in order`()
        async throws
    {
        let actions = RecordingActions()
        actions.answer(
            ActionAnswer(.retry(after: .seconds(30), reason: "http 503"), status: 503),
            ActionAnswer(.unknown(reason: "no answer")))
        let world = try await Self.world(actions)
        let id = try await world.raise()
        try await world.settle()
        try await world.post(.resolve, "home")
        try await world.settle()
        let early = actions.triggers

        try await world.advance(by: .minutes(5))

        // The end is not told before the beginning.
        #expect(early == [.created])
        #expect(actions.triggers == [.created, .created, .created, .resolved])
        #expect(Set(actions.orders.prefix(3).map(\.idempotencyKey)).count == 1)
        #expect(try await world.kinds(of: id).filter { $0 == .actionRetried }.count == 1)
    }

    @Test func `given a service that refuses, when it is asked, then it is not asked again and the timeline says why`()
        async throws
    {
        let actions = RecordingActions()
        actions.answer(ActionAnswer(.rejected(reason: "http 401"), status: 401, text: "who are you?"))
        let world = try await Self.world(actions)
        let id = try await world.raise()

        try await world.advance(by: .hours(1))

        let run = try #require(try await Self.runs(world, of: id).first { $0.key.trigger == .created })
        #expect(run.status == .failed && run.httpStatus == 401 && run.answer == "who are you?")
        let line = try #require(try await world.timeline(of: id).first { $0.kind == .actionFailed })
        #expect(line.reason == "http 401")
    }

    @Test(arguments: [(false, 1), (true, 0)])
    func `given an alert that stays open, when the delay is over, then that is told, and not of a resolved one`(
        isResolved: Bool, count: Int
    ) async throws {
        let actions = RecordingActions()
        let world = try await Self.world(actions) {
            $0.triggers = [.notResolved]
            $0.notResolvedDelay = .minutes(30)
        }
        _ = try await world.raise()
        try await world.advance(by: .minutes(30) - .milliseconds(1))
        let early = actions.orders.count
        if isResolved { try await world.post(.resolve, "home") }

        try await world.advance(by: .milliseconds(1))

        #expect(early == 0)
        #expect(actions.triggers.count == count)
    }

    @Test func `given an escalation that ended, when its delay is over unaccepted, then that is told`() async throws {
        let actions = RecordingActions()
        let world = try await Self.world(actions) {
            $0.triggers = [.escalationEnded, .autoEscalated]
            $0.escalationEndedDelay = .minutes(10)
        }
        _ = try await world.raise()

        try await world.advance(by: .minutes(19))
        let early = actions.triggers
        try await world.advance(by: .minutes(2))

        #expect(early == [.autoEscalated])
        #expect(actions.triggers == [.autoEscalated, .escalationEnded])
    }

    @Test func `given a node that dies with an action under way, when its lease is over, then it is done again`()
        async throws
    {
        let actions = RecordingActions()
        let world = try await Self.world(actions)
        let id = try await world.raise()
        let run = try #require(try await Self.runs(world, of: id).first)
        let lease = world.now + .seconds(60)
        _ = try await world.write { try AlertActionRuns.claim(run, until: lease, in: $0) }
        world.crash()
        try await world.settle()
        let early = actions.orders.count

        try await world.advance(by: .seconds(60))

        #expect(early == 0 && actions.triggers.first == .created)
    }

    @Test func `given two nodes, when both look, then each run is done once`() async throws {
        let actions = RecordingActions()
        let world = try await Self.world(actions)
        for key in 0..<10 { _ = try await world.raise("k\(key)") }
        let (one, other) = (world.engine.actionLoop, world.secondNode().actionLoop)

        async let first = one.runOnce()
        async let second = other.runOnce()
        _ = try await (first, second)
        while try await one.runOnce() > 0 {}

        #expect(Set(actions.orders.map(\.idempotencyKey)).count == actions.orders.count)
    }

    @Test func `given a manual action, when its button is pressed, then it is done at once and never by itself`()
        async throws
    {
        let actions = RecordingActions()
        let world = try await Self.world(actions) { $0.isManual = true }
        let id = try await world.raise()
        try await world.settle()
        let before = actions.orders.count

        let good = try await world.engine.actionDesk.press(.init(800), on: id, by: Cast.alice.caller)
        actions.answer(ActionAnswer(.retry(after: nil, reason: "http 503"), status: 503))
        let bad = try await world.engine.actionDesk.press(.init(800), on: id, by: Cast.alice.caller)
        try await world.advance(by: .hours(1))

        #expect(before == 0 && actions.triggers == [.manual, .manual])
        #expect(good.reason == nil && bad.reason == "http 503")
        #expect(try await Self.runs(world, of: id).map(\.status) == [.done, .failed])
    }

    @Test func `given a body template, when an alert comes, then it is filled in`() async throws {
        let actions = RecordingActions()
        let world = try await Self.world(actions) {
            $0.params = .object([
                "webhookUrl": .string("https://hook.example"),
                "bodyTemplate": .string("{{ alertStatus }}: {{ alertSummary }} ({{ alert.alertSource.name }})"),
            ])
        }
        _ = try await world.raise()
        try await world.settle()

        #expect(actions.orders.first?.body == "PENDING: Shop is down (Shop)")
    }

    @Test func `given what a service remembers, when the next is told, then it gets it`() async throws {
        let actions = RecordingActions()
        actions.answer(
            ActionAnswer(.delivered(receipt: nil), status: 201, state: .object(["ticket": .string("OPS-1")])))
        let world = try await Self.world(actions)
        _ = try await world.raise()
        try await world.settle()
        try await world.post(.resolve, "home")
        try await world.settle()

        #expect(actions.orders.map { $0.state?["ticket"]?.string } == [nil, "OPS-1"])
    }

    @Test func `given a service that forgets, when the next is told, then nothing is remembered`() async throws {
        let actions = RecordingActions()
        actions.answer(
            ActionAnswer(.delivered(receipt: nil), status: 201, state: .object(["ticket": .string("OPS-1")])),
            ActionAnswer(.delivered(receipt: nil), status: 404, state: .null))
        let world = try await Self.world(actions)
        let id = try await world.raise()
        try await world.settle()
        try await world.engine.desk.accept(id, by: Cast.alice.caller)
        try await world.settle()
        try await world.post(.resolve, "home")
        try await world.settle()

        #expect(actions.orders.map { $0.state?["ticket"]?.string } == [nil, "OPS-1", nil])
        #expect(actions.orders.map { $0.state == nil } == [true, false, true])
    }

    @Test func `given a life of an alert with many people, then each further trigger is told once, with who did it`()
        async throws
    {
        let actions = RecordingActions()
        let world = try await Self.world(actions) {
            $0.triggers = [.assigned, .raised, .commentAdded, .responderAdded, .responderRemoved]
        }
        let id = try await world.raise(priority: .low)
        try await world.settle()
        #expect(actions.triggers == [])
        let desk = world.engine.desk

        try await world.post(.alert, "home", priority: .high)
        try await desk.assign(id, to: Cast.bob.user, by: Cast.carol.caller)
        try await desk.comment(id, text: "It is the disk.", by: Cast.alice.caller)
        try await desk.addResponder(Cast.carol.user, to: id, by: Cast.bob.caller)
        try await desk.removeResponder(Cast.carol.user, from: id, by: Cast.bob.caller)
        try await world.settle()

        #expect(
            actions.triggers == [.raised, .assigned, .commentAdded, .responderAdded, .responderRemoved])
        let comment = try #require(actions.orders.first { $0.snapshot.trigger == .commentAdded })
        #expect(comment.snapshot.text == "It is the disk." && comment.snapshot.actor == "Alice Example")
        let assigned = try #require(actions.orders.first { $0.snapshot.trigger == .assigned })
        #expect(assigned.snapshot.actor == "Carol Example")
    }

    @Test func `given an action that mails and one that reroutes, when an alert comes, then both are done here`()
        async throws
    {
        let actions = RecordingActions()
        let world = try await Self.world(actions) { action in
            action.kind = "email"
            action.triggers = [.created]
            action.params = .object([
                "recipients": .array([.string("ops@example.com")]), "subject": .string("Now: {{ alertSummary }}"),
            ])
        }
        let now = world.now
        try await world.write { transaction in
            try EscalationPolicies.insert(
                PolicyRecord(
                    id: .init(77), account: Cast.account, name: "Night", levels: [Cast.level(Cast.bob)],
                    createdAt: now, updatedAt: now), in: transaction)
            try AlertActions.insert(
                AlertActionRecord(
                    id: .init(801), account: Cast.account, name: "Reroute", kind: "reroute",
                    triggers: [.escalationEnded], params: .object(["escalationPolicyId": .integer(77)]),
                    createdAt: now, updatedAt: now), in: transaction)
        }
        let id = try await world.raise()
        try await world.advance(by: .minutes(11))

        #expect(actions.orders.isEmpty)
        #expect(world.email.delivered.contains { $0.address == "ops@example.com" && $0.subject == "Now: Shop is down" })
        #expect(try await world.alert(id)?.alert.policy == .init(77))
    }
}
