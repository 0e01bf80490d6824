import Alerting
import Engine
import Simulation
import Storage
import Testing

struct FaultStoriesTests {
    private typealias Cast = SimulatedCast

    @Test func `given a crash between commit and send, when a node starts again, then the page goes out, once`()
        async throws
    {
        let world = try await SimulatedWorld()
        _ = try await world.raise()
        try await world.escalate()

        world.crash()
        try await world.settle()
        try await world.advance(by: .minutes(2))

        #expect(world.email.addresses == [Cast.alice.email])
    }

    @Test func `given a crash between claim and send, when the lease has ended, then the page goes out, once`()
        async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        world.email.answer(.crashBefore, .delivered)
        await #expect(throws: StorageError.self) { try await world.settle() }

        world.restart()
        try await world.advance(by: .seconds(59))
        #expect(world.email.attempts == [])
        try await world.advance(by: .seconds(1))

        #expect(world.email.addresses == [Cast.alice.email])
        #expect(try await world.messages(of: id).map(\.status) == [.delivered])
    }

    @Test func `given a crash between send and record, then at most one duplicate follows, with the same id`()
        async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        world.email.answer(.crashAfter, .delivered)
        await #expect(throws: StorageError.self) { try await world.settle() }

        world.restart()
        try await world.advance(by: .minutes(4))

        #expect(world.email.addresses == [Cast.alice.email, Cast.alice.email])
        #expect(Set(world.email.delivered.map(\.id)).count == 1)
        #expect(world.email.delivered.map(\.attempt) == [1, 2])
        #expect(try await world.messages(of: id).map(\.status) == [.delivered])
    }

    @Test func `given a crash between send and record, when somebody accepts, then no duplicate follows`() async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        world.email.answer(.crashAfter, .delivered)
        await #expect(throws: StorageError.self) { try await world.settle() }
        world.restart()

        try await world.engine.desk.accept(id, by: Cast.alice.caller)
        try await world.advance(by: .hours(1))

        #expect(world.email.addresses == [Cast.alice.email])
    }

    @Test(arguments: [true, false])
    func `given a crash while an event is committed, then it is there, or the sender was told to come back`(
        isCommitted: Bool
    ) async throws {
        let world = try await SimulatedWorld()
        try await world.engine.store.ids.reserve(1000)
        world.database.die(after: 0, isCommitted: isCommitted)

        let error = await #expect(throws: Failure.self) { try await world.raise("home") }
        world.restart()
        let again = try await world.post(.alert, "home")
        try await world.settle()

        #expect(error?.code == .unavailable)
        #expect(try await world.alerts().map(\.alert.eventCount) == [isCommitted ? 2 : 1])
        #expect(again.reason == (isCommitted ? .keyOpen : .newAlert))
        #expect(world.email.addresses == [Cast.alice.email])
    }

    @Test(arguments: 0...12, [true, false])
    func `given a crash at any write of a page's way, then it arrives, and no level is left out`(
        writes: Int, isCommitted: Bool
    ) async throws {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        world.database.die(after: writes, isCommitted: isCommitted)
        do {
            try await world.advance(by: .hours(1))
        } catch is StorageError {
            #expect(world.database.isDead)
        }

        world.restart()
        try await world.advance(by: .hours(1))

        #expect(Set(world.email.addresses) == [Cast.alice.email, Cast.bob.email])
        #expect(Set(world.email.delivered.map(\.id)).count == 2)
        #expect(world.email.delivered.count <= 3)
        #expect(try await world.alert(id)?.alert.escalation.state == .exhausted)
    }

    @Test func `given a server that was down for an hour, then one page, marked as late, and none for what is over`()
        async throws
    {
        let world = try await SimulatedWorld()
        try await world.prefer(.email, for: Cast.alice)
        try await world.prefer(.email, after: 5, for: Cast.alice)
        _ = try await world.raise("open")
        let over = try await world.raise("over")
        try await world.escalate()
        try await world.engine.desk.resolve(over, by: Cast.carol.caller)

        world.beDown(for: .hours(1))
        world.crash()
        try await world.settle()

        let toAlice = world.email.delivered.filter { $0.address == Cast.alice.email }
        #expect(toAlice.count == 1)
        #expect(toAlice[0].subject.contains("late by 60 min"))
        #expect(try await world.messages(of: over).map(\.status) == [.cancelled, .cancelled])
    }

    @Test func `given a server that was down past a level's time, then the next level has its own time to answer`()
        async throws
    {
        let world = try await SimulatedWorld()
        _ = try await world.raise()
        try await world.settle()

        world.beDown(for: .hours(3))
        world.crash()
        try await world.settle()
        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email])
        #expect(world.email.delivered[1].subject.contains("late"))

        #expect(try await world.nextDue() == world.now + .minutes(5))
    }

    @Test func `given a clock set back one hour, then nothing is lost and nothing repeated`() async throws {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.settle()

        world.clock.advance(by: .hours(-1))
        try await world.settle()
        #expect(world.email.addresses == [Cast.alice.email])
        let second = try await world.raise("other")
        try await world.settle()
        #expect(world.email.addresses == [Cast.alice.email, Cast.alice.email])

        try await world.advance(by: .hours(2))
        #expect(world.email.addresses.filter { $0 == Cast.bob.email }.count == 2)
        #expect(world.email.attempts.count == 4)
        for alert in [id, second] {
            #expect(try await world.kinds(of: alert).filter { $0 == .levelEntered }.count == 2)
        }
    }

    @Test func `given a clock set forward one day, then nothing is lost and nothing repeated`() async throws {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.settle()

        world.clock.advance(by: .days(1))
        try await world.settle()
        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email])
        world.clock.advance(by: .days(-1))
        try await world.settle()
        try await world.advance(by: .days(2))

        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email])
        #expect(try await world.kinds(of: id).last == .escalationEnded)
    }

    @Test func `given a full disk, then the sender is told to come back, and when there is room all goes on`()
        async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise("before")
        world.database.refuseWrites(.full)

        let error = await #expect(throws: Failure.self) { try await world.raise("during") }
        await #expect(throws: StorageError.full) { try await world.settle() }
        await #expect(throws: StorageError.full) {
            try await world.engine.desk.accept(id, by: Cast.alice.caller)
        }
        #expect(error?.code == .unavailable)

        world.database.recover()
        _ = try await world.raise("after")
        try await world.settle()
        #expect(world.email.addresses == [Cast.alice.email, Cast.alice.email])
        #expect(try await world.alerts().map(\.alert.key) == ["before", "after"])
    }

    @Test func `given a disk that is full after the send, then the message is repeated only once there is room`()
        async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.escalate()
        let database = world.database
        world.email.onSend { _, _ in database.refuseWrites(.full) }
        try await world.notify()
        #expect(world.email.attempts.count == 1)

        world.beDown(for: .minutes(3))
        await #expect(throws: StorageError.full) { try await world.notify() }
        #expect(world.email.attempts.count == 1)

        world.email.onSend { _, _ in }
        database.recover()
        try await world.settle()
        #expect(world.email.addresses == [Cast.alice.email, Cast.alice.email])
        #expect(try await world.messages(of: id).map(\.status) == [.delivered])
    }

    @Test func `given two nodes on one database, when both do all that is due, then each page goes out once`()
        async throws
    {
        let world = try await SimulatedWorld()
        let other = world.secondNode()
        for number in 0..<20 { _ = try await world.raise("key \(number)") }
        let engines = [world.engine, other]

        try await withThrowingTaskGroup(of: Void.self) { group in
            for engine in engines {
                group.addTask {
                    for _ in 0..<10 {
                        _ = try await engine.escalation.runOnce()
                        _ = try await engine.notifications[0].runOnce()
                    }
                }
            }
            try await group.waitForAll()
        }

        #expect(world.email.attempts.count == 20)
        #expect(Set(world.email.delivered.map(\.id)).count == 20)
    }

    @Test func `given an alert whose row is damaged, then it holds up no other, and is looked at again`() async throws {
        let world = try await SimulatedWorld()
        let damaged = try await world.raise("damaged")
        try await world.write { transaction in
            try transaction.execute(
                "UPDATE alerts SET structure = 'no JSON' WHERE id = :id", ["id": .init(damaged)])
        }
        _ = try await world.raise("whole")

        try await world.settle()
        #expect(world.email.addresses == [Cast.alice.email])

        let structure = PolicyStructure.text(of: Cast.usualPolicy)
        try await world.write { transaction in
            try transaction.execute(
                "UPDATE alerts SET structure = :text WHERE id = :id",
                ["text": .text(structure), "id": .init(damaged)])
        }
        try await world.advance(by: .minutes(1))
        #expect(world.email.addresses == [Cast.alice.email, Cast.alice.email])
    }

    @Test func `given a message whose alert is damaged, then it holds up no other, and is looked at again`()
        async throws
    {
        let world = try await SimulatedWorld(takesAlong: false)
        let damaged = try await world.raise("damaged")
        _ = try await world.raise("whole")
        try await world.escalate()
        try await world.write { transaction in
            try transaction.execute(
                "UPDATE alerts SET structure = 'no JSON' WHERE id = :id", ["id": .init(damaged)])
        }

        try await world.notify()
        #expect(world.email.delivered.map(\.thread).count == 1)

        let structure = PolicyStructure.text(of: Cast.usualPolicy)
        try await world.write { transaction in
            try transaction.execute(
                "UPDATE alerts SET structure = :text WHERE id = :id",
                ["text": .text(structure), "id": .init(damaged)])
        }
        try await world.advance(by: .minutes(1))
        #expect(world.email.attempts.count == 2)
    }
}
