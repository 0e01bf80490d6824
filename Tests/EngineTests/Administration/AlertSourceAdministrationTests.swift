import Alerting
import Engine
import Storage
import Testing

struct AlertSourceAdministrationTests {
    @Test func `given a draft, when created, then the source can be found by id, key and name`() async throws {
        let office = try await Office()

        let source = try await office.source(by: office.bob)

        #expect(source.integrationKey.hasPrefix("nb1rapi"))
        #expect(try await office.sources.find(source.id, by: office.carol) == source)
        #expect(try await office.sources.find(reference: "\(source.id)", by: office.carol) == source)
        #expect(try await office.sources.find(reference: source.integrationKey, by: office.carol) == source)
        #expect(try await office.sources.find(name: "Shop", by: office.carol) == source)
        #expect(try await office.sources.list(page: Page(limit: 50), by: office.carol) == [source])
        #expect(office.told.changes.contains(.alertSource(source.id)))
        #expect(try await office.audit().last == "alert_source.created")
    }

    @Test func `given a key that differs at its end, when looked up, then it is not found`() async throws {
        let office = try await Office()
        let source = try await office.source()

        let failure = try await office.failure {
            try await office.sources.find(reference: source.integrationKey.dropLast() + "!", by: office.alice)
        }

        #expect(failure?.code == .notFound)
    }

    @Test func `given unknown fields, when created, then they are kept and those with a place of their own are not`()
        async throws
    {
        let office = try await Office()
        let policy = try await office.policy()
        let draft = AlertSourceDraft(
            name: "Shop", integrationType: "API", policy: policy.id, groupingWindow: .zero,
            fields: .object(["eventFilter": .string("(x)"), "id": .integer(0), "name": .string("Other")]))

        let source = try await office.sources.create(draft, by: office.alice)

        #expect(source.fields == .object(["eventFilter": .string("(x)")]))
        #expect(source.groupingWindow == nil)
        #expect(try await office.sources.find(source.id, by: office.alice) == source)
    }

    @Test(arguments: [
        "name", "integrationType", "alertCreation", "alertPriorityRule", "alertGroupingWindow",
        "autoResolutionTimeout", "severity", "escalationPolicy", "teams", "fields",
    ])
    func `given a wrong field, when created, then it is named and nothing is made`(field: String) async throws {
        let office = try await Office()
        var draft = AlertSourceDraft(name: "Shop", integrationType: "API", policy: try await office.policy().id)
        switch field {
        case "name": draft.name = String(repeating: "x", count: 256)
        case "integrationType": draft.integrationType = "NAGIOSAURUS"
        case "alertCreation": draft.alertCreation = "NEVER"
        case "alertPriorityRule": draft.priorityRule = "MEDIUM"
        case "alertGroupingWindow": draft.alertCreation = "ONE_ALERT_GROUPED_PER_WINDOW"
        case "autoResolutionTimeout": draft.autoResolution = .seconds(59)
        case "severity": draft.severity = 6
        case "escalationPolicy": draft.policy = EscalationPolicy.ID(999_999)
        case "teams": draft.teams = [Team.ID(999_999)]
        default: draft.fields = .array([])
        }

        let failure = try await office.failure { [draft] in try await office.sources.create(draft, by: office.alice) }

        #expect(failure?.code == .invalid)
        #expect(failure?.message.hasPrefix("\(field): ") == true)
        #expect(try await office.sources.list(page: Page(limit: 50), by: office.alice).isEmpty)
    }

    @Test(arguments: AlertSourceDraft.alertCreations + ["ONE_PENDING_INCIDENT_ALLOWED"])
    func `given each way of grouping, when created, then it is kept as it was sent`(creation: String) async throws {
        let office = try await Office()
        let draft = AlertSourceDraft(
            name: "Shop", integrationType: "API", policy: try await office.policy().id, alertCreation: creation,
            groupingWindow: .minutes(5))

        #expect(try await office.sources.create(draft, by: office.alice).alertCreation == creation)
    }

    @Test func `given a new policy is wanted, when created, then its one level is the caller`() async throws {
        let office = try await Office()
        let draft = AlertSourceDraft(name: "Shop", integrationType: "API", policy: EscalationPolicy.ID(0))

        let source = try await office.sources.createWithPolicy(
            draft, policyName: "Escalation policy for Shop", by: office.bob)

        let policy = try await office.policies.find(source.policy, by: office.bob)
        #expect(policy.name == "Escalation policy for Shop")
        #expect(policy.policy.levels.map(\.targets) == [[.user(office.bob.user)]])
        #expect(policy.policy.repeats == 1)
    }

    @Test func `given a wrong draft, when created with a new policy, then there is no policy either`() async throws {
        let office = try await Office()
        let draft = AlertSourceDraft(
            name: "Shop", integrationType: "API", policy: EscalationPolicy.ID(0), teams: [Team.ID(999_999)])

        let failure = try await office.failure {
            try await office.sources.createWithPolicy(draft, policyName: "New", by: office.bob)
        }

        #expect(failure?.code == .invalid)
        #expect(try await office.policies.list(page: Page(limit: 50), by: office.alice).isEmpty)
    }

