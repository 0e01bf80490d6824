public import Alerting
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// Talks to a server as a browser or a script does: keeps connections open and cookies, follows no redirect.
public final class TestHTTPClient: Sendable {
    public struct Answer: Sendable {
        public var status: Int
        public var headers: [(name: String, value: String)]
        public var text: String

        public func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }

        /// - Throws: `JSONError` when the body is no JSON.
        public var json: JSONValue {
            get throws { try JSONValue.parse(text) }
        }
    }

    /// What paths are appended to; without a slash at its end.
    public let url: String
    private let headers: [(String, String)]
    private let cookies = Mutex<[String: String]>([:])
    private let client: HTTPClient
    private let hasOwnConnections: Bool
    private static let shared = make()

    /// More connections at once than any test opens.
    ///
    /// - Parameter isPatient: tries for as long as a connection may take to reach a server that refuses it.
    private static func make(isPatient: Bool = true) -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5), read: .seconds(30)),
            connectionPool: .init(idleTimeout: .seconds(20), concurrentHTTP1ConnectionsPerHostSoftLimit: 128))
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = isPatient
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// - Parameters:
    ///   - headers: sent with every request.
    ///   - hasOwnConnections: for a test that breaks them; other clients of the same server go on with theirs. A server
    ///     that is not there is then told of at once.
    public init(url: String, headers: [(String, String)] = [], hasOwnConnections: Bool = false) {
        self.url = url
        self.headers = headers
        self.hasOwnConnections = hasOwnConnections
        client = hasOwnConnections ? Self.make(isPatient: false) : Self.shared
    }

    deinit {
        guard hasOwnConnections else { return }
        client.shutdown { _ in }
    }

    /// - Parameter path: from the first slash on, or a whole URL.
    ///
    /// Asked again when the kept connection was one that a server which died or restarted meanwhile had left.
    public func get(_ path: String) async throws -> Answer {
        do {
            return try await send("GET", path)
        } catch let error where Self.isConnectionLost(error) {
            return try await send("GET", path)
        }
    }

    /// Which error it is depends on how far the request had got.
    private static func isConnectionLost(_ error: any Error) -> Bool {
        error as? HTTPClientError == .remoteConnectionClosed || error as? ChannelError == .ioOnClosedChannel
            || [ECONNRESET, EPIPE].contains((error as? IOError)?.errnoCode)
    }

    public func post(_ path: String, json: String) async throws -> Answer {
        try await send("POST", path, body: json, type: "application/json")
    }

    public func post(_ path: String, form: [(String, String)]) async throws -> Answer {
        let allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        let body = form.map { pair in
            [pair.0, pair.1].map { $0.addingPercentEncoding(withAllowedCharacters: allowed) ?? "" }
                .joined(separator: "=")
        }.joined(separator: "&")
        return try await send("POST", path, body: body, type: "application/x-www-form-urlencoded")
    }

    public func send(
        _ method: String, _ path: String, body: String? = nil, type: String? = nil,
        headers more: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: path.hasPrefix("/") ? url + path : path)
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in headers + more { request.headers.add(name: name, value: value) }
        let cookies = cookies.withLock { $0.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; ") }
        if !cookies.isEmpty { request.headers.add(name: "cookie", value: cookies) }
        if let type { request.headers.add(name: "content-type", value: type) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await client.execute(request, timeout: .seconds(30))
        for line in response.headers["set-cookie"] { keep(cookie: line) }
        let bytes = try await response.body.collect(upTo: 16 * 1024 * 1024)
        return Answer(
            status: Int(response.status.code), headers: response.headers.map { ($0.name, $0.value) },
            text: String(buffer: bytes))
    }

    private func keep(cookie line: String) {
        let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard pair.count == 2 else { return }
        let isOver = line.lowercased().contains("max-age=0")
        cookies.withLock { $0[String(pair[0])] = isOver ? nil : String(pair[1]) }
    }
}
