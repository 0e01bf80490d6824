import Alerting
import Simulation
import Storage
import Testing

/// Alice is in the closed team, Bob in the open one, Carol administers and is in none.
struct ScopeTests {
    private let world: StorageWorld
    private static let closed = Team.ID(1)
    private static let open = Team.ID(2)
    private static let names = ["free", "ofClosed", "ofOpen", "ofBoth"]

    init() throws {
        let now = SimulatedClock().now
        let world = try StorageWorld()
        self.world = world
        try world.write { transaction in
            for (id, visibility, member) in [
                (Self.closed, Team.Visibility.closed, SimulatedCast.alice), (Self.open, .open, SimulatedCast.bob),
            ] {
                let team = TeamRecord(
                    id: id, account: SimulatedCast.account, name: "Team \(id)", visibility: visibility,
                    members: [.init(user: member.user, role: .responder)], createdAt: now, updatedAt: now)
                try Teams.insert(team, in: transaction)
            }
            let teams: [[Team.ID]] = [[], [Self.closed], [Self.open], [Self.closed, Self.open]]
            for (index, name) in Self.names.enumerated() {
                let id = Int64(index + 10)
                var source = SimulatedCast.source(.init(id), name: name, key: "nb1s\(id)-\(name)-key-of-it", at: now)
                source.teams = teams[index]
                try AlertSources.insert(source, in: transaction)
                try Alerts.insert(world.alert(id, source: source.id), in: transaction)
                try EscalationPolicies.insert(
                    PolicyRecord(
                        id: .init(id), account: SimulatedCast.account, name: name, levels: [], teams: teams[index],
                        createdAt: now, updatedAt: now), in: transaction)
            }
        }
    }

    /// Which of the four rows of each kind a caller sees; all kinds must agree.
    private func seen(
        by person: SimulatedCast.Person, _ role: User.Role, _ context: Scope.TeamContext = .all
    ) throws -> [String] {
        let scope = Scope(account: SimulatedCast.account, user: person.user, role: role, teams: context)
        return try world.write { transaction in
            let page = Page(limit: 100)
            let sources = try AlertSources.list(scope: scope, page: page, in: transaction).filter { $0.id.rawValue > 9 }
            let ids = sources.map(\.id.rawValue).sorted()
            let policies = try EscalationPolicies.list(scope: scope, page: page, in: transaction)
                .map(\.id.rawValue).filter { $0 > 9 }
            let alerts = try AlertList.list(AlertFilter(), scope: scope, page: page, in: transaction)
                .map(\.alert.id.rawValue)
            #expect(policies.sorted() == ids)
            #expect(alerts.sorted() == ids)
            for id in 10...13 as ClosedRange<Int64> {
                let isSeen = ids.contains(id)
                #expect((try Alerts.find(.init(id), scope: scope, in: transaction) != nil) == isSeen)
                #expect((try AlertSources.find(AlertSource.ID(id), scope: scope, in: transaction) != nil) == isSeen)
                #expect(
                    (try EscalationPolicies.find(EscalationPolicy.ID(id), scope: scope, in: transaction) != nil)
                        == isSeen)
            }
            return ids.map { Self.names[Int($0 - 10)] }
        }
    }

    @Test func `given a closed team, then its own see what is its, and others do not`() throws {
        #expect(try seen(by: SimulatedCast.alice, .responder) == ["free", "ofClosed", "ofOpen", "ofBoth"])
        #expect(try seen(by: SimulatedCast.bob, .responder) == ["free", "ofOpen", "ofBoth"])
    }

    @Test(arguments: User.Role.allCases)
    func `given a role, then only an administrator sees into closed teams of others`(role: User.Role) throws {
        #expect(try seen(by: SimulatedCast.carol, role).contains("ofClosed") == (role == .admin))
    }

    @Test func `given the context of one's own teams, then only what is theirs comes`() throws {
        #expect(try seen(by: SimulatedCast.alice, .responder, .mine) == ["ofClosed", "ofBoth"])
        #expect(try seen(by: SimulatedCast.bob, .responder, .mine) == ["ofOpen", "ofBoth"])
        #expect(try seen(by: SimulatedCast.carol, .admin, .mine) == [])
    }

    @Test func `given the context of one team, then it opens nothing that is closed to the caller`() throws {
        #expect(try seen(by: SimulatedCast.bob, .responder, .team(Self.open)) == ["ofOpen", "ofBoth"])
        #expect(try seen(by: SimulatedCast.bob, .responder, .team(Self.closed)) == ["ofBoth"])
        #expect(try seen(by: SimulatedCast.carol, .admin, .team(Self.closed)) == ["ofClosed", "ofBoth"])
    }

    @Test func `given another account, then nothing of this one is seen`() throws {
        let stranger = Scope(account: .init(99), user: SimulatedCast.carol.user, role: .admin)
        let counts = try world.write { transaction in
            let page = Page(limit: 100)
            return [
                try AlertList.count(AlertFilter(), scope: stranger, in: transaction),
                try AlertSources.list(scope: stranger, page: page, in: transaction).count,
                try EscalationPolicies.list(scope: stranger, page: page, in: transaction).count,
                try Teams.list(scope: stranger, page: page, in: transaction).count,
            ]
        }

        #expect(counts == [0, 0, 0, 0])
    }

    @Test func `given teams, then a closed one is seen by its members and administrators`() throws {
        func teams(_ scope: Scope, member: User.ID? = nil) throws -> [Team.ID] {
            try world.write {
                try Teams.list(scope: scope, member: member, page: Page(limit: 9), in: $0).map(\.id)
            }
        }

        #expect(try teams(.carol) == [Self.closed, Self.open])
        #expect(try teams(.alice) == [Self.closed, Self.open])
        #expect(try teams(.bob) == [Self.open])
        #expect(try teams(.carol, member: SimulatedCast.alice.user) == [Self.closed])
        #expect(try teams(.bob, member: SimulatedCast.alice.user) == [])
    }
}
