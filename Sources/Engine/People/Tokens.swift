import Alerting
import Crypto
import Foundation

/// Random secrets, and how they are compared and kept.
public enum Tokens {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    static let secretLength = 40

    /// `count` letters and digits from the system's secure generator; each carries 5.9 bits.
    public static func random(_ count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }

    /// The secret of an alert source's URL, such as `nb1rapi` and 40 more.
    ///
    /// - Parameter type: as on the wire, such as `RAPIDSPIKE`.
    public static func integrationKey(type: String) -> String {
        // Clients look at these letters to tell a heartbeat from an alert source (ilagent 0.9, read 2026-11-23).
        if HeartbeatSources.types.contains(type) { return "il1hbt" + random(secretLength) }
        return "nb1" + type.lowercased().filter { $0.isASCII && $0.isLetter }.prefix(4) + random(secretLength)
    }

    /// The secret of a heartbeat monitor's address, such as `nb1h:300:` and 40 more.
    public static func heartbeatKey(interval: Duration) -> String {
        "nb1h:\(interval.components.seconds):" + random(secretLength)
    }

    /// A key for the REST API: `nbk_` and 40 more.
    public static func apiKey() -> String {
        "nbk_" + random(secretLength)
    }

    /// Compares in a time that depends on the lengths only.
    public static func areEqual(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// The form in which a secret with enough randomness of its own is kept: 64 lower-case hexadecimal digits.
    public static func sha256(_ text: String) -> String {
        sha256(Array(text.utf8))
    }

    /// 64 lower-case hexadecimal digits.
    static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: Data(bytes)).hexadecimal
    }
}
