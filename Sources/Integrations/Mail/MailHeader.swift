internal import Alerting

/// One field of a mail's header: unfolded, and still encoded.
struct MailField: Equatable, Sendable {
    /// In lower case.
    var name: String
    var value: String
}

/// The header of a mail or of a part of one (RFC 5322, 2.2): everything before the first empty line.
struct MailHeader: Equatable, Sendable {
    private(set) var fields: [MailField] = []
    /// Where what follows the empty line begins.
    let bodyStart: Int

    /// Takes any line end; a line that is no field is left out.
    init(_ bytes: ArraySlice<UInt8>) {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let end = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
            var line = bytes[index..<end]
            if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
            index = min(end + 1, bytes.endIndex)
            if line.isEmpty { break }
            Self.add(line, to: &fields)
        }
        bodyStart = index
    }

    /// The first field of this name, which is in lower case.
    subscript(name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    func count(of name: String) -> Int { fields.count { $0.name == name } }

    private static func add(_ line: ArraySlice<UInt8>, to fields: inout [MailField]) {
        if line.first == UInt8(ascii: " ") || line.first == UInt8(ascii: "\t") {
            guard let last = fields.indices.last, fields[last].value.utf8.count < Limits.mailField else { return }
            fields[last].value += " " + BodyText.decoded(line.prefix(Limits.mailField)).trimmed
            return
        }
        guard fields.count < Limits.mailFields, let colon = line.firstIndex(of: UInt8(ascii: ":")),
            colon > line.startIndex, colon - line.startIndex <= 100,
            line[..<colon].allSatisfy({ $0 > 0x20 && $0 < 0x7F || $0 == 0x20 })
        else { return }
        let name = String(decoding: line[..<colon], as: UTF8.self).trimmed.lowercased()
        let value = BodyText.decoded(line[(colon + 1)...].prefix(Limits.mailField)).trimmed
        fields.append(MailField(name: name, value: value))
    }
}

/// A field's value and what follows it: `text/plain; charset="utf-8"`, with RFC 2231's long and encoded forms.
struct MailParameters: Equatable, Sendable {
    /// In lower case.
    let value: String
    private var parameters: [String: String] = [:]

    init(_ text: String) {
        var parts = Self.parts(of: text)
        value = (parts.isEmpty ? "" : parts.removeFirst()).trimmed.lowercased()
        var pieces: [String: [(number: Int, isEncoded: Bool, text: String)]] = [:]
        for part in parts {
            guard let equals = part.firstIndex(of: "=") else { continue }
            var name = part[..<equals].trimmed.lowercased()
            let text = Self.unquoted(part[part.index(after: equals)...].trimmed)
            let isEncoded = name.hasSuffix("*")
            if isEncoded { name.removeLast() }
            let split = name.split(separator: "*", maxSplits: 1)
            guard let base = split.first else { continue }
            let number = split.count > 1 ? Int(split[1]) ?? 0 : 0
            pieces[String(base), default: []].append((number, isEncoded, text))
        }
        for (name, found) in pieces {
            let sorted = found.sorted { $0.number < $1.number }
            let text = sorted.map(\.text).joined()
            parameters[name] = sorted.first?.isEncoded == true ? Self.percentDecoded(text) : text
        }
    }

    subscript(name: String) -> String? { parameters[name] }

    /// Split at semicolons that are in no quotation marks.
    private static func parts(of text: String) -> [String] {
        var (parts, part) = ([String](), "")
        var (isQuoted, isEscaped) = (false, false)
        for character in text.prefix(Limits.mailField) {
            if character == ";", !isQuoted {
                parts.append(part)
                part = ""
                guard parts.count < 50 else { return parts }
                continue
            }
            if character == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = character == "\\" && !isEscaped
            part.append(character)
        }
        return parts + [part]
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        var (result, isEscaped) = ("", false)
        for character in text.dropFirst().dropLast() {
            isEscaped = character == "\\" && !isEscaped
            if !isEscaped { result.append(character) }
        }
        return result
    }

    /// `UTF-8'de'St%C3%B6rung`.
    private static func percentDecoded(_ text: String) -> String {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return text }
        return MailCharset.decoded(
            TransferEncoding.quotedPrintable(Array(parts[2].utf8)[...], escape: UInt8(ascii: "%")),
            charset: String(parts[0]))
    }
}
