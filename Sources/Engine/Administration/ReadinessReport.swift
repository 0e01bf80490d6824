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
    private let store: Store
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
                    try policy.policy.levels.enumerated().map { index, level in
                        let called = try level.targets.flatMap { try Self.users(of: $0, at: now, in: transaction) }
                        return ReadinessReport.Level(
                            policy: policy, level: index, people: called,
                            isReady: called.contains { ready.contains($0) })
                    }
                }
                return ReadinessReport(people: people, levels: levels)
            }
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
                let due = max(start ?? change.now, change.now)
                let drill = DrillRecord(
                    id: try change.newID(), account: caller.account, name: name, startedBy: caller.user,
                    createdAt: change.now, endsAt: due + Self.drillLength)
                try Drills.insert(drill, in: change.transaction)
                let everybody = Page(limit: ReadinessReport.most)
                for user in try Users.list(account: caller.account, page: everybody, in: change.transaction) {
                    try Self.call(user, drill, due: due, change)
                }
                try change.audit(
                    "drill.started", account: caller.account, by: caller.user, target: "drill", id: drill.id.rawValue,
                    details: name)
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

    private static func call(_ user: UserRecord, _ drill: DrillRecord, due: Timestamp, _ change: Change) throws {
        let notice = Notice(
            account: drill.account, purpose: .drill, subject: "Fire drill: \(drill.name)",
            text: "This is an exercise. Answer so that everybody knows that a page reaches you here.", due: due,
            onceKey: "drill-\(drill.id)")
        let queue = NoticeQueue(change: change, channels: change.channels)
        for contact in try Contacts.list(of: user.id, in: change.transaction) where contact.contact.isVerified {
            let possible = contact.kind.channels.intersection(change.channels)
            guard let channel = Channel.allCases.first(where: { possible.contains($0) }) else { continue }
            for message in try queue.tell(user.id, notice, by: .contact(contact.id, channel)) {
                try Drills.addCall(message, to: drill.id, user: user.id, in: change.transaction)
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
