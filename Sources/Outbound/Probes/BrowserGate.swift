import Alerting
import Foundation
import NIOCore
import NIOPosix

/// The one way out of a browser: a SOCKS server (RFC 1928) on a port of this machine that looks each name up, judges
/// its addresses, and connects to one of those that it has judged. The browser itself looks nothing up.
///
/// Only connections of our own user are served, for as long as the check takes.
final class BrowserGate: Sendable {
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private enum Refusal: Error {
        case unreadable
        /// As RFC 1928 numbers them.
        case code(UInt8)
    }

    let port: Int
    private let server: NIOAsyncChannel<Connection, Never>
    private let names: NameCache
    private let mayReach: @Sendable (IPAddress) -> Bool
    private static let patience = Duration.seconds(15)

    private init(
        _ server: NIOAsyncChannel<Connection, Never>, _ names: NameCache,
        _ mayReach: @escaping @Sendable (IPAddress) -> Bool
    ) {
        self.server = server
        self.names = names
        self.mayReach = mayReach
        port = server.channel.localAddress?.port ?? 0
    }

    /// Runs `body` while the gate is open.
    static func open<Result: Sendable>(
        _ names: NameCache, mayReach: @escaping @Sendable (IPAddress) -> Bool,
        _ body: @escaping @Sendable (_ port: Int) async -> Result
    ) async throws -> Result {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0, childChannelInitializer: connection(of:))
        let gate = BrowserGate(server, names, mayReach)
        return await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gate.serve() }
            let result = await body(gate.port)
            group.cancelAll()
            return result
        }
    }

    /// Kept until it is closed, and closed with the gate: one that comes while the gate closes is handed to nobody, and
    /// dropping it open would end the process.
    @Sendable private static func connection(of channel: any NIOCore.Channel) -> EventLoopFuture<Connection> {
        channel.eventLoop.makeCompletedFuture {
            let connection = try Connection(wrappingChannelSynchronously: channel)
            channel.closeFuture.whenComplete { _ in withExtendedLifetime(connection) {} }
            channel.parent?.closeFuture.whenComplete { _ in channel.close(mode: .all, promise: nil) }
            return connection
        }
    }

    private func serve() async throws {
        try await server.executeThenClose { connections in
            await withDiscardingTaskGroup { group in
                do {
                    for try await connection in connections {
                        group.addTask {
                            // A connection that breaks is the browser's affair.
                            try? await self.serve(connection)
                        }
                    }
                } catch {
                    // The gate is closed.
                }
                group.cancelAll()
            }
        }
    }

    private func serve(_ connection: Connection) async throws {
        guard let peer = connection.channel.remoteAddress?.port, Self.isOurs(peer, at: port) else {
            return try await connection.channel.close()
        }
        try await connection.executeThenClose { inbound, outbound in
            var parts = inbound.makeAsyncIterator()
            var buffer = ByteBuffer()
            func read(_ count: Int) async throws -> [UInt8] {
                while buffer.readableBytes < count {
                    guard var part = try await parts.next() else { throw Refusal.unreadable }
                    buffer.writeBuffer(&part)
                }
                return buffer.readBytes(length: count) ?? []
            }
            let greeting = try await read(2)
            guard greeting[0] == 5 else { throw Refusal.unreadable }
            _ = try await read(Int(greeting[1]))
            try await outbound.write(ByteBuffer(bytes: [5, 0]))
            let request = try await read(4)
            let kind = request[3]
            let length = kind == 1 ? 4 : kind == 4 ? 16 : Int(try await read(1)[0])
            let host = try await read(length)
            let place = try await read(2)
            do {
                guard request[1] == 1, [1, 3, 4].contains(kind) else { throw Refusal.code(7) }
                let name = kind == 3 ? String(decoding: host, as: UTF8.self) : "\(IPAddress(bytes: host))"
                let other = try await connect(name, Int(place[0]) << 8 | Int(place[1]))
                try await other.executeThenClose { back, forth in
                    try await outbound.write(ByteBuffer(bytes: Self.answer(0)))
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            for try await part in back { try await outbound.write(part) }
                            try await connection.channel.close()
                        }
                        if buffer.readableBytes > 0 { try await forth.write(buffer) }
                        while let part = try await parts.next() { try await forth.write(part) }
                        group.cancelAll()
                    }
                }
            } catch Refusal.code(let code) {
                try await outbound.write(ByteBuffer(bytes: Self.answer(code)))
            }
        }
    }

    private static func answer(_ code: UInt8) -> [UInt8] { [5, code, 0, 1, 0, 0, 0, 0, 0, 0] }

    private func connect(_ host: String, _ port: Int) async throws -> Connection {
        guard case .success(let addresses) = await names.addresses(of: host, within: Self.patience) else {
            throw Refusal.code(4)
        }
        guard addresses.allSatisfy(mayReach) else { throw Refusal.code(2) }
        for address in addresses.prefix(4) {
            let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(.seconds(10))
            do {
                return try await bootstrap.connect(
                    to: try SocketAddress(ipAddress: "\(address)", port: port), channelInitializer: Self.connection(of:)
                )
            } catch {
                // Another address may do.
                continue
            }
        }
        throw Refusal.code(5)
    }

    /// Whether the connection from that port of this machine is our own user's, as far as the kernel lists it: while
    /// others come and go, its list may leave one out, which is served then.
    private static func isOurs(_ peer: Int, at port: Int) -> Bool {
        user(from: peer, to: port).map { $0 == "\(geteuid())" } ?? true
    }

    /// The number of the user who has made a connection between two ports of this machine, as the kernel lists it
    /// (proc(5), `/proc/net/tcp`); `nil`: it does not.
    static func user(from peer: Int, to port: Int) -> String? {
        // A system without the list, or one that does not let us read it, tells nothing.
        guard let file = FileHandle(forReadingAtPath: "/proc/net/tcp"), let list = try? file.readToEnd() else {
            return nil
        }
        // The list of a busy machine is long, and read for each connection.
        let pair = Data("0100007F:\(hex(peer)) 0100007F:\(hex(port)) ".utf8)
        guard let found = list.range(of: pair) else { return nil }
        let line = list[found.lowerBound...].prefix { $0 != UInt8(ascii: "\n") }
        let words = line.split(separator: UInt8(ascii: " "))
        return words.count > 6 ? String(decoding: words[6], as: UTF8.self) : nil
    }

    private static func hex(_ port: Int) -> String {
        let text = String(port, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - text.count)) + text
    }
}
