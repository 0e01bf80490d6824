import Alerting
import Foundation
import Synchronization

/// Looks names up for checks and remembers addresses for as long as their records say, their absence for a moment.
///
/// Names of the system's own come first (`/etc/hosts`), then its name servers. Where these say nothing, the system's
/// resolver is asked, which may know other ways.
final class NameCache: Sendable {
    fileprivate enum Entry {
        case known(Result<[IPAddress], Resolver.Problem>, until: ContinuousClock.Instant)
        case asked([Resolver.Answer])
    }

    fileprivate struct State {
        var entries: [String: Entry] = [:]
        var sources: NameSources?
        var sourcesRead = ContinuousClock.now
        /// Counted for tests and for nothing else.
        var questions = 0
    }

    /// What is remembered at least and at most, whatever the records say.
    static let shortest = Duration.seconds(1)
    static let longest = Duration.seconds(3600)
    /// How long the absence of an answer is remembered, and what the system's resolver said.
    private static let absence = Duration.seconds(5)
    private static let unstated = Duration.seconds(30)
    private static let ourselves = ["127.0.0.1", "::1"].compactMap { IPAddress($0) }
    private static let mostEntries = 20_000
    private static let threads = 32

    private let fixed: NameSources?
    private let state = Mutex(State())
    private let operations = OperationQueue()

    /// - Parameter sources: `nil`: the system's, read anew every few seconds.
    init(_ sources: NameSources? = nil) {
        fixed = sources
        operations.maxConcurrentOperationCount = Self.threads
    }

    var questions: Int { state.withLock { $0.questions } }

    /// All addresses of `host`, those of IPv6 first when this machine can reach such, at least one.
    func addresses(of host: String, within limit: Duration) async -> Result<[IPAddress], Resolver.Problem> {
        if let address = IPAddress(host) { return .success([address]) }
        let name = host.lowercased()
        let now = ContinuousClock.now
        if let known = state.withLock({ $0.entries[name]?.known(at: now) }) { return known }
        return await withCheckedContinuation { continuation in
            let answer = Resolver.Answer(continuation)
            let isFirst = state.withLock { state in
                switch state.entries[name] {
                case .known(let result, let until) where until > now:
                    answer.give(result)
                    return false
                case .asked(let others):
                    state.entries[name] = .asked(others + [answer])
                    return false
                case .known, nil:
                    if state.entries.count >= Self.mostEntries { state.forget(at: now) }
                    state.entries[name] = .asked([answer])
                    state.questions += 1
                    return true
                }
            }
            if isFirst { operations.addOperation { self.settle(name) } }
            DispatchQueue.global().asyncAfter(deadline: .now() + (limit / .seconds(1))) {
                answer.give(.failure(.timedOut))
            }
        }
    }

    /// The same for a thread that may wait; none when there are none.
    func addressesNow(of host: String) -> [IPAddress] {
        if let address = IPAddress(host) { return [address] }
        let name = host.lowercased()
        let known = state.withLock { $0.entries[name]?.known(at: .now) }
        guard case .success(let found) = known ?? settle(name) else { return [] }
        return found
    }

    /// Looks a name up, and answers all who wait for it.
    @discardableResult
    private func settle(_ name: String) -> Result<[IPAddress], Resolver.Problem> {
        let (result, lifetime) = lookUp(name)
        let waiting: [Resolver.Answer] = state.withLock { state in
            defer { state.entries[name] = .known(result, until: .now + lifetime) }
            if case .asked(let answers) = state.entries[name] { return answers }
            return []
        }
        for answer in waiting { answer.give(result) }
        return result
    }

    private func lookUp(_ name: String) -> (Result<[IPAddress], Resolver.Problem>, Duration) {
        let sources = sources()
        if let own = sources.own[name] { return (.success(own), Self.absence) }
        // RFC 6761: such names never leave the machine.
        if name == "localhost" || name.hasSuffix(".localhost") { return (.success(Self.ourselves), Self.longest) }
        var isSilent = sources.servers.isEmpty
        for candidate in sources.names(of: name) where !sources.servers.isEmpty {
            switch NameQuestion.ask(candidate, sources.servers) {
            case .addresses(let found, let seconds):
                let lifetime = min(max(.seconds(Int(seconds)), Self.shortest), Self.longest)
                return (.success(Self.sorted(found)), lifetime)
            case .unknown: continue
            case .silence: isSilent = true
            }
        }
        // Only where nobody has said that there is no such name, or where names have other ways.
        if fixed == nil, isSilent || !name.contains(".") || name.hasSuffix(".local") {
            let found = Resolver.lookUp(name)
            if !found.isEmpty { return (.success(found), Self.unstated) }
        }
        return (.failure(isSilent ? .timedOut : .unknown), Self.absence)
    }

    /// The system's files are read every few seconds: they are small, and somebody may change them.
    private func sources() -> NameSources {
        if let fixed { return fixed }
        let now = ContinuousClock.now
        let fresh = state.withLock { now - $0.sourcesRead < .seconds(5) ? $0.sources : nil }
        if let fresh { return fresh }
        let read = NameSources.system()
        state.withLock { ($0.sources, $0.sourcesRead) = (read, now) }
        return read
    }

    /// Without those of IPv6 when there are others and this machine has no way to them.
    private static func sorted(_ addresses: [IPAddress]) -> [IPAddress] {
        let four = addresses.filter { $0.bytes.count == 4 }
        let six = addresses.filter { $0.bytes.count == 16 }
        guard let first = six.first, !four.isEmpty else { return addresses }
        return hasWay(to: first) ? six + four : four
    }

    /// Whether the system has a route; nothing is sent.
    private static func hasWay(to address: IPAddress) -> Bool {
        let file = socket(AF_INET6, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { return false }
        defer { close(file) }
        return DNSProbe.connect(file, to: address, port: 9)
    }
}

extension NameCache.Entry {
    fileprivate func known(at now: ContinuousClock.Instant) -> Result<[IPAddress], Resolver.Problem>? {
        guard case .known(let result, let until) = self, until > now else { return nil }
        return result
    }
}

extension NameCache.State {
    /// What is known no longer, and all that is known when that is not enough.
    fileprivate mutating func forget(at now: ContinuousClock.Instant) {
        let full = entries.count
        entries = entries.filter { _, entry in
            if case .known(_, let until) = entry { return until > now }
            return true
        }
        guard entries.count == full else { return }
        entries = entries.filter { _, entry in
            if case .asked = entry { return true }
            return false
        }
    }
}
