public import Alerting
public import Storage

/// On-call schedules, as people see and change them.
public struct ScheduleAdministration: Sendable {
    let configuration: Configuration
    let clock: any Clock

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
        clock = store.clock
    }

    /// By name and id.
    public func list(page: Page, by caller: Caller) async throws -> [ScheduleRecord] {
        try await configuration.read { transaction in
            try OnCallSchedules.list(scope: caller.scope, page: page, in: transaction)
        }
    }

    /// - Throws: `Failure.notFound` when there is none that the caller may see; so do all below.
    public func find(_ id: OnCallSchedule.ID, by caller: Caller) async throws -> ScheduleRecord {
        try await configuration.read { transaction in try Self.find(id, by: caller, in: transaction) }
    }

    public func find(name: String, by caller: Caller) async throws -> ScheduleRecord {
        try await configuration.read { transaction in
            guard let schedule = try OnCallSchedules.find(name: name, scope: caller.reach, in: transaction) else {
                throw Failure(.notFound, "There is no on-call schedule named “\(Limits.cut(name, to: 100))”.")
            }
            return schedule
        }
    }

    /// - Parameter refusingGaps: whether entered shifts may leave time between them to nobody.
    public func create(
        _ draft: ScheduleDraft, refusingGaps: Bool = false, by caller: Caller
    ) async throws -> ScheduleRecord {
        try caller.require(.user, to: "create on-call schedules")
        return try await configuration.change { change in
            let duties = try Self.checked(draft, of: nil, refusingGaps, by: caller, in: change.transaction)
            let schedule = ScheduleRecord(
                id: try change.newID(), account: caller.account, name: try FieldRules.name(draft.name),
                kind: draft.kind, timeZone: draft.timeZone, duties: duties, showsGaps: draft.showsGaps,
                defaultShiftDuration: draft.defaultShiftDuration, owner: draft.owner ?? caller.user,
                teams: try TeamLinks.checked(draft.teams, by: caller, in: change.transaction), createdAt: change.now,
                updatedAt: change.now)
            try OnCallSchedules.insert(schedule, in: change.transaction)
            let first = RevisionRecord(effectiveFrom: nil, timeZone: schedule.timeZone, duties: duties)
            try ScheduleHistory.insert(first, of: schedule.id, in: change.transaction)
            try Self.audit("on_call_schedule.created", schedule, by: caller, in: change)
            return (schedule, .schedule(schedule.id))
        }
    }

    /// Replaces all of the schedule from now on; who was on call before stays as it was, and whoever is on call stays
    /// on call if the edit does not concern them.
    public func update(
        _ id: OnCallSchedule.ID, with draft: ScheduleDraft, refusingGaps: Bool = false, by caller: Caller
    ) async throws -> ScheduleRecord {
        try caller.require(.user, to: "change on-call schedules")
        return try await configuration.change { change in
            let old = try Self.find(id, by: caller, in: change.transaction)
            let duties = try Self.checked(draft, of: old, refusingGaps, by: caller, in: change.transaction)
            var schedule = old
            schedule.name = try FieldRules.name(draft.name)
            schedule.kind = draft.kind
            schedule.timeZone = draft.timeZone
            schedule.showsGaps = draft.showsGaps
            schedule.defaultShiftDuration = draft.defaultShiftDuration
            schedule.owner = draft.owner ?? old.owner
            schedule.teams = try TeamLinks.checked(
                draft.teams, current: old.teams, by: caller, in: change.transaction)
            try Self.write(&schedule, duties: duties, zone: draft.timeZone, in: change)
            try Self.audit("on_call_schedule.updated", schedule, by: caller, in: change)
            return (schedule, .schedule(id))
        }
    }

    /// - Throws: `Failure.conflict` that names the escalation policies which call it.
    public func delete(_ id: OnCallSchedule.ID, by caller: Caller) async throws {
        try caller.require(.user, to: "delete on-call schedules")
        try await configuration.change { change in
            let schedule = try Self.find(id, by: caller, in: change.transaction)
            let names = try Self.policies(calling: id, by: caller, in: change.transaction).map { "“\($0.name)”" }
            guard names.isEmpty else {
                throw Failure(
                    .conflict,
                    "Escalation policies still call this on-call schedule: \(names.joined(separator: ", ")).")
            }
            try OnCallSchedules.delete(id, in: change.transaction)
            try Self.audit("on_call_schedule.deleted", schedule, by: caller, in: change)
            return ((), .schedule(id))
        }
    }

    // MARK: - Inside

    static func find(
        _ id: OnCallSchedule.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> ScheduleRecord {
        guard let schedule = try OnCallSchedules.find(id, scope: caller.reach, in: transaction) else {
            throw Failure(.notFound, "There is no on-call schedule \(id).")
        }
        return schedule
    }

    /// Takes somebody who is deleted out of all schedules: the next one takes over at once.
    static func remove(_ user: User.ID, account: Account.ID, by caller: Caller, in change: Change) throws {
        let everybody = Scope(account: account, user: caller.user, role: .admin)
        for var schedule in try OnCallSchedules.list(
            scope: everybody, page: Page(limit: 10_000), in: change.transaction)
        {
            let zone = ZoneTables.known(schedule.timeZone)
            let now = OnCallSchedule(revisions: [ScheduleRevision(zone: zone, duties: schedule.duties)])
            let after = now.removing(user, at: change.now)
            guard let duties = after.revisions.last?.duties, duties != schedule.duties else { continue }
            try write(&schedule, duties: duties, zone: schedule.timeZone, in: change)
            try audit("on_call_schedule.updated", schedule, by: caller, in: change)
        }
        for override in try ScheduleHistory.overrides(for: user, endingAfter: change.now, in: change.transaction) {
            try end(override, in: change)
        }
    }

    /// Ends an override now, or takes it back when it has not begun.
    static func end(_ override: OverrideRecord, in change: Change) throws {
        if override.span.start >= change.now {
            try ScheduleHistory.delete(override.id, in: change.transaction)
        } else {
            try ScheduleHistory.end(override.id, at: change.now, in: change.transaction)
        }
    }

    /// The policies that call the schedule, whoever may see them.
    static func policies(
        calling id: OnCallSchedule.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> [PolicyRecord] {
        let everybody = Scope(account: caller.account, user: caller.user, role: .admin)
        return try EscalationPolicies.list(scope: everybody, page: Page(limit: 10_000), in: transaction).filter {
            $0.policy.levels.contains { $0.targets.contains(.schedule(id.rawValue)) }
        }
    }

    /// Writes the schedule, and a revision when its duties are others from now on.
    private static func write(
        _ schedule: inout ScheduleRecord, duties: Duties, zone: String, in change: Change
    ) throws {
        let revisions = try ScheduleHistory.revisions(of: schedule.id, in: change.transaction)
        let before = OnCallSchedule(
            revisions: revisions.suffix(1).map {
                ScheduleRevision(
                    effectiveFrom: $0.effectiveFrom, zone: ZoneTables.known($0.timeZone), duties: $0.duties)
            })
        let after = before.edited(duties, zone: ZoneTables.known(zone), at: change.now)
        if let last = after.revisions.last, after != before {
            let revision = RevisionRecord(
                effectiveFrom: last.effectiveFrom, timeZone: last.zone.name, duties: last.duties)
            try ScheduleHistory.insert(revision, of: schedule.id, in: change.transaction)
            schedule.duties = last.duties
        } else {
            schedule.duties = before.revisions.last?.duties ?? duties
        }
        schedule.updatedAt = change.now
        try OnCallSchedules.update(schedule, in: change.transaction)
    }

    static func checked(
        _ draft: ScheduleDraft, of old: ScheduleRecord?, _ refusingGaps: Bool, by caller: Caller,
        in transaction: any Transaction
    ) throws -> Duties {
        _ = try FieldRules.name(draft.name)
        _ = try FieldRules.timeZone(draft.timeZone, "timezone")
        guard ZoneTables.table(draft.timeZone) != nil else {
            throw Failure.invalid("timezone", "is no known time zone; write one such as Europe/Berlin.")
        }
        let duties = try draft.duties()
        if refusingGaps { try ScheduleDraft.refuseGaps(duties) }
        var known: Set<User.ID> = []
        for (field, user) in draft.users where !known.contains(user) {
            guard try Users.find(user, in: transaction)?.account == caller.account else {
                throw Failure.invalid(field, "there is no user \(user).")
            }
            known.insert(user)
        }
        if let owner = draft.owner, owner != old?.owner {
            guard try Users.find(owner, in: transaction)?.account == caller.account else {
                throw Failure.invalid("owner", "there is no user \(owner).")
            }
        }
        if let text = draft.defaultShiftDuration {
            guard Duration(iso8601: text) != nil else {
                throw Failure.invalid("defaultShiftDuration", "must be a duration such as PT8H.")
            }
        }
        return duties
    }

    static func audit(
        _ action: String, _ schedule: ScheduleRecord, by caller: Caller, in change: Change
    ) throws {
        try change.audit(
            action, account: schedule.account, by: caller.user, target: "on_call_schedule", id: schedule.id.rawValue,
            details: "On-call schedule “\(schedule.name)”")
    }
}
