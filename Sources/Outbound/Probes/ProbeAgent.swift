import Alerting
public import Engine
import Synchronization

/// A probe in another place: fetches as much work from its server as it has places, does it, and brings back each
/// result as it is found.
public final class ProbeAgent: Sendable {
    private struct State {
        /// What is being checked, or was and is not told yet.
        var busy: Set<Monitor.ID> = []
        var results: [ProbeResult] = []
        var isLost = false
    }

    private let server: String
    private let token: String
    private let version: String
    private let places: Int
    private let prober: any Prober
    private let client: GuardedHTTPClient
    private let state = Mutex(State())
    private let finished = Waker()

    /// Between two questions when there was nothing to do, and so that the server knows what goes on.
    private static let pause = Duration.seconds(1)
    /// After the server did not answer.
    private static let longestPause = Duration.seconds(30)

    /// - Parameters:
    ///   - server: its address, such as `https://nightbell.example.com`.
    ///   - places: checks at the same time, 1 to 512.
    public init(
        server: String, token: String, version: String, places: Int, prober: any Prober, client: GuardedHTTPClient
    ) {
        self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
        self.token = token
        self.version = version
        self.places = places
        self.prober = prober
        self.client = client
    }

    /// Until it is cancelled.
    ///
    /// - Parameter say: told in a sentence when the server is lost and when it is found again.
    /// - Throws: `Failure.forbidden` when the server does not know the token.
    public func run(_ say: @escaping @Sendable (String) -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.insist(say) { try await self.fetch() } }
            group.addTask {
                try await self.insist(say) {
                    try await self.report()
                    await self.finished.wait(atMost: Self.pause)
                    return true
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Repeats a step; while the server is lost in growing pauses.
    ///
    /// - Parameter step: whether it is to be done again at once.
    private func insist(_ say: @Sendable (String) -> Void, _ step: () async throws -> Bool) async throws {
        var pause = Self.pause
        while !Task.isCancelled {
            do {
                let isMore = try await step()
                if set(isLost: false) { say("The server answers again.") }
                pause = Self.pause
                if isMore { continue }
            } catch let failure as Failure where failure.code == .unavailable {
                if set(isLost: true) { say(failure.message) }
                pause = min(pause * 2, Self.longestPause)
            }
            // Cancelled: the end has come.
            try? await Task.sleep(for: pause)
        }
    }

    /// - Returns: whether that is new.
    private func set(isLost: Bool) -> Bool {
        state.withLock { state in
            defer { state.isLost = isLost }
            return state.isLost != isLost
        }
    }

    /// Fetches once what is due, checks it side by side, and brings back each result.
    ///
    /// - Returns: how many were checked.
    public func runOnce() async throws -> Int {
        let orders = try await orders(limit: places)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for order in orders { group.addTask { await self.check(order) } }
            while try await group.next() != nil { try await report() }
            return orders.count
        }
    }

    /// Begins what is due as far as there are places, and says what is still being done.
    private func fetch() async throws -> Bool {
        let free = places - state.withLock { $0.busy.count }
        let orders = try await orders(limit: free)
        for order in orders { Task { await self.check(order) } }
        return free > 0 && orders.count == free
    }

    private func orders(limit: Int) async throws -> [ProbeOrder] {
        let busy = state.withLock { $0.busy.sorted() }
        let answer = try await post(
            "/api/probe/checks",
            .object([
                "version": .string(version), "limit": .integer(Int64(limit)),
                "busy": .array(busy.map { .integer($0.rawValue) }),
            ]))
        let orders = (answer["checks"]?.array ?? []).compactMap(ProbeMessages.order)
        state.withLock { $0.busy.formUnion(orders.map(\.monitor)) }
        return orders
    }

    private func check(_ order: ProbeOrder) async {
        let answer = await prober.check(order.subject, within: order.timeout)
        let result = ProbeResult(
            monitor: order.monitor, version: order.version, late: order.late,
            report: order.subject.report(on: answer, at: SystemClock().now))
        state.withLock { $0.results.append(result) }
        finished.signal()
    }

    /// Brings back what was found so far; what cannot be brought stays for the next time.
    private func report() async throws {
        let results = state.withLock { state in
            defer { state.results = [] }
            return state.results
        }
        guard !results.isEmpty else { return }
        do {
            _ = try await post("/api/probe/results", .object(["results": .array(results.map(ProbeMessages.json))]))
        } catch {
            state.withLock { $0.results = results + $0.results }
            throw error
        }
        state.withLock { $0.busy.subtract(results.map(\.monitor)) }
    }

    private func post(_ path: String, _ body: JSONValue) async throws -> JSONValue {
        var limits = GuardedRequest.Limits()
        limits.responseBody = 8 * 1024 * 1024
        let request = GuardedRequest(
            url: server + path,
            headers: [("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")],
            body: body.bytes(), limits: limits)
        switch await client.send(request) {
        case .success(let answer) where answer.status == 200: return try JSONValue.parse(answer.body)
        case .success(let answer) where [401, 403].contains(answer.status):
            throw Failure(.forbidden, "The server does not know this probe's token.")
        case .success(let answer): throw Failure(.unavailable, "The server answers with status \(answer.status).")
        case .failure(let failure): throw Failure(.unavailable, "The server is lost: \(failure.reason)")
        }
    }
}
