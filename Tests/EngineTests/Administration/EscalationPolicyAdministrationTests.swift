import Alerting
import Engine
import Storage
import Testing

struct EscalationPolicyAdministrationTests {
    private func draft(_ office: Office, routingKey: String? = nil) -> EscalationPolicyDraft {
        EscalationPolicyDraft(
            name: "Shop",
            levels: [
                EscalationLevel(targets: [.user(office.alice.user)], timeout: .minutes(5)),
                EscalationLevel(targets: [.user(office.bob.user)], timeout: .zero),
            ], delay: .minutes(1), isRepeating: true, frequency: 3, routingKey: routingKey)
    }

    @Test func `given a draft, when created, then the policy can be found by id and name`() async throws {
        let office = try await Office()

        let policy = try await office.policies.create(draft(office, routingKey: " shop "), by: office.bob)

        #expect(policy.routingKey == "shop")
        #expect(policy.policy.repeats == 3)
        #expect(try await office.policies.find(policy.id, by: office.carol) == policy)
        #expect(try await office.policies.find(name: "Shop", by: office.carol) == policy)
        #expect(try await office.policies.list(page: Page(limit: 50), by: office.carol) == [policy])
        #expect(office.told.changes == [.policy(policy.id)])
    }

    @Test func `given one target twice in a level, when created, then it is there once`() async throws {
        let office = try await Office()
        var draft = draft(office)
        draft.levels[0].targets = [.user(office.bob.user), .user(office.bob.user)]

        let policy = try await office.policies.create(draft, by: office.bob)

        #expect(policy.policy.levels[0].targets == [.user(office.bob.user)])
    }

    @Test(arguments: [
        "name", "escalationRules", "escalationRules[1]", "escalationRules[1].escalationTimeout",
        "escalationRules[1].users", "escalationRules[1].teams", "escalationRules[1].schedules", "delayMin",
        "frequency", "routingKey", "teams",
    ])
    func `given a wrong field, when created, then it is named`(field: String) async throws {
        let office = try await Office()
        var draft = draft(office)
        switch field {
        case "name": draft.name = ""
        case "escalationRules": draft.levels = []
        case "escalationRules[1]": draft.levels[1].targets = []
        case "escalationRules[1].escalationTimeout": draft.levels[1].timeout = .minutes(525_601)
        case "escalationRules[1].users": draft.levels[1].targets = [.user(User.ID(999_999))]
        case "escalationRules[1].teams": draft.levels[1].targets = [.team(Team.ID(999_999))]
        case "escalationRules[1].schedules": draft.levels[1].targets = [.schedule(1)]
        case "delayMin": draft.delay = .minutes(61)
        case "frequency": draft.frequency = 10
        case "routingKey": draft.routingKey = "a,b"
        default: draft.teams = [Team.ID(999_999)]
        }

        let failure = try await office.failure { [draft] in try await office.policies.create(draft, by: office.bob) }

        #expect(failure?.code == .invalid)
        #expect(failure?.message.hasPrefix("\(field): ") == true)
    }

    @Test func `given more levels than allowed, when created, then it is refused, and at the limit it is fine`()
        async throws
    {
        let office = try await Office()
        var draft = draft(office)
        draft.levels = Array(repeating: draft.levels[0], count: Limits.escalationLevels + 1)

        let failure = try await office.failure { [draft] in try await office.policies.create(draft, by: office.bob) }
        draft.levels.removeLast()
        let policy = try await office.policies.create(draft, by: office.bob)

        #expect(failure?.code == .invalid)
        #expect(policy.policy.levels.count == Limits.escalationLevels)
    }

    @Test func `given a routing key in use, when another policy takes it, then it is a conflict`() async throws {
        let office = try await Office()
        let first = try await office.policies.create(draft(office, routingKey: "shop"), by: office.bob)

        let failure = try await office.failure {
            try await office.policies.create(draft(office, routingKey: "shop"), by: office.bob)
        }
        let same = try await office.policies.update(first.id, with: draft(office, routingKey: "shop"), by: office.bob)

        #expect(failure == Failure(.conflict, "Another escalation policy has the routing key shop."))
        #expect(same.routingKey == "shop")
    }

