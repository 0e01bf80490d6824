import Alerting
import Engine
import Foundation
import Synchronization
import Testing

@testable import Outbound

/// A probe and a server that it works for, which may take less than the probe has, or be gone for a while.
struct ProbeAgentTests {
    /// Fails every check, with a picture of as many bytes as the order's port says.
    private struct Painter: Prober {
        func check(_ subject: MonitorSubject, within limit: Duration) async -> CheckAnswer {
            guard case .tcp(_, let bytes) = subject, bytes > 1 else {
                return CheckAnswer(problem: .refused, total: .milliseconds(1))
            }
            let picture = [0x89, 0x50] + [UInt8](repeating: 7, count: bytes * 100)
            return CheckAnswer(problem: .refused, total: .milliseconds(1), screenshot: picture)
        }
    }

    /// Plays the server.
    private final class Office: Sendable {
        private struct State {
            var orders: [ProbeOrder]
            var results: [ProbeResult] = []
            var sizes: [Int] = []
            var counts: [Int] = []
            var questions = 0
        }

        private let state: Mutex<State>
        let said = Mutex<[String]>([])
        private let mostBytes: Int

        /// - Parameter pictures: of each order's result, in hundreds of bytes.
        init(pictures: [Int], mostBytes: Int = Limits.probeResults) {
            self.mostBytes = mostBytes
            state = Mutex(
                State(
                    orders: pictures.enumerated().map { number, bytes in
                        ProbeOrder(
                            monitor: .init(Int64(number + 1)), version: 1,
                            subject: .tcp(host: "shop.example.com", port: bytes), timeout: .seconds(5), late: .zero)
                    }))
        }

        var results: [ProbeResult] { state.withLock { $0.results } }
        var sizes: [Int] { state.withLock { $0.sizes } }
        var counts: [Int] { state.withLock { $0.counts } }
        var questions: Int { state.withLock { $0.questions } }

        func answer(_ request: WebServer.Request) -> WebServer.Answer {
            guard request.headers["authorization"] == "Bearer nbp_x" else { return .reply(403, body: "{}") }
            guard request.uri.hasSuffix("/results") else {
                let orders = state.withLock { state in
                    defer { state.orders = [] }
                    state.questions += 1
                    return state.orders
                }
                return .reply(200, body: JSONValue.object(["checks": .array(orders.map(ProbeMessages.json))]).text)
            }
            guard request.body.utf8.count <= mostBytes else { return .reply(413, body: "<html>too large</html>") }
            // What cannot be read is seen by what is missing then.
            let body = try? JSONValue.parse(Array(request.body.utf8))
            let found = (body?["results"]?.array ?? []).compactMap(ProbeMessages.result)
            state.withLock { state in
                state.results += found
                state.sizes.append(request.body.utf8.count)
                state.counts.append(found.count)
            }
            return .reply(200, body: #"{"taken":1}"#)
        }

        func agent(_ server: WebServer, _ client: GuardedHTTPClient) -> ProbeAgent {
            ProbeAgent(
                server: server.url, token: "nbp_x", version: "1", places: 512, prober: Painter(), client: client,
                say: { words in self.said.withLock { $0.append(words) } })
        }
    }

    private static func client() -> GuardedHTTPClient {
        GuardedHTTPClient(version: "1", instance: "probe", allowsPrivateAddresses: true)
    }

    private static func runOnce(_ office: Office) async throws -> Int {
        let (server, client) = (try await WebServer { office.answer($0) }, client())
        let agent = office.agent(server, client)
        let count: Result<Int, any Error>
        do {
            count = .success(try await agent.runOnce())
        } catch {
            count = .failure(error)
        }
        await client.shutdown()
        try await server.stop()
        return try count.get()
    }

    @Test func `given more results than a request may have, when they are brought, then none is lost`() async throws {
        let office = Office(pictures: [Int](repeating: 1, count: Limits.probeResultCount + 200))
        _ = try await Self.runOnce(office)

        #expect(office.results.map(\.monitor.rawValue).sorted() == Array(1...Int64(Limits.probeResultCount + 200)))
        #expect(office.counts.allSatisfy { $0 <= Limits.probeResultCount })
    }

    @Test func `given a proxy that takes less, when results are brought, then one is too large, and blocks no other`()
        async throws
    {
        let office = Office(pictures: [120, 40, 40, 1, 40], mostBytes: 10_000)
        _ = try await Self.runOnce(office)

        let results = office.results.sorted { $0.monitor.rawValue < $1.monitor.rawValue }
        #expect(results.map(\.monitor.rawValue) == [1, 2, 3, 4, 5])
        #expect(results.map { $0.report.screenshot?.count } == [nil, 4002, 4002, nil, 4002])
        #expect(results[0].report.reason == "the connection was refused (the picture was too large to be brought)")
        #expect(office.said.withLock { $0 }.count == 1)
    }

    @Test func `given a probe that goes on, when its server is gone and comes back, then it says so and brings all`()
        async throws
    {
        let office = Office(pictures: [1, 1, 1])
        let requests = Mutex(0)
        let server = try await WebServer { request in
            // Gone, something else in its place, back, and in the end the token is void.
            switch requests.withLock({ number in
                number += 1
                return number
            }) {
            case 1: .reply(503)
            case 2: .reply(200, body: "<html>Sign in to the hotel's network</html>")
            case _ where office.results.count == 3: .reply(403, body: "{}")
            default: office.answer(request)
            }
        }
        let client = Self.client()
        await #expect(throws: Failure(.forbidden, "The server does not know this probe's token.")) {
            try await office.agent(server, client).run()
        }
        await client.shutdown()
        try await server.stop()

        #expect(office.results.map(\.monitor.rawValue).sorted() == [1, 2, 3])
        #expect(office.said.withLock { $0 } == ["The server answers with status 503.", "The server answers again."])
    }

    @Test func `given a probe that is stopped, when it has results left, then it brings them before it ends`()
        async throws
    {
        let office = Office(pictures: [1])
        let (refusals, refused) = AsyncStream.makeStream(of: Void.self)
        let isOpen = Mutex(false)
        let server = try await WebServer { request in
            guard request.uri.hasSuffix("/results"), !isOpen.withLock({ $0 }) else { return office.answer(request) }
            refused.yield()
            return .reply(503)
        }
        let client = Self.client()
        let agent = office.agent(server, client)
        await withTaskGroup(of: Void.self) { group in
            // It ends because it is cancelled.
            group.addTask { try? await agent.run() }
            for await _ in refusals { break }
            group.cancelAll()
        }
        #expect(office.results == [])
        isOpen.withLock { $0 = true }
        await agent.finish()
        await client.shutdown()
        try await server.stop()

        #expect(office.results.map(\.monitor.rawValue) == [1])
    }
}
