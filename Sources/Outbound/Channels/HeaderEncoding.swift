import Alerting
import Foundation

/// Text in the form that a mail's header wants: ASCII, short lines, nothing that starts a new field.
enum HeaderEncoding {
    /// Longest line, without its end.
    static let line = 76

    /// The field `name: text` with its line end: as it is when that is short and plain, else as RFC 2047 encoded
    /// words on folded lines.
    static func field(_ name: String, text: String) -> String {
        let text = oneLine(text)
        let plain = "\(name): \(text)"
        guard plain.utf8.count > line || !isPlain(text) else { return plain + "\r\n" }
        return "\(name): " + encodedWords(text, after: name.utf8.count + 2) + "\r\n"
    }

    /// The field `name: Name <address>` with its line end.
    static func field(_ name: String, mailbox: Mailbox) -> String {
        guard let display = mailbox.name.map(oneLine), !display.isEmpty else {
            return "\(name): \(mailbox.address)\r\n"
        }
        let start = "\(name): "
        let quoted = "\"" + display.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        let isShort = start.utf8.count + quoted.utf8.count <= line
        let words = isShort && isPlain(display) ? quoted : encodedWords(display, after: start.utf8.count)
        // A line of its own for the address: whatever the name's length, no line is too long.
        return start + words + "\r\n <\(mailbox.address)>\r\n"
    }

    /// `text` with every control character and line separator turned into a blank, without blanks at its ends.
    static func oneLine(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isBreak =
                scalar.value < 32 || (127...159).contains(scalar.value) || scalar.value == 0x2028
                || scalar.value == 0x2029
            scalars.append(isBreak ? " " : scalar)
        }
        return String(scalars).trimmingCharacters(in: .whitespaces)
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (32...126).contains($0) } && !text.contains("=?")
    }

    /// Base64 words of at most 75 characters, one a line; no character is split between two words unless it alone
    /// is longer than a word.
    private static func encodedWords(_ text: String, after used: Int) -> String {
        let frame = "=?UTF-8?B??=".utf8.count
        var words: [String] = []
        var word: [UInt8] = []
        func room() -> Int { (line - (words.isEmpty ? used : 1) - frame) / 4 * 3 }
        func finish() {
            words.append("=?UTF-8?B?\(Data(word).base64EncodedString())?=")
            word = []
        }
        for character in text {
            let pieces =
                character.utf8.count <= 45
                ? [Array(character.utf8)] : character.unicodeScalars.map { Array(String($0).utf8) }
            for bytes in pieces {
                if !word.isEmpty, word.count + bytes.count > room() { finish() }
                word += bytes
            }
        }
        if !word.isEmpty || words.isEmpty { finish() }
        return words.joined(separator: "\r\n ")
    }
}
