public import Alerting
public import Storage

/// An override as somebody wants it to be; times as they were written, in the schedule's zone.
public struct OverrideDraft: Equatable, Sendable {
    public var user: User.ID
    public var start: String
    public var end: String

    public init(user: User.ID, start: String, end: String) {
        self.user = user
        self.start = start
        self.end = end
    }
}

/// Taking over for a while.
extension ScheduleAdministration {
    /// How far in the past an override may begin; it counts from the moment that it is made.
    static let overrideTolerance = Duration.minutes(15)

    /// Those that are not over, by start and id.
    public func overrides(of id: OnCallSchedule.ID, by caller: Caller) async throws -> [OverrideRecord] {
        let now = clock.now
        return try await configuration.read { transaction in
            _ = try Self.find(id, by: caller, in: transaction)
            return try ScheduleHistory.overrides(of: id, endingAfter: now, in: transaction)
                .sorted { ($0.span.start, $0.id) < ($1.span.start, $1.id) }
        }
    }

    /// Somebody takes over; a newer override wins over older ones.
    @discardableResult
    public func addOverride(
        _ draft: OverrideDraft, to id: OnCallSchedule.ID, by caller: Caller
    ) async throws -> OverrideRecord {
        try caller.require(.responder, to: "override on-call schedules")
        return try await configuration.change { change in
            let schedule = try Self.find(id, by: caller, in: change.transaction)
            return (try Self.add(draft, to: schedule, by: caller, in: change), .schedule(id))
        }
    }

    /// Ends an override now; what it covered before stays. One that has not begun is gone.
    ///
    /// - Throws: `Failure.notFound` also for one that is over.
    public func deleteOverride(
        _ override: ScheduleOverride.ID, of id: OnCallSchedule.ID, by caller: Caller
    ) async throws {
        try caller.require(.responder, to: "override on-call schedules")
        try await configuration.change { change in
            let schedule = try Self.find(id, by: caller, in: change.transaction)
            let all = try ScheduleHistory.overrides(of: id, endingAfter: change.now, in: change.transaction)
            guard let record = all.first(where: { $0.id == override }) else {
                throw Failure(.notFound, "There is no override \(override) that is not over.")
            }
            try Self.end(record, in: change)
            try Self.audit("on_call_schedule.override_deleted", schedule, by: caller, in: change)
            return ((), .schedule(id))
        }
    }

    static func add(
        _ draft: OverrideDraft, to schedule: ScheduleRecord, by caller: Caller, in change: Change
    ) throws -> OverrideRecord {
        let zone = ZoneTables.known(schedule.timeZone)
        let start = try ScheduleDraft.time(draft.start, "start")
        let end = try ScheduleDraft.time(draft.end, "end")
        guard end.seconds > start.seconds else { throw Failure.invalid("end", "must be after start.") }
        let span = TimeSpan(start: zone.start(of: start.seconds), end: zone.end(of: end.seconds))
        guard span.end > change.now else { throw Failure.invalid("end", "is in the past.") }
        guard span.start >= change.now - overrideTolerance else { throw Failure.invalid("start", "is in the past.") }
        guard span.length <= Limits.shiftRange else {
            throw Failure.invalid("end", "may be at most two years after start.")
        }
        guard try Users.find(draft.user, in: change.transaction)?.account == schedule.account else {
            throw Failure.invalid("user", "there is no user \(draft.user).")
        }
        try requireRoom(on: schedule.id, in: change)
        let override = OverrideRecord(
            id: try change.newID(), schedule: schedule.id, user: draft.user, startText: draft.start, endText: draft.end,
            span: TimeSpan(start: max(span.start, change.now), end: span.end), createdBy: caller.user,
            createdAt: change.now)
        try ScheduleHistory.insert(override, in: change.transaction)
        try audit("on_call_schedule.override_added", schedule, by: caller, in: change)
        return override
    }

    static func requireRoom(on id: OnCallSchedule.ID, in change: Change) throws {
        let count = try ScheduleHistory.overrides(of: id, endingAfter: change.now, in: change.transaction).count
        guard count < Limits.overrides else {
            throw Failure(.conflict, "There are \(Limits.overrides) overrides on this schedule already.")
        }
    }
}
