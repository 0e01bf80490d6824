public import Alerting
import Storage

/// Calendars that other programs subscribe to: one for a schedule, one for a person, each at a secret address.
public struct CalendarAdministration: Sendable {
    /// What a calendar shows: the past month and the year ahead.
    static let past = Duration.days(31)
    static let ahead = Duration.days(366)
    /// Shifts in one calendar.
    static let most = 6000

    private let configuration: Configuration
    private let clock: any Clock

    public init(store: Store) {
        configuration = Configuration(store: store, onChange: { _ in })
        clock = store.clock
    }

    /// The token of a schedule's calendar; `nil`: it has none yet.
    ///
    /// - Throws: `Failure.notFound` when the caller may not see the schedule.
    public func token(of schedule: OnCallSchedule.ID, by caller: Caller) async throws -> String? {
        try await configuration.read { transaction in
            _ = try ScheduleAdministration.find(schedule, by: caller, in: transaction)
            return try CalendarFeeds.find(.schedule(schedule), in: transaction)?.token
        }
    }

    /// The token of the caller's own calendar; `nil`: they have none yet.
    public func ownToken(by caller: Caller) async throws -> String? {
        try await configuration.read { transaction in
            try CalendarFeeds.find(.user(caller.user), in: transaction)?.token
        }
    }

    /// Gives a schedule's calendar a new address; the old one leads nowhere from now on.
    public func rotate(_ schedule: OnCallSchedule.ID, by caller: Caller) async throws -> String {
        try caller.require(.user, to: "publish calendars of schedules")
        return try await configuration.change { change in
            let record = try ScheduleAdministration.find(schedule, by: caller, in: change.transaction)
            let token = Tokens.random(Tokens.secretLength)
            try CalendarFeeds.replace(
                FeedRecord(token: token, account: record.account, owner: .schedule(schedule), createdAt: change.now),
                in: change.transaction)
            try ScheduleAdministration.audit("on_call_schedule.calendar_address", record, by: caller, in: change)
            return (token, .schedule(schedule))
        }
    }

    /// Gives the caller's own calendar a new address.
    public func rotateOwn(by caller: Caller) async throws -> String {
        try await configuration.change { change in
            let token = Tokens.random(Tokens.secretLength)
            try CalendarFeeds.replace(
                FeedRecord(token: token, account: caller.account, owner: .user(caller.user), createdAt: change.now),
                in: change.transaction)
            return (token, .user(caller.user))
        }
    }

    /// The calendar at an address, as text.
    ///
    /// - Throws: `Failure.notFound` for a token that is none, or none any more.
    public func text(token: String) async throws -> String {
        let now = clock.now
        return try await configuration.read { transaction in
            guard token.utf8.count <= 200, let feed = try CalendarFeeds.find(token: token, in: transaction) else {
                throw Failure(.notFound, "There is no calendar at this address.")
            }
            switch feed.owner {
            case .schedule(let id):
                guard let record = try OnCallSchedules.find(id, in: transaction) else {
                    throw Failure(.notFound, "There is no calendar at this address.")
                }
                let events = try Self.events(of: record, for: nil, at: now, in: transaction)
                return ICalendarWriter.text(name: record.name, zone: record.timeZone, events: events, at: now)
            case .user(let id):
                guard let user = try Users.find(id, in: transaction) else {
                    throw Failure(.notFound, "There is no calendar at this address.")
                }
                let events = try Self.events(of: user, at: now, in: transaction)
                return ICalendarWriter.text(
                    name: "On call: \(user.fullName)", zone: user.timeZone, events: events, at: now)
            }
        }
    }

    private static func events(
        of user: UserRecord, at now: Timestamp, in transaction: any Transaction
    ) throws -> [ICalendarWriter.Event] {
        let scope = Scope(account: user.account, user: user.id, role: user.role)
        let schedules = try OnCallSchedules.list(scope: scope, page: Page(limit: 1000), in: transaction)
        let events = try schedules.flatMap { try Self.events(of: $0, for: user.id, at: now, in: transaction) }
        return Array(events.sorted { $0.span.start < $1.span.start }.prefix(most))
    }

    /// - Parameter user: only their shifts; `nil`: all.
    private static func events(
        of record: ScheduleRecord, for user: User.ID?, at now: Timestamp, in transaction: any Transaction
    ) throws -> [ICalendarWriter.Event] {
        let span = TimeSpan(start: now - past, end: now + ahead)
        let shifts = try OnCallDuty.calculator(record.id, since: span.start, in: transaction).shifts(in: span)
            .filter { user == nil || $0.user == user }.prefix(most)
        let names = try Users.names(of: Set(shifts.map(\.user)), account: record.account, in: transaction)
        return shifts.map { shift in
            let name = names[shift.user] ?? "a deleted user"
            return ICalendarWriter.Event(
                uid: "\(record.id)-\(shift.user)-\(shift.start.milliseconds)@nightbell", span: shift.span,
                summary: user == nil ? "\(name) (\(record.name))" : "On call: \(record.name)",
                description: "\(name) is on call for \(record.name).")
        }
    }
}
