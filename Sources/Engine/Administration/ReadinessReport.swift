public import Alerting
public import Storage

/// Whether pages would arrive: for each person, and for each level of each escalation policy.
public struct ReadinessReport: Sendable {
    public struct Person: Sendable {
        public var user: UserRecord
        public var readiness: Readiness
    }

    /// A level of an escalation policy: who would be called now, and whether somebody of them can be reached.
    public struct Level: Sendable {
        public var policy: PolicyRecord
        /// 0-based.
        public var level: Int
        public var people: [User.ID]
        public var isReady: Bool
    }

    public var people: [Person]
    public var levels: [Level]

    /// Users and policies looked at.
    public static let most = 1000
}

/// Asks whether pages would arrive, and exercises it.
public struct ReadinessDesk: Sendable {
    let store: Store
    private let wakeups: Wakeups
    /// How long a drill waits for answers.
    public static let drillLength = Duration.hours(24)

    public init(store: Store, wakeups: Wakeups) {
        self.store = store
        self.wakeups = wakeups
    }

    /// One person's, for colleagues too: it names no address.
    public func readiness(of user: User.ID, by caller: Caller) async throws -> Readiness {
        let (now, channels) = (store.clock.now, store.channels)
        return try await Failure.translating {
            try await store.read { transaction in
                _ = try PersonalAccess.find(user, by: caller, in: transaction)
                return try Self.readiness(of: user, at: now, channels: channels, in: transaction)
            }
        }
    }

    /// The whole account's, for administrators.
    public func report(by caller: Caller) async throws -> ReadinessReport {
        try caller.require(.admin, to: "see everybody's readiness")
        let (now, channels) = (store.clock.now, store.channels)
        return try await Failure.translating {
            try await store.read { transaction in
                let window = Page(limit: ReadinessReport.most)
                let people = try Users.list(account: caller.account, page: window, in: transaction).map { user in
                    ReadinessReport.Person(
                        user: user,
                        readiness: try Self.readiness(of: user.id, at: now, channels: channels, in: transaction))
                }
                let ready = Set(people.filter(\.readiness.isReady).map(\.user.id))
                let policies = try EscalationPolicies.list(scope: caller.reach, page: window, in: transaction)
                let levels = try policies.flatMap { policy in
                    try Self.levels(of: policy, at: now, in: transaction) { ready.contains($0) }
                }
                return ReadinessReport(people: people, levels: levels)
            }
        }
    }

    /// Of one escalation policy, for everybody who may see it: who would be called on each level now, and whether they
    /// could be.
    public func levels(
        of policy: PolicyRecord, by caller: Caller
    ) async throws -> [(level: ReadinessReport.Level, people: [ReadinessReport.Person])] {
        let (now, channels) = (store.clock.now, store.channels)
        return try await Failure.translating {
            try await store.read { transaction in
                let levels = try Self.levels(of: policy, at: now, in: transaction) { _ in true }
                return try levels.map { level in
                    var level = level
                    let people = try Self.people(level.people, caller, at: now, channels, in: transaction)
                    level.isReady = people.contains(where: \.readiness.isReady)
                    return (level, people)
                }
            }
        }
    }

    /// Whether the named people can be reached; those of another account are left out.
    public func people(_ users: [User.ID], by caller: Caller) async throws -> [ReadinessReport.Person] {
        let (now, channels) = (store.clock.now, store.channels)
        return try await Failure.translating {
            try await store.read { try Self.people(users, caller, at: now, channels, in: $0) }
        }
    }

    private static func people(
        _ users: [User.ID], _ caller: Caller, at now: Timestamp, _ channels: Set<Channel>,
        in transaction: any Transaction
    ) throws -> [ReadinessReport.Person] {
        try users.prefix(ReadinessReport.most).compactMap { id in
            guard let user = try Users.find(id, in: transaction), user.account == caller.account else { return nil }
            return ReadinessReport.Person(
                user: user, readiness: try readiness(of: id, at: now, channels: channels, in: transaction))
        }
    }

    private static func levels(
        of policy: PolicyRecord, at now: Timestamp, in transaction: any Transaction,
        isReady: (User.ID) -> Bool
    ) throws -> [ReadinessReport.Level] {
        try policy.policy.levels.enumerated().map { index, level in
            var called: [User.ID] = []
            for user in try level.targets.flatMap({ try users(of: $0, at: now, in: transaction) })
            where !called.contains(user) {
                called.append(user)
            }
            return ReadinessReport.Level(
                policy: policy, level: index, people: called, isReady: called.contains(where: isReady))
        }
    }

    /// Pages everybody on each of their contacts; they must answer within a day.
    ///
    /// - Parameter start: when the messages go out; `nil`: now.
    public func startDrill(_ name: String, at start: Timestamp? = nil, by caller: Caller) async throws {
        try caller.require(.admin, to: "start a fire drill")
        let name = try FieldRules.name(name)
        try await Failure.translating {
            try await store.write { change in
                try change.startDrill(
                    name, of: caller.account, at: max(start ?? change.now, change.now), by: caller.user)
            }
        }
        wakeups.messagesQueued()
    }

    /// The newest drills with their calls.
    public func drills(by caller: Caller) async throws -> [(drill: DrillRecord, calls: [DrillCall])] {
        try caller.require(.admin, to: "see fire drills")
        return try await Failure.translating {
            try await store.read { transaction in
                try Drills.list(account: caller.account, limit: 10, in: transaction).map {
                    ($0, try Drills.calls(of: $0.id, in: transaction))
                }
            }
        }
    }

    private static func readiness(
        of user: User.ID, at now: Timestamp, channels: Set<Channel>, in transaction: any Transaction
    ) throws -> Readiness {
        guard let responder = try Responders.find(user, in: transaction) else {
            throw Failure(.notFound, "There is no user \(user).")
        }
        return Readiness(
            of: responder, at: now, channels: channels,
            delivered: try Messages.lastDelivered(of: user, in: transaction))
    }

    private static func users(
        of target: EscalationTarget, at now: Timestamp, in transaction: any Transaction
    ) throws -> [User.ID] {
        switch target {
        case .user(let id): [id]
        case .team(let id): try Teams.members(of: id, in: transaction)
        case .schedule(let id): try OnCallDuty.user(of: .init(id), at: now, in: transaction).map { [$0] } ?? []
        }
    }
}
