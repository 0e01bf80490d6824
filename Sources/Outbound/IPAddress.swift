import Foundation

/// An IPv4 or IPv6 address, read from any spelling that a resolver would understand.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16, most significant first.
    public let bytes: [UInt8]

    /// - Parameter bytes: 4 or 16 of them.
    public init(bytes: [UInt8]) {
        precondition(bytes.count == 4 || bytes.count == 16)
        self.bytes = bytes
    }

    /// Reads `192.0.2.1`, but also `0x7f.1`, `2130706433` and `0177.0.0.1` as C libraries do; `2001:db8::1`, also in
    /// brackets and with a zone. `nil` when it is a name or nothing.
    public init?(_ text: some StringProtocol) {
        var text = Substring(text)
        if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
        guard text.contains(":") else {
            guard let bytes = Self.version4(text) else { return nil }
            self.bytes = bytes
            return
        }
        if let zone = text.firstIndex(of: "%") { text = text[..<zone] }
        var address = in6_addr()
        guard inet_pton(AF_INET6, String(text), &address) == 1 else { return nil }
        bytes = withUnsafeBytes(of: &address) { Array($0) }
    }

    /// The usual spelling: `192.0.2.1`, `2001:db8::1`.
    public var description: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// One to four numbers, decimal, octal (`0…`) or hexadecimal (`0x…`); the last fills the bytes that are left.
    private static func version4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 4 else { return nil }
        var numbers: [UInt64] = []
        for part in parts {
            guard let value = number(part) else { return nil }
            numbers.append(value)
        }
        guard let last = numbers.popLast(), numbers.allSatisfy({ $0 < 256 }) else { return nil }
        let left = 4 - numbers.count
        guard last < UInt64(1) << (8 * left) else { return nil }
        return numbers.map { UInt8($0) } + (0..<left).reversed().map { UInt8(truncatingIfNeeded: last >> (8 * $0)) }
    }

    private static func number(_ text: Substring) -> UInt64? {
        guard text.utf8.count <= 20, text.first != "+", text.first != "-" else { return nil }
        let lower = text.lowercased()
        if lower.hasPrefix("0x") { return lower == "0x" ? 0 : UInt64(lower.dropFirst(2), radix: 16) }
        return lower.count > 1 && lower.hasPrefix("0") ? UInt64(lower, radix: 8) : UInt64(lower)
    }
}
