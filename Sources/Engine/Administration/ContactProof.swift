public import Alerting
public import Storage

/// Codes that show that a contact reaches its owner, messages to try one, and links that make another device one.
extension ContactAdministration {
    /// Of a code, and of a link to set up a device.
    static let codeLifetime = Duration.minutes(15)
    static let linkLifetime = Duration.minutes(30)
    /// Between two codes to one contact, and codes to it in an hour.
    static let codePause = Duration.minutes(1)
    static let codesAnHour = 5
    /// Wrong entries of one code.
    static let tries = 5

    /// Sends a new code of six digits; the one before no longer counts.
    ///
    /// - Throws: `Failure.conflict` when the contact is verified, cannot be reached by this server, or was sent enough
    ///   codes for now.
    public func sendCode(to id: Contact.ID, of user: User.ID, by caller: Caller) async throws {
        var generator = SystemRandomNumberGenerator()
        let code = String(String(Int.random(in: 1_000_000..<2_000_000, using: &generator)).dropFirst())
        _ = try await change(user, by: caller, action: "contact.code_sent") { owner, change in
            let contact = try Self.find(id, of: owner, in: change.transaction)
            guard contact.verifiedAt == nil else { throw Failure(.conflict, "This contact is verified already.") }
            try Self.keep(code, for: contact, change)
            try Forgetting.codes(of: id, user: contact.user, in: change.transaction)
            try Self.send(
                .verification, to: contact, subject: "Your Nightbell code",
                text: "Your Nightbell code is \(code). Enter it on your profile within 15 minutes.", change)
            return contact
        }
    }

    /// - Throws: `Failure.invalid` for a wrong code, `Failure.conflict` when there is none that counts.
    public func verify(_ id: Contact.ID, code: String, of user: User.ID, by caller: Caller) async throws {
        let given = code.filter { $0.isNumber }
        let isRight = try await configuration.change { change -> (Bool, ConfigurationChange) in
            let owner = try PersonalAccess.change(user, by: caller, in: change.transaction)
            var contact = try Self.find(id, of: user, in: change.transaction)
            guard var record = try ContactCodes.find(id, in: change.transaction), record.expiresAt > change.now,
                record.tries < Self.tries
            else { throw Failure(.conflict, "There is no code that counts any more; send a new one.") }
            guard Tokens.areEqual(record.hash, Self.hash(given, of: id)) else {
                record.tries += 1
                try ContactCodes.set(record, in: change.transaction)
                return (false, .user(user))
            }
            contact.verifiedAt = change.now
            contact.stoppedAt = nil
            try Contacts.update(contact, in: change.transaction)
            try ContactCodes.delete(id, in: change.transaction)
            try Forgetting.codes(of: id, user: contact.user, in: change.transaction)
            try PersonalAccess.audit("contact.verified", owner, by: caller, in: change, details: contact.kind.rawValue)
            return (true, .user(user))
        }
        guard isRight else { throw Failure.invalid("code", "is not the one that was sent.") }
    }

    /// Sends a message to try the contact; at most one a minute.
    ///
    /// - Parameter channel: `nil`: the contact's first that this server can send on.
    public func test(_ id: Contact.ID, channel: Channel? = nil, of user: User.ID, by caller: Caller) async throws {
        _ = try await change(user, by: caller, action: "contact.tested") { owner, change in
            let contact = try Self.find(id, of: owner, in: change.transaction)
            guard contact.contact.isVerified else {
                throw Failure(.conflict, "Verify this contact first, or turn it on again.")
            }
            let minute = change.now.milliseconds / 60_000
            try Self.send(
                .test, to: contact, on: channel, subject: "Nightbell test",
                text: "This is the test that you asked for: a page would reach you here.",
                onceKey: "test-\(id)-\(minute)", change)
            return contact
        }
    }

