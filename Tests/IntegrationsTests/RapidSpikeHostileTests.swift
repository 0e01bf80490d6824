import Alerting
import Integrations
import Simulation
import Testing

/// Generated requests: whatever comes, the reader answers with events or a clear error, in bounded time.
@Suite struct RapidSpikeHostileTests {
    private static let seeds: [UInt64] = [1, 2, 3, 4]

    @Test(arguments: seeds)
    func `given mutated fixtures, when read, then there are events or a clear error`(seed: UInt64) async throws {
        var hostile = HostileRequests(seed: seed, bodies: try Self.bodies())

        for _ in 0..<3000 {
            await Task.yield()
            expectAnswer(hostile.mutated(), seed: seed)
        }
    }

    @Test(arguments: seeds)
    func `given random bytes, when read, then there are events or a clear error`(seed: UInt64) async {
        var hostile = HostileRequests(seed: seed, bodies: [])

        for _ in 0..<1000 {
            await Task.yield()
            expectAnswer(hostile.random(), seed: seed)
        }
    }

    @Test(arguments: seeds)
    func `given generated twins, when one fails and one passes, then their keys are equal`(seed: UInt64) async throws {
        var hostile = HostileRequests(seed: seed, bodies: [])

        for _ in 0..<500 {
            await Task.yield()
            let (failing, passing) = hostile.twins()
            let alert = try #require(try RapidSpike.read(failing).first, "seed \(seed): \(failing)")
            let resolve = try #require(try RapidSpike.read(passing).first, "seed \(seed): \(passing)")

            #expect(alert.kind == .alert, "seed \(seed): \(failing)")
            #expect(resolve.kind == .resolve, "seed \(seed): \(passing)")
            #expect(alert.alertKey == resolve.alertKey, "seed \(seed): \(failing)")
            #expect(alert.alertKey != nil, "seed \(seed): \(failing)")
        }
    }

    @Test(arguments: HostileRequests.giants.indices)
    func `given the largest body allowed, when read, then it takes no longer than a moment`(index: Int) {
        let request = WebhookRequest(body: HostileRequests.giants[index])

        let duration = ContinuousClock().measure { expectAnswer(request, seed: 0) }

        // Unoptimized test builds on a busy machine are slow; what grows with the square takes minutes.
        #expect(duration < .seconds(20))
    }

    private static func bodies() throws -> [[UInt8]] {
        let names = ["firing", "resolved", "flat-firing", "flat-resolved"]
        return try names.map { try Fixture.bytes("rapidspike/\($0).json") } + [
            Array("status=failing&monitor%5Buuid%5D=m-1&label=Caf%C3%A9&target=https%3A%2F%2Fshop.example.com".utf8),
            Array("payload=%7B%22status%22%3A%22failing%22%2C%22uuid%22%3A%22m-1%22%7D".utf8),
            Array("--B\r\nContent-Disposition: form-data; name=\"status\"\r\n\r\nfailing\r\n--B--\r\n".utf8),
            Array("Shop - Home changed from passing to failing".utf8),
        ]
    }

    private func expectAnswer(_ request: WebhookRequest, seed: UInt64) {
        let mapping = PayloadMapping(stateField: "monitor.status", keyField: "uuid", failingWords: ["gone dark"])
        for settings in [IntegrationSettings(), IntegrationSettings(mapping: mapping)] {
            do throws(IntegrationError) {
                for event in try RapidSpike.read(request, settings) { expectWithinLimits(event, seed: seed) }
            } catch {
                #expect(error.message.count > 10 && error.message.count < 400, "seed \(seed)")
            }
        }
    }

    private func expectWithinLimits(_ event: AlertEvent, seed: UInt64) {
        let isFine =
            !event.summary.isEmpty && event.summary.count <= Limits.summary && event.details.count <= Limits.details
            && (event.alertKey?.count ?? 1) <= Limits.alertKey && event.alertKey != ""
            && event.links.count <= Limits.links && event.images.count <= Limits.images
            && !event.summary.utf8.contains { $0 < 0x20 }
        #expect(isFine, "seed \(seed)")
    }
}

/// Requests drawn from one seed.
private struct HostileRequests {
    private var generator: SeededGenerator
    private let bodies: [[UInt8]]

    init(seed: UInt64, bodies: [[UInt8]]) {
        generator = SeededGenerator(seed: seed)
        self.bodies = bodies
    }

    /// A fixture with bytes changed, cut, doubled, inserted or swapped with words that matter to the reader.
    mutating func mutated() -> WebhookRequest {
        var body = pick(bodies)
        for _ in 0..<Int.random(in: 1...6, using: &generator) where !body.isEmpty {
            let index = Int.random(in: 0..<body.count, using: &generator)
            let end = Int.random(in: index...min(body.count, index + 60), using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: body[index] = UInt8.random(in: 0...255, using: &generator)
            case 1: body.removeSubrange(index..<end)
            case 2: body.insert(contentsOf: Array(body[index..<end]), at: index)
            case 3: body.insert(contentsOf: pick(Self.fragments), at: index)
            case 4: body.removeSubrange(index...)
            default: body.swapAt(index, max(0, end - 1))
            }
        }
        return request(body)
    }

    mutating func random() -> WebhookRequest {
        let count = Int.random(in: 0...400, using: &generator)
        var body: [UInt8] = Int.random(in: 0..<3, using: &generator) == 0 ? [0x7B, 0x22] : []
        while body.count < count {
            if Int.random(in: 0..<4, using: &generator) == 0 {
                body += pick(Self.fragments)
            } else {
                body.append(UInt8.random(in: 0...255, using: &generator))
            }
        }
        return request(body)
    }

