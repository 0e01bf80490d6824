public import Alerting
public import Storage

/// Why one person was told of an alert, or was not.
public struct PagingReason: Equatable, Sendable {
    public enum Cause: Equatable, Sendable {
        /// The first page that was handed over, and how many followed.
        case paged(Channel, at: Timestamp, more: Int)
        case waits(Channel, until: Timestamp, reason: String?)
        case failed(Channel, reason: String?)
        case cancelled(Channel, reason: String?)
        case leftOut(reason: String?)
        /// The level was entered without them, such as when it calls one in turn.
        case notCalled
        case levelSkipped(reason: String?)
        case levelNotReached(Ending)
    }

    /// What the level of somebody is still before, or never came to.
    public enum Ending: Equatable, Sendable {
        case accepted, resolved, ended, lowPriority, later
        case called(at: Timestamp)
    }

    public var user: User.ID
    /// 0-based; `nil`: somebody called them by name.
    public var level: Int?
    public var cause: Cause

    public init(user: User.ID, level: Int?, cause: Cause) {
        self.user = user
        self.level = level
        self.cause = cause
    }

    public var isPaged: Bool {
        if case .paged = cause { true } else { false }
    }

    /// The reason for a person to read.
    ///
    /// - Parameter time: how instants are written.
    public func sentence(_ time: (Timestamp) -> String) -> String {
        let number = level.map { "Level \($0 + 1)" } ?? "The level"
        let on = level.map { " on level \($0 + 1)" } ?? ""
        return switch cause {
        case .paged(let channel, let at, let more):
            "Paged\(on): \(channel.name) at \(time(at))"
                + (more > 0 ? ", and \(more) more time\(more == 1 ? "" : "s")." : ".")
        case .waits(let channel, let until, let reason):
            "\(channel.name)\(on) goes out at \(time(until))\(Self.because(reason))."
        case .failed(let channel, let reason): "\(channel.name)\(on) failed for good\(Self.because(reason))."
        case .cancelled(let channel, let reason): "\(channel.name)\(on) was not sent\(Self.because(reason))."
        case .leftOut(let reason): "Not paged\(on): \(Self.obstacle(reason))."
        case .notCalled: "Not paged: \(number.lowercased()) was called when it was not their turn."
        case .levelSkipped(let reason): "Not paged: \(number.lowercased()) was skipped\(Self.because(reason))."
        case .levelNotReached(let ending): Self.sentence(ending, number, time)
        }
    }

    private static func sentence(_ ending: Ending, _ number: String, _ time: (Timestamp) -> String) -> String {
        switch ending {
        case .accepted: "Not paged: \(number.lowercased()) was not reached, somebody had accepted."
        case .resolved: "Not paged: \(number.lowercased()) was not reached, the alert was resolved."
        case .ended: "Not paged: the escalation ended before \(number.lowercased())."
        case .lowPriority:
            "Not paged: an alert of LOW priority concerns its first level only, and they are on \(number.lowercased())."
        case .later: "Not paged yet: \(number.lowercased()) comes later."
        case .called(let at): "Not paged yet: \(number.lowercased()) is called at \(time(at)) if nobody accepts."
        }
    }

    private static func because(_ reason: String?) -> String {
        reason.map { " (\($0.replacing("_", with: " ")))" } ?? ""
    }

    private static func obstacle(_ reason: String?) -> String {
        switch reason.flatMap(LevelPeople.Obstacle.init) {
        case .muted: "they were muted"
        case .noContact: "they have no verified contact on a channel that this server can send on"
        case .acceptedBefore: "they had accepted already"
        case .deleted: "they are no longer a user"
        case nil: reason?.replacing("_", with: " ") ?? "they could not be reached"
        }
    }
}

/// Finds out for everybody whom an alert concerns why they were paged or not.
public struct PagingReasons {
    private let alert: Alert
    private let timeline: [TimelineEntry]
    private let pages: [MessageRecord]
    /// Who each level of the alert's policy stood for when it was entered, or stands for now.
    private let levels: [[User.ID]]