    @Test func `given teams, when updated without any, then they stay, and with none they go`() async throws {
        let office = try await Office()
        let team = try await office.teams.create(TeamDraft(name: "Shop team"), by: office.alice)
        let source = try await office.source(teams: [team.id])
        var draft = AlertSourceDraft(source)
        draft.name = "Shop 2"
        draft.teams = nil

        let kept = try await office.sources.update(source.id, with: draft, by: office.bob)
        draft.teams = []
        let cleared = try await office.sources.update(source.id, with: draft, by: office.bob)

        #expect(kept.name == "Shop 2")
        #expect(kept.teams == [team.id])
        #expect(kept.integrationKey == source.integrationKey)
        #expect(cleared.teams.isEmpty)
    }

    @Test func `given a closed team's source, when a stranger looks or writes, then it is not found`() async throws {
        let office = try await Office()
        let source = try await office.source(teams: [try await office.closedTeam().id])

        let looked = try await office.failure { try await office.sources.find(source.id, by: office.bob) }
        let byKey = try await office.failure {
            try await office.sources.find(reference: source.integrationKey, by: office.bob)
        }
        let deleted = try await office.failure { try await office.sources.delete(source.id, by: office.bob) }

        #expect([looked, byKey, deleted].map { $0?.code } == [.notFound, .notFound, .notFound])
        #expect(try await office.sources.find(source.id, by: office.carol) == source)
    }

    @Test func `given a policy of a closed team, when a stranger names it, then it does not exist for them`()
        async throws
    {
        let office = try await Office()
        let policy = try await office.policy("Vault", teams: [try await office.closedTeam().id])
        let draft = AlertSourceDraft(name: "Shop", integrationType: "API", policy: policy.id)

        let failure = try await office.failure { try await office.sources.create(draft, by: office.bob) }

        #expect(failure?.message == "escalationPolicy: there is no escalation policy \(policy.id).")
    }

    @Test func `given a responder, when writing, then it is forbidden`() async throws {
        let office = try await Office()
        let source = try await office.source()
        let failures = [
            try await office.failure {
                try await office.sources.create(AlertSourceDraft(source), by: office.carol)
            },
            try await office.failure {
                try await office.sources.update(source.id, with: AlertSourceDraft(source), by: office.carol)
            },
            try await office.failure { try await office.sources.delete(source.id, by: office.carol) },
            try await office.failure { try await office.sources.rotateKey(source.id, by: office.carol) },
            try await office.failure { try await office.sources.setMapping(nil, of: source.id, by: office.carol) },
        ]

        #expect(failures.allSatisfy { $0?.code == .forbidden })
    }

    @Test func `given a source, when its key is rotated, then only the new one finds it`() async throws {
        let office = try await Office()
        let source = try await office.source()

        let rotated = try await office.sources.rotateKey(source.id, by: office.bob)

        let old = try await office.failure {
            try await office.sources.find(reference: source.integrationKey, by: office.bob)
        }
        #expect(old?.code == .notFound)
        #expect(try await office.sources.find(reference: rotated.integrationKey, by: office.bob).id == source.id)
    }

    @Test func `given a mapping, when the source is updated, then the mapping stays`() async throws {
        let office = try await Office()
        let source = try await office.source()
        let mapping = JSONValue.object(["stateField": .string("status")])

        _ = try await office.sources.setMapping(mapping, of: source.id, by: office.bob)
        let updated = try await office.sources.update(source.id, with: AlertSourceDraft(source), by: office.bob)

        #expect(updated.mapping == mapping)
    }

    @Test func `given a mapping that is too large, when set, then it is refused`() async throws {
        let office = try await Office()
        let source = try await office.source()
        let large = JSONValue.string(String(repeating: "x", count: Limits.mapping))

        let failure = try await office.failure {
            try await office.sources.setMapping(large, of: source.id, by: office.bob)
        }

        #expect(failure?.code == .invalid)
    }

    @Test func `given a source with an open alert, when deleted, then both are gone`() async throws {
        let office = try await Office()
        let source = try await office.source()
        _ = try await office.raise(from: source)
        #expect(try await office.sources.openCounts(by: office.bob) == [source.id: [.pending: 1]])

        try await office.sources.delete(source.id, by: office.bob)

        #expect(try await office.sources.openCounts(by: office.bob).isEmpty)
        #expect(
            try await office.failure { try await office.sources.find(source.id, by: office.bob) }?.code == .notFound)
    }

    @Test func `given the context of one team, when listed, then only its sources are there`() async throws {
        let office = try await Office()
        let team = try await office.teams.create(TeamDraft(name: "Shop team"), by: office.alice)
        let inTeam = try await office.source(teams: [team.id])
        let elsewhere = try await office.source()
        var caller = office.alice
        caller.teams = .team(team.id)

        #expect(try await office.sources.list(page: Page(limit: 50), by: caller).map(\.id) == [inTeam.id])
        #expect(try await office.sources.find(elsewhere.id, by: caller).id == elsewhere.id)
    }
}
