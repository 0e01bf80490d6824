internal import Alerting

/// What a mail's body says to its reader: the texts of its parts, and the names of what else is in it.
///
/// Of alternatives the plain text is taken, else the HTML's text; a forwarded mail is read with its subject. RFC 2045,
/// 2046 and 2183.
struct MailBody {
    private(set) var texts: [String] = []
    private(set) var attachments: [String] = []
    private var parts = 0
    private var length = 0

    private static let mostParts = 100
    private static let deepest = 10

    init(_ header: MailHeader, _ bytes: ArraySlice<UInt8>) {
        read(header, bytes, depth: 0)
    }

    var text: String { texts.joined(separator: "\n\n") }

    private mutating func read(_ header: MailHeader, _ bytes: ArraySlice<UInt8>, depth: Int) {
        guard depth <= Self.deepest, parts < Self.mostParts else { return }
        parts += 1
        let type = MailParameters(header["content-type"] ?? "text/plain")
        let disposition = MailParameters(header["content-disposition"] ?? "")
        let name = disposition["filename"] ?? type["name"]
        if disposition.value == "attachment" { return note(name ?? type.value) }
        if type.value.hasPrefix("multipart/") {
            readParts(type, bytes, depth: depth)
        } else if type.value == "message/rfc822" {
            readForwarded(header, bytes, depth: depth)
        } else if type.value.hasPrefix("text/") || !type.value.contains("/") {
            let decoded = Self.text(type, header, bytes)
            add(type.value == "text/html" ? HTMLText.plain(decoded) : decoded)
        } else {
            note(name ?? type.value)
        }
    }

    private mutating func readParts(_ type: MailParameters, _ bytes: ArraySlice<UInt8>, depth: Int) {
        guard let boundary = type["boundary"], !boundary.isEmpty, boundary.utf8.count <= 200 else {
            return add(BodyText.decoded(bytes))
        }
        let pieces = Self.split(bytes, at: boundary)
        let headers = pieces.map { MailHeader($0) }
        let isAlternative = type.value == "multipart/alternative"
        let order = isAlternative ? [Self.best(of: headers)].compactMap(\.self) : Array(pieces.indices)
        for index in order {
            let count = texts.count
            read(headers[index], pieces[index][headers[index].bodyStart...], depth: depth + 1)
            // Plain texts that are empty stand beside HTML that is not.
            guard isAlternative, texts.count == count else { continue }
            for other in pieces.indices where other != index && texts.count == count {
                read(headers[other], pieces[other][headers[other].bodyStart...], depth: depth + 1)
            }
        }
    }

    private mutating func readForwarded(_ header: MailHeader, _ bytes: ArraySlice<UInt8>, depth: Int) {
        let decoded = TransferEncoding.decoded(bytes, by: header["content-transfer-encoding"])
        let inner = MailHeader(decoded[...])
        let subject = EncodedWords.decoded(inner["subject"] ?? "").line(limit: Limits.summary)
        if !subject.isEmpty { add("Subject: " + subject) }
        read(inner, decoded[inner.bodyStart...], depth: depth + 1)
    }

    private static func text(_ type: MailParameters, _ header: MailHeader, _ bytes: ArraySlice<UInt8>) -> String {
        let decoded = TransferEncoding.decoded(bytes, by: header["content-transfer-encoding"])
        let text = MailCharset.decoded(decoded, charset: type["charset"]).replacing("\r\n", with: "\n")
        return type["format"]?.lowercased() == "flowed" ? unflowed(text, type) : text
    }

    /// Lines that end in a blank go on in the next one (RFC 3676).
    private static func unflowed(_ text: String, _ type: MailParameters) -> String {
        let dropsBlank = type["delsp"]?.lowercased() == "yes"
        var result = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let isSoft = line.hasSuffix(" ") && line != "-- "
            result += isSoft && dropsBlank ? line.dropLast() : line
            if !isSoft { result += "\n" }
        }
        return result
    }

    /// The plain text; without one the last that can be read, which is the richest.
    private static func best(of headers: [MailHeader]) -> Int? {
        let types = headers.map { MailParameters($0["content-type"] ?? "text/plain").value }
        return types.firstIndex(of: "text/plain") ?? types.firstIndex { $0.hasPrefix("multipart/") }
            ?? types.lastIndex { $0.hasPrefix("text/") } ?? types.indices.last
    }

    private mutating func add(_ text: String) {
        guard length < Limits.mailText, let text = String(text.prefix(Limits.mailText - length)).nonEmpty else {
            return
        }
        length += text.utf8.count
        texts.append(text)
    }

    private mutating func note(_ name: String) {
        let name = EncodedWords.decoded(name).line(limit: Limits.name)
        if attachments.count < Limits.links, !name.isEmpty { attachments.append(name) }
    }

    /// What stands between the lines `--boundary`; the text before the first is for old programs, the last line may be
    /// missing.
    private static func split(_ bytes: ArraySlice<UInt8>, at boundary: String) -> [ArraySlice<UInt8>] {
        let delimiter = Array("--".utf8) + Array(boundary.utf8)
        var pieces: [ArraySlice<UInt8>] = []
        var start: Int?
        var index = bytes.startIndex
        while index < bytes.endIndex, pieces.count < mostParts {
            let end = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
            if bytes[index..<end].starts(with: delimiter) {
                let rest = bytes[(index + delimiter.count)..<end]
                let isLast = rest.starts(with: "--".utf8)
                if isLast || rest.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
                    if let start { pieces.append(Self.withoutLineEnd(bytes[start..<index])) }
                    start = isLast ? nil : min(end + 1, bytes.endIndex)
                    if isLast { return pieces }
                }
            }
            index = end + 1
        }
        if let start, start < bytes.endIndex { pieces.append(bytes[start...]) }
        return pieces
    }

    /// The line end before a boundary is the boundary's.
    private static func withoutLineEnd(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        if bytes.last == UInt8(ascii: "\n") { bytes = bytes.dropLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes = bytes.dropLast() }
        return bytes
    }
}
