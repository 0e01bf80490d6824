import Alerting
import Engine
import Simulation
import Storage
import Testing

/// Services: people say how they are, alerts hold them.
struct ServiceStoriesTests {
    private typealias Cast = SimulatedCast

    private static let shop = ServiceRecord.ID(900)

    /// A world with the service "Checkout" and an alert action that lets alerts hold it.
    private static func world(
        _ params: [String: JSONValue] = [:], isManual: Bool = false, action extra: AlertActionRecord? = nil
    ) async throws -> SimulatedWorld {
        let world = try await SimulatedWorld()
        let now = world.now
        var members: [String: JSONValue] = [
            "alertType": .string("CREATED"), "serviceStatus": .string("DEGRADED"),
            "serviceIds": .array([.integer(shop.rawValue)]),
        ]
        members.merge(params) { $1 }
        let action = AlertActionRecord(
            id: .init(800), account: Cast.account, name: "Hold", kind: "automation_rule", isManual: isManual,
            params: .object(members), createdAt: now, updatedAt: now)
        let service = ServiceRecord(
            id: shop, account: Cast.account, name: "Checkout", createdAt: now, updatedAt: now)
        try await world.write { transaction in
            try Services.insert(service, in: transaction)
            try ServicePeriods.begin(
                ServicePeriod(
                    id: .init(901), service: shop, status: .operational, start: now, actor: .system, reason: .created),
                in: transaction)
            try AlertActions.insert(action, in: transaction)
            if let extra { try AlertActions.insert(extra, in: transaction) }
        }
        return world
    }

    private static func status(_ world: SimulatedWorld) async throws -> ServiceStatus? {
        try await world.disk.read { try Services.find(shop, account: Cast.account, in: $0)?.status }
    }

    private static func history(_ world: SimulatedWorld) async throws -> [ServicePeriod] {
        let start = world.now - .days(90)
        return try await world.disk.read { try ServicePeriods.list(of: [shop], from: start, in: $0)[shop] ?? [] }
    }

    private static func administration(_ world: SimulatedWorld) -> Administration {
        world.engine.administration(passwords: Passwords(log2N: 4))
    }

    @Test func `given an alert that holds a service, when it is resolved, then the service is well again`()
        async throws
    {
        let world = try await Self.world()
        let id = try await world.raise()
        try await world.settle()
        #expect(try await Self.status(world) == .degraded)
        try await world.advance(by: .minutes(3))
        try await world.post(.resolve, "home")
        try await world.settle()

        #expect(try await Self.status(world) == .operational)
        let history = try await Self.history(world)
        #expect(history.map(\.status) == [.operational, .degraded, .operational])
        #expect(history.map(\.reason) == [.created, .held, .released])
        #expect(history.map(\.alert) == [nil, id, id])
        #expect(history[1].end == history[2].start && history[2].end == nil)
        let lines = try await world.timeline(of: id)
        let said = lines.map { $0.sentence { _ in nil } }
        #expect(said.contains("Holds the service “Checkout” (degraded)."))
        #expect(said.contains("No longer holds the service “Checkout”: operational now."))
        #expect(lines.contains { $0.kind == .actionPerformed && $0.text == "Hold" })
    }

    @Test func `given two alerts that hold it differently, when one ends, then the worst of the rest holds`()
        async throws
    {
        let worse = AlertActionRecord(
            id: .init(801), account: Cast.account, name: "Worse", kind: "automation_rule",
            params: .object([
                "alertType": .string("CREATED"), "serviceStatus": .string("MAJOR_OUTAGE"),
                "serviceIds": .array([.integer(Self.shop.rawValue)]),
            ]), conditions: "alert.summary contains fire", createdAt: SimulatedClock().now,
            updatedAt: SimulatedClock().now)
        let world = try await Self.world(action: worse)
        _ = try await world.raise("a")
        try await world.settle()
        try await world.post(.alert, "b", summary: "A fire")
        try await world.settle()
        #expect(try await Self.status(world) == .majorOutage)

        try await world.post(.resolve, "b")
        try await world.settle()
        #expect(try await Self.status(world) == .degraded)
        try await world.post(.resolve, "a")
        try await world.settle()
        #expect(try await Self.status(world) == .operational)
    }

