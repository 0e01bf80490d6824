import Alerting
import Engine
import Integrations
import Simulation
import Storage
import Testing

struct EventStoriesTests {
    private typealias Cast = SimulatedCast

    @Test func `given a failing monitor, when it passes, then its alert is resolved, and passing again does nothing`()
        async throws
    {
        let world = try await SimulatedWorld()

        let failing = try await world.rapidSpike("failing")
        let passing = try await world.rapidSpike("passing", at: world.now + .minutes(1))
        let again = try await world.rapidSpike("passing", at: world.now + .minutes(2))

        #expect([failing.reason, passing.reason, again.reason] == [.newAlert, .resolvedBySource, .noOpenAlert])
        #expect(failing.alert == passing.alert)
        let alerts = try await world.alerts()
        #expect(alerts.map(\.alert.status) == [.resolved])
        #expect(alerts.first?.alert.resolvedBy == .source)
        try await world.advance(by: .hours(1))
        #expect(world.email.attempts == [])
    }

    @Test func `given the same failure on two connections at once, then one alert with count 2`() async throws {
        let world = try await SimulatedWorld()
        let reception = world.engine.reception
        let request = SimulatedWorld.rapidSpikeRequest("failing", monitor: "Home", at: world.now)

        async let first = reception.receive(request, key: Cast.shopKey)
        async let second = reception.receive(request, key: Cast.shopKey)
        let answers = try await [first, second]

        #expect(Set(answers.map(\.reason)) == [.newAlert, .keyOpen])
        #expect(try await world.alerts().map(\.alert.eventCount) == [2])
    }

    @Test func `given passing that arrives before its failing, then no open alert is left`() async throws {
        let world = try await SimulatedWorld()

        let passing = try await world.rapidSpike("passing", at: world.now)
        let failing = try await world.rapidSpike("failing", at: world.now - .minutes(1))

        #expect(passing.reason == .noOpenAlert)
        #expect(failing.reason == .stale)
        #expect(try await world.alerts() == [])
    }

    @Test func `given a second failing after the resolve, then it raises an alert of its own`() async throws {
        let world = try await SimulatedWorld()
        try await world.rapidSpike("failing", at: world.now)
        try await world.rapidSpike("passing", at: world.now + .minutes(1))
        try await world.rapidSpike("passing", at: world.now - .minutes(9))

        let stale = try await world.rapidSpike("failing", at: world.now + .seconds(30))
        let fresh = try await world.rapidSpike("failing", at: world.now + .minutes(2))

        #expect(stale.reason == .stale)
        #expect(fresh.reason == .newAlert)
        #expect(try await world.alerts().map(\.alert.status) == [.resolved, .pending])
    }

    @Test func `given a body nobody can read, then an alert about it and the raw request in the event explorer`()
        async throws
    {
        let world = try await SimulatedWorld()
        let body = Array("\u{1}not <readable>".utf8)

        let answer = try await world.receive(body)
        let again = try await world.receive(body)
        try await world.settle()

        #expect(answer.reason == .unreadable)
        #expect(answer.alert == again.alert)
        let alert = try #require(try await world.alerts().first?.alert)
        #expect(alert.summary == "RapidSpike: unreadable notification")
        #expect(alert.details.contains("not <readable>"))
        #expect(alert.eventCount == 2)
        let events = try await world.events()
        #expect(events.map(\.body) == [body, body])
        #expect(events.allSatisfy { $0.reason == .unreadable && $0.explanation != nil && $0.alert == alert.id })
        #expect(world.email.addresses == [Cast.alice.email])
    }

    @Test func `given an unreadable body with the key in it, then the alert about it does not tell the key`()
        async throws
    {
        let world = try await SimulatedWorld()

        let id = try #require(try await world.receive(Array("<key>\(Cast.shopKey)</key> ?".utf8)).alert)

        let details = try #require(try await world.alert(id)?.alert.details)
        #expect(details.contains("<key>…</key> ?") && !details.contains(Cast.shopKey))
    }

