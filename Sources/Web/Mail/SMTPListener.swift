import Alerting
public import Engine
public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle
import Synchronization

/// Takes mails in: a mail server for the addresses that `MailRouter` knows, and for no others. It passes nothing on.
public struct SMTPListener: Service {
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let host: String
    private let port: Int
    private let hostname: String
    private let router: MailRouter
    private let logger: Logger
    private let places = SMTPPlaces()

    /// For a client that has gone silent, and for a connection as a whole.
    private static let idleTimeout = TimeAmount.seconds(60)
    private static let longestConnection = TimeAmount.minutes(10)
    private static let backlog: Int32 = 128

    /// - Parameters:
    ///   - host: a name or an address of this machine.
    ///   - hostname: how the server calls itself.
    public init(host: String, port: Int, hostname: String, router: MailRouter, logger: Logger) {
        self.host = host
        self.port = port
        self.hostname = hostname
        self.router = router
        self.logger = logger
    }

    /// Serves until the end is asked for.
    ///
    /// - Throws: `Failure` when the port cannot be had.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await serve() }
        } catch is CancellationError {
            // That is how it ends.
        }
    }

    private func serve() async throws {
        let server = try await bind()
        logger.info("mails are taken", metadata: ["host": "\(host)", "port": "\(port)"])
        try await withThrowingDiscardingTaskGroup { group in
            try await server.executeThenClose { connections in
                for try await connection in connections {
                    group.addTask { await serve(connection) }
                }
            }
        }
    }

    private func bind() async throws -> NIOAsyncChannel<Connection, Never> {
        do {
            return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.backlog, value: Self.backlog)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHandler(IdleStateHandler(allTimeout: Self.idleTimeout))
                        try pipeline.addHandler(SMTPTimeout(Self.longestConnection))
                        let connection = try Connection(wrappingChannelSynchronously: channel)
                        channel.keep(connection)
                        return connection
                    }
                }
        } catch {
            throw Failure(.unavailable, "Cannot listen for mails on \(host):\(port).", cause: "\(error)")
        }
    }

    private func serve(_ connection: Connection) async {
        let client = connection.channel.remoteAddress?.ipAddress ?? "unknown"
        let hasPlace = places.enter(client)
        defer { if hasPlace { places.leave(client) } }
        do {
            try await connection.executeThenClose { inbound, outbound in
                guard hasPlace else {
                    try await outbound.write(SMTPReply(421, "4.7.0 Too many connections; come back soon").buffer)
                    return
                }
                var dialog = SMTPConnection(router: router, hostname: hostname, client: client)
                try await outbound.write(dialog.greeting.buffer)
                for try await buffer in inbound {
                    let replies = await dialog.receive(buffer.readableBytesView)
                    if !replies.isEmpty {
                        try await outbound.write(ByteBuffer(string: replies.map(\.text).joined()))
                    }
                    if dialog.isOver { return }
                }
            }
        } catch {
            logger.debug("mail connection broke off", metadata: ["reason": "\(error)"])
        }
    }
}

/// Counts connections, so that nobody takes the places of all others.
final class SMTPPlaces: Sendable {
    private let counts = Mutex<(all: Int, byClient: [String: Int])>((0, [:]))

    /// - Returns: whether there was room; `leave` then has to follow.
    func enter(_ client: String) -> Bool {
        counts.withLock { counts in
            guard counts.all < Limits.mailConnections,
                counts.byClient[client, default: 0] < Limits.mailConnectionsPerClient
            else { return false }
            counts.all += 1
            counts.byClient[client, default: 0] += 1
            return true
        }
    }

    func leave(_ client: String) {
        counts.withLock { counts in
            counts.all -= 1
            let left = counts.byClient[client, default: 1] - 1
            counts.byClient[client] = left > 0 ? left : nil
        }
    }
}

/// Ends connections that are silent, or that last too long.
private final class SMTPTimeout: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let longest: TimeAmount
    private var end: Scheduled<Void>?

    init(_ longest: TimeAmount) {
        self.longest = longest
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        end = context.eventLoop.scheduleTask(in: longest) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end?.cancel()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        let reply = SMTPReply(421, "4.4.2 Nothing was said for too long")
        context.writeAndFlush(wrapOutboundOut(reply.buffer), promise: nil)
        context.close(promise: nil)
    }
}
