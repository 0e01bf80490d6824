internal import Alerting

extension Substring {
    /// Without white space at both ends.
    var trimmed: String {
        let bytes = utf8
        guard let first = bytes.first, let last = bytes.last else { return "" }
        // Most texts begin and end with an ASCII character that is no blank; asking Unicode costs more.
        if (0x21..<0x7F).contains(first), (0x21..<0x7F).contains(last) { return String(self) }
        let start = drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }

    /// Itself trimmed, or `nil` when nothing but white space is in it.
    var nonEmpty: String? {
        let text = trimmed
        return text.isEmpty ? nil : text
    }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String { self[...].trimmed }

    /// Itself trimmed, or `nil` when nothing but white space is in it.
    var nonEmpty: String? { self[...].nonEmpty }

    /// One line without control characters, cut to `limit` characters.
    func line(limit: Int) -> String {
        let isClean = utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        guard isClean, utf8.count <= limit, utf8.first != 0x20, utf8.last != 0x20 else {
            // The cut beforehand bounds the work; a character may be many scalars, so it is generous.
            let words = prefix(limit * 4).split { $0.isWhitespace || $0.isControl }
            return Limits.cut(words.joined(separator: " "), to: limit)
        }
        return self
    }

    /// Several lines without other control characters, cut to `limit` characters.
    func paragraphs(limit: Int) -> String {
        let isClean = utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A }
        guard !isClean else { return Limits.cut(self, to: limit) }
        let kept = prefix(limit + 1).filter { !$0.isControl || $0 == "\n" || $0 == "\t" || $0 == "\r\n" }
        return Limits.cut(String(kept.map { $0 == "\r\n" ? "\n" : $0 }), to: limit)
    }

    /// The text when it is an absolute web address that may be shown as a link.
    var webAddress: String? {
        guard utf8.count <= 2000, mayBeWebAddress else { return nil }
        let address = trimmed
        guard let scheme = address.endOfWebScheme else { return nil }
        let rest = address.utf8[scheme...]
        guard let first = rest.first, first != UInt8(ascii: "/"), first != UInt8(ascii: "?"),
            address.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != 0x22 && $0 != 0x3C && $0 != 0x3E })
        else { return nil }
        return address
    }

    /// The host of a web address, in lower case.
    var webHost: String? {
        guard let address = webAddress, let start = address.endOfWebScheme else { return nil }
        let authority = address.utf8[start...].prefix { !"/?#".utf8.contains($0) }
        let host = authority.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false).last
        return host.map { Substring($0.prefix { $0 != UInt8(ascii: ":") }).lowercased() }
    }

    /// Cheap enough to be asked of every field.
    private var mayBeWebAddress: Bool {
        guard let first = utf8.first(where: { $0 > 0x20 }) else { return false }
        return first | 0x20 == UInt8(ascii: "h")
    }

    /// Where the text goes on after `http://` or `https://`.
    private var endOfWebScheme: Index? {
        for scheme in ["https://", "http://"] where utf8.count > scheme.utf8.count {
            let start = utf8.prefix(scheme.utf8.count)
            if start.elementsEqual(scheme.utf8, by: { $0 | 0x20 == $1 }) { return start.endIndex }
        }
        return nil
    }
}

extension Character {
    fileprivate var isControl: Bool {
        unicodeScalars.first.map { $0.properties.generalCategory == .control } ?? false
    }
}
