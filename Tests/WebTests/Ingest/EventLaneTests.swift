import Alerting
import Engine
import Integrations
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Synchronization
import Testing

@testable import Web

/// What a connection does with events, and with everything else.
struct EventLaneTests {
    /// Takes events for one key and answers when it is told to.
    private final class Receiver: EventReceiver {
        struct Unexpected: Error {}

        struct Waiting: Sendable {
            var request: WebhookRequest
            var whenDone: @Sendable (Result<IngestAnswer, Failure>) -> Void
        }

        let waiting = Mutex<[Waiting]>([])

        func receiveAtOnce(
            _ request: WebhookRequest, key: String,
            whenDone: @escaping @Sendable (Result<IngestAnswer, Failure>) -> Void
        ) -> Bool {
            guard key == EventLaneTests.key else { return false }
            waiting.withLock { $0.append(Waiting(request: request, whenDone: whenDone)) }
            return true
        }

        func receive(_ request: WebhookRequest, key: String) async throws -> IngestAnswer { throw Unexpected() }
        func receiveGeneric(_ request: WebhookRequest) async throws -> IngestAnswer { throw Unexpected() }
        func source(withKey key: String) async throws -> AlertSource.ID { throw Unexpected() }
        func alertKey(ofAlert number: String, source key: String) async throws -> String? { throw Unexpected() }
    }

    /// An answer as its bytes say it.
    private struct WrittenAnswer {
        var start: String
        var fields: [String: String] = [:]
        var body: String

        init(_ text: String) throws {
            let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
            let lines = try #require(parts.first).split(separator: "\r\n")
            start = String(try #require(lines.first))
            for line in lines.dropFirst() {
                let field = line.split(separator: ": ", maxSplits: 1)
                fields[field[0].lowercased()] = String(field[1])
            }
            body = String(try #require(parts.last))
        }
    }

    /// Counts how often more is asked for, next to the connection.
    private final class ReadCount: ChannelOutboundHandler {
        typealias OutboundIn = IOData
        private(set) var count = 0

        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }

    private static let key = "nb1s0123456789abcdef"
    private static let idleTimeout = TimeAmount.seconds(30)
    private let receiver = Receiver()
    private let channel = EmbeddedChannel()

    init() throws {
        let logger = Logger(label: "lane") { _ in SwiftLogNoOpLogHandler() }
        let taking = EventLane.Taking(
            door: IngestDoor(receiver, publicURL: "https://bell.example", instance: "me"),
            metrics: RequestMetrics(area: .ingest), envelope: EnvelopeMiddleware(logger: logger), route: "/events")
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTPResponseEncoder())
        try pipeline.addHandler(
            EventLane(
                taking, past: pipeline.context(handlerType: HTTPResponseEncoder.self), idleTimeout: Self.idleTimeout))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func post(
        _ body: String, key: String = EventLaneTests.key, fields: HTTPHeaders = [:], version: HTTPVersion = .http1_1
    ) throws {
        var fields = fields
        fields.add(name: "Host", value: "bell")
        if !["Transfer-Encoding", "Content-Length"].contains(where: { fields.contains(name: $0) }) {
            fields.add(name: "Content-Length", value: "\(body.utf8.count)")
        }
        let head = HTTPRequestHead(
            version: version, method: .POST, uri: "/api/v1/events/rapidspike/\(key)", headers: fields)
        try channel.writeInbound(HTTPServerRequestPart.head(head))
        for piece in [body.prefix(3), body.dropFirst(3)] where !piece.isEmpty {
            try channel.writeInbound(HTTPServerRequestPart.body(ByteBuffer(string: String(piece))))
        }
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
    }

    private func get() throws {
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/alerts")
        try channel.writeInbound(HTTPServerRequestPart.head(head))
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
    }

    /// Ends the oldest commit.
    private func commit(_ result: Result<IngestAnswer, Failure> = .success(IngestAnswer(reason: .newAlert))) throws {
        let oldest = receiver.waiting.withLock { $0.removeFirst() }
        oldest.whenDone(result)
        channel.embeddedEventLoop.run()
    }

    private var bodies: [String] {
        receiver.waiting.withLock { $0.map { String(decoding: $0.request.body, as: UTF8.self) } }
    }

    private func passed() throws -> [HTTPServerRequestPart] {
        var parts: [HTTPServerRequestPart] = []
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) { parts.append(part) }
        return parts
    }

