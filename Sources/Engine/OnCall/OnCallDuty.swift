public import Alerting
public import Storage

/// Who is on call, for paging, pages, the API and calendars: loads a schedule and asks the calculator.
public enum OnCallDuty {
    /// Whoever is on call for a schedule at `time`; `nil`: nobody, or there is no such schedule.
    public static func user(
        of id: OnCallSchedule.ID, at time: Timestamp, in transaction: any Transaction
    ) throws -> User.ID? {
        guard let revision = try ScheduleHistory.revision(of: id, at: time, in: transaction) else { return nil }
        let overrides = try ScheduleHistory.overrides(of: id, endingAfter: time, in: transaction)
        return OnCallCalculator(schedule([revision], overrides)).onCall(at: time)
    }

    /// The schedule with its past.
    ///
    /// - Parameter time: overrides that were over by then are left out.
    public static func schedule(
        _ id: OnCallSchedule.ID, since time: Timestamp, in transaction: any Transaction
    ) throws -> OnCallSchedule {
        try schedule(
            ScheduleHistory.revisions(of: id, in: transaction),
            ScheduleHistory.overrides(of: id, endingAfter: time, in: transaction))
    }

    public static func calculator(
        _ id: OnCallSchedule.ID, since time: Timestamp, in transaction: any Transaction
    ) throws -> OnCallCalculator {
        try OnCallCalculator(schedule(id, since: time, in: transaction))
    }

    private static func schedule(_ revisions: [RevisionRecord], _ overrides: [OverrideRecord]) -> OnCallSchedule {
        OnCallSchedule(
            revisions: revisions.map { revision in
                ScheduleRevision(
                    effectiveFrom: revision.effectiveFrom, zone: ZoneTables.known(revision.timeZone),
                    duties: revision.duties)
            },
            overrides: overrides.map { ScheduleOverride(id: $0.id, user: $0.user, span: $0.span) })
    }
}
