public import Alerting
public import Storage

/// A way to reach somebody, as they want it to be.
public struct ContactDraft: Equatable, Sendable {
    public var kind: ContactRecord.Kind
    /// An email address, a phone number in international form, a URL, a key.
    public var target: String
    /// A token that the target's service asks for; `nil`: as it is.
    public var secret: String?
    /// Of a phone number, such as `DE`.
    public var regionCode: String?
    public var isPrimary: Bool

    public init(
        kind: ContactRecord.Kind, target: String, secret: String? = nil, regionCode: String? = nil,
        isPrimary: Bool = false
    ) {
        self.kind = kind
        self.secret = secret
        self.target = target
        self.regionCode = regionCode
        self.isPrimary = isPrimary
    }
}

/// People's contacts. Everybody sees and changes their own, administrators all.
///
/// An email contact counts as verified at once: whoever adds it is signed in as its owner or as an administrator and
/// answers for it. A phone number stays unverified, and is not used, until it has shown that it is reached.
public struct ContactAdministration: Sendable {
    static let mostContacts = 20

    let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// Oldest first.
    ///
    /// - Parameter kind: `nil`: all.
    public func list(
        of user: User.ID, kind: ContactRecord.Kind? = nil, by caller: Caller
    ) async throws -> [ContactRecord] {
        try await configuration.read { transaction in
            _ = try PersonalAccess.change(user, by: caller, in: transaction)
            return try Contacts.list(of: user, in: transaction).filter { kind == nil || $0.kind == kind }
        }
    }

    /// - Throws: `Failure.notFound` when there is none of this kind; so do all below.
    public func find(
        _ id: Contact.ID, kind: ContactRecord.Kind, of user: User.ID, by caller: Caller
    ) async throws -> ContactRecord {
        try await configuration.read { transaction in
            _ = try PersonalAccess.change(user, by: caller, in: transaction)
            return try Self.find(id, kind, of: user, in: transaction)
        }
    }

    /// By email address or phone number, without case.
    public func find(
        target: String, kind: ContactRecord.Kind, of user: User.ID, by caller: Caller
    ) async throws -> ContactRecord {
        try await configuration.read { transaction in
            _ = try PersonalAccess.change(user, by: caller, in: transaction)
            let contacts = try Contacts.list(of: user, in: transaction)
            guard let contact = contacts.first(where: { $0.kind == kind && Self.isSame($0.target, target) }) else {
                throw Failure(.notFound, "User \(user) has no such contact.")
            }
            return contact
        }
    }

    /// - Throws: `Failure.conflict` when the user has it already.
    public func create(_ draft: ContactDraft, for user: User.ID, by caller: Caller) async throws -> ContactRecord {
        let draft = try Self.checked(draft)
        return try await change(user, by: caller, action: "contact.created") { owner, change in
            let contacts = try Contacts.list(of: owner, in: change.transaction)
            guard contacts.count < Self.mostContacts else {
                throw Failure(.conflict, "There are \(Self.mostContacts) contacts already; delete one first.")
            }
            try Self.checkFree(draft, among: contacts)
            let contact = ContactRecord(
                id: try change.newID(), user: owner, kind: draft.kind, target: draft.target,
                regionCode: draft.regionCode, isPrimary: draft.isPrimary,
                verifiedAt: draft.kind == .email ? change.now : nil, secret: draft.secret, createdAt: change.now)
            try Contacts.insert(contact, in: change.transaction)
            try Self.keepOnePrimary(contact, among: contacts, in: change.transaction)
            return contact
        }
    }

    /// Replaces all of it; a phone number that changes must be verified again.
    public func update(
        _ id: Contact.ID, with draft: ContactDraft, of user: User.ID, by caller: Caller
    ) async throws -> ContactRecord {
        let draft = try Self.checked(draft)
        return try await change(user, by: caller, action: "contact.updated") { owner, change in
            var contact = try Self.find(id, draft.kind, of: owner, in: change.transaction)
            let others = try Contacts.list(of: owner, in: change.transaction).filter { $0.id != id }
            try Self.checkFree(draft, among: others)
            if draft.kind != .email, draft.target != contact.target { contact.verifiedAt = nil }
            contact.secret = draft.secret ?? contact.secret
            contact.target = draft.target
            contact.regionCode = draft.regionCode
            contact.isPrimary = draft.isPrimary
            try Contacts.update(contact, in: change.transaction)
            try Self.keepOnePrimary(contact, among: others, in: change.transaction)
            return contact
        }
    }

