import Alerting
public import Logging
public import ServiceLifecycle
import Storage

/// Tells people that they go on call, before a shift and at the hand-over, by their preferences for duties.
public final class DutyNoticeLoop: Service {
    private let store: Store
    private let wakeups: Wakeups
    private let rhythm: Rhythm
    /// How far ahead of a shift anybody may want to be told.
    private static let horizon = Duration.hours(25)
    /// A shift that began longer ago than this is news to nobody.
    private static let staleness = Duration.hours(1)
    private static let batch = 100

    public init(store: Store, wakeups: Wakeups, logger: Logger) {
        self.store = store
        self.wakeups = wakeups
        rhythm = Rhythm(name: "duty notices", waker: Waker(), clock: store.clock, logger: logger, longest: .seconds(30))
    }

    public func run() async throws {
        await rhythm.run {
            try await self.runOnce()
            return false
        } nextDue: {
            nil
        }
    }

    /// Queues what is due; a notice that was queued before is not queued again.
    public func runOnce() async throws {
        let now = store.clock.now
        let due = try await store.read { try Self.due(at: now, in: $0) }
        guard !due.isEmpty else { return }
        let queued = try await store.write { change in
            let queue = NoticeQueue(change: change, channels: change.channels)
            return try due.reduce(0) { count, duty in
                try count + queue.tell(duty.user, duty.notice, by: .preferences(.duties, minutes: duty.minutes)).count
            }
        }
        if queued > 0 { wakeups.messagesQueued() }
    }

    private struct Duty: Sendable {
        var user: User.ID
        var minutes: Int
        var notice: Notice
    }

    private static func due(at now: Timestamp, in transaction: any Transaction) throws -> [Duty] {
        var duties: [Duty] = []
        var last = OnCallSchedule.ID(0)
        while true {
            let schedules = try OnCallSchedules.all(after: last, limit: batch, in: transaction)
            for schedule in schedules { duties += try due(schedule, at: now, in: transaction) }
            guard schedules.count == batch, let id = schedules.last?.id else { return duties }
            last = id
        }
    }

    private static func due(
        _ schedule: ScheduleRecord, at now: Timestamp, in transaction: any Transaction
    ) throws -> [Duty] {
        let span = TimeSpan(start: now - staleness, end: now + horizon)
        let calculator = try OnCallDuty.calculator(schedule.id, since: span.start, in: transaction)
        var duties: [Duty] = []
        for shift in calculator.shifts(in: span) {
            // One that began before the span is cut off there; its true start is old.
            if shift.start > span.start {
                let wanted = try Preferences.list(of: shift.user, area: .duties, in: transaction).map(\.delayMinutes)
                for minutes in Set(wanted) where shift.start - .minutes(minutes) <= now && shift.end > now {
                    // A longer lead of which the time is past when a shorter one is due says nothing new.
                    guard minutes == 0 ? shift.start <= now : shift.start > now else { continue }
                    duties.append(begin(shift, minutes, schedule))
                }
            }
            if shift.end <= now, shift.end > now - staleness { duties.append(end(shift, schedule)) }
        }
        return duties
    }

    private static func begin(_ shift: Shift, _ minutes: Int, _ schedule: ScheduleRecord) -> Duty {
        let when = minutes == 0 ? "now" : "from \(shift.start.iso8601)"
        return Duty(
            user: shift.user, minutes: minutes,
            notice: Notice(
                account: schedule.account, purpose: .onCallNotice,
                subject: minutes == 0 ? "You are on call: \(schedule.name)" : "You go on call soon: \(schedule.name)",
                text: "You are on call for \(schedule.name) \(when) until \(shift.end.iso8601).",
                onceKey: "duty-\(schedule.id)-\(shift.user)-\(shift.start.milliseconds)-\(minutes)"))
    }

    private static func end(_ shift: Shift, _ schedule: ScheduleRecord) -> Duty {
        Duty(
            user: shift.user, minutes: 0,
            notice: Notice(
                account: schedule.account, purpose: .onCallNotice, subject: "Your shift is over: \(schedule.name)",
                text: "Your shift for \(schedule.name) is over since \(shift.end.iso8601).",
                onceKey: "duty-\(schedule.id)-\(shift.user)-\(shift.end.milliseconds)-end"))
    }
}
