import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

@testable import Outbound

/// A web server on a free port of this machine that answers by path, well or badly.
final class WebServer: Sendable {
    struct Request: Equatable, Sendable {
        var method: String
        var uri: String
        var headers: [String: String]
        var body: String
    }

    enum Answer: Sendable {
        case reply(Int, headers: [String: String] = [:], body: String = "")
        /// A body that goes on until the connection ends.
        case endless
        /// A head and the beginning of a body, then nothing.
        case stuck(String)
        /// A byte every 50 ms.
        case drip
        case hang
        case close
    }

    private let channel: any Channel
    private let seen = Mutex<[Request]>([])

    var port: Int { channel.localAddress?.port ?? 0 }
    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { seen.withLock { $0 } }

    init(host: String = "127.0.0.1", _ answer: @escaping @Sendable (Request) -> Answer) async throws {
        let record = Shared<(@Sendable (Request) -> Void)?>(nil)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(
                        Handler { request in
                            record.value.withLock { $0 }?(request)
                            return answer(request)
                        })
                }
            }
            .bind(host: host, port: 0).get()
        record.value.withLock { $0 = { [weak self] request in self?.seen.withLock { $0.append(request) } } }
    }

    func stop() async throws {
        try await channel.close()
    }

    /// A server that answers so and a client that may reach it, for as long as `body` takes.
    static func run<Result>(
        _ answer: @escaping @Sendable (Request) -> Answer,
        _ body: (WebServer, GuardedHTTPClient) async throws -> Result
    ) async throws -> Result {
        let server = try await WebServer(answer)
        let client = GuardedHTTPClient(version: "1.0", instance: "test", allowsPrivateAddresses: true)
        do {
            let result = try await body(server, client)
            await client.shutdown()
            try await server.stop()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }

    /// A mutex that two closures can hold.
    private final class Shared<Value: Sendable>: Sendable {
        let value: Mutex<Value>
        init(_ value: Value) { self.value = Mutex(value) }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let answer: @Sendable (Request) -> Answer
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ answer: @escaping @Sendable (Request) -> Answer) {
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (self.head, body) = (head, [])
            case .body(let part): body += part.readableBytesView
            case .end:
                guard let head else { return }
                let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
                let text = String(decoding: body, as: UTF8.self)
                act(
                    answer(Request(method: head.method.rawValue, uri: head.uri, headers: headers, body: text)), context)
            }
        }

        private func act(_ answer: Answer, _ context: ChannelHandlerContext) {
            switch answer {
            case .reply(let status, let headers, let body):
                var all = HTTPHeaders(headers.map { ($0.key, $0.value) })
                all.add(name: "Content-Length", value: "\(body.utf8.count)")
                write(status, all, body, context)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .endless:
                write(200, ["Transfer-Encoding": "chunked"], "", context)
                pour(context)
            case .drip:
                write(200, ["Transfer-Encoding": "chunked"], "", context)
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                context.eventLoop.scheduleRepeatedTask(initialDelay: .milliseconds(50), delay: .milliseconds(50)) {
                    task in
                    let (handler, context) = bound.value
                    guard context.channel.isActive else { return task.cancel() }
                    let byte = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: "x")))
                    context.writeAndFlush(handler.wrapOutboundOut(byte), promise: nil)
                }
            case .stuck(let start): write(200, ["Transfer-Encoding": "chunked"], start, context)
            case .hang: break
            case .close: context.close(promise: nil)
            }
        }

        private func write(_ status: Int, _ headers: HTTPHeaders, _ body: String, _ context: ChannelHandlerContext) {
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        }

        private func pour(_ context: ChannelHandlerContext) {
            let chunk = ByteBuffer(repeating: 120, count: 16_384)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(chunk)))).whenSuccess {
                let (handler, context) = bound.value
                handler.pour(context)
            }
        }
    }
}
