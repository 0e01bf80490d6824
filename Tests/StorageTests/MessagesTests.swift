import Alerting
import Simulation
import Storage
import Testing

struct MessagesTests {
    private let world: StorageWorld
    private var now: Timestamp { world.now }

    init() throws {
        let world = try StorageWorld()
        self.world = world
        try world.write { transaction in
            try Alerts.insert(world.alert(1), in: transaction)
            try Alerts.insert(world.alert(2), in: transaction)
        }
    }

    @discardableResult
    private func insert(_ message: MessageRecord) throws -> Bool {
        try world.write { try Messages.insert(message, in: $0) }
    }

    private func find(_ id: Int64) throws -> MessageRecord {
        try #require(try world.write { try Messages.find(.init(id), in: $0) })
    }

    private func claim(at time: Timestamp, limit: Int = 100, channel: Channel = .email) throws -> [Int64] {
        try world.write {
            try Messages.claimDue(Lane(channel), at: time, until: time + .seconds(60), limit: limit, in: $0)
                .map(\.id.rawValue)
        }
    }

    private func cancelWaiting(of alert: Int64) throws -> [Int64] {
        try world.write {
            try Messages.cancelWaiting(of: .init(alert), reason: "accepted", in: $0).map(\.id.rawValue)
        }
    }

    @Test func `given a message, when it is read, then nothing is lost`() throws {
        var message = world.message(1, channel: .sms, target: "+4930", delay: 30, due: now + .minutes(30))
        message.reason = "fallback_contact"

        #expect(try insert(message))

        #expect(try find(1) == message)
        #expect(try world.write { try Messages.list(of: .init(1), in: $0) } == [message])
    }

    @Test func `given one that waits, when an identical one comes, then the older stays, and others are queued`() throws
    {
        try insert(world.message(1, delay: 30))

        #expect(try !insert(world.message(2, delay: 30)))
        #expect(try insert(world.message(3, delay: 0)))
        #expect(try insert(world.message(4, target: "bob@example.com", delay: 30)))
        #expect(try insert(world.message(5, channel: .sms, delay: 30)))
        #expect(try insert(world.message(6, alert: 2, delay: 30)))
    }

    @Test
    func `given one on its way, when an identical one comes, then it is queued, and merged while that is retried`()
        throws
    {
        try insert(world.message(1))
        _ = try claim(at: now)
        #expect(try insert(world.message(2)))
        _ = try world.write { try Messages.cancelWaiting(of: .init(1), reason: "test", in: $0) }

        _ = try world.write { [now] in try Messages.retry(.init(1), at: now + .minutes(1), reason: "451", in: $0) }

        #expect(try !insert(world.message(3)))
    }

    @Test func `given due messages, when they are claimed, then those of the channel come, up to the limit, once`()
        throws
    {
        for id in 1...5 as ClosedRange<Int64> {
            try insert(world.message(id, target: "\(id)@example.com", due: now + .seconds(Int(id))))
        }
        try insert(world.message(6, channel: .sms))

        #expect(try claim(at: now) == [])
        #expect(try claim(at: now + .seconds(4), limit: 3) == [1, 2, 3])
        #expect(try claim(at: now + .seconds(4)) == [4])
        #expect(try claim(at: now + .seconds(4)) == [])
        #expect(try claim(at: now, channel: .sms) == [6])
        #expect(try find(1).status == .sending)
        #expect(try find(1).attempts == 1)
    }

    @Test func `given a claim whose lease has ended, then the message is due again, and not before`() throws {
        try insert(world.message(1))
        _ = try claim(at: now)

        #expect(try claim(at: now + .seconds(60) - .milliseconds(1)) == [])
        #expect(try claim(at: now + .seconds(60)) == [1])
        #expect(try find(1).attempts == 2)
    }

