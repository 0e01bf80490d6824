public import Alerting
import Crypto
import Foundation
public import Storage

/// The links in messages that let their reader answer without signing in.
///
/// A link names the message that it was sent in and is signed with the installation's key, so that it can be neither
/// guessed nor altered. Opening it changes nothing; only the confirming form does.
public struct ActionLinks: Sendable {
    /// The address under which people reach this server, without a slash at its end.
    public let publicURL: String
    private let key: SymmetricKey
    /// How long after its message a link acts.
    public static let lifetime = Duration.days(14)
    private static let settingName = "action_link_key"

    /// - Parameter key: at least 32 bytes.
    public init(publicURL: String, key: [UInt8]) {
        self.publicURL = publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL
        self.key = SymmetricKey(data: key)
    }

    /// With the installation's own key, which is drawn at the first start.
    public static func load(publicURL: String, from store: Store) async throws -> ActionLinks {
        let key = try await store.write { change in
            if let text = try Settings.value(settingName, in: change.transaction),
                let stored = Data(base64Encoded: text)
            {
                return [UInt8](stored)
            }
            let drawn = SymmetricKey(size: .bits256).withUnsafeBytes { [UInt8]($0) }
            try Settings.set(settingName, to: Data(drawn).base64EncodedString(), in: change.transaction)
            return drawn
        }
        return ActionLinks(publicURL: publicURL, key: key)
    }

    public func alert(_ id: Alert.ID) -> String { "\(publicURL)/alerts/\(id)" }

    /// - Parameter action: what the page offers first.
    public func answer(_ message: MessageRecord.ID, action: String) -> String {
        "\(publicURL)/m/\(token(for: message))?do=\(action)"
    }

    public func token(for message: MessageRecord.ID) -> String {
        "\(message)-" + code(for: "message \(message)")
    }

    /// Proves that a text comes from here: 40 hexadecimal digits.
    func code(for text: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)
        return code.prefix(20).hexadecimal
    }

    /// The message that a token was made for; `nil` when it was not made here.
    public func message(of token: String) -> MessageRecord.ID? {
        let parts = token.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, let id = MessageRecord.ID(parts[0]) else { return nil }
        return Tokens.areEqual(self.token(for: id), token) ? id : nil
    }
}
