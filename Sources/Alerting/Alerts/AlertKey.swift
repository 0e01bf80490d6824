/// The name of a problem within its alert source.
public struct AlertKey: Hashable, Sendable {
    /// As the tool spells it, trimmed and at most `Limits.alertKey` characters.
    public let text: String
    /// What two keys are compared by: `text` without case.
    public let folded: String

    /// `nil` for a blank text.
    public init?(_ raw: String) {
        let trimmed = AlertKey.trimmed(raw)
        guard !trimmed.isEmpty else { return nil }
        // The byte count bounds the character count: nothing is counted for keys of the usual length.
        if trimmed.utf8.count > Limits.alertKey, trimmed.count > Limits.alertKey {
            text = trimmed.prefix(Limits.alertKey - 17) + "~" + AlertKey.hash(trimmed)
        } else {
            text = trimmed
        }
        folded = text.lowercased()
    }

    private static func trimmed(_ raw: String) -> String {
        let isBlank = { (byte: UInt8) in byte == 32 || (9...13).contains(byte) }
        guard let first = raw.utf8.first, let last = raw.utf8.last else { return "" }
        guard isBlank(first) || isBlank(last) else { return raw }
        let start = raw.utf8.drop(while: isBlank)
        let end = start.reversed().drop(while: isBlank).first.map { _ in
            start.lastIndex { !isBlank($0) }.map { start.index(after: $0) } ?? start.startIndex
        }
        return end.map { String(Substring(start[..<$0])) } ?? ""
    }

    /// FNV-1a, 64 bits, in hexadecimal: tells cut keys apart, protects nothing.
    private static func hash(_ text: String) -> String {
        let value = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