    @Test func `given a rule about accepted alerts, when an alert is raised and then accepted, then only that holds`()
        async throws
    {
        let world = try await Self.world(["alertType": .string("ACCEPTED")])
        let id = try await world.raise()
        try await world.settle()
        #expect(try await Self.status(world) == .operational)

        try await world.engine.desk.accept(id, by: Cast.alice.caller)
        try await world.settle()
        #expect(try await Self.status(world) == .degraded)
    }

    @Test func `given an alert that is over before the action is done, then the service is left alone`() async throws {
        let world = try await Self.world()
        _ = try await world.raise()
        try await world.post(.resolve, "home")
        try await world.settle()

        #expect(try await Self.status(world) == .operational)
        #expect(try await Self.history(world).count == 1)
    }

    @Test func `given a node that dies at any commit, when it starts again, then the service is held and let go once`()
        async throws
    {
        for fatal in 0..<12 {
            let world = try await Self.world()
            let id = try await world.raise()
            world.database.die(after: fatal, isCommitted: fatal % 2 == 0)
            try? await world.settle()  // It dies somewhere on its way.
            world.crash()
            try await world.advance(by: .minutes(5))
            #expect(try await Self.status(world) == .degraded, "commit \(fatal)")
            #expect(try await world.kinds(of: id).filter { $0 == .serviceHeld }.count == 1)

            try await world.post(.resolve, "home")
            world.database.die(after: fatal % 3, isCommitted: fatal % 2 == 1)
            try? await world.settle()  // Likewise.
            world.crash()
            try await world.advance(by: .minutes(5))
            #expect(try await Self.status(world) == .operational, "commit \(fatal)")
            #expect(try await world.kinds(of: id).filter { $0 == .serviceReleased }.count == 1)
            #expect(try await Self.history(world).map(\.status) == [.operational, .degraded, .operational])
        }
    }

    @Test func `given a held service, when a person says how it is, then that counts and the alert holds no longer`()
        async throws
    {
        let world = try await Self.world()
        let id = try await world.raise()
        try await world.settle()
        let services = Self.administration(world).services
        _ = try await services.setStatus(
            .underMaintenance, of: Self.shop, text: "We are on it", by: Cast.alice.caller)
        #expect(try await Self.status(world) == .underMaintenance)

        // The same action for the same alert does not hold it once more.
        try await world.post(.resolve, "home")
        try await world.settle()
        #expect(try await Self.status(world) == .underMaintenance)
        _ = try await world.raise("next")
        try await world.settle()
        #expect(try await Self.status(world) == .degraded)
        try await world.post(.resolve, "next")
        try await world.settle()
        // What people said last.
        #expect(try await Self.status(world) == .underMaintenance)
        let set = try await Self.history(world).first { $0.reason == .set }
        #expect(set?.actor == .user(Cast.alice.user) && set?.text == "We are on it")
        #expect(try await world.kinds(of: id).filter { $0 == .serviceReleased }.count == 1)
    }

    @Test func `given a rule that is changed or deleted, when it held a service, then it lets it go`() async throws {
        for isDeleted in [true, false] {
            let world = try await Self.world()
            _ = try await world.raise()
            try await world.settle()
            let actions = Self.administration(world).actions
            let action = try await actions.find(.init(800), by: Cast.carol.caller)
            if isDeleted {
                try await actions.delete(action.id, by: Cast.carol.caller)
            } else {
                var draft = AlertActionDraft(action)
                draft.kind = "email"
                draft.params = .object(["recipients": .array([.string("dora@example.com")])])
                _ = try await actions.update(action.id, with: draft, by: Cast.carol.caller)
            }
            #expect(try await Self.status(world) == .operational)
        }
    }

