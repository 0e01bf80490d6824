internal import Alerting

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: String {
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
        let isClean = utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        guard isClean, utf8.count <= limit, first != " ", last != " " else {
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
        let address = trimmed
        guard address.utf8.count <= 2000, let scheme = address.endOfWebScheme else { return nil }
        let rest = address.utf8[scheme...]
        guard let first = rest.first, first != UInt8(ascii: "/"), first != UInt8(ascii: "?"),
            address.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != 0x22 && $0 != 0x3C && $0 != 0x3E })
        else { return nil }
        return address
    }

    /// The host of a web address, in lower case.
    var webHost: String? {
        guard let address = webAddress, let start = address.endOfWebScheme else { return nil }
        let authority = address[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        return host.prefix { $0 != ":" }.lowercased()
    }

    /// Where the text goes on after `http://` or `https://`.
    private var endOfWebScheme: Index? {
        for scheme in ["https://", "http://"] where utf8.count > scheme.utf8.count {
            let end = utf8.index(startIndex, offsetBy: scheme.utf8.count)
            if self[..<end].lowercased() == scheme { return end }
        }
        return nil
    }
}

extension Character {
    fileprivate var isControl: Bool {
        unicodeScalars.first.map { $0.properties.generalCategory == .control } ?? false
    }
}
