public import Alerting

public struct ContactRecord: Equatable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case email, phone
        /// A browser's subscription to push messages; its target is the address to post to.
        case push
        /// A topic's URL.
        case ntfy
        /// A server's URL.
        case gotify
        /// A user key.
        case pushover
        /// A chat's number.
        case telegram
    }

    public var id: Contact.ID
    public var user: User.ID
    public var kind: Kind
    public var target: String
    /// Of a phone number, such as `DE`.
    public var regionCode: String?
    public var isPrimary: Bool
    public var verifiedAt: Timestamp?
    /// Turned off by its owner.
    public var stoppedAt: Timestamp?
    /// What a sender needs beside the target: a subscription's keys, a token. Never shown.
    public var secret: String?
    /// What its owner calls it.
    public var label: String
    public var createdAt: Timestamp

    public init(
        id: Contact.ID, user: User.ID, kind: Kind, target: String, regionCode: String? = nil, isPrimary: Bool = false,
        verifiedAt: Timestamp?, stoppedAt: Timestamp? = nil, secret: String? = nil, label: String = "",
        createdAt: Timestamp
    ) {
        self.id = id
        self.user = user
        self.kind = kind
        self.target = target
        self.regionCode = regionCode
        self.isPrimary = isPrimary
        self.verifiedAt = verifiedAt
        self.stoppedAt = stoppedAt
        self.secret = secret
        self.label = label
        self.createdAt = createdAt
    }

    public var contact: Contact {
        Contact(
            id: id, user: user, channels: kind.channels, target: target,
            isVerified: verifiedAt != nil && stoppedAt == nil)
    }
}

extension ContactRecord.Kind {
    /// What reaches a contact of this kind.
    public var channels: Set<Channel> {
        switch self {
        case .email: [.email]
        case .phone: [.sms, .voice, .whatsapp]
        case .push: [.push]
        case .ntfy: [.ntfy]
        case .gotify: [.gotify]
        case .pushover: [.pushover]
        case .telegram: [.telegram]
        }
    }
}

/// The `contacts` table.
public enum Contacts {
    /// - Throws: `StorageError.conflict` when the user has this target already.
    public static func insert(_ contact: ContactRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO contacts (id, user_id, kind, target, region_code, is_primary, verified_at_ms, stopped_at_ms,
                secret, label, created_at_ms)
            VALUES (:id, :user_id, :kind, :target, :region_code, :is_primary, :verified_at_ms, :stopped_at_ms,
                :secret, :label, :created_at_ms)
            """,
            [
                "id": .init(contact.id), "user_id": .init(contact.user), "kind": .init(contact.kind),
                "target": .text(contact.target), "region_code": .init(contact.regionCode),
                "is_primary": .init(contact.isPrimary), "verified_at_ms": .init(contact.verifiedAt),
                "stopped_at_ms": .init(contact.stoppedAt), "secret": .init(contact.secret),
                "label": .text(contact.label), "created_at_ms": .init(contact.createdAt),
            ])
    }

    public static func update(_ contact: ContactRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE contacts SET target = :target, region_code = :region_code, is_primary = :is_primary,
                verified_at_ms = :verified_at_ms, stopped_at_ms = :stopped_at_ms, secret = :secret, label = :label
            WHERE id = :id
            """,
            [
                "target": .text(contact.target), "region_code": .init(contact.regionCode),
                "is_primary": .init(contact.isPrimary), "verified_at_ms": .init(contact.verifiedAt),
                "stopped_at_ms": .init(contact.stoppedAt), "secret": .init(contact.secret),
                "label": .text(contact.label), "id": .init(contact.id),
            ])
    }

    public static func delete(_ id: Contact.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM contacts WHERE id = :id", ["id": .init(id)])
    }

    /// All of one person's, oldest first.
    public static func list(
        of user: User.ID, in transaction: any Transaction
    ) throws(StorageError) -> [ContactRecord] {
        try transaction.query(
            "SELECT \(columns) FROM contacts WHERE user_id = :user ORDER BY id LIMIT 100", ["user": .init(user)]
        ).map(record)
    }

    public static func find(_ id: Contact.ID, in transaction: any Transaction) throws(StorageError) -> ContactRecord? {
        try transaction.query("SELECT \(columns) FROM contacts WHERE id = :id", ["id": .init(id)]).first.map(record)
    }

    /// Everybody's contacts of a kind with this target, oldest first.
    public static func list(
        target: String, kind: ContactRecord.Kind, in transaction: any Transaction
    ) throws(StorageError) -> [ContactRecord] {
        try transaction.query(
            "SELECT \(columns) FROM contacts WHERE target = :target AND kind = :kind ORDER BY id LIMIT 100",
            ["target": .text(target), "kind": .init(kind)]
        ).map(record)
    }

    private static let columns = """
        id, user_id, kind, target, region_code, is_primary, verified_at_ms, stopped_at_ms, secret, label, created_at_ms
        """

    private static func record(_ row: Row) throws(StorageError) -> ContactRecord {
        ContactRecord(
            id: try row.id("id"), user: try row.id("user_id"), kind: try row.name("kind"),
            target: try row.text("target"), regionCode: try row.optionalText("region_code"),
            isPrimary: try row.bool("is_primary"), verifiedAt: try row.optionalTime("verified_at_ms"),
            stoppedAt: try row.optionalTime("stopped_at_ms"), secret: try row.optionalText("secret"),
            label: try row.text("label"), createdAt: try row.time("created_at_ms"))
    }
}

