import Alerting
public import Engine
import Synchronization

/// A probe in another place: fetches as much work from its server as it has places, does it, and brings back each
/// result as it is found.
public final class ProbeAgent: Sendable {
    private struct State {
        /// What is being checked, or was and is not told yet.
        var busy: Set<Monitor.ID> = []
        var backlog = ProbeBacklog()
        var isLost = false
    }

    private let server: String
    private let token: String
    private let version: String
    private let places: Int
    private let prober: any Prober
    private let client: GuardedHTTPClient
    private let say: @Sendable (String) -> Void
    private let state = Mutex(State())
    private let finished = Waker()

    /// Between two questions when there was nothing to do, and so that the server knows what goes on.
    private static let pause = Duration.seconds(1)
    /// After the server did not answer.
    private static let longestPause = Duration.seconds(30)
    /// For one batch of results, pictures among them, over a slow line; and for the last one.
    private static let patience = Duration.seconds(60)
    private static let farewell = Duration.seconds(5)

    private enum Answer {
        case taken(JSONValue)
        /// The server, or somebody before it, does not take such a body.
        case refused(status: Int)
        case tooSlow
    }

    /// - Parameters:
    ///   - server: its address, such as `https://nightbell.example.com`.
    ///   - places: checks at the same time, 1 to 512.
    ///   - say: told in a sentence when the server is lost, when it is found again, and what was let go.
    public init(
        server: String, token: String, version: String, places: Int, prober: any Prober, client: GuardedHTTPClient,
        say: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
        self.token = token
        self.version = version
        self.places = places
        self.prober = prober
        self.client = client
        self.say = say
    }

    /// Until it is cancelled.
    ///
    /// - Throws: `Failure.forbidden` when the server does not know the token.
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.insist { try await self.fetch() } }
            group.addTask {
                try await self.insist {
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
    private func insist(_ step: () async throws -> Bool) async throws {
        var pause = Self.pause
        while !Task.isCancelled {
            do {
                let isMore = try await step()
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

    /// Brings back what was found and not told yet, as far as that is done quickly; to be called once `run` is over.
    public func finish() async {
        // What is not brought is checked again by another.
        try? await report(within: Self.farewell)
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
        let body = JSONValue.object([
            "version": .string(version), "limit": .integer(Int64(limit)),
            "busy": .array(busy.map { .integer($0.rawValue) }),
        ])
        switch try await post("/api/probe/checks", body.bytes()) {
        case .taken(let answer):
            let orders = (answer["checks"]?.array ?? []).compactMap(ProbeMessages.order)
            state.withLock { $0.busy.formUnion(orders.map(\.monitor)) }
            return orders
        case .refused(let status): throw Failure(.unavailable, "The server answers with status \(status).")
        case .tooSlow: throw Self.lost(.timedOut)
        }
    }

    private func check(_ order: ProbeOrder) async {
        let answer = await prober.check(order.subject, within: order.timeout)
        let result = ProbeResult(
            monitor: order.monitor, version: order.version, late: order.late,
            report: order.subject.report(on: answer, at: SystemClock().now))
        state.withLock { $0.backlog.add(result) }
        finished.signal()
    }

    /// Brings back what was found so far, as much at a time as the server takes; what cannot be brought stays for the
    /// next time.
    private func report(within limit: Duration = ProbeAgent.patience) async throws {
        while true {
            let batch = state.withLock { $0.backlog.takeBatch() }
            guard !batch.isEmpty else { return }
            defer { tell() }
            let answer: Answer
            do {
                answer = try await post("/api/probe/results", ProbeBacklog.body(batch), within: limit)
            } catch {
                state.withLock { $0.backlog.giveBack(batch, wasSlow: false) }
                throw error
            }
            switch answer {
            case .taken:
                state.withLock { state in
                    state.backlog.succeed()
                    state.busy.subtract(batch.map(\.monitor))
                }
            case .refused: state.withLock { $0.backlog.refuse(batch) }
            case .tooSlow:
                state.withLock { $0.backlog.giveBack(batch, wasSlow: true) }
                throw Self.lost(.timedOut)
            }
        }
    }

    /// Says what was let go; who works on it is no longer us.
    private func tell() {
        let loss = state.withLock { state in
            let loss = state.backlog.takeLoss()
            state.busy.subtract(loss.results)
            return loss
        }
        if let words = loss.words { say(words) }
    }

    private static func lost(_ failure: GuardedFailure) -> Failure {
        Failure(.unavailable, "The server is lost: \(failure.reason)")
    }

    /// - Throws: `Failure.forbidden` for a token that the server does not know, `.unavailable` for a server that is
    ///   not there or in no state to answer.
    private func post(
        _ path: String, _ body: [UInt8], within limit: Duration = .seconds(15)
    ) async throws -> Answer {
        var limits = GuardedRequest.Limits()
        (limits.total, limits.responseBody) = (limit, 8 * 1024 * 1024)
        limits.read = max(limit, limits.read)
        let request = GuardedRequest(
            url: server + path,
            headers: [("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")],
            body: body, limits: limits)
        switch await client.send(request) {
        case .success(let answer):
            switch answer.status {
            case 200:
                // Something else may answer in the server's place.
                guard let value = try? JSONValue.parse(answer.body) else {
                    throw Failure(.unavailable, "The server's answer cannot be read.")
                }
                if set(isLost: false) { say("The server answers again.") }
                return .taken(value)
            case 401, 403: throw Failure(.forbidden, "The server does not know this probe's token.")
            case 400, 413, 422: return .refused(status: answer.status)
            default: throw Failure(.unavailable, "The server answers with status \(answer.status).")
            }
        case .failure(.timedOut): return .tooSlow
        case .failure(let failure): throw Self.lost(failure)
        }
    }
}
