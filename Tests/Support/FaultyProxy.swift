import Foundation
import Synchronization

/// Stands between a server and its clients on 127.0.0.1 and does to their connections what a bad network does.
public final class FaultyProxy: Sendable {
    public enum Mode: Equatable, Sendable {
        case pass
        /// Every piece arrives so much later.
        case delay(milliseconds: UInt32)
        /// Nothing arrives, in either direction, and nobody is told; what was under way arrives when it passes again.
        case drop
        /// Every connection is reset, and new ones as soon as they are made.
        case reset
    }

    private struct State {
        var mode = Mode.pass
        var isClosed = false
        /// Goes up when all connections are to be reset.
        var generation = 0
    }

    public let port: Int
    private let listener: Int32
    private let socketPath: String
    private let state = Mutex(State())

    /// - Parameter socketPath: of the server behind it.
    public init(to socketPath: String) throws {
        self.socketPath = socketPath
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard isListening else { throw ChildProcess.NotSeen(description: "the proxy has no port: \(errno)") }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while let self, self.acceptOne() {}
        }
    }

    deinit { close(listener) }

    public func set(_ mode: Mode) {
        state.withLock { state in
            state.mode = mode
            if mode == .reset { state.generation += 1 }
        }
    }

    /// Ends all connections; none is taken any more.
    public func stop() {
        state.withLock { state in
            state.isClosed = true
            state.generation += 1
        }
    }

    private func acceptOne() -> Bool {
        var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        poll(&waiting, 1, 50)
        let (mode, isClosed, generation) = state.withLock { ($0.mode, $0.isClosed, $0.generation) }
        guard !isClosed else { return false }
        guard waiting.revents & Int16(POLLIN) != 0, mode != .drop else { return true }
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return true }
        guard mode != .reset, let server = connectToServer() else {
            Self.reset(client)
            return true
        }
        // Each end is closed once, by the last of its two pumps.
        let pair = Pair(client: client, server: server)
        for (source, sink) in [(client, server), (server, client)] {
            Thread.detachNewThread { [weak self] in
                while let self, self.pump(source, sink, generation, pair) {}
                pair.leave()
            }
        }
        return true
    }

    private func connectToServer() -> Int32? {
        let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(socketPath.utf8)) }
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                connect(server, address, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard isConnected else {
            close(server)
            return nil
        }
        return server
    }

    /// Passes one piece on.
    private func pump(_ source: Int32, _ sink: Int32, _ generation: Int, _ pair: Pair) -> Bool {
        var waiting = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
        poll(&waiting, 1, 20)
        let (mode, current) = state.withLock { ($0.mode, $0.generation) }
        guard current == generation else {
            pair.isReset.store(true, ordering: .relaxed)
            return false
        }
        guard waiting.revents != 0 else { return !pair.isOver.load(ordering: .relaxed) }
        switch mode {
        case .drop, .reset:
            poll(nil, 0, 20)
            return true
        case .delay(let milliseconds): poll(nil, 0, Int32(milliseconds))
        case .pass: break
        }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(source, &bytes, bytes.count)
        guard count > 0 else {
            pair.isOver.store(true, ordering: .relaxed)
            return false
        }
        var sent = 0
        while sent < count {
            let step = bytes[sent..<count].withUnsafeBytes {
                send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard step > 0 else {
                pair.isOver.store(true, ordering: .relaxed)
                return false
            }
            sent += step
        }
        return true
    }

    private final class Pair: Sendable {
        let client: Int32
        let server: Int32
        let isReset = Atomic(false)
        let isOver = Atomic(false)
        private let pumps = Atomic(2)

        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }

        func leave() {
            isOver.store(true, ordering: .relaxed)
            guard pumps.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
            if isReset.load(ordering: .relaxed) { FaultyProxy.reset(client) } else { close(client) }
            close(server)
        }
    }

    private static func reset(_ descriptor: Int32) {
        var hard = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }
}
