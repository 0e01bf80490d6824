public import Alerting
import Crypto
import Foundation
public import Storage

/// Keys for tools that poll RapidSpike and are pointed here: they see what their user sees, and change nothing.
public struct RapidSpikeKeyring: Sendable {
    private let configuration: Configuration
    /// How far the clock of a request may be off.
    static let tolerance = Duration.minutes(15)
    private static let most = 20

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// The caller's own, by label.
    public func list(by caller: Caller) async throws -> [RapidSpikeKey] {
        try await configuration.read { try RapidSpikeKeys.list(of: caller.user, in: $0) }
    }

    /// One for the caller; its secret is to be shown once.
    public func create(label: String, by caller: Caller) async throws -> RapidSpikeKey {
        let label = try FieldRules.name(label, "label")
        return try await configuration.change { change in
            guard try RapidSpikeKeys.list(of: caller.user, in: change.transaction).count < Self.most else {
                throw Failure(.conflict, "There are \(Self.most) keys already; delete one first.")
            }
            let key = RapidSpikeKey(
                id: try change.newID(), account: caller.account, user: caller.user, label: label,
                publicKey: "nightbell-" + Tokens.random(16), secret: Tokens.random(Tokens.secretLength),
                createdAt: change.now)
            try RapidSpikeKeys.insert(key, in: change.transaction)
            try Self.audit("rapidspike_key.created", key, by: caller, in: change)
            return (key, .rapidSpikeKey)
        }
    }

    /// - Throws: `Failure.notFound` when the caller has no such key.
    public func delete(_ id: RapidSpikeKey.ID, by caller: Caller) async throws {
        try await configuration.change { change in
            let own = try RapidSpikeKeys.list(of: caller.user, in: change.transaction)
            guard let key = own.first(where: { $0.id == id }) else {
                throw Failure(.notFound, "There is no key \(id) of yours.")
            }
            try RapidSpikeKeys.delete(id, in: change.transaction)
            try Self.audit("rapidspike_key.deleted", key, by: caller, in: change)
            return ((), .rapidSpikeKey)
        }
    }

    /// Who sends a request.
    ///
    /// Source: RapidSpike/api-wrapper-php `KeyAuth.php`, read 2026-11-23.
    ///
    /// - Parameters:
    ///   - time: seconds since 1970, as text.
    ///   - signature: base64 of the HMAC-SHA1 of the public key, a line feed and the time.
    /// - Throws: `Failure.forbidden` when anything is wrong with it.
    public func authenticate(publicKey: String, time: String, signature: String) async throws -> Caller {
        let wrong = Failure(.forbidden, "The key, the time or the signature is wrong.", cause: "KEY_ERROR")
        guard publicKey.utf8.count <= 100, signature.utf8.count <= 100, let seconds = Int64(time) else { throw wrong }
        let off = configuration.store.clock.now.milliseconds / 1000 - seconds
        guard abs(off) <= Self.tolerance.components.seconds else { throw wrong }
        let found = try await configuration.read { transaction -> (String, Caller)? in
            guard let key = try RapidSpikeKeys.find(publicKey: publicKey, in: transaction),
                let user = try Users.find(key.user, in: transaction)
            else { return nil }
            return (key.secret, Caller(user))
        }
        guard let (secret, caller) = found,
            Tokens.areEqual(Self.signature(publicKey: publicKey, time: time, secret: secret), signature)
        else { throw wrong }
        return caller
    }

    public static func signature(publicKey: String, time: String, secret: String) -> String {
        let code = HMAC<Insecure.SHA1>.authenticationCode(
            for: Data("\(publicKey)\n\(time)".utf8), using: SymmetricKey(data: Data(secret.utf8)))
        return Data(code).base64EncodedString()
    }

    private static func audit(_ action: String, _ key: RapidSpikeKey, by caller: Caller, in change: Change) throws {
        try change.audit(
            action, account: caller.account, by: caller.user, target: "rapidspike_key", id: key.id.rawValue,
            details: "Key “\(key.label)” for tools of RapidSpike")
    }
}

extension MonitorSite {
    /// Names the site to the outside; always the same for an account and a host.
    public func uuid(of account: Account.ID) -> String {
        var bytes = Array(SHA256.hash(data: Data("\(account)/\(host)".utf8)).prefix(16))
        // The shape of a random one (RFC 9562), which is what readers look for.
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { bytes[$0].hexadecimal }.joined(separator: "-")
    }
}
