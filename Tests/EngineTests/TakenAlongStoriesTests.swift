import Alerting
import Engine
import Simulation
import Storage
import Testing

/// Messages that an escalation takes along in the transaction that queues them, and first steps along with an event.
struct TakenAlongStoriesTests {
    private typealias Cast = SimulatedCast

    private func statuses(_ world: SimulatedWorld, _ id: Alert.ID) async throws -> [MessageRecord.Status] {
        try await world.messages(of: id).map(\.status)
    }

    @Test func `given a page that is due, when it is queued, then it is taken at once and goes out once`()
        async throws
    {
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

    @Test func `given a node that dies with a page in hand, then the page goes out when its lease is over`()
        async throws
    {
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

    @Test func `given a page that cannot be written, when it is queued, then its alert goes on and it comes later`()
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

    /// The node has a page in hand whose lease is over; another node has taken it over and sent it.
    private func worldOfPageSentByAnother() async throws -> (SimulatedWorld, Alert.ID) {
        let world = try await SimulatedWorld()
        let (id, other) = (try await world.raise(), world.secondNode())
        try await world.escalate()
        world.clock.advance(by: .seconds(61))
        for loop in other.notifications { _ = try await loop.runOnce() }
        #expect(world.email.addresses == [Cast.alice.email])
        return (world, id)
    }

    @Test func `given a page in hand for so long that another node has sent it, then it is not sent again`()
        async throws
    {
        let (world, id) = try await worldOfPageSentByAnother()

        try await world.notify()
        #expect(world.email.attempts.count == 1)
        #expect(try await statuses(world, id) == [.delivered])
    }

    @Test func `given a clock set back while another node has sent a page in hand, then it is not sent again`()
        async throws
    {
        let (world, id) = try await worldOfPageSentByAnother()

        world.clock.advance(by: .hours(-1))
        try await world.notify()

        #expect(world.email.attempts.count == 1)
        #expect(try await statuses(world, id) == [.delivered])
    }

    // MARK: - First steps

    @Test func `given a quiet server, when an event comes, then its answer says that the first page is in hand`()
        async throws
    {
        let world = try await SimulatedWorld(escalatesAlong: true)
        let id = try await world.raise()

        #expect(try await statuses(world, id) == [.sending])
        let due = try #require(try await world.alert(id)?.alert.escalation.due)
        #expect(due > world.now)
        #expect(try await world.disk.read { try Timers.nextDue(in: $0) } == due)
        #expect(try await world.escalate() == false)

        try await world.settle()
        #expect(world.email.addresses == [Cast.alice.email])
        #expect(try await world.alert(id)?.committedAt == world.now)
    }

    @Test func `given a repeated event, then nobody is paged again`() async throws {
        let world = try await SimulatedWorld(escalatesAlong: true)
        let id = try await world.raise("home")
        try await world.post(.alert, "home")
        try await world.settle()

        #expect(world.email.addresses == [Cast.alice.email])
        #expect(try await world.alerts().map(\.alert.id) == [id])
    }

    @Test func `given a policy that waits first, when an event comes, then its step is left to the loop`()
        async throws
    {
        let policy = EscalationPolicy(levels: [Cast.level(Cast.alice)], delay: .minutes(2))
        let world = try await SimulatedWorld(policy: policy, escalatesAlong: true)
        let id = try await world.raise()
        #expect(try await statuses(world, id) == [])

        try await world.advance(by: .minutes(2))
        #expect(world.email.addresses == [Cast.alice.email])
    }

    @Test func `given an event whose first step fails, then it is stored all the same, and the page comes later`()
        async throws
    {
        let world = try await SimulatedWorld(escalatesAlong: true)
        try await world.write { try $0.execute("UPDATE contacts SET kind = 'nonsense'", [:]) }
        let id = try await world.raise()
        #expect(try await statuses(world, id) == [])
        #expect(try await world.status(of: id) == .pending)
        #expect(try await world.events().count == 1)

        try await world.escalate()
        try await world.write { try $0.execute("UPDATE contacts SET kind = 'email'", [:]) }
        try await world.advance(by: .minutes(1))
        #expect(world.email.addresses == [Cast.alice.email])
    }

    @Test func `given a page in hand, when its alert is answered before it left, then it is not sent`() async throws {
        let world = try await SimulatedWorld(escalatesAlong: true)
        let id = try await world.raise("home")
        try await world.post(.resolve, "home")

        try await world.settle()

        #expect(world.email.attempts == [])
        #expect(try await statuses(world, id) == [.cancelled])
    }

    @Test func `given a page in hand of an ended node, when its alert is over, then it ends and does not wait`()
        async throws
    {
        let world = try await SimulatedWorld(escalatesAlong: true)
        let id = try await world.raise("home")
        try await world.post(.resolve, "home")
        world.clock.advance(by: .seconds(4))

        try await world.notify()

        #expect(world.email.attempts == [])
        #expect(try await statuses(world, id) == [.cancelled])
    }
}
