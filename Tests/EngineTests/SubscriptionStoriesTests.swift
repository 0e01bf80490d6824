import Alerting
import Engine
import Simulation
import Storage
import Testing

/// People who hear of alerts without being paged.
struct SubscriptionStoriesTests {
    private typealias Cast = SimulatedCast

    private func subjects(to address: String, in world: SimulatedWorld) -> [String] {
        world.email.delivered.filter { $0.address == address }.map(\.subject)
    }

    @Test
    func `given a subscriber of a source, then they hear of each turn of its alerts, by mail, and their own acts not`()
        async throws
    {
        let world = try await SimulatedWorld()
        try await world.engine.subscriptions.subscribe(to: .source(Cast.shop), by: Cast.carol.caller)
        try await world.engine.subscriptions.subscribe(to: .source(Cast.shop), by: Cast.carol.caller)
        let id = try await world.raise()
        try await world.settle()
        try await world.engine.desk.accept(id, by: Cast.alice.caller)
        try await world.settle()
        try await world.engine.desk.resolve(id, by: Cast.carol.caller)
        try await world.settle()

        #expect(
            subjects(to: Cast.carol.email, in: world) == [
                "Shop: Shop is down was raised", "Shop: Shop is down was accepted",
            ])
        let texts = world.email.delivered.filter { $0.address == Cast.carol.email }.map(\.text)
        #expect(texts[0].contains("was raised by the alert source."))
        #expect(texts[1].contains("was accepted by Alice Example."))
        #expect(texts[0].contains("https://nightbell.example/alerts/\(id)"))
        #expect(!texts[0].contains("Answer:"))
    }

    @Test func `given a wish for SMS, then that is used; given an end of the subscription, then silence`()
        async throws
    {
        let world = try await SimulatedWorld(channels: [.email, .sms])
        try await world.engine.store.write { change in
            try Preferences.insert(
                PreferenceRecord(
                    id: change.newID(), user: Cast.carol.user, area: .subscriptions, channel: .sms,
                    contact: Cast.carol.phoneContact, delayMinutes: 0, kind: ""), in: change.transaction)
        }
        let id = try await world.raise()
        try await world.settle()
        try await world.engine.subscriptions.subscribe(to: .alert(id), by: Cast.carol.caller)
        _ = try await world.raise("cart")
        try await world.settle()
        #expect(world.sender(.sms).delivered.isEmpty)

        try await world.engine.desk.accept(id, by: Cast.alice.caller)
        try await world.settle()
        #expect(world.sender(.sms).addresses == [Cast.carol.phone])
        #expect(subjects(to: Cast.carol.email, in: world).isEmpty)

        try await world.engine.subscriptions.unsubscribe(from: .alert(id), by: Cast.carol.caller)
        try await world.post(.resolve, "home")
        try await world.settle()
        #expect(world.sender(.sms).delivered.count == 1)
    }

    @Test func `given a team that the subscriber is not in, then they can neither subscribe nor hear any more`()
        async throws
    {
        let world = try await SimulatedWorld()
        try await world.engine.subscriptions.subscribe(to: .source(Cast.shop), by: Cast.bob.caller)
        try await world.write { transaction in
            try transaction.execute(
                """
                INSERT INTO teams (id, account_id, name, visibility, created_at_ms, updated_at_ms)
                VALUES (77, 1, 'Closed', 'private', 0, 0)
                """, [:])
            try transaction.execute(
                "INSERT INTO alert_source_teams (alert_source_id, team_id) VALUES (1, 77)", [:])
        }
        _ = try await world.raise()
        try await world.settle()

        #expect(subjects(to: Cast.bob.email, in: world).isEmpty)
        await #expect(throws: Failure.self) {
            try await world.engine.subscriptions.subscribe(to: .source(Cast.shop), by: Cast.bob.caller)
        }
        #expect(try await world.engine.subscriptions.list(by: Cast.bob.caller).isEmpty)
    }

    @Test func `given a mail server that refuses for a while, then the newest word is not lost behind an older one`()
        async throws
    {
        let world = try await SimulatedWorld(policy: EscalationPolicy(levels: [Cast.level(Cast.alice)]))
        try await world.mute(Cast.alice, until: world.now + .hours(5))
        try await world.engine.subscriptions.subscribe(to: .source(Cast.shop), by: Cast.carol.caller)
        _ = try await world.raise()
        _ = try await world.engine.subscriptionLoop.runOnce()
        try await world.post(.resolve, "home")
        _ = try await world.engine.subscriptionLoop.runOnce()
        try await world.settle()

        let told = world.email.delivered.filter { $0.address == Cast.carol.email }
        #expect(told.map(\.subject) == ["Shop: Shop is down was resolved"])
        #expect(told[0].text.contains("was raised") && told[0].text.contains("was resolved"))
    }
}
