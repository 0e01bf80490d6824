import AsyncHTTPClient
import NIOCore
import Synchronization

/// HTTP clients that connect to one checked address each, kept for the next request to the same place.
final class PinnedClients: Sendable {
    struct Key: Hashable, Sendable {
        var host: String
        var address: IPAddress
        var connect: Duration
        var read: Duration
    }

    /// The connection led elsewhere than to the checked address.
    struct WrongAddress: Error {}

    private struct Entry {
        var client: HTTPClient
        var users: Int
        /// Grows; the smallest was used the longest time ago.
        var lastUse: Int
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var uses = 0
        var isClosed = false
    }

    /// Clients kept while nobody uses them.
    private static let kept = 32
    /// Connections to one host; further requests wait for one.
    private static let connections = GuardedHTTPClient.underWayToHost
    private let state = Mutex(State())

    /// A client for `key`, to be given back; `nil` after `close`.
    func take(_ key: Key) -> HTTPClient? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            state.uses += 1
            if let client = state.entries[key]?.client {
                state.entries[key]?.users += 1
                return client
            }
            let client = Self.client(key)
            state.entries[key] = Entry(client: client, users: 1, lastUse: state.uses)
            return client
        }
    }

    /// Closes the client that was unused the longest when there are too many.
    func giveBack(_ key: Key) async {
        let surplus: HTTPClient? = state.withLock { state in
            state.uses += 1
            state.entries[key]?.users -= 1
            state.entries[key]?.lastUse = state.uses
            let idle = state.entries.filter { $0.value.users == 0 }
            guard idle.count > Self.kept, let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse })
            else { return nil }
            return state.entries.removeValue(forKey: oldest.key)?.client
        }
        if let surplus { await Self.close(surplus) }
    }

    /// Ends all requests and connections.
    func close() async {
        let clients = state.withLock { state in
            state.isClosed = true
            defer { state.entries = [:] }
            return state.entries.values.map(\.client)
        }
        for client in clients { await Self.close(client) }
    }

    private static func close(_ client: HTTPClient) async {
        // It fails only when it was closed before.
        try? await client.shutdown()
    }

    private static func client(_ key: Key) -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .init(key.connect), read: .init(key.read), write: .init(key.read)))
        configuration.dnsOverride = [key.host: key.address.description]
        configuration.httpVersion = .http1Only
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        configuration.connectionPool.retryConnectionEstablishment = false
        // Should the library ever read the host otherwise than we do, the connection is not used.
        configuration.http1_1ConnectionDebugInitializer = { channel in
            let isRight = channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) } == key.address
            guard isRight else { return channel.eventLoop.makeFailedFuture(WrongAddress()) }
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}
