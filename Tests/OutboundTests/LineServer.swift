import NIOCore
import NIOPosix
import Synchronization

/// A server on a free port of 127.0.0.1 that answers one line with a text and hangs up, as WHOIS does.
final class LineServer: Sendable {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private let channel: any Channel
    private let seen = Lines()

    var port: Int { channel.localAddress?.port ?? 0 }
    var lines: [String] { seen.all.withLock { $0 } }

    init(_ answer: @escaping @Sendable (String) -> String) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { [seen] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Handler { line in
                            seen.all.withLock { $0.append(line) }
                            return answer(line)
                        })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func stop() async throws {
        try await channel.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: @Sendable (String) -> String
        private var line = ""

        init(_ answer: @escaping @Sendable (String) -> String) {
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            line += String(buffer: unwrapInboundIn(data))
            guard line.hasSuffix("\r\n") else { return }
            let reply = ByteBuffer(string: answer(String(line.dropLast())))
            context.writeAndFlush(wrapOutboundOut(reply)).assumeIsolated().whenComplete { _ in
                context.close(promise: nil)
            }
        }
    }
}
