internal import Alerting

// These run for every field of every request. Where bytes decide as well as characters do, bytes decide: asking a
// character for its Unicode properties costs as much as reading a hundred bytes.

extension UInt8 {
    /// Neither a control character nor a blank nor part of a character outside ASCII.
    fileprivate var isInk: Bool { self > 0x20 && self < 0x7F }

    /// ASCII's upper case in lower case.
    var folded: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}

extension StringProtocol where UTF8View: BidirectionalCollection {
    /// Whether every byte passes.
    func allBytes(_ isFine: (UInt8) -> Bool) -> Bool {
        utf8.withContiguousStorageIfAvailable { $0.allSatisfy(isFine) } ?? utf8.allSatisfy(isFine)
    }

    /// Whether the text begins with `prefix`, which is ASCII in lower case, in any case.
    func hasPrefix(folded prefix: StaticString) -> Bool {
        let wanted = prefix.bytes
        let answer = utf8.withContiguousStorageIfAvailable { bytes in
            bytes.count >= wanted.count && wanted.indices.allSatisfy { bytes[$0].folded == wanted[$0] }
        }
        return answer ?? (utf8.count >= wanted.count && zip(utf8, wanted).allSatisfy { $0.folded == $1 })
    }

    /// Whether the text ends in `suffix`, which is ASCII in lower case, in any case.
    func hasSuffix(folded suffix: StaticString) -> Bool {
        let wanted = suffix.bytes
        let answer = utf8.withContiguousStorageIfAvailable { bytes in
            let start = bytes.count - wanted.count
            return start >= 0 && wanted.indices.allSatisfy { bytes[start + $0].folded == wanted[$0] }
        }
        return answer
            ?? (utf8.count >= wanted.count && zip(utf8.suffix(wanted.count), wanted).allSatisfy { $0.folded == $1 })
    }

    /// Whether both ends are ASCII that is no white space, so that there is nothing to trim.
    var hasInkAtBothEnds: Bool {
        guard let first = utf8.first, let last = utf8.last else { return false }
        return first.isInk && last.isInk
    }

    /// Without white space at both ends.
    var trimmed: String {
        if hasInkAtBothEnds { return String(self) }
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }

    /// Itself, or `nil` when nothing but white space is in it.
    var nonEmpty: String? {
        let text = trimmed
        return text.isEmpty ? nil : text
    }
}

extension String {
    /// One line without control characters, cut to `limit` characters.
    func line(limit: Int) -> String {
        let isClean = allBytes { $0 >= 0x20 && $0 != 0x7F }
        guard isClean, utf8.count <= limit, utf8.first != 0x20, utf8.last != 0x20 else {
            // The cut beforehand bounds the work; a character may be many scalars, so it is generous.
            let words = prefix(limit * 4).split { $0.isWhitespace || $0.isControl }
            return Limits.cut(words.joined(separator: " "), to: limit)
        }
        return self
    }

    /// Several lines without other control characters, cut to `limit` characters.
    func paragraphs(limit: Int) -> String {
        let isClean = allBytes { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A }
        guard !isClean else { return Limits.cut(self, to: limit) }
        let kept = prefix(limit + 1).filter { !$0.isControl || $0 == "\n" || $0 == "\t" || $0 == "\r\n" }
        return Limits.cut(String(kept.map { $0 == "\r\n" ? "\n" : $0 }), to: limit)
    }

    /// Adds the line `name: value` when there is a value.
    mutating func appendFact(_ name: String, _ value: String?) {
        guard let value else { return }
        if isEmpty { reserveCapacity(256) } else { append("\n") }
        append(name)
        append(": ")
        append(value.line(limit: 2000))
    }
}

extension String {
    /// `parts` one after the other, written in one go.
    init(concatenating parts: [String]) {
        let count = parts.reduce(0) { $0 + $1.utf8.count }
        self.init(unsafeUninitializedCapacity: count) { buffer in
            var place = 0
            for var part in parts {
                part.withUTF8 { bytes in
                    _ = buffer[place...].update(fromContentsOf: bytes)
                    place += bytes.count
                }
            }
            return place
        }
    }
}

extension String {
    /// The text when it is an absolute web address that may be shown as a link.
    var webAddress: String? {
        // Most fields are no address and show it in their first byte.
        if let first = utf8.first, first.isInk, first.folded != UInt8(ascii: "h") { return nil }
        let address = trimmed
        guard address.utf8.count <= 2000, let length = address.webSchemeLength else { return nil }
        let first = address.utf8.dropFirst(length).first
        guard first != UInt8(ascii: "/"), first != UInt8(ascii: "?"),
            address.allBytes({ $0 > 0x20 && $0 != 0x7F && $0 != 0x22 && $0 != 0x3C && $0 != 0x3E })
        else { return nil }
        return address
    }

    /// The host that a web address names, as it is written.
    var webHost: Substring? {
        guard let length = webSchemeLength else { return nil }
        var text = self
        let (start, end) = text.withUTF8 { bytes in
            let authority = bytes[length...].prefix {
                $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
            }
            let start = authority.lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? length
            return (start, bytes[start..<authority.endIndex].firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex)
        }
        let bytes = text.utf8
        return text[bytes.index(bytes.startIndex, offsetBy: start)..<bytes.index(bytes.startIndex, offsetBy: end)]
    }

    /// Bytes of the `http://` or `https://` that the text begins with, when it goes on after it.
    private var webSchemeLength: Int? {
        let length = hasPrefix(folded: "https://") ? 8 : hasPrefix(folded: "http://") ? 7 : utf8.count
        return length < utf8.count ? length : nil
    }
}

extension StaticString {
    fileprivate var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}

extension Character {
    fileprivate var isControl: Bool {
        unicodeScalars.first.map { $0.properties.generalCategory == .control } ?? false
    }
}
