import Alerting
import Foundation
import Integrations
import Testing

/// Thousands of broken requests over every reader of the catalog: none crashes, none takes long, and every one is
/// either understood or refused with a sentence, so that ingestion keeps it.
///
/// They let others have the processor now and then, as all long tests do: a browser beside them is not to time out.
@Suite struct GeneratedInputTests {
    private static let casesPerReader = 250
    private static let hostile = [
        String(repeating: "[", count: 1000), String(repeating: #"{"a":"#, count: 1000),
        String(repeating: "<a>", count: 1000), String(repeating: "%7B", count: 1000),
        #"{"alerts":"# + String(repeating: "[", count: 1000),
        "{\"status\":" + String(repeating: "9", count: 5000) + "}",
        #"{"data":{"essentials":[]},"incident":[],"check":7,"alert":"x","event":{"event_type":{}},"labels":[1]}"#,
        #"{"Type":"Notification","Message":"{\"AlarmName\":[],\"NewStateValue\":{}}"}"#,
        "\u{0}\u{0}\u{0}\u{0}", "\u{FEFF}{}", "--x\r\n\r\n--x--",
    ]

    @Test func `given generated requests, when every reader reads them, then each is understood or refused`()
        async throws
    {
        var generator = SplitMix(state: 0x5EED)
        let seeds = try Self.seeds()
        var count = 0
        for entry in IntegrationCatalog.entries {
            await Task.yield()
            let own = seeds[entry.type] ?? seeds.values.flatMap { $0 }
            for number in 0..<Self.casesPerReader {
                let seed = own[number % own.count]
                let request = WebhookRequest(
                    method: number % 7 == 0 ? "GET" : "POST", path: "/x", headers: seed.headers,
                    query: number % 7 == 0 ? text(mutated(Array(seed.query.utf8), &generator)) : seed.query,
                    body: mutated(seed.body, &generator))
                check(entry, request)
                count += 1
            }
        }
        #expect(count >= 10_000)
    }

    @Test(arguments: hostile.indices)
    func `given hostile bodies, when every reader reads them, then each is understood or refused`(index: Int) async {
        let text = Self.hostile[index]
        for entry in IntegrationCatalog.entries {
            await Task.yield()
            for type in ["application/json", "application/xml", "multipart/form-data; boundary=x", "text/plain"] {
                check(entry, WebhookRequest(headers: [.init("Content-Type", type)], body: Array(text.utf8)))
            }
        }
    }

    /// Bodies of 5 MB, ten times what ingestion lets in; each reader gets two shapes, all shapes get many readers.
    @Test func `given bodies of five megabytes, when every reader reads them, then each is understood or refused`()
        async
    {
        let size = 5_000_000
        func filled(_ start: String, _ piece: String, _ end: String) -> [UInt8] {
            var bytes = Array(start.utf8)
            bytes.reserveCapacity(size + 1000)
            let piece = Array(piece.utf8)
            while bytes.count < size { bytes += piece }
            return bytes + Array(end.utf8)
        }
        let shapes = [
            filled(#"{"status":"firing","message":""#, "ä", #""}"#), filled(#"{"alerts":[1"#, ",1", "]}"),
            filled("{\"a\":1", ",\"status\":\"x\"", "}"), filled("<event><payload>", "<entry key=\"A\">b</entry>", ""),
            filled("status=", "%20&a=b", ""), filled("", "DOWN is down ", ""), filled("", "[", ""),
        ]
        for (number, entry) in IntegrationCatalog.entries.enumerated() {
            for shape in [number % shapes.count, (number + 3) % shapes.count] {
                await Task.yield()
                check(entry, WebhookRequest(body: shapes[shape]), within: .seconds(30))
            }
        }
    }

    @Test func `given members of the wrong type, when every reader reads them, then each is understood or refused`()
        async throws
    {
        let wrong: [JSONValue] = [
            .null, .bool(true), .integer(-1), .number(1e300), .literal("1" + String(repeating: "0", count: 400)),
            .string(""), .string(String(repeating: "🛒", count: 5000)), .array([]), .object([:]),
            .array([.array([.null])]),
        ]
        for (type, requests) in try Self.seeds() {
            let entry = try #require(IntegrationCatalog.entry(type: type))
            for request in requests {
                guard let json = try? JSONValue.parse(request.body) else { continue }  // Forms have no types.
                for value in wrong {
                    await Task.yield()
                    for changed in Self.replacements(in: json, by: value, depth: 0) {
                        check(entry, WebhookRequest(headers: request.headers, body: changed.bytes()))
                    }
                }
            }
        }
    }

    private func check(
        _ entry: IntegrationCatalog.Entry, _ request: WebhookRequest, within limit: Duration = .seconds(5)
    ) {
        let started = Self.processorTime
        do throws(IntegrationError) {
            let events = try entry.events(from: request, settings: .init())
            let isFine = events.allSatisfy {
                $0.summary.count <= Limits.summary && ($0.alertKey?.count ?? 0) <= Limits.alertKey
                    && $0.links.count <= Limits.links && $0.details.count <= Limits.details
            }
            if !isFine { Issue.record("\(entry.type) exceeds a limit: \(text(request.body))") }
        } catch {
            if error.message.isEmpty { Issue.record("\(entry.type) refuses without a reason") }
        }
        let duration = Self.processorTime - started
        if duration > limit { Issue.record("\(entry.type) took \(duration): \(text(request.body))") }
        _ = entry.integrationKey(in: request)
    }

    /// Of this thread, which is not longer on a busy machine.
    private static var processorTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// The fixtures of every reader, by type.
    private static func seeds() throws -> [String: [WebhookRequest]] {
        var seeds: [String: [WebhookRequest]] = [:]
        for vendor in VendorTests.vendors {
            for name in [vendor.firing, vendor.resolved] {
                seeds[vendor.type, default: []].append(try Fixture.request(name))
            }
        }
        for name in ["firing", "alternative", "html", "koi8-r", "forwarded", "report"] {
            let mail = WebhookRequest(method: Email.method, body: try Fixture.bytes("email/\(name).eml"))
            for type in ["EMAIL", "EMAIL2"] { seeds[type, default: []].append(mail) }
        }
        return seeds
    }

    /// Every object with one of its members replaced, two levels deep.
    private static func replacements(in json: JSONValue, by value: JSONValue, depth: Int) -> [JSONValue] {
        guard depth < 2 else { return [] }
        switch json {
        case .object(let members):
            return members.flatMap { name, member in
                ([value] + replacements(in: member, by: value, depth: depth + 1)).map { changed in
                    .object(members.merging([name: changed]) { _, new in new })
                }
            }
        case .array(let items):
            return items.indices.flatMap { index in
                ([value] + replacements(in: items[index], by: value, depth: depth + 1)).map { changed in
                    var items = items
                    items[index] = changed
                    return .array(items)
                }
            }
        case .null, .bool, .integer, .number, .literal, .string: return []
        }
    }

    /// The bytes cut, flipped, doubled, or with a piece of JSON's or XML's own in the middle.
    private func mutated(_ bytes: [UInt8], _ generator: inout SplitMix) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0...3, using: &generator) {
            guard !bytes.isEmpty else { return Array("{".utf8) }
            let index = Int.random(in: bytes.indices, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes.removeSubrange(index...)
            case 1: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
            case 2: bytes.insert(contentsOf: bytes[index...].prefix(200), at: index)
            case 3: bytes.removeSubrange(index..<min(bytes.count, index + 20))
            case 4: bytes.insert(contentsOf: Self.pieces.randomElement(using: &generator)?.utf8 ?? "".utf8, at: index)
            default: bytes.swapAt(index, Int.random(in: bytes.indices, using: &generator))
            }
        }
        return bytes
    }

    private static let pieces = [
        "\"", "{", "}", "[", "]", ":", ",", "null", "\\u0000", "\\ud800", "1e999", "-", "&", "<", "</entry>", "]]>",
        "&#x110000;", "%00", "%", "=", "\u{202E}", "🛒",
    ]

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix(300), as: UTF8.self) }
}

/// Chance from a seed (SplitMix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
