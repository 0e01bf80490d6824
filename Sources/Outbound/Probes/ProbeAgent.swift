import Alerting
public import Engine

/// A probe in another place: fetches work from its server, does it, and brings back what it found.
public struct ProbeAgent: Sendable {
    private let server: String
    private let token: String
    private let version: String
    private let places: Int
    private let prober: any Prober
    private let client: GuardedHTTPClient

    /// Between two questions when there was nothing to do.
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
    public func run(_ say: @Sendable (String) -> Void) async throws {
        var (pause, isLost) = (Self.pause, false)
        while !Task.isCancelled {
            do {
                let count = try await runOnce()
                if isLost { say("The server answers again.") }
                (pause, isLost) = (Self.pause, false)
                if count == places { continue }
            } catch let failure as Failure where failure.code == .unavailable {
                if !isLost { say(failure.message) }
                isLost = true
                pause = min(pause * 2, Self.longestPause)
            }
            // Cancelled: the end has come.
            try? await Task.sleep(for: pause)
        }
    }

    /// Fetches once what is due, checks it side by side, and brings back each result.
    ///
    /// - Returns: how many were checked.
    public func runOnce() async throws -> Int {
        let answer = try await post(
            "/api/probe/checks", .object(["version": .string(version), "limit": .integer(Int64(places))]))
        let orders = (answer["checks"]?.array ?? []).compactMap(ProbeMessages.order)
        guard !orders.isEmpty else { return 0 }
        let results = await withTaskGroup(of: ProbeResult.self) { group in
            for order in orders {
                group.addTask {
                    let answer = await prober.check(order.subject, within: order.timeout)
                    return ProbeResult(
                        monitor: order.monitor, version: order.version, late: order.late,
                        report: order.subject.report(on: answer, at: SystemClock().now))
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        _ = try await post("/api/probe/results", .object(["results": .array(results.map(ProbeMessages.json))]))
        return orders.count
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