    /// Turns a contact on again that was turned off, as by STOP.
    public func turnOn(_ id: Contact.ID, of user: User.ID, by caller: Caller) async throws {
        _ = try await change(user, by: caller, action: "contact.turned_on") { owner, change in
            var contact = try Self.find(id, of: owner, in: change.transaction)
            contact.stoppedAt = nil
            try Contacts.update(contact, in: change.transaction)
            return contact
        }
    }

    /// A secret with which another device becomes a contact of this person; for half an hour.
    public func link(_ kind: ContactRecord.Kind, of user: User.ID, by caller: Caller) async throws -> String {
        let token = Tokens.random(Tokens.secretLength)
        try await configuration.change { change in
            let owner = try PersonalAccess.change(user, by: caller, in: change.transaction)
            try ContactLinks.prune(before: change.now, in: change.transaction)
            try ContactLinks.insert(
                tokenHash: Tokens.sha256(token), user: user, kind: kind, until: change.now + Self.linkLifetime,
                in: change.transaction)
            try PersonalAccess.audit("contact.link_made", owner, by: caller, in: change, details: kind.rawValue)
            return ((), .user(user))
        }
        return token
    }

    /// The full name of whom a link belongs to.
    ///
    /// - Throws: `Failure.notFound` for a link that is not known or too old.
    public func owner(ofLink token: String, kind: ContactRecord.Kind) async throws -> String {
        let now = configuration.store.clock.now
        return try await configuration.read { transaction in
            guard
                let user = try ContactLinks.user(
                    tokenHash: Tokens.sha256(token), kind: kind, at: now, in: transaction),
                let record = try Users.find(user, in: transaction)
            else { throw Failure(.notFound, "This link is not valid, or no longer. Make a new one on your profile.") }
            return record.fullName
        }
    }

    /// Keeps a browser's subscription as a contact of whom the link belongs to, and sends it a test at once: who sets a
    /// phone up sees there and then that a page would arrive.
    public func subscribe(_ subscription: PushSubscription, label: String, link token: String) async throws {
        let hash = Tokens.sha256(token)
        try await configuration.change { change in
            guard let user = try ContactLinks.user(tokenHash: hash, kind: .push, at: change.now, in: change.transaction)
            else { throw Failure(.notFound, "This link is not valid, or no longer. Make a new one on your profile.") }
            let contact = try change.keepProven(
                kind: .push, target: subscription.endpoint, secret: subscription.keys,
                label: Limits.cut(label, to: 100), of: user)
            if change.channels.contains(.push) {
                let owner = try Users.find(user, in: change.transaction)
                let notice = Notice(
                    account: owner?.account ?? Account.ID(0), purpose: .test, subject: "Nightbell test",
                    text: "This device is paged from now on: a page looks like this.",
                    onceKey: "set-up-\(contact.id)-\(change.now.milliseconds / 60_000)")
                try NoticeQueue(change: change, channels: change.channels).tell(
                    user, notice, by: .contact(contact.id, .push))
            }
            return ((), .user(user))
        }
    }

    /// A browser's subscription has another address from now on, and it is the same contact. Whoever says so knows the
    /// old address and its secret, which only the browser and this server have.
    ///
    /// - Throws: `Failure.notFound` when there is no such subscription.
    public func move(from endpoint: String, authSecret: String, to subscription: PushSubscription) async throws {
        try await configuration.change { change in
            let known = try Contacts.list(target: endpoint, kind: .push, in: change.transaction).filter { contact in
                let secret = contact.secret?.split(separator: " ").last.map(String.init) ?? ""
                return !secret.isEmpty && Tokens.areEqual(secret, authSecret)
            }
            guard let first = known.first else { throw Failure(.notFound, "There is no such subscription.") }
            for var contact in known {
                // Set up anew meanwhile: the old one turns itself off when it is next sent to.
                let own = try Contacts.list(of: contact.user, in: change.transaction)
                guard !own.contains(where: { $0.kind == .push && $0.target == subscription.endpoint }) else { continue }
                contact.target = subscription.endpoint
                contact.secret = subscription.keys
                // It was turned off, if it was, because the old address was gone.
                contact.stoppedAt = nil
                try Contacts.update(contact, in: change.transaction)
            }
            return ((), .user(first.user))
        }
    }

