import Alerting
import Simulation
import Storage
import TestSupport
import Testing

struct PagingTimesTests {
    @Test func `given alerts with pages, then the first hand-over of each counts, and what never arrived does not`()
        throws
    {
        let world = try StorageWorld()
        let now = world.now
        try world.write { transaction in
            for id in 1...3 as ClosedRange<Int64> {
                try Alerts.insert(world.alert(id, raisedAt: now - .seconds(10)), in: transaction)
            }
            for (id, alert, delay) in [(11, 1, 0), (12, 1, 5), (13, 2, 0)] as [(Int64, Int64, Int)] {
                let message = world.message(id, alert: alert, delay: delay)
                _ = try Messages.insert(message, in: transaction)
            }
            _ = try Messages.claimDue(
                Lane(.email), at: now, until: now + .minutes(1), limit: 10, in: transaction)
            for (id, after) in [(11, 2), (12, 1)] as [(Int64, Int)] {
                _ = try Messages.delivered(.init(id), at: now + .seconds(after), in: transaction)
            }
        }

        let times = try world.write { transaction in
            try PagingTimes.list(since: now - .seconds(10), scope: .carol, in: transaction)
        }
        let later = try world.write { try PagingTimes.list(since: now, scope: .carol, in: $0) }

        #expect(times == [PagingTime(received: now - .seconds(10), intended: now, sent: now + .seconds(1))])
        #expect(later.isEmpty)
    }

    @Test func `given another account's reader, then there is nothing`() throws {
        let world = try StorageWorld()
        let stranger = Scope(account: .init(2), user: SimulatedCast.carol.user, role: .admin)

        let times = try world.write {
            try PagingTimes.list(since: Timestamp(milliseconds: 0), scope: stranger, in: $0)
        }

        #expect(times.isEmpty)
    }
}
