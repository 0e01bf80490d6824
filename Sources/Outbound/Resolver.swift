import Foundation
import Synchronization

/// Looks names up by the system's resolver, on threads of its own: a look-up blocks and cannot be stopped.
final class Resolver: Sendable {
    enum Problem: Error {
        case unknown
        case timedOut
        /// Too many look-ups wait.
        case busy
    }

    /// Look-ups at a time, and waiting.
    private static let threads = 16
    private static let queue = 1000
    private let operations: OperationQueue

    init() {
        operations = OperationQueue()
        operations.maxConcurrentOperationCount = Self.threads
    }

    /// All addresses of `host` in the order of preference, at least one; a late look-up is left to end by itself.
    func addresses(of host: String, within limit: Duration) async -> Result<[IPAddress], Problem> {
        if let address = IPAddress(host) { return .success([address]) }
        guard operations.operationCount < Self.queue else { return .failure(.busy) }
        return await withCheckedContinuation { continuation in
            let answer = Answer(continuation)
            operations.addOperation {
                let found = Self.lookUp(host)
                answer.give(found.isEmpty ? .failure(.unknown) : .success(found))
            }
            DispatchQueue.global().asyncAfter(deadline: .now() + (limit / .seconds(1))) {
                answer.give(.failure(.timedOut))
            }
        }
    }

    /// Blocks for as long as the system takes.
    static func lookUp(_ host: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        var found: [IPAddress] = []
        for info in sequence(first: first, next: { $0?.pointee.ai_next }).prefix(64) {
            guard let info, let raw = info.pointee.ai_addr else { continue }
            let address =
                switch info.pointee.ai_family {
                case AF_INET:
                    raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
                        withUnsafeBytes(of: pointer.pointee.sin_addr) { IPAddress(bytes: Array($0)) }
                    }
                case AF_INET6:
                    raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                        withUnsafeBytes(of: pointer.pointee.sin6_addr) { IPAddress(bytes: Array($0)) }
                    }
                default: IPAddress?.none
                }
            if let address, !found.contains(address) { found.append(address) }
        }
        return found
    }

    /// The first of the look-up and its time limit answers.
    final class Answer: Sendable {
        private let continuation: Mutex<CheckedContinuation<Result<[IPAddress], Problem>, Never>?>

        init(_ continuation: CheckedContinuation<Result<[IPAddress], Problem>, Never>) {
            self.continuation = Mutex(continuation)
        }

        func give(_ result: Result<[IPAddress], Problem>) {
            let waiting = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            waiting?.resume(returning: result)
        }
    }
}
