/// The encoded words of RFC 2047, such as `=?UTF-8?Q?St=C3=B6rung?=`, in the text of a header field.
struct EncodedWords {
    private let bytes: [UInt8]
    private var index = 0
    private var plain: [UInt8] = []
    /// Words of one charset that follow each other: a character may be split between two of them.
    private var word: (charset: String, bytes: [UInt8])?
    private var result = ""

    private static let longest = 2000

    /// The text with its encoded words decoded; blanks between two of them are left out.
    static func decoded(_ text: String) -> String {
        guard text.contains("=?") else { return text }
        var decoder = EncodedWords(bytes: Array(text.utf8))
        return decoder.run()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func run() -> String {
        while index < bytes.count {
            if let found = wordHere() {
                if !plain.isEmpty {
                    // Blanks alone stand between words for the sake of the line's length.
                    if word == nil || plain.contains(where: { $0 != 0x20 && $0 != 0x09 }) { endPlain() }
                    plain = []
                }
                add(found.bytes, charset: found.charset)
                index = found.end
            } else {
                plain.append(bytes[index])
                index += 1
            }
        }
        endPlain()
        return result
    }

    private mutating func add(_ more: [UInt8], charset: String) {
        if word?.charset == charset {
            word?.bytes += more
        } else {
            endWord()
            word = (charset, more)
        }
    }

    private mutating func endWord() {
        guard let done = word else { return }
        result += MailCharset.decoded(done.bytes, charset: done.charset)
        word = nil
    }

    private mutating func endPlain() {
        endWord()
        result += String(decoding: plain, as: UTF8.self)
        plain = []
    }

    private func wordHere() -> (charset: String, bytes: [UInt8], end: Int)? {
        guard bytes[index] == UInt8(ascii: "="), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "?"),
            let charsetEnd = mark(after: index + 2, within: 60), let kindEnd = mark(after: charsetEnd + 1, within: 2),
            kindEnd == charsetEnd + 2, let textEnd = mark(after: kindEnd + 1, within: Self.longest),
            textEnd + 1 < bytes.count, bytes[textEnd + 1] == UInt8(ascii: "=")
        else { return nil }
        // `utf-8*de` names a language, too.
        let charset = String(decoding: bytes[(index + 2)..<charsetEnd], as: UTF8.self)
            .lowercased().prefix { $0 != "*" }
        let text = bytes[(kindEnd + 1)..<textEnd]
        let decoded: [UInt8]
        switch bytes[charsetEnd + 1] {
        case UInt8(ascii: "b"), UInt8(ascii: "B"): decoded = TransferEncoding.base64(text)
        case UInt8(ascii: "q"), UInt8(ascii: "Q"):
            let spaced = text.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: " ") : $0 }
            decoded = TransferEncoding.quotedPrintable(spaced[...])
        default: return nil
        }
        return (String(charset), decoded, textEnd + 2)
    }

    /// The next question mark.
    private func mark(after start: Int, within limit: Int) -> Int? {
        guard start < bytes.count else { return nil }
        return bytes[start..<min(bytes.count, start + limit)].firstIndex(of: UInt8(ascii: "?"))
    }
}
