import Alerting
import Engine
import Simulation
import Storage
import Testing

/// Messages that an escalation takes along in the transaction that queues them.
struct TakenAlongStoriesTests {
    private typealias Cast = SimulatedCast

    private func statuses(_ world: SimulatedWorld, _ id: Alert.ID) async throws -> [MessageRecord.Status] {
        try await world.messages(of: id).map(\.status)
    }

    @Test func `given a page that is due, when it is queued, then it is taken at once and goes out once`() async throws {
        let world = try await SimulatedWorld()
        let id = try await world.raise()

        try await world.escalate()
        #expect(try await statuses(world, id) == [.sending])

        #expect(try await world.notify() == 1)
        #expect(world.email.addresses == [Cast.alice.email])
        #expect(try await world.messages(of: id).map(\.attempts) == [1])
        #expect(try await statuses(world, id) == [.delivered])
        #expect(try await world.notify() == 0)
    }

    @Test func `given a page for later, when it is queued, then it waits`() async throws {
        let world = try await SimulatedWorld(channels: [.email, .sms])
        try await world.prefer(.sms, after: 5, for: Cast.alice)
        try await world.prefer(.email, after: 0, for: Cast.alice)
        let id = try await world.raise()

        try await world.escalate()
        let messages = try await world.messages(of: id)

        #expect(messages.filter { $0.channel == .sms }.map(\.status) == [.waiting])
        #expect(messages.filter { $0.channel == .email }.map(\.status) == [.sending])
    }

    @Test func `given more pages than places, when they are queued, then the rest waits its turn and all go out once`()
        async throws
    {
        let world = try await SimulatedWorld(throttles: [.email: Throttle([])])
        let places = world.email.places
        for number in 1...places + 3 { _ = try await world.raise("\(number)") }

        try await world.escalate()
        #expect(try await world.statuses() == [.sending: places, .waiting: 3])

        try await world.settle()
        #expect(world.email.attempts.count == places + 3)
        #expect(try await world.statuses() == [.delivered: places + 3])
    }

    @Test func `given a node that dies with a page in hand, then the page goes out when its lease is over`() async throws {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.escalate()

        world.crash()
        try await world.advance(by: .seconds(61))

        #expect(world.email.addresses == [Cast.alice.email])
        #expect(try await statuses(world, id) == [.delivered])
    }

    @Test func `given loops that have ended, when a page is queued, then it is left to others`() async throws {
        let world = try await SimulatedWorld()
        let loops = world.engine.notifications
        let running = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for loop in loops { group.addTask { try await loop.run() } }
                try await group.waitForAll()
            }
        }
        running.cancel()
        try await running.value

        let id = try await world.raise()
        try await world.escalate()
        #expect(try await statuses(world, id) == [.waiting])

        let other = world.secondNode()
        for loop in other.notifications { _ = try await loop.runOnce() }
        #expect(world.email.addresses == [Cast.alice.email])
    }

    @Test func `given a page that cannot be written, when it is queued, then the escalation goes on and it is tried again`()
        async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.write { try $0.execute("UPDATE alert_sources SET fields = 'no JSON'", [:]) }

        try await world.escalate()
        #expect(try await statuses(world, id) == [.waiting])
        #expect(try await world.timeline(of: id).map(\.kind).contains(.levelEntered))
        try await world.notify()
        #expect(world.email.attempts == [])

        try await world.write { try $0.execute("UPDATE alert_sources SET fields = '{}'", [:]) }
        try await world.advance(by: .minutes(1))
        #expect(world.email.addresses == [Cast.alice.email])
    }

    @Test func `given a page in hand for longer than its provider may leave it, then it is given back and sent once`()
        async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.escalate()
        world.clock.advance(by: .seconds(4))

        try await world.notify()

        #expect(world.email.addresses == [Cast.alice.email])
        #expect(try await statuses(world, id) == [.delivered])
        #expect(try await world.messages(of: id).map(\.attempts) == [1])
    }
}
