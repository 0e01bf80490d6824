public import Alerting
public import Storage

/// How somebody wants to be told of something, as they want it to be.
public struct PreferenceDraft: Equatable, Sendable {
    public var area: PreferenceRecord.Area
    public var channel: Channel
    /// Needed by every channel that has an address.
    public var contact: Contact.ID?
    /// Minutes after the page (alerts, 0 to 120) or before the shift (duties, one of `leadTimes`); 0 elsewhere.
    public var delayMinutes: Int
    /// One of `kinds(of:)`.
    public var kind: String

    public init(
        area: PreferenceRecord.Area, channel: Channel, contact: Contact.ID?, delayMinutes: Int = 0, kind: String = ""
    ) {
        self.area = area
        self.channel = channel
        self.contact = contact
        self.delayMinutes = delayMinutes
        self.kind = kind
    }

    public static let delays = 0...120
    public static let leadTimes = [0, 15, 30, 60, 180, 360, 720, 1440]

    /// What a preference of `area` may be about; empty: there is only one thing.
    public static func kinds(of area: PreferenceRecord.Area) -> [String] {
        switch area {
        case .alerts: ["HIGH_PRIORITY", "LOW_PRIORITY"]
        case .duties: ["ON_CALL"]
        case .updates: ["ALERT_ACCEPTED", "ALERT_RESOLVED", "ALERT_ESCALATED"]
        case .subscriptions: []
        }
    }

    /// The channels that a preference of `area` may use.
    public static func channels(of area: PreferenceRecord.Area) -> [Channel] {
        switch area {
        case .alerts, .updates: Channel.allCases
        case .duties: Channel.allCases.filter { $0 != .voice }
        case .subscriptions: [.email, .sms, .push]
        }
    }

    /// - Throws: `Failure.invalid` that names the field.
    func checked() throws(Failure) -> PreferenceDraft {
        var draft = self
        guard Self.channels(of: area).contains(channel) else {
            throw .invalid("method", "is not possible for notifications of this kind.")
        }
        let kinds = Self.kinds(of: area)
        if kinds.isEmpty { draft.kind = "" }
        if kind.isEmpty, kinds.count == 1 { draft.kind = kinds[0] }
        guard kinds.isEmpty || kinds.contains(draft.kind) else {
            throw .invalid("type", "must be one of \(kinds.joined(separator: ", ")).")
        }
        switch area {
        case .alerts:
            guard Self.delays.contains(delayMinutes) else { throw .invalid("delayMin", "must be 0 to 120.") }
        case .duties:
            guard Self.leadTimes.contains(delayMinutes) else {
                let times = Self.leadTimes.map(String.init).joined(separator: ", ")
                throw .invalid("beforeMin", "must be one of \(times).")
            }
        case .updates, .subscriptions: draft.delayMinutes = 0
        }
        return draft
    }
}

/// People's notification preferences. Everybody sees and changes their own, administrators all.
public struct PreferenceAdministration: Sendable {
    private static let mostPreferences = 100

    private let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// Oldest first.
    ///
    /// - Parameter area: `nil`: all.
    public func list(
        of user: User.ID, area: PreferenceRecord.Area? = nil, by caller: Caller
    ) async throws -> [PreferenceRecord] {
        try await configuration.read { transaction in
            _ = try PersonalAccess.change(user, by: caller, in: transaction)
            return try Preferences.list(of: user, area: area, in: transaction)
        }
    }

    /// - Throws: `Failure.notFound` when there is none in this area; so do all below.
    public func find(
        _ id: NotificationRule.ID, area: PreferenceRecord.Area, of user: User.ID, by caller: Caller
    ) async throws -> PreferenceRecord {
        try await configuration.read { transaction in
            _ = try PersonalAccess.change(user, by: caller, in: transaction)
            return try Self.find(id, area, of: user, in: transaction)
        }
    }

