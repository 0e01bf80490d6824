public import Alerting
public import Storage

/// Browsers' sessions: signing in with email address and password, and what a session's cookie stands for.
public final class SignIn: Sendable {
    /// A new session. Neither token can be read again.
    public struct SignedIn: Equatable, Sendable {
        /// For the cookie.
        public var token: String
        /// For forms.
        public var csrfToken: String
        public var user: UserRecord
    }

    /// How long a session lives without being used.
    public static let lifetime = Duration.days(30)
    /// A session's last use is written at most this often.
    private static let touchInterval = Duration.minutes(5)
    private static let mostSessions = 50

    let store: Store
    let passwords: Passwords
    let throttle = SignInThrottle()
    let checkedPasswords = CheckedPasswords()

    public init(store: Store, passwords: Passwords) {
        self.store = store
        self.passwords = passwords
    }

    /// - Parameter address: the client's IP address, for the limit on failed attempts.
    /// - Throws: `Failure.unauthenticated` for a wrong pair, without saying which part; `Failure.unavailable` after
    ///   too many of them.
    public func signIn(email: String, password: String, address: String) async throws -> SignedIn {
        let email = String(email.prefix(300))
        let startedAt = store.clock.now
        try throttle.begin(email: email, address: address, at: startedAt)
        let known = try await Failure.translating {
            try await store.read { transaction in try Users.find(email: email, in: transaction) }
        }
        guard try await passwords.verify(password, against: known?.passwordHash), let known else {
            throw Failure(.unauthenticated, "The email address or the password is wrong.")
        }
        throttle.succeeded(email: email, address: address, at: startedAt)
        let (token, csrfToken) = (Tokens.random(Tokens.secretLength), Tokens.random(Tokens.secretLength))
        let user = try await Failure.translating {
            try await store.write { change in
                guard let user = try Users.find(known.id, in: change.transaction),
                    user.passwordHash == known.passwordHash
                else { throw Failure(.unauthenticated, "The email address or the password is wrong.") }
                try Sessions.prune(before: change.now, in: change.transaction)
                try Sessions.trim(of: user.id, keeping: Self.mostSessions - 1, in: change.transaction)
                let session = SessionRecord(
                    tokenHash: Tokens.sha256(token), user: user.id, csrfToken: csrfToken, createdAt: change.now,
                    lastSeenAt: change.now, expiresAt: change.now + Self.lifetime)
                try Sessions.insert(session, in: change.transaction)
                try change.audit(
                    "user.signed_in", account: user.account, by: user.id, target: "user", id: user.id.rawValue)
                return user
            }
        }
        return SignedIn(token: token, csrfToken: csrfToken, user: user)
    }

    /// Whose session a cookie's token is; `nil` when it is unknown or has expired. Using a session prolongs it.
    public func find(token: String) async throws -> (user: UserRecord, session: SessionRecord)? {
        guard token.utf8.count <= 100 else { return nil }
        let (hash, now) = (Tokens.sha256(token), store.clock.now)
        let found = try await Failure.translating {
            try await store.read { transaction -> (user: UserRecord, session: SessionRecord)? in
                guard let session = try Sessions.find(tokenHash: hash, at: now, in: transaction),
                    let user = try Users.find(session.user, in: transaction)
                else { return nil }
                return (user, session)
            }
        }
        guard var found, now - found.session.lastSeenAt >= Self.touchInterval else { return found }
        found.session.lastSeenAt = now
        found.session.expiresAt = now + Self.lifetime
        let session = found.session
        // Losing this only shortens the session: a full disk must not keep people from reading.
        try? await store.write { change in
            try Sessions.touch(session, in: change.transaction)
        }
        return found
    }

    /// Does nothing when there is no such session.
    public func signOut(token: String) async throws {
        let hash = Tokens.sha256(token)
        try await Failure.translating {
            try await store.write { change in try Sessions.delete(tokenHash: hash, in: change.transaction) }
        }
    }

    /// Changes somebody's own password and ends all of their sessions but one.
    ///
    /// - Parameter session: the one that goes on, by the hash of its token; `nil`: none.
    /// - Throws: `Failure.invalid` when `current` is wrong or `new` breaks the rules.
    public func changePassword(
        of id: User.ID, keeping session: String?, current: String, new: String, address: String
    ) async throws {
        try Passwords.check(new, "newPassword")
        let known = try await Failure.translating {
            try await store.read { transaction in try Users.find(id, in: transaction) }
        }
        guard let known else { throw Failure(.notFound, "There is no such user.") }
        let startedAt = store.clock.now
        try throttle.begin(email: known.email, address: address, at: startedAt)
        guard try await passwords.verify(current, against: known.passwordHash) else {
            throw Failure.invalid("currentPassword", "is wrong.")
        }
        throttle.succeeded(email: known.email, address: address, at: startedAt)
        let hash = try await passwords.hash(new, "newPassword")
        try await Failure.translating {
            try await store.write { change in
                guard var user = try Users.find(id, in: change.transaction), user.passwordHash == known.passwordHash
                else { throw Failure(.conflict, "Your password was changed elsewhere at the same moment.") }
                user.passwordHash = hash
                user.updatedAt = change.now
                try Users.update(user, in: change.transaction)
                try Sessions.deleteAll(of: id, except: session, in: change.transaction)
                try change.audit(
                    "user.password_changed", account: user.account, by: id, target: "user", id: id.rawValue)
            }
        }
    }
}
