/// Why a condition or a template is not understood, and where.
public struct LanguageError: Error, Equatable, Sendable {
    /// What is wrong, as a part of a sentence, such as `a value was expected`.
    public var reason: String
    /// 1-based.
    public var line: Int
    /// 1-based, in characters.
    public var column: Int

    public init(_ reason: String, line: Int, column: Int) {
        self.reason = reason
        self.line = line
        self.column = column
    }

    /// - Parameter offset: bytes before the place.
    init(_ reason: String, at offset: Int, in bytes: [UInt8]) {
        let before = bytes.prefix(max(0, offset))
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        self.reason = reason
        line = before.count { $0 == UInt8(ascii: "\n") } + 1
        column = String(decoding: before[lineStart...], as: UTF8.self).count + 1
    }

    /// One sentence for a person: `Line 1, column 7: a value was expected.`
    public var message: String { "Line \(line), column \(column): \(reason)." }
}
