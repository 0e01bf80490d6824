public import Alerting

/// One message to one contact, committed with the decision to send it.
public struct MessageRecord: Equatable, Sendable {
    public typealias ID = Identifier<MessageRecord>

    /// What a message is for.
    public enum Purpose: String, Sendable, CaseIterable {
        case page
        case lastResort = "last_resort"
        /// A question about an alert that somebody has accepted.
        case ask
        /// The code that shows that a contact reaches its owner.
        case verification
        case test
        /// An exercise.
        case drill
        /// Somebody goes on call.
        case onCallNotice = "on_call_notice"
        /// Somebody looks for, or took, a shift.
        case coverage
        case maintenance
        /// What became of an alert.
        case update
        case subscription
        /// The answer to what somebody wrote.
        case reply

        /// Whether it asks for an answer to an alert that nobody has taken yet.
        public var isPage: Bool { self == .page || self == .lastResort }
    }

    public enum Status: String, Sendable, CaseIterable {
        case waiting
        /// Claimed by a node until its lease ends.
        case sending
        case delivered, failed, cancelled
    }

    /// Which messages of a queue go first, the smallest first.
    public enum Rank: Int, Sendable, CaseIterable {
        case firstAlert, verification, test, notice, furtherAlert, status
    }

    public var id: ID
    public var account: Account.ID
    /// `nil`: it is about no alert.
    public var alert: Alert.ID?
    /// `nil` for the last-resort contact.
    public var user: User.ID?
    public var contact: Contact.ID?
    public var channel: Channel
    public var target: String
    public var purpose: Purpose
    /// 0-based.
    public var level: Int?
    public var delayMinutes: Int
    public var status: Status
    /// The instant that it was meant for; a later hand-over is marked as late.
    public var intended: Timestamp
    public var due: Timestamp
    /// Past it nothing is tried again.
    public var deadline: Timestamp
    public var attempts: Int
    public var reason: String?
    public var createdAt: Timestamp
    public var sentAt: Timestamp?
    /// When it was last on its way; `nil`: never.
    public var triedAt: Timestamp?
    public var rank: Rank
    /// Which of the channel's providers has it, 0-based.
    public var provider: Int
    /// The alert's.
    public var source: AlertSource.ID?
    /// Its words, where they are not written from its alert.
    public var subject: String?
    public var body: String?
    /// What a reply begins with, as in `1a`.
    public var shortCode: Int?
    /// The message that carries this one.
    public var bundle: ID?
    /// The provider's name for it.
    public var receipt: String?
    public var receiptState: Receipt?
    /// A second message with the same key to the same address is never queued.
    public var onceKey: String?

    public init(
        id: ID, account: Account.ID, alert: Alert.ID?, user: User.ID?, contact: Contact.ID?, channel: Channel,
        target: String, purpose: Purpose = .page, level: Int? = nil, delayMinutes: Int = 0, status: Status = .waiting,
        intended: Timestamp, due: Timestamp, deadline: Timestamp, attempts: Int = 0, reason: String? = nil,
        createdAt: Timestamp, sentAt: Timestamp? = nil, triedAt: Timestamp? = nil, rank: Rank = .furtherAlert,
        provider: Int = 0,
        source: AlertSource.ID? = nil, subject: String? = nil, body: String? = nil, shortCode: Int? = nil,
        bundle: ID? = nil, receipt: String? = nil, receiptState: Receipt? = nil, onceKey: String? = nil
    ) {
        self.id = id
        self.account = account
        self.alert = alert
        self.user = user
        self.contact = contact
        self.channel = channel
        self.target = target
        self.purpose = purpose
        self.level = level
        self.delayMinutes = delayMinutes
        self.status = status
        self.intended = intended
        self.due = due
        self.deadline = deadline
        self.attempts = attempts
        self.reason = reason
        self.createdAt = createdAt
        self.sentAt = sentAt
        self.triedAt = triedAt
        self.rank = rank
        self.provider = provider
        self.source = source
        self.subject = subject
        self.body = body
        self.shortCode = shortCode
        self.bundle = bundle
        self.receipt = receipt
        self.receiptState = receiptState
        self.onceKey = onceKey
    }

    static let columns = """
        id, account_id, alert_id, user_id, contact_id, channel, target, purpose, level, delay_min, status, \
        intended_at_ms, due_at_ms, deadline_ms, attempts, reason, created_at_ms, sent_at_ms, tried_at_ms, rank, provider, \
        alert_source_id, subject, body, short_code, bundle_id, receipt, receipt_state, once_key
        """

    init(_ row: Row) throws(StorageError) {
        self.init(
            id: try row.id("id"), account: try row.id("account_id"), alert: try row.optionalID("alert_id"),
            user: try row.optionalID("user_id"), contact: try row.optionalID("contact_id"),
            channel: try row.name("channel"), target: try row.text("target"), purpose: try row.name("purpose"),
            level: try row.optionalInteger("level").map(Int.init), delayMinutes: try row.int("delay_min"),
            status: try row.name("status"), intended: try row.time("intended_at_ms"), due: try row.time("due_at_ms"),
            deadline: try row.time("deadline_ms"), attempts: try row.int("attempts"),
            reason: try row.optionalText("reason"), createdAt: try row.time("created_at_ms"),
            sentAt: try row.optionalTime("sent_at_ms"), triedAt: try row.optionalTime("tried_at_ms"),
            rank: Rank(rawValue: try row.int("rank")) ?? .status, provider: try row.int("provider"),
            source: try row.optionalID("alert_source_id"), subject: try row.optionalText("subject"),
            body: try row.optionalText("body"), shortCode: try row.optionalInteger("short_code").map(Int.init),
            bundle: try row.optionalID("bundle_id"), receipt: try row.optionalText("receipt"),
            receiptState: try row.optionalName("receipt_state"), onceKey: try row.optionalText("once_key"))
    }
}
