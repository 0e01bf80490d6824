public import Alerting
public import Storage

/// A schedule with what it answers questions with.
public struct AskedSchedule: Sendable {
    public var record: ScheduleRecord
    public var zone: ZoneTable
    public var calculator: OnCallCalculator
    /// Those that are not over, oldest first.
    public var overrides: [OverrideRecord]
    public var now: Timestamp

    /// How far ahead the next shift is looked for.
    private static let horizon = Duration.days(400)

    public var currentShift: Shift? { calculator.shift(at: now) }
    public var nextShift: Shift? { calculator.nextShift(after: now, before: now + Self.horizon) }
}

extension ScheduleAdministration {
    /// - Parameter time: since when it is asked about; overrides that were over by then are left out.
    public func asked(
        _ id: OnCallSchedule.ID, since time: Timestamp? = nil, by caller: Caller
    ) async throws -> AskedSchedule {
        let now = clock.now
        return try await configuration.read { transaction in
            let record = try Self.find(id, by: caller, in: transaction)
            return try Self.asked(record, since: time ?? now, at: now, in: transaction)
        }
    }

    /// All that the caller may see, by name and id.
    public func askedList(page: Page, by caller: Caller) async throws -> [AskedSchedule] {
        let now = clock.now
        return try await configuration.read { transaction in
            try OnCallSchedules.list(scope: caller.scope, page: page, in: transaction).map { record in
                try Self.asked(record, since: now, at: now, in: transaction)
            }
        }
    }

    public static func asked(
        _ record: ScheduleRecord, since time: Timestamp, at now: Timestamp, in transaction: any Transaction
    ) throws -> AskedSchedule {
        let overrides = try ScheduleHistory.overrides(of: record.id, endingAfter: now, in: transaction)
        return AskedSchedule(
            record: record, zone: ZoneTables.known(record.timeZone),
            calculator: try OnCallDuty.calculator(record.id, since: min(time, now), in: transaction),
            overrides: overrides, now: now)
    }

    /// Who is on call across policies.
    public func onCalls(_ filter: OnCallFilter, by caller: Caller) async throws -> [OnCallEntry] {
        try await configuration.read { transaction in
            try OnCallList.entries(filter, by: caller, in: transaction)
        }
    }
}
