import Alerting
import Storage
import Synchronization

/// People whose password was right a moment ago: hashing one costs as much as a hundred requests.
final class CheckedPasswords: Sendable {
    private struct Checked {
        var passwordHash: String?
        var until: Timestamp
    }

    private static let memory = Duration.seconds(30)
    private static let most = 200

    /// Keeps what is in memory from being compared with known passwords.
    private let salt = Tokens.random(32)
    private let checked = Mutex<[String: Checked]>([:])

    func name(_ user: User.ID, _ password: String) -> String {
        Tokens.sha256("\(salt):\(user):\(password)")
    }

    /// - Parameter user: as stored now; a password that was changed since is not remembered.
    func isKnown(_ name: String, _ user: UserRecord, at now: Timestamp) -> Bool {
        checked.withLock { checked in
            guard let known = checked[name] else { return false }
            return known.until > now && known.passwordHash == user.passwordHash
        }
    }

    func remember(_ name: String, _ user: UserRecord, at now: Timestamp) {
        checked.withLock { checked in
            if checked.count >= Self.most { checked = checked.filter { $0.value.until > now } }
            if checked.count >= Self.most { checked = [:] }
            checked[name] = Checked(passwordHash: user.passwordHash, until: now + Self.memory)
        }
    }
}

extension SignIn {
    /// Who has this password, for requests that carry it; begins no session.
    ///
    /// - Parameters:
    ///   - names: what the person may be called, an email address or a username; the first that exists counts.
    ///   - address: the client's IP address, for the limit on failed attempts.
    /// - Returns: `nil` for a wrong pair.
    /// - Throws: `Failure.unavailable` after too many of them.
    public func check(names: [String], password: String, address: String) async throws -> Caller? {
        let names = names.map { String($0.prefix(300)) }
        let user = try await Failure.translating { try await store.read { try Self.find(names, in: $0) } }
        let now = store.clock.now
        let name = user.map { checkedPasswords.name($0.id, password) }
        if let user, let name, checkedPasswords.isKnown(name, user, at: now) { return Caller(user) }
        let counted = user?.email ?? names.first ?? ""
        try throttle.begin(email: counted, address: address, at: now)
        guard try await passwords.verify(password, against: user?.passwordHash), let user, let name else { return nil }
        throttle.succeeded(email: counted, address: address, at: now)
        checkedPasswords.remember(name, user, at: now)
        return Caller(user)
    }

    private static func find(_ names: [String], in transaction: any Transaction) throws -> UserRecord? {
        for name in names {
            if let user = try Users.find(email: name, in: transaction) { return user }
        }
        guard let account = try Accounts.first(in: transaction) else { return nil }
        for name in names {
            if let user = try Users.find(username: name.lowercased(), account: account.id, in: transaction) {
                return user
            }
        }
        return nil
    }
}