    /// Keeps a browser's subscription that was made elsewhere; it is not paged before a code was entered.
    ///
    /// - Throws: `Failure.conflict` when the user has it already.
    public func create(
        _ subscription: PushSubscription, label: String, for user: User.ID, by caller: Caller
    ) async throws -> ContactRecord {
        try await change(user, by: caller, action: "contact.created") { owner, change in
            let contacts = try Contacts.list(of: owner, in: change.transaction)
            guard contacts.count < Self.mostContacts else {
                throw Failure(.conflict, "There are \(Self.mostContacts) contacts already; delete one first.")
            }
            guard !contacts.contains(where: { $0.kind == .push && $0.target == subscription.endpoint }) else {
                throw Failure(.conflict, "This contact is there already.")
            }
            let contact = ContactRecord(
                id: try change.newID(), user: owner, kind: .push, target: subscription.endpoint, verifiedAt: nil,
                secret: subscription.keys, label: Limits.cut(label, to: 100), createdAt: change.now)
            try Contacts.insert(contact, in: change.transaction)
            return contact
        }
    }

    static func find(
        _ id: Contact.ID, of user: User.ID, in transaction: any Transaction
    ) throws -> ContactRecord {
        guard let contact = try Contacts.find(id, in: transaction), contact.user == user else {
            throw Failure(.notFound, "User \(user) has no contact \(id).")
        }
        return contact
    }

    /// The digits are few: what keeps them is their short life and the number of tries, the hash only keeps them out
    /// of backups.
    private static func hash(_ code: String, of contact: Contact.ID) -> String {
        Tokens.sha256("contact \(contact) code \(code)")
    }

    private static func keep(_ code: String, for contact: ContactRecord, _ change: Change) throws {
        let last = try ContactCodes.find(contact.id, in: change.transaction)
        if let last, last.sentAt + codePause > change.now {
            throw Failure(.conflict, "A code was sent less than a minute ago; wait a little.")
        }
        let isSameHour = last.map { $0.windowAt + .hours(1) > change.now } ?? false
        let sends = isSameHour ? last?.sends ?? 0 : 0
        guard sends < codesAnHour else {
            throw Failure(.conflict, "There were \(codesAnHour) codes within an hour; try again later.")
        }
        try ContactCodes.set(
            ContactCodeRecord(
                contact: contact.id, hash: hash(code, of: contact.id), sentAt: change.now,
                expiresAt: change.now + codeLifetime, sends: sends + 1,
                windowAt: isSameHour ? last?.windowAt ?? change.now : change.now), in: change.transaction)
    }

    private static func send(
        _ purpose: MessageRecord.Purpose, to contact: ContactRecord, on channel: Channel? = nil, subject: String,
        text: String, onceKey: String? = nil, _ change: Change
    ) throws {
        let possible = Channel.allCases.filter { contact.kind.channels.contains($0) && change.channels.contains($0) }
        guard let channel = channel.map({ possible.contains($0) ? $0 : nil }) ?? possible.first else {
            throw Failure(.conflict, "This server is not set up to send there; ask its administrator.")
        }
        let owner = try Users.find(contact.user, in: change.transaction)
        let notice = Notice(
            account: owner?.account ?? Account.ID(0), purpose: purpose, subject: subject, text: text, onceKey: onceKey)
        let queue = NoticeQueue(change: change, channels: change.channels)
        guard try !queue.tell(contact.user, notice, by: .contact(contact.id, channel)).isEmpty else {
            throw Failure(.conflict, "A test was sent less than a minute ago; wait a little.")
        }
    }
}