    /// The lane sends each of its answers in one piece.
    private func answered() throws -> [WrittenAnswer] {
        var answers: [WrittenAnswer] = []
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
            answers.append(try WrittenAnswer(String(buffer: bytes)))
        }
        return answers
    }

    @Test func `given an event, when its commit is over, then it is answered and nothing goes on`() throws {
        try post(#"{"status": "failing"}"#, fields: ["Connection": "Keep-Alive", "X-Tool": "spike"])

        #expect(bodies == [#"{"status": "failing"}"#])
        let request = receiver.waiting.withLock { $0.first?.request }
        #expect(request?.method == "POST")
        #expect(request?.path == "/api/v1/events/rapidspike/\(Self.key)")
        // As the routes have it: whom the sender called is not among the fields.
        let fields = request?.headers.map { [$0.name, $0.value] }
        #expect(fields == [["connection", "Keep-Alive"], ["x-tool", "spike"], ["content-length", "21"]])
        #expect(try answered().isEmpty)

        try commit(.success(IngestAnswer(alertKey: "home", alert: .init(7), reason: .newAlert)))

        let answers = try answered()
        #expect(answers.map(\.start) == ["HTTP/1.1 202 Accepted"])
        let body = #"{"alertKey":"home","alertUrl":"https://bell.example/alerts/7","responseCode":"NEW_ALERT"}"#
        #expect(answers.map(\.body) == [body])
        #expect(answers.first?.fields["content-length"] == "\(body.utf8.count)")
        #expect(answers.first?.fields["content-type"] == "application/json")
        #expect(answers.first?.fields["date"]?.hasSuffix(" GMT") == true)
        #expect(try passed().isEmpty)
    }

    @Test func `given a commit that fails, then the answer is the API's`() throws {
        try post("{}")
        try commit(.failure(Failure(.unavailable, "Come back soon.")))

        let answers = try answered()
        #expect(answers.map(\.start) == ["HTTP/1.1 503 Service Unavailable"])
        #expect(answers.first?.body.contains("Come back soon.") == true)
        #expect(answers.first?.fields["retry-after"] == "5")
    }

    @Test func `given a sender that names its request, then its answer has the name`() throws {
        try post("{}", fields: ["Correlation-ID": "mine"])
        try commit()
        #expect(try answered().first?.fields["correlation-id"] == "mine")
    }

    private static let others: [(String, HTTPHeaders, HTTPVersion)] = [
        ("another0123456789abcd", [:], .http1_1), (key, [:], .http1_0), (key, ["Content-Encoding": "gzip"], .http1_1),
        (key, ["connection": "close"], .http1_1), (key, ["Transfer-Encoding": "chunked"], .http1_1),
        (key, ["Expect": "100-continue"], .http1_1), (key, ["Upgrade": "h2c"], .http1_1),
        (key, ["X-Nightbell-Instance": "me"], .http1_1), (key, ["Content-Length": "65537"], .http1_1),
        (key + "?a=b", [:], .http1_1),
    ]

    @Test(arguments: others)
    func `given what the lane does not take, then it goes on as it came`(
        key: String, fields: HTTPHeaders, version: HTTPVersion
    ) throws {
        try post("{...}", key: key, fields: fields, version: version)

        let parts = try passed()
        #expect(bodies.isEmpty)
        guard case .head(let head)? = parts.first, case .end? = parts.last else {
            Issue.record("\(parts)")
            return
        }
        #expect(head.uri == "/api/v1/events/rapidspike/\(key)")
        let body = parts.compactMap { part in
            if case .body(let bytes) = part { String(buffer: bytes) } else { nil }
        }
        #expect(body.joined() == "{...}")
    }

    @Test func `given requests one behind the other, when the first is committed, then they go on in their order`()
        throws
    {
        try post("first")
        try post("second")
        try get()
        try post("third")

        #expect(bodies == ["first"])
        #expect(try passed().isEmpty)

        try commit()
        #expect(bodies == ["second"])
        try commit()

        #expect(try answered().count == 2)
        // The page is being answered by whoever has it; the event behind it goes the same way.
        #expect(try passed().count == 6)
        #expect(bodies.isEmpty)
        for _ in 0..<2 {
            try channel.writeOutbound(
                HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .noContent)))
            try channel.writeOutbound(HTTPServerResponsePart.end(nil))
        }
        try post("fourth")
        #expect(bodies == ["fourth"])
    }

    @Test func `given a sender that sends no more, when its event is committed, then it is answered first`() throws {
        try post("last")
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        try commit()
        #expect(try answered().count == 1)
    }

    @Test func `given a sender that does not read its answers, then nothing behind them is read until it does`()
        throws
    {
        try post("first")
        try post("second")
        channel.isWritable = false
        try commit()
        try post("third")

        #expect(try answered().count == 1)
        #expect(bodies.isEmpty)

        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
        #expect(bodies == ["second"])
        try commit()
        #expect(bodies == ["third"])
    }

    @Test func `given an event that is being committed, then its connection is read until something is held`() throws {
        let reads = ReadCount()
        try channel.pipeline.syncOperations.addHandler(reads, position: .first)
        try post("first")
        let before = reads.count
        channel.read()
        #expect(reads.count == before + 1)

        try post("second")
        channel.read()
        channel.read()
        #expect(reads.count == before + 1)

        try commit()
        #expect(bodies == ["second"])
        #expect(reads.count == before + 2)
    }

    @Test func `given a connection on which nothing happens, then it is closed after its time, and no other`() throws {
        let loop = channel.embeddedEventLoop
        let almost = TimeAmount.seconds(29)
        try post("slow")
        for _ in 0..<3 { loop.advanceTime(by: almost) }
        #expect(channel.isActive)
        try commit()
        loop.advanceTime(by: almost)
        try get()
        _ = try passed()
        for _ in 0..<3 { loop.advanceTime(by: almost) }
        #expect(channel.isActive)
        try channel.writeOutbound(HTTPServerResponsePart.end(nil))
        loop.advanceTime(by: almost)
        #expect(channel.isActive)
        loop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test(arguments: [true, false])
    func `given a server that ends, then a connection hears of it once its event is answered`(isWritable: Bool) throws {
        final class Heard: ChannelInboundHandler {
            typealias InboundIn = HTTPServerRequestPart
            private(set) var isTold = false
            func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
                if event is ChannelShouldQuiesceEvent { isTold = true }
            }
        }
        let heard = Heard()
        try channel.pipeline.syncOperations.addHandler(heard)
        try post("last")
        if isWritable {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
            #expect(!heard.isTold)
            try commit()
        } else {
            // Who does not read its answers keeps no server from its end.
            channel.isWritable = false
            try commit()
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        #expect(heard.isTold)
    }

    @Test func `given a connection that is gone, when its event is committed, then nothing happens`() throws {
        try post("gone")
        _ = try channel.finish(acceptAlreadyClosed: true)
        try commit()
        #expect(try answered().isEmpty)
    }

    @Test(arguments: [(0, "Thu, 01 Jan 1970 00:00:00 GMT"), (1_795_874_043, "Sat, 28 Nov 2026 13:54:03 GMT")])
    func `given a second, then its date is as HTTP writes it`(second: Int, text: String) {
        #expect(HTTPDate.text(of: second) == text)
    }
}