    @Test func `given a message that has ended, when a late node reports, then nothing changes`() throws {
        try insert(world.message(1))
        _ = try claim(at: now)
        let reports = try world.write { [now] transaction in
            [
                try Messages.delivered(.init(1), at: now, in: transaction),
                try Messages.delivered(.init(1), at: now + .seconds(9), in: transaction),
                try Messages.retry(.init(1), at: now, reason: "late", in: transaction),
                try Messages.failed(.init(1), reason: "late", in: transaction),
                try Messages.cancel(.init(1), reason: "late", in: transaction),
            ]
        }

        #expect(reports == [true, false, false, false, false])
        let message = try find(1)
        #expect((message.status, message.sentAt, message.reason) == (.delivered, now, nil))
        #expect(try claim(at: now + .days(1)) == [])
    }

    @Test func `given a message that waits, when somebody reports on it, then nothing changes`() throws {
        try insert(world.message(1))

        let isTaken = try world.write { [now] in try Messages.delivered(.init(1), at: now, in: $0) }

        #expect(!isTaken)
        #expect(try find(1).status == .waiting)
    }

    @Test func `given an alert that is answered, then what waits for its time or another attempt is cancelled`() throws
    {
        try insert(world.message(1, target: "sent@example.com"))
        try insert(world.message(2, target: "retried@example.com"))
        _ = try claim(at: now)
        _ = try world.write { [now] transaction in
            try Messages.retry(.init(2), at: now + .minutes(5), reason: "451", in: transaction)
        }
        try insert(world.message(3, delay: 30, due: now + .minutes(30)))
        try insert(world.message(4, alert: 2))

        #expect(try cancelWaiting(of: 1) == [2, 3])
        #expect(try find(1).status == .sending)
        #expect(try find(2).status == .cancelled)
        #expect(try find(3).reason == "accepted")
        #expect(try find(4).status == .waiting)
        #expect(try cancelWaiting(of: 1) == [])
    }

    @Test func `given a delivery after an outage, then what should have come before it is cancelled`() throws {
        try insert(world.message(1))
        try insert(world.message(2, delay: 1, due: now + .minutes(1)))
        try insert(world.message(3, delay: 30, due: now + .minutes(30)))
        try insert(world.message(4, target: "bob@example.com"))
        try insert(world.message(5, channel: .sms))

        let cancelled = try world.write { [world] transaction in
            try Messages.cancelOverdue(
                besides: world.message(1), at: world.now + .minutes(2), reason: "merged", in: transaction
            ).map(\.id.rawValue)
        }

        #expect(cancelled == [1, 2])
    }

    @Test func `given messages, then the next instant is the earliest of the channel, leases included`() throws {
        func next(_ channel: Channel = .email) throws -> Timestamp? {
            try world.write { try Messages.nextDue(channel, in: $0) }
        }
        #expect(try next() == nil)
        try insert(world.message(1, target: "a@example.com", due: now + .minutes(2)))
        try insert(world.message(2, target: "b@example.com"))
        #expect(try next() == now)

        _ = try claim(at: now)
        #expect(try next() == now + .seconds(60))
        #expect(try next(.sms) == nil)
        let queues = try world.write { transaction in
            try Messages.queues(in: transaction).map { "\($0.channel) \($0.waiting)" }
        }
        #expect(queues == ["email 2"])
    }

    @Test func `given one message, when it is taken alone or put off, then only a due one is taken`() throws {
        try insert(world.message(1))
        let (now, lease) = (now, now + .seconds(60))
        #expect(try world.write { try Messages.due(Lane(.email), at: now, limit: 9, in: $0) } == [.init(1)])

        let taken = try world.write { transaction in
            try Messages.postpone(.init(1), to: now + .seconds(1), in: transaction)
            return [
                try Messages.claim(.init(1), at: now, until: lease, in: transaction),
                try Messages.claim(.init(1), at: now + .seconds(1), until: lease, in: transaction),
                try Messages.claim(.init(1), at: now + .seconds(1), until: lease, in: transaction),
            ].map { $0 != nil }
        }

        #expect(taken == [false, true, false])
    }
}
