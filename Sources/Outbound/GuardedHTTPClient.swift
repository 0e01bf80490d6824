import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Sends requests to URLs that users typed in, within limits, and never to addresses that only we can reach.
///
/// The host is looked up here, all of its addresses are checked, and the connection goes to a checked one: a second
/// look-up with another answer cannot slip in between.
public final class GuardedHTTPClient: Sendable {
    /// Requests under way.
    static let underWay = 256
    /// Of those, to one host: one that hangs leaves room for the others.
    static let underWayToHost = 128
    static let redirects = 3

    private let userAgent: String
    private let instance: String
    private let allowsPrivateAddresses: Bool
    private let resolver = Resolver()
    private let clients = PinnedClients()
    private let counts = Mutex(Counts())

    private struct Counts {
        var all = 0
        var byHost: [String: Int] = [:]
    }

    /// - Parameters:
    ///   - version: ours, for the `User-Agent`.
    ///   - instance: names this installation, so that requests of ours that come back are known.
    public init(version: String, instance: String, allowsPrivateAddresses: Bool) {
        userAgent = "Nightbell/\(version)"
        self.instance = instance
        self.allowsPrivateAddresses = allowsPrivateAddresses
    }

    /// Tries once, within the request's limits. Redirects are followed on the same host only, a few times, and
    /// for requests with a body only where the method stays (307, 308).
    public func send(_ request: GuardedRequest) async -> Result<GuardedResponse, GuardedFailure> {
        do throws(GuardedFailure) {
            let host = try GuardedURL(request.url).host
            guard admits(host) else { return .failure(.busy) }
            defer { leave(host) }
            var response = try await follow(request, until: .now + request.limits.total)
            response.redaction = Redaction(of: request)
            return .success(response)
        } catch {
            return .failure(error)
        }
    }

    private func admits(_ host: String) -> Bool {
        counts.withLock { counts in
            guard counts.all < Self.underWay, counts.byHost[host, default: 0] < Self.underWayToHost else {
                return false
            }
            counts.all += 1
            counts.byHost[host, default: 0] += 1
            return true
        }
    }

    private func leave(_ host: String) {
        counts.withLock { counts in
            counts.all -= 1
            let left = counts.byHost[host, default: 1] - 1
            counts.byHost[host] = left > 0 ? left : nil
        }
    }

    /// Ends all requests and connections and takes no more; must be called before the last reference goes.
    public func shutdown() async {
        await clients.close()
    }

    private func follow(
        _ request: GuardedRequest, until deadline: ContinuousClock.Instant
    ) async throws(GuardedFailure) -> GuardedResponse {
        var url = try GuardedURL(request.url)
        var method = request.method
        for _ in 0...Self.redirects {
            let response = try await exchange(request, method: method, url: url, until: deadline)
            guard [301, 302, 303, 307, 308].contains(response.status), let location = response.header("location")
            else { return response }
            let keepsMethod = response.status >= 307
            guard keepsMethod || ["GET", "HEAD"].contains(method) else { return response }
            guard let next = url.redirected(to: location) else { throw .redirectRefused }
            if response.status == 303, method != "HEAD" { method = "GET" }
            url = next
        }
        throw .redirectRefused
    }

    /// One request and its answer, over the first of the host's addresses that can be reached.
    private func exchange(
        _ request: GuardedRequest, method: String, url: GuardedURL, until deadline: ContinuousClock.Instant
    ) async throws(GuardedFailure) -> GuardedResponse {
        let prepared = try prepare(request, method: method, url: url)
        var failure = GuardedFailure.unreachable
        for address in try await addresses(of: url.host, request.limits, until: deadline).prefix(3) {
            let key = PinnedClients.Key(
                host: url.host, address: address, connect: request.limits.connect, read: request.limits.read)
            guard let client = clients.take(key) else { throw .closed }
            let result = await execute(prepared, by: client, limit: request.limits.responseBody, until: deadline)
            await clients.giveBack(key)
            switch result {
            case .success(let response): return response
            case .failure(.unreachable): failure = .unreachable
            case .failure(let other): throw other
            }
        }
        throw failure
    }

    private func addresses(
        of host: String, _ limits: GuardedRequest.Limits, until deadline: ContinuousClock.Instant
    ) async throws(GuardedFailure) -> [IPAddress] {
        switch await resolver.addresses(of: host, within: min(limits.connect, deadline - .now)) {
        case .success(let found):
            let isFine = found.allSatisfy {
                AddressGuard.mayReach($0, allowsPrivateAddresses: allowsPrivateAddresses)
            }
            guard isFine else { throw .addressRefused }
            return found
        case .failure(.unknown): throw .nameUnknown
        case .failure(.timedOut): throw .unreachable
        case .failure(.busy): throw .busy
        }
    }