    /// - Throws: `Failure.conflict` when the same is there already.
    public func create(
        _ draft: PreferenceDraft, for user: User.ID, by caller: Caller
    ) async throws -> PreferenceRecord {
        try await change(user, by: caller, action: "preference.created") { change in
            let present = try Preferences.list(of: user, in: change.transaction)
            guard present.count < Self.mostPreferences else {
                throw Failure(.conflict, "There are \(Self.mostPreferences) preferences already; delete one first.")
            }
            let preference = try Self.record(draft, id: try change.newID(), of: user, among: present, in: change)
            try Preferences.insert(preference, in: change.transaction)
            return preference
        }
    }

    public func update(
        _ id: NotificationRule.ID, with draft: PreferenceDraft, of user: User.ID, by caller: Caller
    ) async throws -> PreferenceRecord {
        try await change(user, by: caller, action: "preference.updated") { change in
            _ = try Self.find(id, draft.area, of: user, in: change.transaction)
            let others = try Preferences.list(of: user, in: change.transaction).filter { $0.id != id }
            let preference = try Self.record(draft, id: id, of: user, among: others, in: change)
            try Preferences.update(preference, in: change.transaction)
            return preference
        }
    }

    public func delete(
        _ id: NotificationRule.ID, area: PreferenceRecord.Area, of user: User.ID, by caller: Caller
    ) async throws {
        _ = try await change(user, by: caller, action: "preference.deleted") { change in
            let preference = try Self.find(id, area, of: user, in: change.transaction)
            try Preferences.delete(id, in: change.transaction)
            return preference
        }
    }

    private func change(
        _ user: User.ID, by caller: Caller, action: String,
        _ body: @escaping @Sendable (Change) throws -> PreferenceRecord
    ) async throws -> PreferenceRecord {
        try await configuration.change { change in
            let owner = try PersonalAccess.change(user, by: caller, in: change.transaction)
            let preference = try body(change)
            try PersonalAccess.audit(action, owner, by: caller, in: change, details: preference.area.rawValue)
            return (preference, .user(user))
        }
    }

    private static func find(
        _ id: NotificationRule.ID, _ area: PreferenceRecord.Area, of user: User.ID, in transaction: any Transaction
    ) throws -> PreferenceRecord {
        let preferences = try Preferences.list(of: user, area: area, in: transaction)
        guard let preference = preferences.first(where: { $0.id == id }) else {
            throw Failure(.notFound, "User \(user) has no notification preference \(id) in this area.")
        }
        return preference
    }

    private static func record(
        _ draft: PreferenceDraft, id: NotificationRule.ID, of user: User.ID, among others: [PreferenceRecord],
        in change: Change
    ) throws -> PreferenceRecord {
        let draft = try draft.checked()
        let contact = try contact(for: draft, of: user, in: change.transaction)
        let preference = PreferenceRecord(
            id: id, user: user, area: draft.area, channel: draft.channel, contact: contact,
            delayMinutes: draft.delayMinutes, kind: draft.kind)
        let isThere = others.contains { other in
            var other = other
            other.id = id
            return other == preference
        }
        guard !isThere else { throw Failure(.conflict, "The same notification preference is there already.") }
        return preference
    }

    /// The contact that the draft's channel sends to; `nil`: all that the person has set up for it.
    private static func contact(
        for draft: PreferenceDraft, of user: User.ID, in transaction: any Transaction
    ) throws -> Contact.ID? {
        switch draft.channel {
        case .push, .telegram, .ntfy, .gotify, .pushover:
            guard draft.contact != nil else { return nil }
        case .email, .sms, .voice, .whatsapp: break
        }
        let contacts = try Contacts.list(of: user, in: transaction)
        guard let contact = contacts.first(where: { $0.id == draft.contact }) else {
            throw Failure.invalid("contact", "name one of the user's own contacts.")
        }
        guard contact.contact.channels.contains(draft.channel) else {
            throw Failure.invalid("contact", "cannot be reached by \(draft.channel.rawValue).")
        }
        return contact.id
    }
}
