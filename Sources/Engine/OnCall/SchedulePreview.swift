public import Alerting
import Storage

/// A schedule as a draft would make it, beside what it is.
public struct SchedulePreview: Sendable {
    public var zone: ZoneTable
    /// With the turns that saving would keep.
    public var duties: Duties
    /// `nil` for a new one.
    public var before: OnCallCalculator?
    public var after: OnCallCalculator
    public var now: Timestamp

    /// How far differences are looked for.
    public static let ahead = Duration.days(90)

    /// Who would be on call instead of whom, in the next three months.
    public var changes: [ShiftChange] {
        guard let before else { return [] }
        let span = TimeSpan(start: now, end: now + Self.ahead)
        return ShiftChange.between(before.shifts(in: span), after.shifts(in: span), in: span)
    }
}

extension ScheduleAdministration {
    /// What saving a draft would do; nothing is kept.
    ///
    /// - Throws: what saving it would throw, but for a missing name.
    public func preview(
        _ draft: ScheduleDraft, of id: OnCallSchedule.ID?, by caller: Caller
    ) async throws -> SchedulePreview {
        let now = clock.now
        return try await configuration.read { transaction in
            let old = try id.map { try Self.find($0, by: caller, in: transaction) }
            var draft = draft
            if draft.name.allSatisfy(\.isWhitespace) { draft.name = "Preview" }
            let duties = try Self.checked(draft, of: old, false, by: caller, in: transaction)
            let zone = ZoneTables.known(draft.timeZone)
            guard let old else {
                let schedule = OnCallSchedule(revisions: [ScheduleRevision(zone: zone, duties: duties)])
                return SchedulePreview(
                    zone: zone, duties: duties, before: nil, after: OnCallCalculator(schedule), now: now)
            }
            let before = try OnCallDuty.schedule(old.id, since: now, in: transaction)
            let after = before.edited(duties, zone: zone, at: now)
            return SchedulePreview(
                zone: zone, duties: after.revisions.last?.duties ?? duties, before: OnCallCalculator(before),
                after: OnCallCalculator(after), now: now)
        }
    }
}
