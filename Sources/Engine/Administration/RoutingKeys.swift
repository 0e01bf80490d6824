public import Alerting
import Foundation
public import Storage

/// The routing keys that an event or a question names: comma-separated, the first that fits counts.
public enum RoutingKeys {
    private static let most = 20

    /// The policy that `text` leads to; `nil` when no key does.
    ///
    /// A key may be a reference such as `il:{12}` or `il:{"id":12}`, which names a policy by its id.
    public static func policy(
        for text: String, account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> PolicyRecord? {
        for key in keys(of: text) {
            if let id = reference(key) {
                if let policy = try EscalationPolicies.find(id, in: transaction), policy.account == account {
                    return policy
                }
            } else if let policy = try EscalationPolicies.find(routingKey: key, account: account, in: transaction) {
                return policy
            }
        }
        return nil
    }

    /// Trimmed and without blanks, in order; commas between braces do not separate.
    static func keys(of text: String) -> [String] {
        var keys = [""]
        var depth = 0
        for character in text.prefix(10_000) {
            switch character {
            case "{": depth += 1
            case "}": depth = max(0, depth - 1)
            case ",":
                if depth == 0 {
                    keys.append("")
                    continue
                }
            default: break
            }
            keys[keys.count - 1].append(character)
        }
        return Array(keys.map(trimmed).filter { !$0.isEmpty }.prefix(most))
    }

    private static func reference(_ key: String) -> EscalationPolicy.ID? {
        guard key.hasPrefix("il:{"), key.hasSuffix("}") else { return nil }
        if let id = EscalationPolicy.ID(trimmed(String(key.dropFirst(4).dropLast()))) { return id }
        // What is neither a number nor JSON names nothing.
        let value = try? JSONValue.parse(String(key.dropFirst(3)))
        return (value?["id"]?.scalarText).flatMap { EscalationPolicy.ID($0) }
    }

    private static func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
