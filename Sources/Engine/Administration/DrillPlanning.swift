public import Alerting
public import Logging
public import ServiceLifecycle
public import Storage

/// A fire drill that comes again by itself, as somebody wants it.
public struct DrillPlanDraft: Equatable, Sendable {
    public var name: String
    /// When the first one is, on the wall clock of the zone.
    public var start: String
    /// An IANA name.
    public var timeZone: String
    /// Between two of them.
    public var weeks: Int

    public init(name: String, start: String, timeZone: String, weeks: Int) {
        self.name = name
        self.start = start
        self.timeZone = timeZone
        self.weeks = weeks
    }

    public static let weeks = 1...52
}

extension ReadinessDesk {
    /// Plans of one account.
    static let mostPlans = 20

    /// - Throws: `Failure.invalid` that names the field.
    @discardableResult
    public func plan(_ draft: DrillPlanDraft, by caller: Caller) async throws -> DrillPlanRecord.ID {
        try caller.require(.admin, to: "plan fire drills")
        let name = try FieldRules.name(draft.name)
        guard DrillPlanDraft.weeks.contains(draft.weeks) else { throw Failure.invalid("weeks", "must be 1 to 52.") }
        guard let zone = ZoneTables.table(draft.timeZone) else {
            throw Failure.invalid("timezone", "is no time zone, such as Europe/Berlin.")
        }
        guard let local = LocalTime(draft.start), LocalTime.range.contains(local.seconds) else {
            throw Failure.invalid("start", "must be a date and a time, such as 2026-12-01T10:00.")
        }
        return try await Failure.translating {
            try await store.write { change in
                let first = zone.start(of: local.seconds)
                guard first > change.now else { throw Failure.invalid("start", "must be in the future.") }
                guard
                    try DrillPlans.list(account: caller.account, limit: Self.mostPlans, in: change.transaction).count
                        < Self.mostPlans
                else { throw Failure(.conflict, "There are \(Self.mostPlans) plans already; remove one first.") }
                let plan = DrillPlanRecord(
                    id: try change.newID(), account: caller.account, name: name, weeks: draft.weeks,
                    nextLocal: local, timeZone: draft.timeZone, next: first, createdBy: caller.user,
                    createdAt: change.now)
                try DrillPlans.insert(plan, in: change.transaction)
                try change.audit(
                    "drill.planned", account: caller.account, by: caller.user, target: "drill_plan",
                    id: plan.id.rawValue, details: name)
                return plan.id
            }
        }
    }

    /// By their next day.
    public func plans(by caller: Caller) async throws -> [DrillPlanRecord] {
        try caller.require(.admin, to: "see fire drills")
        return try await Failure.translating {
            try await store.read { transaction in
                try DrillPlans.list(account: caller.account, limit: Self.mostPlans, in: transaction)
            }
        }
    }

    /// What was drilled stays in the report.
    public func removePlan(_ id: DrillPlanRecord.ID, by caller: Caller) async throws {
        try caller.require(.admin, to: "plan fire drills")
        try await Failure.translating {
            try await store.write { change in
                guard let name = try DrillPlans.delete(id, account: caller.account, in: change.transaction) else {
                    throw Failure(.notFound, "There is no such plan.")
                }
                try change.audit(
                    "drill.plan_removed", account: caller.account, by: caller.user, target: "drill_plan",
                    id: id.rawValue, details: name)
            }
        }
    }
}

extension Change {
    /// Pages everybody of the account on each of their verified contacts.
    ///
    /// - Parameters:
    ///   - due: when the messages go out.
    ///   - user: `nil`: a plan does.
    func startDrill(_ name: String, of account: Account.ID, at due: Timestamp, by user: User.ID?) throws {
        let drill = DrillRecord(
            id: try newID(), account: account, name: name, startedBy: user, createdAt: now,
            endsAt: due + ReadinessDesk.drillLength)
        try Drills.insert(drill, in: transaction)
        let everybody = Page(limit: ReadinessReport.most)
        for user in try Users.list(account: account, page: everybody, in: transaction) {
            try call(user, for: drill, due: due)
        }
        try audit("drill.started", account: account, by: user, target: "drill", id: drill.id.rawValue, details: name)
    }

    private func call(_ user: UserRecord, for drill: DrillRecord, due: Timestamp) throws {
        let notice = Notice(
            account: drill.account, purpose: .drill, subject: "Fire drill: \(drill.name)",
            text: "This is an exercise. Answer so that everybody knows that a page reaches you here.", due: due,
            onceKey: "drill-\(drill.id)")
        let queue = NoticeQueue(change: self, channels: channels)
        for contact in try Contacts.list(of: user.id, in: transaction) where contact.contact.isVerified {
            let possible = contact.kind.channels.intersection(channels)
            guard let channel = Channel.allCases.first(where: { possible.contains($0) }) else { continue }
            for message in try queue.tell(user.id, notice, by: .contact(contact.id, channel)) {
                try Drills.addCall(
                    message, to: drill.id, user: user.id, on: channel, target: contact.shownTarget, in: transaction)
            }
        }
    }
}

extension ContactRecord {
    /// A browser's endpoint is a secret of its own and says nothing to people.
    public var shownTarget: String {
        kind == .push ? "\(label.isEmpty ? "Browser" : label) since \(createdAt.iso8601.prefix(10))" : target
    }
}

/// Starts the fire drills that are planned.
public final class DrillLoop: Service {
    private let store: Store
    private let wakeups: Wakeups
    private let rhythm: Rhythm
    /// A drill that a server was down for this long is left out.
    static let patience = Duration.hours(12)

    public init(store: Store, wakeups: Wakeups, logger: Logger) {
        self.store = store
        self.wakeups = wakeups
        rhythm = Rhythm(name: "drills", waker: Waker(), clock: store.clock, logger: logger, longest: .seconds(30))
    }

    public func run() async throws {
        await rhythm.run {
            try await self.runOnce()
        } nextDue: {
            nil
        }
    }

    /// - Returns: whether a drill was due.
    @discardableResult
    public func runOnce() async throws -> Bool {
        let now = store.clock.now
        guard let plan = try await store.read({ try DrillPlans.due(at: now, limit: 1, in: $0) }).first else {
            return false
        }
        try await store.write(ids: 1000) { change in
            guard try DrillPlans.advance(Self.next(plan, after: change.now), from: plan.next, in: change.transaction)
            else { return }
            guard plan.next + Self.patience > change.now else { return }
            try change.startDrill(plan.name, of: plan.account, at: change.now, by: nil)
        }
        wakeups.messagesQueued()
        return true
    }

    /// At the same time of the wall clock, so many weeks later, and not before `now`.
    static func next(_ plan: DrillPlanRecord, after now: Timestamp) -> DrillPlanRecord {
        let zone = ZoneTables.known(plan.timeZone)
        let step = Int64(plan.weeks) * 7 * 86_400
        var plan = plan
        var seconds = plan.nextLocal.seconds
        repeat { seconds += step } while zone.start(of: seconds) <= now
        plan.nextLocal = LocalTime(seconds: seconds)
        plan.next = zone.start(of: seconds)
        return plan
    }
}