    /// - Parameter now: whom levels that were not entered yet are asked for at.
    public init(_ record: AlertRecord, at now: Timestamp, in transaction: any Transaction) throws {
        alert = record.alert
        let timeline = try Timeline.list(of: alert.id, in: transaction).map(\.entry)
        self.timeline = timeline
        pages = try Messages.list(of: alert.id, in: transaction).filter { $0.purpose == .page }
        levels = try record.alert.escalation.policy.levels.enumerated().map { index, level in
            let entered = timeline.first { $0.level == index && Self.isEntry($0.kind) }
            return try level.targets.flatMap {
                try Self.users(of: $0, at: entered?.at ?? now, in: transaction)
            }
        }
    }

    /// Each person once, in the order of the levels; then those who were called by name.
    public var all: [PagingReason] {
        var seen: Set<User.ID> = []
        var found: [PagingReason] = []
        for (index, people) in levels.enumerated() {
            for user in people where seen.insert(user).inserted { found.append(reason(for: user, level: index)) }
        }
        let others = pages.compactMap(\.user) + timeline.filter { $0.kind == .personLeftOut }.compactMap(\.user)
        for user in others where seen.insert(user).inserted { found.append(reason(for: user, level: nil)) }
        return found
    }

    private func reason(for user: User.ID, level: Int?) -> PagingReason {
        let own = pages.filter { $0.user == user }
        if let page = Self.telling(own) {
            return PagingReason(user: user, level: page.level, cause: Self.cause(of: page, among: own))
        }
        if let line = timeline.last(where: { $0.kind == .personLeftOut && $0.user == user }) {
            return PagingReason(user: user, level: line.level, cause: .leftOut(reason: line.reason))
        }
        return PagingReason(user: user, level: level, cause: cause(of: level))
    }

    /// The page that says most: one that arrived, else one that may yet, else the newest.
    private static func telling(_ pages: [MessageRecord]) -> MessageRecord? {
        pages.filter { $0.status == .delivered }.min { ($0.sentAt ?? $0.due) < ($1.sentAt ?? $1.due) }
            ?? pages.filter { $0.status == .sending || $0.status == .waiting }.min { $0.due < $1.due }
            ?? pages.last { $0.status == .failed } ?? pages.last
    }

    private static func cause(of page: MessageRecord, among own: [MessageRecord]) -> PagingReason.Cause {
        switch page.status {
        case .delivered:
            .paged(page.channel, at: page.sentAt ?? page.due, more: own.count { $0.status == .delivered } - 1)
        case .waiting, .sending: .waits(page.channel, until: page.due, reason: page.reason)
        case .failed: .failed(page.channel, reason: page.reason)
        case .cancelled: .cancelled(page.channel, reason: page.reason)
        }
    }

    private func cause(of level: Int?) -> PagingReason.Cause {
        guard let level else { return .notCalled }
        if timeline.contains(where: { $0.kind == .levelEntered && $0.level == level }) { return .notCalled }
        if let line = timeline.last(where: { $0.kind == .levelSkipped && $0.level == level }) {
            return .levelSkipped(reason: line.reason)
        }
        switch alert.status {
        case .accepted: return .levelNotReached(.accepted)
        case .resolved: return .levelNotReached(.resolved)
        case .pending: break
        }
        switch alert.escalation.state {
        case .rested: return .levelNotReached(.lowPriority)
        case .stopped, .exhausted: return .levelNotReached(.ended)
        case .ready(let due): return .levelNotReached(level == 0 ? .called(at: due) : .later)
        case .waiting(let current, _, let deadline):
            return .levelNotReached(level == current + 1 ? .called(at: deadline) : .later)
        }
    }

    private static func isEntry(_ kind: TimelineEntry.Kind) -> Bool { kind == .levelEntered || kind == .levelSkipped }

    static func users(
        of target: EscalationTarget, at time: Timestamp, in transaction: any Transaction
    ) throws -> [User.ID] {
        switch target {
        case .user(let id): [id]
        case .team(let id): try Teams.members(of: id, in: transaction)
        case .schedule(let id): try OnCallDuty.user(of: .init(id), at: time, in: transaction).map { [$0] } ?? []
        }
    }
}
