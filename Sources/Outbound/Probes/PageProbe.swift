import Alerting
import Foundation

/// A document that was fetched, and where redirects led to.
struct FetchedDocument: Sendable {
    var answer: CheckAnswer
    var url: String
}

/// Fetches one URL of at most so many bytes within a time.
typealias Fetch = @Sendable (_ url: String, _ bytes: Int, _ limit: Duration) async -> FetchedDocument

/// Loads a page and what belongs to it, without a browser: style sheets, scripts, pictures and frames that its HTML
/// names.
struct PageProbe: Sendable {
    let fetch: Fetch

    /// Bytes of the document, and of one part.
    static let mostBytes = 10 * 1024 * 1024
    static let mostParts = 100
    /// Parts at the same time, as browsers do.
    private static let atOnce = 6

    func run(_ check: PageCheck, within limit: Duration) async -> CheckAnswer {
        let start = ContinuousClock.now
        let document = await fetch(check.url, Self.mostBytes, limit)
        var answer = document.answer
        let body = answer.body
        answer.body = []
        guard answer.problem == nil, (200...399).contains(answer.status ?? 0) else { return answer }
        guard !answer.isCut else {
            answer.problem = .tooLarge
            answer.detail = "the page alone is larger than \(Self.mostBytes / 1024 / 1024) MB"
            return answer
        }
        let found = PageParts.urls(in: String(decoding: body, as: UTF8.self), at: document.url)
        let urls = Array(found.prefix(Self.mostParts))
        var parts = CheckAnswer.Parts(count: urls.count, bytes: body.count, isCut: found.count > urls.count)
        let fetched = await Many.fetch(urls, bytes: Self.mostBytes, atOnce: Self.atOnce, fetch) {
            limit - (ContinuousClock.now - start)
        }
        for (url, part) in zip(urls, fetched) {
            parts.bytes += part.body.count
            if let reason = Self.problem(part) { parts.broken.append("\(Limits.cut(url, to: 100)) (\(reason))") }
        }
        answer.parts = parts
        answer.total = ContinuousClock.now - start
        return answer
    }

    /// Why a part did not load.
    static func problem(_ answer: CheckAnswer) -> String? {
        if let problem = answer.problem { return answer.detail ?? problem.words }
        guard let status = answer.status, (200...399).contains(status) else { return "\(answer.status ?? 0)" }
        return nil
    }
}

/// Fetches several URLs, some at a time.
enum Many {
    /// In the order of `urls`.
    ///
    /// - Parameter left: the time that is left, asked before each.
    static func fetch(
        _ urls: [String], bytes: Int, atOnce: Int, _ fetch: @escaping Fetch, left: @escaping @Sendable () -> Duration
    ) async -> [CheckAnswer] {
        await withTaskGroup(of: (Int, CheckAnswer).self) { group in
            var answers = [CheckAnswer?](repeating: nil, count: urls.count)
            var next = 0
            while next < min(atOnce, urls.count) {
                let (place, url) = (next, urls[next])
                group.addTask { (place, await fetch(url, bytes, left()).answer) }
                next += 1
            }
            while let (done, answer) = await group.next() {
                answers[done] = answer
                guard next < urls.count else { continue }
                let (place, url) = (next, urls[next])
                group.addTask { (place, await fetch(url, bytes, left()).answer) }
                next += 1
            }
            return answers.map { $0 ?? CheckAnswer(problem: .noAnswer, total: .zero) }
        }
    }
}

/// Finds what belongs to a page in its HTML, as far as one can tell without running it.
enum PageParts {
    /// Absolute URLs in the order of the page, each once.
    static func urls(in html: String, at base: String) -> [String] {
        let base = URL(string: base)
        var found: [String] = []
        var seen: Set<String> = []
        for tag in tags(html) {
            guard let reference = reference(tag), !reference.isEmpty, !reference.hasPrefix("data:"),
                let url = URL(string: reference.replacing("&amp;", with: "&"), relativeTo: base)?.absoluteURL,
                ["http", "https"].contains(url.scheme?.lowercased() ?? "")
            else { continue }
            let text = url.absoluteString.split(separator: "#", maxSplits: 1).first.map(String.init) ?? ""
            if !text.isEmpty, seen.insert(text).inserted { found.append(text) }
        }
        return found
    }

