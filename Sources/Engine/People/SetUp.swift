import Alerting
public import Storage

/// The first account and its owner: made once, from the command line or through a one-time link.
public struct SetUp: Sendable {
    public struct Owner: Equatable, Sendable {
        public var firstName: String
        public var lastName: String
        public var email: String
        public var password: String
        public var timeZone: String
        public var language: String
        /// `nil`: the domain of the email address.
        public var accountName: String?

        public init(
            firstName: String, lastName: String, email: String, password: String, timeZone: String = "Europe/Berlin",
            language: String = "en", accountName: String? = nil
        ) {
            self.firstName = firstName
            self.lastName = lastName
            self.email = email
            self.password = password
            self.timeZone = timeZone
            self.language = language
            self.accountName = accountName
        }
    }

    /// Where the hash of the one-time token is kept.
    private static let setting = "set_up_token_hash"

    private let store: Store
    private let passwords: Passwords

    public init(store: Store, passwords: Passwords) {
        self.store = store
        self.passwords = passwords
    }

    /// Whether there is nobody yet.
    public func isNeeded() async throws -> Bool {
        try await Failure.translating {
            try await store.read { transaction in try Users.count(in: transaction) == 0 }
        }
    }

    /// Makes the account, its owner and the owner's verified email contact; for whoever may write the database's file.
    ///
    /// - Throws: `Failure.conflict` when there is a user already.
    public func setUp(_ owner: Owner) async throws -> UserRecord {
        try await make(owner, token: nil)
    }

    /// A new one-time token for the set-up page; the one before no longer counts. `nil` when there is a user already.
    public func issueToken() async throws -> String? {
        let token = Tokens.random(Tokens.secretLength)
        return try await Failure.translating {
            try await store.write { change in
                guard try Users.count(in: change.transaction) == 0 else { return nil }
                try Settings.set(Self.setting, to: Tokens.sha256(token), in: change.transaction)
                return token
            }
        }
    }

    /// Whether `token` may be redeemed now.
    public func accepts(token: String) async throws -> Bool {
        try await Failure.translating {
            try await store.read { transaction in
                try Users.count(in: transaction) == 0 && Self.isIssued(token, in: transaction)
            }
        }
    }

    /// The same as `setUp`, for whoever holds the token.
    ///
    /// - Throws: `Failure.forbidden` for a token that was not issued or no longer counts.
    public func redeem(_ token: String, for owner: Owner) async throws -> UserRecord {
        // Before the costly hash of a stranger's password; it counts again in the transaction.
        guard try await accepts(token: token) else { throw Self.refusal }
        return try await make(owner, token: token)
    }

    private static var refusal: Failure {
        Failure(.forbidden, "This set-up link does not count any more. Take the one that the server printed last.")
    }

    private static func isIssued(_ token: String, in transaction: any Transaction) throws -> Bool {
        guard token.utf8.count <= 100, let hash = try Settings.value(setting, in: transaction) else { return false }
        return Tokens.areEqual(hash, Tokens.sha256(token))
    }

    private func make(_ owner: Owner, token: String?) async throws -> UserRecord {
        let email = try FieldRules.email(owner.email)
        let firstName = try FieldRules.name(owner.firstName, "firstName")
        let lastName = try FieldRules.name(owner.lastName, "lastName")
        let timeZone = try FieldRules.timeZone(owner.timeZone)
        let language = try FieldRules.language(owner.language)
        let name = try FieldRules.name(owner.accountName ?? String(email.drop { $0 != "@" }.dropFirst()), "accountName")
        let hash = try await passwords.hash(owner.password)
        return try await Failure.translating(conflict: "Somebody else set this server up at the same moment.") {
            try await store.write { change in
                guard try Users.count(in: change.transaction) == 0 else {
                    throw Failure(.conflict, "This server is set up already.")
                }
                if let token {
                    guard try Self.isIssued(token, in: change.transaction) else { throw Self.refusal }
                }
                let account: Account.ID = try change.newID()
                let user = UserRecord(
                    id: try change.newID(), account: account, email: email,
                    username: try Usernames.free(for: email, account: account, in: change.transaction),
                    firstName: firstName, lastName: lastName, role: .admin, timeZone: timeZone, language: language,
                    passwordHash: hash, createdAt: change.now, updatedAt: change.now)
                try Accounts.insert(id: account, name: name, at: change.now, in: change.transaction)
                try Users.insert(user, in: change.transaction)
                try Accounts.update(
                    AccountRecord(id: account, name: name, owner: user.id, lastResortEmails: []),
                    in: change.transaction)
                try Contacts.insert(
                    ContactRecord(
                        id: try change.newID(), user: user.id, kind: .email, target: email, isPrimary: true,
                        verifiedAt: change.now, createdAt: change.now), in: change.transaction)
                // A row that whoever does this at the same moment on another node writes too: one of us is refused.
                try Generations.advance(Generations.configuration, in: change.transaction)
                try Settings.remove(Self.setting, in: change.transaction)
                try change.audit(
                    "account.created", account: account, by: token == nil ? nil : user.id, target: "account",
                    id: account.rawValue, details: "Owner \(user.fullName)")
                return user
            }
        }
    }
}
