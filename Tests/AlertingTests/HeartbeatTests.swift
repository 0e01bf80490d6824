import Alerting
import Testing

struct HeartbeatTests {
    private static let now = Timestamp(milliseconds: 1_000_000)

    @Test func `given a new monitor, when time goes by, then it is never overdue, and its first ping begins the watch`()
    {
        var heartbeat = Heartbeat(interval: .minutes(5))

        #expect(heartbeat.expire(at: Self.now + .days(9)) == nil)
        #expect(heartbeat.take(.success, at: Self.now).action == nil)
        #expect(heartbeat.state == .healthy)
        #expect(heartbeat.deadline == Self.now + .minutes(5))
        #expect(heartbeat.expire(at: Self.now + .minutes(5) - .milliseconds(1)) == nil)
        #expect(heartbeat.expire(at: Self.now + .minutes(5)) == .raise)
        #expect(heartbeat.expire(at: Self.now + .minutes(6)) == nil)
        #expect(heartbeat.state == .overdue)
    }

    @Test func `given an overdue monitor, when it pings, then it resolves once and is watched again`() {
        var heartbeat = Heartbeat(state: .overdue, interval: .minutes(5))

        #expect(heartbeat.take(.success, at: Self.now).action == .resolve)
        #expect(heartbeat.take(.success, at: Self.now + .seconds(1)).action == nil)
        #expect(heartbeat.deadline == Self.now + .seconds(301))
    }

    @Test func `given a job that starts, when it ends, then its run is known, and a start alone keeps nothing alive`() {
        var heartbeat = Heartbeat(interval: .minutes(5))

        #expect(heartbeat.take(.start, at: Self.now) == (nil, nil))
        #expect(heartbeat.deadline == Self.now + .minutes(5))
        _ = heartbeat.take(.start, at: Self.now + .minutes(1))
        #expect(heartbeat.deadline == Self.now + .minutes(5))
        #expect(heartbeat.take(.exit(0), at: Self.now + .minutes(3)).run == .minutes(2))
        #expect(heartbeat.take(.success, at: Self.now + .minutes(4)).run == nil)
        #expect(heartbeat.deadline == Self.now + .minutes(9))
    }

    @Test(arguments: [Heartbeat.Signal.failure, .exit(1), .exit(255)])
    func `given a job that fails, when it says so, then it is overdue at once, and only once`(signal: Heartbeat.Signal)
    {
        var heartbeat = Heartbeat(interval: .minutes(5))
        _ = heartbeat.take(.success, at: Self.now)

        #expect(heartbeat.take(signal, at: Self.now + .seconds(1)).action == .raise)
        #expect(heartbeat.take(signal, at: Self.now + .seconds(2)).action == nil)
        #expect(heartbeat.expire(at: Self.now + .hours(1)) == nil)
        #expect(heartbeat.take(.exit(0), at: Self.now + .hours(1)).action == .resolve)
    }

    @Test func `given a log, when it comes, then nothing of the state changes`() {
        var heartbeat = Heartbeat(interval: .minutes(5))

        #expect(heartbeat.take(.log, at: Self.now) == (nil, nil))
        #expect(heartbeat == Heartbeat(interval: .minutes(5)))
    }

    @Test func `given the end of an address, when it is read, then it is a signal or none`() {
        #expect(Heartbeat.Signal("") == .success)
        #expect(Heartbeat.Signal("start") == .start)
        #expect(Heartbeat.Signal("fail") == .failure)
        #expect(Heartbeat.Signal("0") == .exit(0))
        #expect(Heartbeat.Signal("255") == .exit(255))
        for wrong in ["256", "-1", "1.5", "0x1", "Start", "٣", "1000", "stop"] {
            #expect(Heartbeat.Signal(wrong) == nil)
        }
    }
}

private func == (left: (action: Heartbeat.Action?, run: Duration?), right: (Heartbeat.Action?, Duration?)) -> Bool {
    left.action == right.0 && left.run == right.1
}