    @Test func `given a button, when it is pressed, then the alert holds, also after somebody said otherwise`()
        async throws
    {
        let world = try await Self.world(isManual: true)
        let id = try await world.raise()
        try await world.settle()
        #expect(try await Self.status(world) == .operational)
        let desk = world.engine.actionDesk
        #expect(try await desk.press(.init(800), on: id, by: Cast.alice.caller).reason == nil)
        #expect(try await Self.status(world) == .degraded)

        let services = Self.administration(world).services
        _ = try await services.setStatus(.operational, of: Self.shop, text: "", by: Cast.alice.caller)
        _ = try await desk.press(.init(800), on: id, by: Cast.alice.caller)
        #expect(try await Self.status(world) == .degraded)
        try await world.post(.resolve, "home")
        try await world.settle()
        #expect(try await Self.status(world) == .operational)
    }

    @Test func `given settings that are wrong or not for this person, when an action is made, then it is refused`()
        async throws
    {
        let world = try await Self.world()
        let administration = Self.administration(world)
        let closed = try await administration.teams.create(
            TeamDraft(name: "Vault", visibility: .closed), by: Cast.carol.caller)
        let hidden = try await administration.services.create(
            ServiceDraft(name: "Secret", teams: [closed.id]), by: Cast.carol.caller)
        let bob = Caller(user: Cast.bob.user, account: Cast.account, name: "Bob", role: .user)
        func failure(_ change: [String: JSONValue], by caller: Caller) async throws -> Failure? {
            var params: [String: JSONValue] = [
                "alertType": .string("CREATED"), "serviceStatus": .string("DEGRADED"),
                "serviceIds": .array([.integer(Self.shop.rawValue)]),
            ]
            params.merge(change) { $1 }
            do {
                _ = try await administration.actions.create(
                    AlertActionDraft(name: "x", kind: "automation_rule", params: .object(params)), by: caller)
                return nil
            } catch let failure as Failure {
                return failure
            }
        }

        #expect(try await failure([:], by: Cast.carol.caller) == nil)
        for (name, value): (String, JSONValue) in [
            ("alertType", .string("RESOLVED")), ("serviceStatus", .string("FINE")), ("serviceIds", .array([])),
            ("serviceIds", .array([.string("x")])), ("serviceIds", .array([.integer(4242)])),
            ("serviceIds", .array((1...51).map { .integer($0) })),
        ] {
            #expect(
                try await failure([name: value], by: Cast.carol.caller)?.message.hasPrefix("params.\(name)") == true)
        }
        let unseen: [String: JSONValue] = ["serviceIds": .array([.integer(hidden.id.rawValue)])]
        #expect(try await failure(unseen, by: Cast.carol.caller) == nil)
        #expect(try await failure(unseen, by: bob)?.message.contains("no service") == true)
    }

    @Test func `given somebody who has subscribed, when the status changes, then they are told, and the rest is not`()
        async throws
    {
        let world = try await Self.world(["sendNotification": .bool(true)])
        try await world.engine.subscriptions.subscribe(to: .service(Self.shop), by: Cast.bob.caller)
        let services = Self.administration(world).services
        _ = try await services.setStatus(.majorOutage, of: Self.shop, text: "Power cut", by: Cast.alice.caller)
        _ = try await services.setStatus(.majorOutage, of: Self.shop, text: "Again", by: Cast.alice.caller)
        try await world.settle()
        let first = world.email.delivered.filter { $0.text.contains("Checkout") }
        #expect(first.count == 1 && first.first?.text.contains("Major outage. Power cut") == true)
        #expect(first.first?.address == Cast.bob.email)

        _ = try await services.setStatus(.operational, of: Self.shop, text: "", by: Cast.bob.caller)
        try await world.settle()
        #expect(world.email.delivered.filter { $0.text.contains("Checkout") }.count == 1)
    }
}
