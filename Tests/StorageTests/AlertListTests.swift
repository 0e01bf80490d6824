import Alerting
import Simulation
import Storage
import Testing

struct AlertListTests {
    private let world: StorageWorld
    private static let desk = AlertSource.ID(2)

    /// Six alerts, a minute apart; 1 to 4 of "Shop", 5 and 6 of "Desk".
    init() throws {
        let now = SimulatedClock().now
        let world = try StorageWorld(sources: [
            SimulatedCast.source(at: now),
            SimulatedCast.source(Self.desk, name: "Desk", key: "nb1sDeskDeskDeskDeskDeskDesk", at: now),
        ])
        self.world = world
        let summaries = [
            "Shop is down", "100% of carts fail", "cart_total is wrong", "SHOP slow", "Desk down", "Ünder",
        ]
        try world.write { transaction in
            for (index, summary) in summaries.enumerated() {
                let alert = world.alert(
                    Int64(index + 1), source: index < 4 ? SimulatedCast.shop : Self.desk, summary: summary,
                    raisedAt: now + .minutes(index))
                try Alerts.insert(alert, in: transaction)
            }
            _ = try Alerts.accept(.init(2), by: .user(.init(1)), at: now, in: transaction)
            _ = try Alerts.resolve(.init(3), by: .source, at: now, in: transaction)
            _ = try Messages.insert(world.message(1, alert: 5), in: transaction)
        }
    }

    private func list(
        _ filter: AlertFilter = AlertFilter(), _ page: Page = Page(limit: 100)
    ) throws -> [Int64] {
        try world.write { transaction in
            let found = try AlertList.list(filter, scope: .carol, page: page, in: transaction)
            let all = try AlertList.list(filter, scope: .carol, page: Page(limit: 100), in: transaction)
            #expect(try AlertList.count(filter, scope: .carol, in: transaction) == all.count)
            for most in [1, 2, 100] {
                let count = try AlertList.count(filter, scope: .carol, most: most, in: transaction)
                #expect(count == min(all.count, most))
            }
            return found.map(\.alert.id.rawValue)
        }
    }

    @Test func `given no filter, then all come, the newest first`() throws {
        #expect(try list() == [6, 5, 4, 3, 2, 1])
    }

    @Test func `given pages, then they follow each other without a gap`() throws {
        #expect(try list(AlertFilter(), Page(limit: 2)) == [6, 5])
        #expect(try list(AlertFilter(), Page(offset: 2, limit: 2)) == [4, 3])
        #expect(try list(AlertFilter(), Page(offset: 4, limit: 9)) == [2, 1])
        #expect(try list(AlertFilter(), Page(offset: 6, limit: 2)) == [])
    }

    @Test func `given two alerts of one instant, then the newer id comes first`() throws {
        try world.write { [world] transaction in
            try Alerts.insert(world.alert(7, raisedAt: world.now + .minutes(5)), in: transaction)
        }

        #expect(try list(AlertFilter(), Page(limit: 2)) == [7, 6])
    }

    @Test func `given statuses, then only those come`() throws {
        #expect(try list(AlertFilter(statuses: [.accepted])) == [2])
        #expect(try list(AlertFilter(statuses: [.pending, .accepted])) == [6, 5, 4, 2, 1])
        #expect(try list(AlertFilter(statuses: AlertStatus.allCases)) == [6, 5, 4, 3, 2, 1])
    }

    @Test func `given sources and policies, then only theirs come`() throws {
        #expect(try list(AlertFilter(sources: [Self.desk])) == [6, 5])
        #expect(try list(AlertFilter(sources: [Self.desk, .init(99)])) == [6, 5])
        #expect(try list(AlertFilter(sources: [.init(99)])) == [])
        #expect(try list(AlertFilter(policies: [SimulatedCast.policy])).count == 6)
        #expect(try list(AlertFilter(policies: [.init(99)])) == [])
    }

    @Test func `given a responder, then what they accepted, were handed or were paged for comes`() throws {
        try world.write { [world] transaction in
            try Alerts.reassign(
                .init(4), policy: nil, escalation: world.alert(4).escalation, assigned: SimulatedCast.alice.user,
                in: transaction)
        }

        #expect(try list(AlertFilter(responders: [SimulatedCast.alice.user])) == [5, 4, 2])
        #expect(try list(AlertFilter(responders: [SimulatedCast.bob.user])) == [])
    }

    @Test func `given a span of time, then its start is in it and its end is not`() throws {
        let now = world.now

        #expect(try list(AlertFilter(from: now + .minutes(1), until: now + .minutes(3))) == [3, 2])
        #expect(try list(AlertFilter(from: now + .minutes(5))) == [6])
        #expect(try list(AlertFilter(until: now)) == [])
    }

    @Test(
        arguments: [
            ("shop", [4, 1]), ("SHOP", [4, 1]), ("100%", [2]), ("%", [2]), ("_total", [3]), ("_", [3]), ("key-5", [5]),
            ("'; DROP TABLE alerts; --", []), ("!", []), ("", [6, 5, 4, 3, 2, 1]),
        ] as [(String, [Int64])])
    func `given a text, then it is found in summary and key, and means nothing but itself`(
        text: String, ids: [Int64]
    ) throws {
        #expect(try list(AlertFilter(text: text)) == ids)
    }

    @Test func `given several filters, then all must hold`() throws {
        #expect(try list(AlertFilter(statuses: [.pending], sources: [SimulatedCast.shop], text: "shop")) == [4, 1])
    }

    @Test func `given open alerts, then they are counted by status and by source`() throws {
        let (all, sources) = try world.write { transaction in
            (
                try AlertList.openCounts(in: transaction),
                try AlertSources.openCounts(account: SimulatedCast.account, in: transaction)
            )
        }

        #expect(all[.pending] == 4)
        #expect(all[.accepted] == 1)
        #expect(all[.resolved] ?? 0 == 0)
        #expect(sources[SimulatedCast.shop] == [.pending: 2, .accepted: 1])
        #expect(sources[Self.desk] == [.pending: 2])
    }
}
