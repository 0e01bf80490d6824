public import Alerting
public import Storage

/// Somebody who is called by an escalation policy, directly, through a team or through an on-call schedule.
public struct OnCallEntry: Equatable, Sendable {
    public var user: User.ID
    /// `nil` for a schedule that no policy calls.
    public var policy: EscalationPolicy.ID?
    /// 0-based.
    public var level: Int?
    public var schedule: OnCallSchedule.ID?
    /// `nil`: always.
    public var shift: Shift?
}

/// Which of them; empty lists name all.
public struct OnCallFilter: Equatable, Sendable {
    public struct Level: Equatable, Sendable {
        public var policy: EscalationPolicy.ID
        /// 0-based.
        public var level: Int

        public init(policy: EscalationPolicy.ID, level: Int) {
            self.policy = policy
            self.level = level
        }
    }

    public var policies: [EscalationPolicy.ID]
    public var levels: [Level]
    public var schedules: [OnCallSchedule.ID]
    public var users: [User.ID]
    /// An instant is asked for as the millisecond that begins with it.
    public var span: TimeSpan

    public init(
        policies: [EscalationPolicy.ID] = [], levels: [Level] = [], schedules: [OnCallSchedule.ID] = [],
        users: [User.ID] = [], span: TimeSpan
    ) {
        self.policies = policies
        self.levels = levels
        self.schedules = schedules
        self.users = users
        self.span = span
    }

    public init(at time: Timestamp) {
        self.init(span: TimeSpan(start: time, end: Timestamp(milliseconds: time.milliseconds + 1)))
    }
}

/// Who is on call across all policies that a caller may see.
public struct OnCallList {
    private let filter: OnCallFilter
    private let transaction: any Transaction
    private let visible: Set<OnCallSchedule.ID>
    private var shifts: [OnCallSchedule.ID: [Shift]] = [:]

    private static let most = 10_000

    /// By policy, level, target and time; what no policy calls comes last.
    public static func entries(
        _ filter: OnCallFilter, by caller: Caller, in transaction: any Transaction
    ) throws -> [OnCallEntry] {
        let schedules = try OnCallSchedules.list(scope: caller.reach, page: Page(limit: most), in: transaction)
        var list = OnCallList(filter: filter, transaction: transaction, visible: Set(schedules.map(\.id)))
        var entries: [OnCallEntry] = []
        var called: Set<OnCallSchedule.ID> = []
        for policy in try EscalationPolicies.list(scope: caller.scope, page: Page(limit: most), in: transaction) {
            for (index, level) in policy.policy.levels.enumerated() {
                for target in level.targets {
                    if case .schedule(let id) = target { called.insert(.init(id)) }
                    guard list.isWanted(policy.id, level: index) else { continue }
                    entries += try list.entries(of: target).map { entry in
                        var entry = entry
                        entry.policy = policy.id
                        entry.level = index
                        return entry
                    }
                }
            }
        }
        if filter.policies.isEmpty, filter.levels.isEmpty {
            for schedule in schedules where !called.contains(schedule.id) {
                entries += try list.entries(of: .schedule(schedule.id.rawValue))
            }
        }
        return filter.users.isEmpty ? entries : entries.filter { filter.users.contains($0.user) }
    }

    private init(filter: OnCallFilter, transaction: any Transaction, visible: Set<OnCallSchedule.ID>) {
        self.filter = filter
        self.transaction = transaction
        self.visible = visible
    }

    private func isWanted(_ policy: EscalationPolicy.ID, level: Int) -> Bool {
        if !filter.policies.isEmpty, !filter.policies.contains(policy) { return false }
        return filter.levels.isEmpty || filter.levels.contains(.init(policy: policy, level: level))
    }

    private mutating func entries(of target: EscalationTarget) throws -> [OnCallEntry] {
        switch target {
        case .user(let id):
            return filter.schedules.isEmpty ? [OnCallEntry(user: id)] : []
        case .team(let id):
            guard filter.schedules.isEmpty else { return [] }
            return try Teams.members(of: id, in: transaction).map { OnCallEntry(user: $0) }
        case .schedule(let number):
            let id = OnCallSchedule.ID(number)
            guard visible.contains(id), filter.schedules.isEmpty || filter.schedules.contains(id) else { return [] }
            return try shifts(of: id).map { OnCallEntry(user: $0.user, schedule: id, shift: $0) }
        }
    }

    private mutating func shifts(of id: OnCallSchedule.ID) throws -> [Shift] {
        if let known = shifts[id] { return known }
        let found = try OnCallDuty.calculator(id, since: filter.span.start, in: transaction).shifts(in: filter.span)
        shifts[id] = found
        return found
    }
}