/// How a person wants to be told of something: a row of the wire contract's `notification-preferences`.
public struct PreferenceRecord: Equatable, Sendable {
    public enum Area: String, Sendable, CaseIterable { case alerts, duties, updates, subscriptions }

    public var id: NotificationRule.ID
    public var user: User.ID
    public var area: Area
    public var channel: Channel
    public var contact: Contact.ID?
    /// Minutes after the page (alerts) or before the shift (duties); 0 elsewhere.
    public var delayMinutes: Int
    /// `HIGH_PRIORITY` or `LOW_PRIORITY` (alerts), `ON_CALL` (duties), `ALERT_ACCEPTED` … (updates), else empty.
    public var kind: String

    public init(
        id: NotificationRule.ID, user: User.ID, area: Area, channel: Channel, contact: Contact.ID?,
        delayMinutes: Int, kind: String
    ) {
        self.id = id
        self.user = user
        self.area = area
        self.channel = channel
        self.contact = contact
        self.delayMinutes = delayMinutes
        self.kind = kind
    }
}

/// The `notification_preferences` table.
public enum Preferences {
    public static func insert(_ preference: PreferenceRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO notification_preferences (id, user_id, area, channel, contact_id, delay_min, kind)
            VALUES (:id, :user_id, :area, :channel, :contact_id, :delay_min, :kind)
            """,
            [
                "id": .init(preference.id), "user_id": .init(preference.user), "area": .init(preference.area),
                "channel": .init(preference.channel), "contact_id": .init(preference.contact),
                "delay_min": .init(preference.delayMinutes), "kind": .text(preference.kind),
            ])
    }

    public static func update(_ preference: PreferenceRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE notification_preferences SET channel = :channel, contact_id = :contact_id, delay_min = :delay_min,
                kind = :kind
            WHERE id = :id
            """,
            [
                "channel": .init(preference.channel), "contact_id": .init(preference.contact),
                "delay_min": .init(preference.delayMinutes), "kind": .text(preference.kind),
                "id": .init(preference.id),
            ])
    }

    public static func delete(_ id: NotificationRule.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM notification_preferences WHERE id = :id", ["id": .init(id)])
    }

    /// One person's, oldest first.
    ///
    /// - Parameter area: `nil`: all areas.
    public static func list(
        of user: User.ID, area: PreferenceRecord.Area? = nil, in transaction: any Transaction
    ) throws(StorageError) -> [PreferenceRecord] {
        try transaction.query(
            """
            SELECT id, user_id, area, channel, contact_id, delay_min, kind FROM notification_preferences
            WHERE user_id = :user AND (CAST(:area AS TEXT) IS NULL OR area = :area) ORDER BY id LIMIT 200
            """,
            ["user": .init(user), "area": .init(area)]
        ).map { row throws(StorageError) in
            PreferenceRecord(
                id: try row.id("id"), user: try row.id("user_id"), area: try row.name("area"),
                channel: try row.name("channel"), contact: try row.optionalID("contact_id"),
                delayMinutes: try row.int("delay_min"), kind: try row.text("kind"))
        }
    }
}

/// A person as paging sees them, put together from three tables.
public enum Responders {
    /// `nil` when the user was deleted.
    public static func find(_ id: User.ID, in transaction: any Transaction) throws(StorageError) -> Responder? {
        guard let user = try Users.find(id, in: transaction) else { return nil }
        let contacts = try Contacts.list(of: id, in: transaction)
        let rules = try Preferences.list(of: id, area: .alerts, in: transaction).flatMap { preference in
            ways(of: preference, among: contacts).map { contact, channel in
                NotificationRule(
                    priority: preference.kind == "LOW_PRIORITY" ? .low : .high, channel: channel, contact: contact,
                    delay: .minutes(preference.delayMinutes))
            }
        }
        return Responder(
            user: id, mutedUntil: user.mutedUntil, contacts: contacts.map(\.contact), rules: rules)
    }

    /// Which contact a preference means, on which channel. One without a contact means all that the person has set up:
    /// for push messages every service of theirs, for Telegram every chat.
    public static func ways(
        of preference: PreferenceRecord, among contacts: [ContactRecord]
    ) -> [(Contact.ID, Channel)] {
        guard preference.contact == nil else { return preference.contact.map { [($0, preference.channel)] } ?? [] }
        let channels: Set<Channel> =
            switch preference.channel {
            case .push: [.push, .ntfy, .gotify, .pushover]
            case .telegram, .ntfy, .gotify, .pushover: [preference.channel]
            case .email, .sms, .voice, .whatsapp: []
            }
        return contacts.flatMap { contact in
            channels.intersection(contact.kind.channels).sorted { $0.rawValue < $1.rawValue }.map { (contact.id, $0) }
        }
    }
}