    private struct Tag {
        var name: String
        var attributes: [String: String]
    }

    private static func reference(_ tag: Tag) -> String? {
        switch tag.name {
        case "script", "img", "iframe", "embed", "source", "video", "audio": return tag.attributes["src"]
        case "link":
            let kinds = (tag.attributes["rel"] ?? "").lowercased().split(separator: " ")
            return kinds.contains { ["stylesheet", "icon", "preload", "modulepreload"].contains($0) }
                ? tag.attributes["href"] : nil
        default: return nil
        }
    }

    private static let mostTags = 100_000

    /// Opening tags with their attributes; comments are left out, and so is the text of scripts and styles.
    private static func tags(_ html: String) -> [Tag] {
        let bytes = Array(html.utf8)
        var tags: [Tag] = []
        var place = 0
        while place < bytes.count, tags.count < mostTags {
            guard bytes[place] == UInt8(ascii: "<") else {
                place += 1
                continue
            }
            if bytes[place...].starts(with: Array("<!--".utf8)) {
                place = end(of: "-->", in: bytes, from: place + 4)
                continue
            }
            guard let (tag, after) = tag(bytes, from: place + 1) else {
                place += 1
                continue
            }
            tags.append(tag)
            place = after
            if ["script", "style"].contains(tag.name) { place = end(of: "</\(tag.name)", in: bytes, from: place) }
        }
        return tags
    }

    /// The place after the next `mark`, whatever its case; the end without one.
    private static func end(of mark: String, in bytes: [UInt8], from start: Int) -> Int {
        let mark = Array(mark.utf8)
        var place = start
        while place + mark.count <= bytes.count {
            let isHere = (0..<mark.count).allSatisfy { offset in
                let byte = bytes[place + offset]
                return byte == mark[offset] || byte | 0x20 == mark[offset] && mark[offset] >= 97
            }
            if isHere { return place + mark.count }
            place += 1
        }
        return bytes.count
    }

    private static func tag(_ bytes: [UInt8], from start: Int) -> (Tag, after: Int)? {
        var reader = TagReader(bytes: bytes, place: start)
        guard let name = reader.word() else { return nil }
        var attributes: [String: String] = [:]
        while let (name, value) = reader.attribute() {
            if attributes[name] == nil, attributes.count < 50 { attributes[name] = value }
        }
        return (Tag(name: name, attributes: attributes), reader.place)
    }
}

/// Reads the inside of one tag.
private struct TagReader {
    let bytes: [UInt8]
    var place: Int

    private func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    /// Letters and digits that begin with a letter, in lower case.
    mutating func word() -> String? {
        guard place < bytes.count, (97...122).contains(bytes[place] | 0x20) else { return nil }
        let start = place
        while place < bytes.count, !isBlank(bytes[place]), !"/>=".utf8.contains(bytes[place]) { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self).lowercased()
    }

    /// The next name and value; `nil` after the tag's end, which is passed.
    mutating func attribute() -> (String, String)? {
        while place < bytes.count, bytes[place] != UInt8(ascii: ">") {
            guard let name = word() else {
                place += 1
                continue
            }
            while place < bytes.count, isBlank(bytes[place]) { place += 1 }
            guard place < bytes.count, bytes[place] == UInt8(ascii: "=") else { return (name, "") }
            place += 1
            while place < bytes.count, isBlank(bytes[place]) { place += 1 }
            return (name, value())
        }
        place = min(place + 1, bytes.count)
        return nil
    }

    private mutating func value() -> String {
        guard place < bytes.count else { return "" }
        let quote = bytes[place]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            let start = place
            while place < bytes.count, !isBlank(bytes[place]), bytes[place] != UInt8(ascii: ">") { place += 1 }
            return String(decoding: bytes[start..<place], as: UTF8.self)
        }
        place += 1
        let start = place
        while place < bytes.count, bytes[place] != quote { place += 1 }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        place = min(place + 1, bytes.count)
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