    private func prepare(
        _ request: GuardedRequest, method: String, url: GuardedURL
    ) throws(GuardedFailure) -> HTTPClientRequest {
        var prepared = HTTPClientRequest(url: url.text)
        prepared.method = HTTPMethod(rawValue: method)
        for (name, value) in request.headers {
            let isClean =
                !name.isEmpty && name.utf8.allSatisfy { Mailbox.isAlphanumeric($0) || $0 == 45 || $0 == 95 }
                && value.utf8.allSatisfy { $0 >= 32 && $0 != 127 || $0 == 9 }
            guard isClean else {
                throw .invalid(reason: "A header of the request has characters that are not allowed.")
            }
            // The host is the URL's, the length the body's.
            guard !["host", "content-length", "transfer-encoding", "connection"].contains(name.lowercased()) else {
                throw .invalid(reason: "The request sets a header that is not its own.")
            }
            prepared.headers.add(name: name, value: value)
        }
        if let credentials = url.credentials, !prepared.headers.contains(name: "Authorization") {
            let encoded = Data(credentials.utf8).base64EncodedString()
            prepared.headers.add(name: "Authorization", value: "Basic \(encoded)")
        }
        prepared.headers.replaceOrAdd(name: "User-Agent", value: userAgent)
        prepared.headers.replaceOrAdd(name: "X-Nightbell-Instance", value: instance)
        if !request.body.isEmpty, method != "GET", method != "HEAD" {
            prepared.body = .bytes(request.body)
        }
        return prepared
    }

    private func execute(
        _ request: HTTPClientRequest, by client: HTTPClient, limit: Int, until deadline: ContinuousClock.Instant
    ) async -> Result<GuardedResponse, GuardedFailure> {
        let answer: HTTPClientResponse
        do {
            answer = try await client.execute(request, timeout: .init(max(deadline - .now, .zero)))
        } catch {
            return .failure(Self.failure(error))
        }
        let collected = Collected()
        let end = await within(deadline) { await collected.read(answer.body, limit: limit) }
        let headers = answer.headers.prefix(200).map { [$0.name.lowercased(), $0.value] }
        return .success(
            GuardedResponse(
                status: Int(answer.status.code), headers: headers, body: collected.bytes, cut: end ?? .tooSlow))
    }

    private static func failure(_ error: any Error) -> GuardedFailure {
        switch error {
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .getConnectionFromPoolTimeout: .unreachable
            case .tlsHandshakeTimeout: .notTrusted
            case .readTimeout, .writeTimeout, .deadlineExceeded: .timedOut
            case .alreadyShutdown, .cancelled: .closed
            case .invalidURL, .emptyHost: .invalid(reason: "The URL cannot be read.")
            default: .broken
            }
        case is PinnedClients.WrongAddress: .addressRefused
        case is NIOConnectionError: .unreachable
        case let error as IOError where connecting.contains(error.errnoCode): .unreachable
        // The TLS library is not ours to import; its errors before an answer are those of the handshake.
        case _ where String(describing: type(of: error)).contains("SSL"): .notTrusted
        default: .broken
        }
    }

    private static let connecting = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL, ETIMEDOUT, ENETDOWN]
}

/// The part of a body that was read so far, which survives a time limit.
private final class Collected: Sendable {
    private let state = Mutex<[UInt8]>([])

    var bytes: [UInt8] { state.withLock { $0 } }

    /// Why it stopped early; `nil` at the body's end.
    func read(_ body: HTTPClientResponse.Body, limit: Int) async -> GuardedResponse.Cut? {
        do {
            for try await part in body {
                let isFull = state.withLock { bytes in
                    let room = limit - bytes.count
                    bytes += part.readableBytesView.prefix(room)
                    return part.readableBytes > room
                }
                if isFull { return .tooLarge }
            }
            return nil
        } catch {
            return error as? HTTPClientError == .readTimeout ? .tooSlow : .broken
        }
    }
}

/// What `body` gives, or `nil` when the deadline comes first; `body` is cancelled then.
private func within<Value: Sendable>(
    _ deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () async -> Value
) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await body() }
        group.addTask {
            // Cancelled when the body came first.
            try? await ContinuousClock().sleep(until: deadline)
            return nil
        }
        let first = await group.next()
        group.cancelAll()
        return first ?? nil
    }
}