    /// Removes it with the preferences that name it.
    public func delete(
        _ id: Contact.ID, kind: ContactRecord.Kind, of user: User.ID, by caller: Caller
    ) async throws {
        _ = try await change(user, by: caller, action: "contact.deleted") { owner, change in
            let contact = try Self.find(id, kind, of: owner, in: change.transaction)
            try Contacts.delete(id, in: change.transaction)
            return contact
        }
    }

    func change(
        _ user: User.ID, by caller: Caller, action: String,
        _ body: @escaping @Sendable (User.ID, Change) throws -> ContactRecord
    ) async throws -> ContactRecord {
        try await configuration.change(conflict: "This contact is there already.") { change in
            let owner = try PersonalAccess.change(user, by: caller, in: change.transaction)
            let contact = try body(user, change)
            let kind = contact.kind.words
            try PersonalAccess.audit(action, owner, by: caller, in: change, details: kind)
            return (contact, .user(user))
        }
    }

    private static func find(
        _ id: Contact.ID, _ kind: ContactRecord.Kind, of user: User.ID, in transaction: any Transaction
    ) throws -> ContactRecord {
        let contacts = try Contacts.list(of: user, in: transaction)
        guard let contact = contacts.first(where: { $0.id == id && $0.kind == kind }) else {
            throw Failure(.notFound, "User \(user) has no contact \(id) of this kind.")
        }
        return contact
    }

    private static func checked(_ draft: ContactDraft) throws(Failure) -> ContactDraft {
        var draft = draft
        switch draft.kind {
        case .email:
            draft.target = try FieldRules.email(draft.target, "target")
            draft.regionCode = nil
        case .phone:
            draft.target = try FieldRules.phoneNumber(draft.target)
            draft.regionCode = try draft.regionCode.map { text throws(Failure) in
                try FieldRules.region(text, "regionCode")
            }
        case .ntfy, .gotify:
            let lower = draft.target.lowercased()
            guard lower.hasPrefix("https://") || lower.hasPrefix("http://"), draft.target.utf8.count <= 2000,
                draft.target.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
            else { throw .invalid("target", "must be a URL, such as https://ntfy.sh/my-secret-topic.") }
            draft.regionCode = nil
        case .pushover:
            guard draft.target.utf8.count == 30, draft.target.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
            else { throw .invalid("target", "is no user key of Pushover: 30 letters and digits.") }
            draft.regionCode = nil
        case .push, .telegram:
            throw .invalid("target", "is set up on the device itself, by the link on the profile.")
        }
        if let secret = draft.secret {
            guard secret.utf8.count <= 500, secret.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
                throw .invalid("secret", "may have at most 500 letters, digits and signs.")
            }
        }
        return draft
    }

    static func checkFree(_ draft: ContactDraft, among contacts: [ContactRecord]) throws(Failure) {
        guard !contacts.contains(where: { $0.kind == draft.kind && isSame($0.target, draft.target) }) else {
            throw Failure(.conflict, "This contact is there already.")
        }
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.lowercased() == right.lowercased()
    }

    private static func keepOnePrimary(
        _ primary: ContactRecord, among others: [ContactRecord], in transaction: any Transaction
    ) throws {
        guard primary.isPrimary else { return }
        for var other in others where other.kind == primary.kind && other.id != primary.id && other.isPrimary {
            other.isPrimary = false
            try Contacts.update(other, in: transaction)
        }
    }
}

extension ContactRecord.Kind {
    /// In the audit log.
    var words: String {
        switch self {
        case .email: "an email address"
        case .phone: "a phone number"
        case .push: "a browser"
        case .ntfy: "an ntfy topic"
        case .gotify: "a Gotify server"
        case .pushover: "a Pushover key"
        case .telegram: "a Telegram chat"
        }
    }
}
