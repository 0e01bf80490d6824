internal import Alerting

/// The text of an HTML page, for mails that have no other: tags away, lines where blocks end, entities decoded.
struct HTMLText {
    private let bytes: [UInt8]
    private var text: [UInt8] = []
    private var index = 0
    /// What was looked for and is nowhere from here on: it is not looked for again.
    private var missing: Set<String> = []

    private static let blocks: Set<String> = [
        "br", "p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "blockquote",
        "pre",
        "section", "article", "header", "footer", "dt", "dd",
    ]
    private static let hidden: Set<String> = ["script", "style", "head", "title", "template"]
    private static let entities = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "hellip": "…", "ndash": "–",
        "mdash": "—", "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß",
        "eacute": "é", "egrave": "è", "copy": "©", "reg": "®", "deg": "°", "euro": "€", "bull": "•", "middot": "·",
        "laquo": "«", "raquo": "»", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "zwnj": "", "shy": "",
    ]

    static func plain(_ html: String) -> String {
        var reader = HTMLText(bytes: Array(html.utf8))
        return reader.run()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func run() -> String {
        text.reserveCapacity(bytes.count / 2)
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "<"): skipTag()
            case UInt8(ascii: "&"): decodeEntity()
            case 0x20, 0x09, 0x0A, 0x0D:
                if let last = text.last, last != 0x20, last != 0x0A { text.append(0x20) }
                index += 1
            default: keepByte()
            }
        }
        return Self.tidied(String(decoding: text, as: UTF8.self))
    }

    private mutating func keepByte() {
        text.append(bytes[index])
        index += 1
    }

    /// Leaves out a tag, and with it what is not shown.
    private mutating func skipTag() {
        if bytes[index...].starts(with: "<!--".utf8) {
            index = position(of: "-->", from: index + 4).map { $0 + 3 } ?? bytes.count
            return
        }
        guard let end = position(of: ">", from: index) else { return keepByte() }
        let inside = bytes[(index + 1)..<end]
        let isEnd = inside.first == UInt8(ascii: "/")
        let name = String(
            decoding: inside.dropFirst(isEnd ? 1 : 0).prefix(20).prefix { $0 > 0x20 && $0 != UInt8(ascii: "/") },
            as: UTF8.self
        ).lowercased()
        if Self.blocks.contains(name), text.last != 0x0A { text.append(0x0A) }
        if name == "td" || name == "th", let last = text.last, last != 0x20, last != 0x0A { text.append(0x20) }
        index = end + 1
        guard Self.hidden.contains(name), !isEnd, inside.last != UInt8(ascii: "/") else { return }
        index = position(of: "</" + name, from: index) ?? index
    }

    /// In any case of ASCII's letters.
    private mutating func position(of needle: String, from start: Int) -> Int? {
        guard !missing.contains(needle) else { return nil }
        let wanted = Array(needle.utf8)
        var place = start
        while place + wanted.count <= bytes.count {
            if bytes[place].folded == wanted[0],
                bytes[place..<(place + wanted.count)].lazy.map(\.folded).elementsEqual(wanted)
            {
                return place
            }
            place += 1
        }
        missing.insert(needle)
        return nil
    }

    private mutating func decodeEntity() {
        let window = bytes[(index + 1)..<min(bytes.count, index + 12)]
        guard let end = window.firstIndex(of: UInt8(ascii: ";")) else { return keepByte() }
        let name = String(decoding: bytes[(index + 1)..<end], as: UTF8.self)
        guard let replacement = Self.entities[name] ?? Self.character(name) else { return keepByte() }
        text += replacement.utf8
        index = end + 1
    }

    /// `#228`, `#xE4`.
    private static func character(_ name: String) -> String? {
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        let number = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return number.flatMap(Unicode.Scalar.init).map { String($0) }
    }

    /// Without blanks at the ends of lines and without more than one empty line in a row.
    private static func tidied(_ text: String) -> String {
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let line = line.trimmed
            if line.isEmpty, lines.last?.isEmpty ?? true { continue }
            lines.append(line)
        }
        return lines.joined(separator: "\n").trimmed
    }
}
