public import HummingbirdCore
import Logging
import NIOCore

extension NIOCore.Channel {
    /// Holds what reads and writes the connection until that is closed.
    ///
    /// One that comes in the very moment in which its server ends is handed to nobody: NIO drops it, and the end of a
    /// connection that is dropped while it is open is the end of the process (NIOAsyncWriter, 2.101).
    func keep(_ connection: some Sendable) {
        closeFuture.whenComplete { _ in withExtendedLifetime(connection) {} }
    }
}

/// Connections that are kept until they are closed.
private struct KeptConnections<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base

    func setup(channel: any NIOCore.Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        base.setup(channel: channel, logger: logger).map { connection in
            channel.keep(connection)
            return connection
        }
    }

    func handle(value: Base.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}

extension HTTPServerBuilder {
    /// HTTP/1.1 whose events are taken on the event loops of their connections, and the rest as ever.
    ///
    /// - Parameter idleTimeout: until a connection without a request is closed; `nil`: never.
    public static func http(idleTimeout: Duration? = nil, of server: WebResponder) -> HTTPServerBuilder {
        guard let lane = server.lane else { return http(idleTimeout: idleTimeout) }
        return HTTPServerBuilder { responder in
            KeptConnections(base: EventConnections(responder: responder, idleTimeout: idleTimeout, lane: lane))
        }
    }

    /// HTTP/1.1 on connections that may come at any time, also while the server ends.
    ///
    /// - Parameter idleTimeout: until a connection without a request is closed; `nil`: never.
    public static func http(idleTimeout: Duration? = nil) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            KeptConnections(
                base: HTTP1Channel(
                    responder: responder, configuration: .init(idleTimeout: idleTimeout.map { TimeAmount($0) })))
        }
    }
}