    @Test func `given routing keys, when resolved, then the first that fits counts`() async throws {
        let office = try await Office()
        let shop = try await office.policies.create(draft(office, routingKey: "shop"), by: office.bob)
        let desk = try await office.policies.create(draft(office, routingKey: "desk"), by: office.bob)

        for (keys, expected) in [
            ("shop", shop), ("nothing, desk ,shop", desk), ("il:{\(shop.id)}", shop),
            ("il:{\"id\":\(desk.id), \"x\":1},shop", desk), ("il:{999999},shop", shop),
        ] {
            #expect(try await office.policies.resolve(routingKey: keys, by: office.carol) == expected)
        }
        for keys in ["", ",", "Shop", "il:{", "il:{}", "il:{\"id\":true}"] {
            let failure = try await office.failure {
                try await office.policies.resolve(routingKey: keys, by: office.carol)
            }
            #expect(failure?.code == .notFound)
        }
    }

    @Test func `given a closed team's policy, when a stranger resolves its key, then it is forbidden`() async throws {
        let office = try await Office()
        var draft = draft(office, routingKey: "vault")
        draft.teams = [try await office.closedTeam().id]
        _ = try await office.policies.create(draft, by: office.alice)

        let failure = try await office.failure {
            try await office.policies.resolve(routingKey: "vault", by: office.bob)
        }

        #expect(failure?.code == .forbidden)
    }

    @Test func `given an open alert, when its policy's levels change, then its timeline says so`() async throws {
        let office = try await Office()
        let source = try await office.source()
        let alert = try await office.raise(from: source)
        var draft = EscalationPolicyDraft(try await office.policies.find(source.policy, by: office.bob))

        draft.name = "Shop, renamed"
        _ = try await office.policies.update(source.policy, with: draft, by: office.bob)
        let afterName = try await office.store.read { transaction in try Timeline.list(of: alert, in: transaction) }
        draft.levels[0].timeout = .minutes(7)
        _ = try await office.policies.update(source.policy, with: draft, by: office.bob)
        let afterLevels = try await office.store.read { transaction in try Timeline.list(of: alert, in: transaction) }

        #expect(afterName.isEmpty)
        #expect(afterLevels.map(\.entry.kind) == [.policyChanged])
        #expect(afterLevels.first?.entry.actor == .user(office.bob.user))
    }

    @Test func `given a level, when replaced by its index, then the others stay`() async throws {
        let office = try await Office()
        let policy = try await office.policies.create(draft(office), by: office.bob)
        let level = EscalationLevel(targets: [.user(office.carol.user)], timeout: .minutes(9))

        let updated = try await office.policies.updateLevel(1, of: policy.id, with: level, by: office.bob)
        let missing = try await office.failure {
            try await office.policies.updateLevel(2, of: policy.id, with: level, by: office.bob)
        }

        #expect(updated.policy.levels == [policy.policy.levels[0], level])
        #expect(missing?.code == .notFound)
    }

    @Test func `given a source that uses it, when deleted, then the conflict names the source`() async throws {
        let office = try await Office()
        let source = try await office.source()

        let used = try await office.failure { try await office.policies.delete(source.policy, by: office.bob) }
        try await office.sources.delete(source.id, by: office.bob)
        try await office.policies.delete(source.policy, by: office.bob)

        #expect(used == Failure(.conflict, "Alert sources still use this escalation policy: “Shop”."))
        #expect(try await office.policies.list(page: Page(limit: 50), by: office.bob).isEmpty)
    }

    @Test func `given a source that the caller does not see, when its policy is deleted, then its name stays secret`()
        async throws
    {
        let office = try await Office()
        let source = try await office.source(teams: [try await office.closedTeam().id])

        let failure = try await office.failure { try await office.policies.delete(source.policy, by: office.bob) }

        #expect(failure?.code == .conflict)
        #expect(failure?.message.contains("Shop") == false)
    }

    @Test func `given a responder, when writing, then it is forbidden`() async throws {
        let office = try await Office()
        let policy = try await office.policy()
        let level = EscalationLevel(targets: [.user(office.carol.user)], timeout: .zero)
        let failures = [
            try await office.failure { try await office.policies.create(draft(office), by: office.carol) },
            try await office.failure {
                try await office.policies.update(policy.id, with: draft(office), by: office.carol)
            },
            try await office.failure {
                try await office.policies.updateLevel(0, of: policy.id, with: level, by: office.carol)
            },
            try await office.failure { try await office.policies.delete(policy.id, by: office.carol) },
        ]

        #expect(failures.allSatisfy { $0?.code == .forbidden })
    }
}