    private mutating func request(_ body: [UInt8]) -> WebhookRequest {
        let types = [
            "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=B", "text/plain",
            "multipart/form-data; boundary=", "application/json; charset=utf-16", "\u{0}",
        ]
        let isQuery = Int.random(in: 0..<5, using: &generator) == 0
        return WebhookRequest(
            method: isQuery ? "GET" : "POST", headers: [.init("Content-Type", pick(types))],
            query: isQuery ? String(decoding: body, as: UTF8.self) : "", body: isQuery ? [] : body)
    }

    /// One monitor's two notifications, in a random shape, spelling and wrapping.
    mutating func twins() -> (WebhookRequest, WebhookRequest) {
        let words = pick([
            ("failing", "passing"), ("FAILED", "Passed"), ("down", "up"), ("error", "ok"), ("critical", "resolved"),
            ("has_failing", "all_passing"), ("Fail", "recovered"),
        ])
        let stateField = pick([
            "status", "current_status", "monitor.status", "data.state", "event", "alert_type", "type",
        ])
        let named = pick([
            ["monitor.uuid", "website.label"], ["monitor_id", "label"], ["uuid", "name"], ["website.uuid", "target"],
            ["website_id", "monitor.label"], ["target_url", "description"], ["website", "label"], ["id"],
        ])
        var fields = named.map { ($0, pick(Self.values)) }
        if named[0] == "target_url" { fields[0].1 = "https://shop.example.com/" + fields[0].1 }
        let isForm = Bool.random(using: &generator)
        let isQuery = Bool.random(using: &generator)
        let times = ["2026-01-01 10:00:00", "2026-01-01 10:05:00"]
        func body(_ word: String, _ time: String) -> WebhookRequest {
            let all = fields + [(stateField, word), ("message", "It is \(word)"), ("timestamp", time)]
            guard isForm else { return WebhookRequest(body: Array(Self.json(all).utf8)) }
            let form = all.map { Self.encoded($0.0) + "=" + Self.encoded($0.1) }.joined(separator: "&")
            return isQuery ? WebhookRequest(query: form, body: []) : WebhookRequest(body: Array(form.utf8))
        }
        return (body(words.0, times[0]), body(words.1, times[1]))
    }

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: 0..<choices.count, using: &generator)]
    }

    /// Nested objects for paths with dots.
    private static func json(_ fields: [(String, String)]) -> String {
        var tree: [String: JSONValue] = [:]
        for (path, value) in fields {
            let parts = path.split(separator: ".").map(String.init)
            if parts.count == 1 {
                tree[path] = .string(value)
            } else {
                var inner = tree[parts[0]]?.object ?? [:]
                inner[parts[1]] = .string(value)
                tree[parts[0]] = .object(inner)
            }
        }
        return JSONValue.object(tree).text
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            (0x61...0x7A).contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private static let values = [
        "67f71e26-6d76-4d6b-9b6b-944c28e32c9d", "Home", "Sign up", "Error page", "passing", "failing", "0", "é😀",
        "a\u{0}b", String(repeating: "x", count: 700), "<script>", "100000000000000001", "../../etc", "%00%ff", "a&b=c",
    ]

    private static let fragments: [[UInt8]] =
        [
            "failing", "passing", "\"status\":", "\"uuid\":\"x\",", "{", "[", "}", "]", "\"", "\\u0000", "\\ud800",
            "null",
            "1e999", "status=", "&", "%", "%zz", "=", "--B", "\r\n\r\n", " to ", " is ", "previous_status",
            "https://my.rapidspike.com/",
        ].map { Array($0.utf8) } + [[0xFF, 0xFE], [0xC0], [0], [0xEF, 0xBB, 0xBF]]

    /// Bodies of the largest size, each made to hurt.
    static let giants: [[UInt8]] = {
        let size = Limits.ingestBody
        func filled(_ unit: String, start: String = "", end: String = "") -> [UInt8] {
            let room = size - start.utf8.count - end.utf8.count
            let count = room / unit.utf8.count
            return Array((start + String(repeating: unit, count: count) + end).utf8)
        }
        let nested = String(repeating: "{\"a\":", count: 1000) + "1" + String(repeating: "}", count: 1000)
        return [
            Array(nested.utf8), filled("["), filled("{\"a\":"), filled("0,", start: "[", end: "0]"),
            filled("[],", start: "{\"status\":\"failing\",\"a\":[", end: "1]}"),
            filled("x", start: "{\"", end: "\":\"failing\"}"),
            filled("x", start: "{\"status\":\"failing\",\"uuid\":\"", end: "\"}"),
            filled("is failing ", start: "{\"message\":\"", end: "\"}"),
            filled("\\u0301", start: "{\"status\":\"failing\",\"label\":\"e", end: "\"}"),
            filled("\"status\":\"failing\",", start: "{", end: "\"a\":1}"),
            filled("a=b&", end: "status=failing"), filled("&"), filled("="), filled("%41"), filled("%"),
            filled("--B\r\n"), filled("--"), filled("-"),
            filled("--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n"),
            filled(" "), filled("\u{0}"), filled("😀"), filled("failing "), filled("https://my.rapidspike.com/ "),
            [UInt8](repeating: 0xFF, count: size), [0xFF, 0xFE] + [UInt8](repeating: 0xD8, count: size - 2),
        ]
    }()
}
