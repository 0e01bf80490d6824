internal import Alerting

/// Reads the text fields of a `multipart/form-data` body (RFC 7578); files in it are read as texts too.
enum MultipartDecoding {
    /// A field or a file as it came.
    struct Part {
        var name: String
        var isFile: Bool
        var content: ArraySlice<UInt8>
    }

    /// The fields in their order; `nil` when the body is not multipart.
    static func fields(_ body: [UInt8], contentType: String?) -> [FormField]? {
        parts(body, contentType: contentType)?.map { FormField(name: $0.name, value: BodyText.decoded($0.content)) }
    }

    static func parts(_ body: [UInt8], contentType: String?) -> [Part]? {
        guard let boundary = boundary(contentType) ?? boundaryLine(of: body), !boundary.isEmpty else { return nil }
        let delimiter = Array("--".utf8) + boundary
        guard body.count <= Limits.ingestBody, delimiter.count <= 200 else { return nil }
        var parts: [Part] = []
        let starts = occurrences(of: delimiter, in: body)
        for (index, start) in starts.enumerated() where parts.count < Limits.payloadFields {
            let end = index + 1 < starts.count ? starts[index + 1] : body.count
            if let part = part(body[(start + delimiter.count)..<end]) { parts.append(part) }
        }
        return parts.isEmpty ? nil : parts
    }

    private static func boundary(_ contentType: String?) -> [UInt8]? {
        guard let contentType, contentType.hasPrefix(folded: "multipart/") else { return nil }
        for parameter in contentType.split(separator: ";").dropFirst() {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].trimmed.lowercased() == "boundary" else { continue }
            return Array(parts[1].trimmed.utf8.filter { $0 != UInt8(ascii: "\"") })
        }
        return nil
    }

    /// A body without a label still shows its boundary in the first line.
    private static func boundaryLine(of body: [UInt8]) -> [UInt8]? {
        guard body.starts(with: Array("--".utf8)) else { return nil }
        let line = body.prefix(200).prefix { $0 != 0x0D && $0 != 0x0A }
        guard line.count > 2, line.count < body.count else { return nil }
        return Array(line.dropFirst(2))
    }

    private static func occurrences(of needle: [UInt8], in bytes: [UInt8]) -> [Int] {
        guard let first = needle.first, bytes.count >= needle.count else { return [] }
        var found: [Int] = []
        var index = 0
        while index <= bytes.count - needle.count {
            if bytes[index] == first, bytes[index..<(index + needle.count)].elementsEqual(needle) {
                found.append(index)
                index += needle.count
            } else {
                index += 1
            }
        }
        return found
    }

    /// One part: its headers, an empty line, its content and the line break before the next boundary.
    private static func part(_ part: ArraySlice<UInt8>) -> Part? {
        let lines = part.drop { $0 == 0x0D || $0 == 0x0A }
        guard let gap = headerEnd(in: lines) else { return nil }
        let headers = BodyText.decoded(lines[..<gap.lowerBound])
        guard let name = name(in: headers) else { return nil }
        var content = lines[gap.upperBound...]
        if content.last == 0x0A { content.removeLast() }
        if content.last == 0x0D { content.removeLast() }
        return Part(name: name, isFile: headers.lowercased().contains("filename"), content: content)
    }

    private static func headerEnd(in part: ArraySlice<UInt8>) -> Range<Int>? {
        for index in part.indices where part[index] == 0x0A {
            let next = index + 1
            if next < part.endIndex, part[next] == 0x0A { return index..<(next + 1) }
            if next + 1 < part.endIndex, part[next] == 0x0D, part[next + 1] == 0x0A { return index..<(next + 2) }
        }
        return nil
    }

    private static func name(in headers: String) -> String? {
        for parameter in headers.split(whereSeparator: { $0 == ";" || $0.isNewline }) {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].trimmed.lowercased() == "name" else { continue }
            return parts[1].trimmed.filter { $0 != "\"" }
        }
        return nil
    }
}
