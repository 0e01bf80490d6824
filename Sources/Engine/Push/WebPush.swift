public import Alerting
public import Crypto
public import Foundation
import Storage

/// A browser's subscription to push messages, as the browser hands it out.
public struct PushSubscription: Equatable, Sendable {
    /// Where its push service takes messages.
    public var endpoint: String
    /// Base64 for URLs: a point of P-256 (65 bytes) and a secret (16 bytes).
    public var publicKey: String
    public var authSecret: String

    /// - Throws: `Failure.invalid` when it is none.
    public init(endpoint: String, publicKey: String, authSecret: String) throws(Failure) {
        guard endpoint.hasPrefix("https://") || endpoint.hasPrefix("http://"), endpoint.utf8.count <= 2000,
            let point = Base64URL.decode(publicKey), point.count == 65, point.first == 4,
            let secret = Base64URL.decode(authSecret), secret.count == 16
        else { throw Failure(.invalid, "This is no subscription to push messages.") }
        self.endpoint = endpoint
        self.publicKey = publicKey
        self.authSecret = authSecret
    }

    /// As a contact keeps it beside the endpoint: the two keys.
    public var keys: String { "\(publicKey) \(authSecret)" }

    public init(endpoint: String, keys: String) throws(Failure) {
        let parts = keys.split(separator: " ")
        guard parts.count == 2 else { throw Failure(.invalid, "This is no subscription to push messages.") }
        try self.init(endpoint: endpoint, publicKey: String(parts[0]), authSecret: String(parts[1]))
    }
}

/// Encrypts for one browser, so that its push service carries what it cannot read.
///
/// Source: RFC 8291 (Message Encryption for Web Push) over RFC 8188 (aes128gcm), one record.
public enum WebPushEncryption {
    /// Bytes of a message: one record of 4096 with its padding byte and tag, and the header of RFC 8188.
    public static let limit = 3993

    /// - Parameters:
    ///   - salt: 16 bytes.
    ///   - key: one for this message only.
    /// - Throws: `Failure.invalid` for a message that is too long or a subscription without a point on the curve.
    public static func encrypt(
        _ message: [UInt8], for subscription: PushSubscription, salt: [UInt8] = randomSalt(),
        with key: P256.KeyAgreement.PrivateKey = P256.KeyAgreement.PrivateKey()
    ) throws -> [UInt8] {
        guard message.count <= limit else { throw Failure(.invalid, "The push message is too long.") }
        guard let theirs = Base64URL.decode(subscription.publicKey),
            let secret = Base64URL.decode(subscription.authSecret)
        else { throw Failure(.invalid, "This is no subscription to push messages.") }
        let ours = key.publicKey.x963Representation
        let shared = try key.sharedSecretFromKeyAgreement(
            with: P256.KeyAgreement.PublicKey(x963Representation: theirs))
        let input = shared.withUnsafeBytes { SymmetricKey(data: Data($0)) }
        let info = Data("WebPush: info".utf8) + [0] + theirs + ours
        let material = derive(input, salt: secret, info: info, count: 32)
        let content = derive(
            material, salt: Data(salt), info: Data("Content-Encoding: aes128gcm".utf8) + [0], count: 16)
        let nonce = derive(material, salt: Data(salt), info: Data("Content-Encoding: nonce".utf8) + [0], count: 12)
        let sealed = try AES.GCM.seal(
            Data(message + [2]), using: content,
            nonce: AES.GCM.Nonce(data: nonce.withUnsafeBytes { Data($0) }))
        let header = salt + [0, 0, 16, 0, UInt8(ours.count)] + ours
        return header + sealed.ciphertext + sealed.tag
    }

    public static func randomSalt() -> [UInt8] {
        SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
    }

    private static func derive(_ key: SymmetricKey, salt: Data, info: Data, count: Int) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: key, salt: salt, info: info, outputByteCount: count)
    }
}

/// Says to push services who sends: a signed statement for one of them.
///
/// Source: RFC 8292 (VAPID).
public struct VAPIDKey: Sendable {
    private let key: P256.Signing.PrivateKey
    private let contact: String
    private static let settingName = "push_signing_key"
    /// RFC 8292 allows a day.
    private static let lifetime = Duration.hours(12)

    /// - Parameter contact: `mailto:` or `https:` of whoever runs this server.
    public init(rawRepresentation: Data, contact: String) throws {
        key = try P256.Signing.PrivateKey(rawRepresentation: rawRepresentation)
        self.contact = contact
    }

    /// With the installation's own key, which is drawn at the first start.
    public static func load(contact: String, from store: Store) async throws -> VAPIDKey {
        let raw = try await store.write { change in
            if let text = try Settings.value(settingName, in: change.transaction),
                let stored = Data(base64Encoded: text)
            {
                return stored
            }
            let drawn = P256.Signing.PrivateKey().rawRepresentation
            try Settings.set(settingName, to: drawn.base64EncodedString(), in: change.transaction)
            return drawn
        }
        return try VAPIDKey(rawRepresentation: raw, contact: contact)
    }

    /// What a browser subscribes with: Base64 for URLs of a point of P-256.
    public var publicKey: String { Base64URL.encode(key.publicKey.x963Representation) }

    /// The `Authorization` header for messages to `endpoint`.
    public func authorization(for endpoint: String, at now: Timestamp) throws -> String {
        guard let parts = URLComponents(string: endpoint), let scheme = parts.scheme, let host = parts.host else {
            throw Failure(.invalid, "The push service's address is no URL.")
        }
        let origin = "\(scheme)://\(host)" + (parts.port.map { ":\($0)" } ?? "")
        let claims = JSONValue.object([
            "aud": .string(origin), "exp": .integer((now + Self.lifetime).milliseconds / 1000),
            "sub": .string(contact),
        ])
        let head = Base64URL.encode(Data("{\"typ\":\"JWT\",\"alg\":\"ES256\"}".utf8))
        let signed = "\(head).\(Base64URL.encode(Data(claims.bytes())))"
        let signature = try key.signature(for: Data(signed.utf8)).rawRepresentation
        return "vapid t=\(signed).\(Base64URL.encode(signature)), k=\(publicKey)"
    }
}

/// Base64 as URLs bear it, without padding (RFC 4648, section 5).
public enum Base64URL {
    public static func encode(_ data: Data) -> String {
        String(
            data.base64EncodedString().compactMap { character in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }

    public static func decode(_ text: String) -> Data? {
        let plain = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }).replacing("=", with: "")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
    }
}
