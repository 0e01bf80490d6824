import Alerting
import Engine
import Storage
import Testing

struct TeamAdministrationTests {
    @Test func `given a user, when they make a team, then they belong to it`() async throws {
        let office = try await Office()
        let member = TeamRecord.Member(user: office.carol.user, role: .responder)

        let team = try await office.teams.create(TeamDraft(name: "Shop", members: [member]), by: office.bob)

        #expect(Set(team.members.map(\.user)) == [office.bob.user, office.carol.user])
        #expect(try await office.teams.find(team.id, by: office.carol) == team)
        #expect(try await office.teams.find(name: "Shop", by: office.carol) == team)
        #expect(try await office.teams.list(member: office.bob.user, page: Page(limit: 50), by: office.carol) == [team])
        #expect(try await office.teams.list(member: office.alice.user, page: Page(limit: 50), by: office.carol).isEmpty)
        #expect(try await office.teams.names(of: [team.id], by: office.carol) == [team.id: "Shop"])
        #expect(office.told.changes == [.team(team.id)])
    }

    @Test func `given a closed team, when a stranger looks, then it is not found`() async throws {
        let office = try await Office()
        let team = try await office.closedTeam()

        let failure = try await office.failure { try await office.teams.find(team.id, by: office.bob) }

        #expect(failure?.code == .notFound)
        #expect(try await office.teams.list(page: Page(limit: 50), by: office.bob).isEmpty)
        #expect(try await office.teams.find(team.id, by: office.carol) == team)
    }

    @Test func `given an open team of others, when a user writes, then it is forbidden`() async throws {
        let office = try await Office()
        let team = try await office.teams.create(TeamDraft(name: "Shop"), by: office.alice)
        let bob = TeamRecord.Member(user: office.bob.user, role: .admin)
        let failures = [
            try await office.failure { try await office.teams.update(team.id, with: TeamDraft(team), by: office.bob) },
            try await office.failure { try await office.teams.addMember(bob, to: team.id, by: office.bob) },
            try await office.failure { try await office.teams.delete(team.id, by: office.bob) },
        ]

        #expect(failures.allSatisfy { $0?.code == .forbidden })
    }

    @Test func `given a responder in the team, when they write, then it is forbidden`() async throws {
        let office = try await Office()
        let team = try await office.closedTeam()

        let failure = try await office.failure {
            try await office.teams.update(team.id, with: TeamDraft(team), by: office.carol)
        }

        #expect(failure?.code == .forbidden)
    }

    @Test func `given a member, when added again, then the role changes, and removed they are gone`() async throws {
        let office = try await Office()
        let team = try await office.teams.create(TeamDraft(name: "Shop"), by: office.bob)
        let carol = TeamRecord.Member(user: office.carol.user, role: .stakeholder)
        _ = try await office.teams.addMember(carol, to: team.id, by: office.bob)

        let changed = try await office.teams.addMember(
            TeamRecord.Member(user: office.carol.user, role: .admin), to: team.id, by: office.bob)
        let removed = try await office.teams.removeMember(office.carol.user, from: team.id, by: office.bob)
        let again = try await office.failure {
            try await office.teams.removeMember(office.carol.user, from: team.id, by: office.bob)
        }

        #expect(changed.members.first { $0.user == office.carol.user }?.role == .admin)
        #expect(removed.members.map(\.user) == [office.bob.user])
        #expect(again?.code == .notFound)
    }

    @Test func `given a member who does not exist, when added, then it is refused`() async throws {
        let office = try await Office()
        let member = TeamRecord.Member(user: User.ID(999_999), role: .user)

        let failure = try await office.failure {
            try await office.teams.create(TeamDraft(name: "Shop", members: [member]), by: office.alice)
        }

        #expect(failure?.message == "members: there is no user 999999.")
    }

    @Test func `given a team that a policy calls, when deleted, then the policy calls it no more`() async throws {
        let office = try await Office()
        let team = try await office.teams.create(TeamDraft(name: "Shop"), by: office.bob)
        let level = EscalationLevel(targets: [.team(team.id), .user(office.bob.user)], timeout: .minutes(5))
        let policy = try await office.policies.create(
            EscalationPolicyDraft(name: "Shop", levels: [level], teams: [team.id]), by: office.bob)

        try await office.teams.delete(team.id, by: office.bob)

        let left = try await office.policies.find(policy.id, by: office.bob)
        #expect(left.policy.levels.map(\.targets) == [[.user(office.bob.user)]])
        #expect(left.teams.isEmpty)
    }
}