    @Test func `given an unreadable request replayed after a mapping was added, then the alert is right`() async throws
    {
        let world = try await SimulatedWorld()
        let body = Array(#"{"zustand": "kaputt", "kennung": "home-1", "wort": "Der Shop steht"}"#.utf8)
        let first = try await world.receive(body)
        #expect(first.reason == .unreadable)
        try await world.write { transaction in
            guard var source = try AlertSources.find(Cast.shop, in: transaction) else { return }
            source.mapping = .object([
                "stateField": .string("zustand"), "keyField": .string("kennung"), "summaryField": .string("wort"),
                "failingWords": .array([.string("kaputt")]),
            ])
            try AlertSources.update(source, in: transaction)
        }
        world.engine.directory.forgetAll()

        let stored = try #require(try await world.events().first)
        let replayed = try await world.engine.reception.replay(
            SimulatedWorld.jsonRequest(stored.body), source: Cast.shop)

        #expect(replayed.reason == .newAlert)
        let alert = try #require(try await world.alerts().last?.alert)
        #expect((alert.summary, alert.key) == ("Der Shop steht", "home-1"))
    }

    @Test func `given an open key with another summary, then it is appended and pages nobody again`() async throws {
        let world = try await SimulatedWorld()
        let id = try await world.raise("home")
        try await world.settle()

        let answer = try await world.post(
            .alert, " HOME ", summary: "Other words", fields: ["details": .string("new details")])
        try await world.settle()

        #expect(answer.alert == id)
        #expect(answer.reason == .keyOpen)
        let alert = try await world.alert(id)?.alert
        #expect(alert?.summary == "Shop is down")
        #expect(alert?.details == "new details")
        #expect(alert?.eventCount == 2)
        #expect(world.email.addresses == [Cast.alice.email])
    }

    @Test func `given one key at two sources, then each has an alert of its own`() async throws {
        let start = SimulatedClock().now
        let deskKey = "nb1sDeskDeskDeskDeskDeskDeskDesk"
        let world = try await SimulatedWorld(sources: [
            Cast.source(at: start), Cast.source(.init(2), name: "Desk", type: "API", key: deskKey, at: start),
        ])

        let first = try await world.post(.alert, "home")
        let second = try await world.post(.alert, "home", to: deskKey)
        try await world.post(.resolve, "home", to: deskKey)

        #expect(first.alert != second.alert)
        #expect(try await world.alerts().map(\.alert.status) == [.pending, .resolved])
    }

    @Test
    func `given a time window of 5 minutes, when ten keys fail in 4, then one alert, and an eleventh raises a second`()
        async throws
    {
        let world = try await SimulatedWorld(
            sources: SimulatedWorld.source(creation: "ONE_ALERT_GROUPED_PER_WINDOW", window: .minutes(5)))
        let first = try await world.raise("key 1")
        for number in 2...10 {
            world.clock.advance(by: .seconds(26))
            #expect(try await world.post(.alert, "key \(number)").alert == first)
        }

        world.clock.advance(by: .minutes(2))
        let eleventh = try await world.post(.alert, "key 11")

        #expect(eleventh.reason == .newAlert)
        #expect(try await world.alerts().map(\.alert.eventCount) == [10, 1])
        #expect(try await world.post(.alert, "key 3").alert == first)
    }

    @Test func `given one open alert a source, then everything joins until the last key is well again`() async throws {
        let world = try await SimulatedWorld(sources: SimulatedWorld.source(creation: "ONE_OPEN_ALERT_ALLOWED"))
        let id = try await world.raise("a")
        #expect(try await world.post(.alert, "b").reason == .groupedUntilResolved)
        try await world.engine.desk.accept(id, by: Cast.alice.caller)
        #expect(try await world.post(.alert, "c").alert == id)

        #expect(try await world.post(.resolve, "a").reason == .keyResolved)
        #expect(try await world.post(.resolve, "a").reason == .noOpenAlert)
        #expect(try await world.post(.alert, "a").alert == id)
        for key in ["a", "b"] { try await world.post(.resolve, key) }
        #expect(try await world.status(of: id) == .accepted)
        #expect(try await world.post(.resolve, "c").reason == .resolvedBySource)

        #expect(try await world.status(of: id) == .resolved)
        #expect(try await world.raise("d") != id)
    }

    @Test func `given one pending alert a source, when it is accepted, then the next key raises another`() async throws
    {
        let world = try await SimulatedWorld(sources: SimulatedWorld.source(creation: "ONE_PENDING_ALERT_ALLOWED"))
        let first = try await world.raise("a")
        #expect(try await world.post(.alert, "b").alert == first)
        try await world.engine.desk.accept(first, by: Cast.alice.caller)

        let second = try await world.post(.alert, "c")

        #expect(second.reason == .newAlert)
        #expect(try await world.post(.alert, "b").alert == first)
    }

    @Test func `given an alert about unreadable requests, then a failing monitor does not vanish in it`() async throws {
        let world = try await SimulatedWorld(sources: SimulatedWorld.source(creation: "ONE_OPEN_ALERT_ALLOWED"))
        let unreadable = try await world.receive(Array("?".utf8))

        let failing = try await world.rapidSpike("failing")
        let again = try await world.receive(Array("?".utf8))

        #expect(failing.reason == .newAlert)
        #expect(failing.alert != unreadable.alert)
        #expect(again.alert == unreadable.alert)
    }

    @Test func `given a source that is switched off, then its events are kept and raise nothing`() async throws {
        let world = try await SimulatedWorld()
        try await world.write { transaction in
            guard var source = try AlertSources.find(Cast.shop, in: transaction) else { return }
            source.isActive = false
            try AlertSources.update(source, in: transaction)
        }

        let answer = try await world.rapidSpike("failing")

        #expect(answer.reason == .sourceDisabled)
        #expect(try await world.alerts() == [])
        #expect(try await world.events().map(\.reason) == [.sourceDisabled])
    }

    @Test func `given accept, comment and resolve events, then each does its part, and none without an open alert`()
        async throws
    {
        let world = try await SimulatedWorld()
        let comments = JSONValue.array([.object(["creator": .string("Tool"), "content": .string("Looking")])])
        for kind in [AlertEvent.Kind.accept, .resolve] {
            #expect(try await world.post(kind, "home").reason == .noOpenAlert)
        }
        #expect(try await world.post(.comment, "home", fields: ["comments": comments]).reason == .noOpenAlert)
        let id = try await world.raise("home")

        #expect(try await world.post(.comment, "home", fields: ["comments": comments]).reason == .commentAdded)
        #expect(try await world.post(.accept, "home").reason == .acceptedBySource)
        #expect(try await world.post(.accept, "home").reason == .alreadyAccepted)
        #expect(try await world.post(.alert, "home", fields: ["comments": comments]).reason == .keyOpen)
        #expect(try await world.post(.resolve, "home").reason == .resolvedBySource)

        let lines = try await world.timeline(of: id)
        #expect(lines.map(\.kind) == [.raisedBySource, .commented, .accepted, .commented, .resolved])
        #expect(lines.allSatisfy { $0.actor == .source })
        #expect(lines[1].text == "Tool: Looking")
        #expect(try await world.alert(id)?.alert.eventCount == 2)
        try await world.advance(by: .hours(1))
        #expect(world.email.attempts == [])
    }

    @Test func `given events without a key, then each is an alert that its answer's key resolves`() async throws {
        let world = try await SimulatedWorld()

        let first = try await world.post(.alert, nil)
        let second = try await world.post(.alert, nil)
        #expect(first.alert != second.alert)
        let key = try #require(first.alertKey)
        let resolved = try await world.post(.resolve, key)

        #expect(resolved.alert == first.alert)
        #expect(try await world.openAlerts().map(\.alert.id) == [second.alert])
    }

    @Test func `given routing keys, then the first that names a policy wins, else the source's own, with a line`()
        async throws
    {
        let world = try await SimulatedWorld()
        let now = world.now
        try await world.write { transaction in
            try EscalationPolicies.insert(
                PolicyRecord(
                    id: .init(2), account: Cast.account, name: "Desk", levels: [Cast.level(Cast.bob)],
                    routingKey: "desk", createdAt: now, updatedAt: now), in: transaction)
        }

        let routed = try await world.post(.alert, "a", fields: ["routingKey": .string("none, desk")])
        try await world.settle()
        #expect(world.email.addresses == [Cast.bob.email])
        let lost = try await world.post(.alert, "b", fields: ["routingKey": .string("none")])
        try await world.settle()
        #expect(world.email.addresses == [Cast.bob.email, Cast.alice.email])

        let (first, second) = (try #require(routed.alert), try #require(lost.alert))
        #expect(try await world.kinds(of: first).contains(.routed))
        #expect(try await world.alert(first)?.alert.policy == .init(2))
        #expect(try await world.kinds(of: second).contains(.notRouted))
    }

    @Test func `given a time for automatic resolution, when nobody closes the alert in it, then it is resolved`()
        async throws
    {
        let world = try await SimulatedWorld(sources: SimulatedWorld.source(autoResolution: .hours(1)))
        let accepted = try await world.raise("a")
        let pending = try await world.raise("b")
        try await world.engine.desk.accept(accepted, by: Cast.alice.caller)

        try await world.advance(by: .minutes(59))
        #expect(try await world.openAlerts().count == 2)
        try await world.advance(by: .minutes(1))

        #expect(try await world.openAlerts() == [])
        for id in [accepted, pending] { #expect(try await world.kinds(of: id).last == .autoResolved) }
        #expect(try await world.raise("a") != accepted)
    }

    @Test func `given an event that the source reads badly, then it is kept, refused and raises nothing`() async throws
    {
        let world = try await SimulatedWorld(
            sources: [Cast.source(type: "API", at: SimulatedClock().now)])

        await #expect(throws: Failure.self) { try await world.post(.alert, "a", summary: "") }
        await #expect(throws: Failure.self) { try await world.receive(Array("{".utf8)) }

        #expect(try await world.events().map(\.reason) == [.unreadable, .unreadable])
        #expect(try await world.alerts() == [])
    }

    @Test func `given headers with secrets, then they are not in the event explorer`() async throws {
        let world = try await SimulatedWorld()
        var request = SimulatedWorld.rapidSpikeRequest("failing", monitor: "Home", at: world.now)
        for name in ["Authorization", "Cookie", "X-Api-Key", "X-Hub-Signature-256", "X-Auth-Token"] {
            request.headers.append(.init(name, "hunter2"))
        }
        request.headers.append(.init("User-Agent", "RapidSpike"))

        _ = try await world.engine.reception.receive(request, key: Cast.shopKey)

        let headers = try #require(try await world.events().first?.headers)
        #expect(!headers.contains("hunter2"))
        #expect(headers.contains("RapidSpike"))
        #expect(headers.contains("x-hub-signature-256"))
    }
}
