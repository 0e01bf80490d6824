import Alerting
import Foundation
import TestSupport
import Testing

@testable import Outbound

struct GuardedHTTPClientTests {
    /// Runs `body` with a server and a client that may reach it, and closes both.
    private func withServer(
        allowsPrivateAddresses: Bool = true, _ answer: @escaping @Sendable (WebServer.Request) -> WebServer.Answer,
        _ body: (WebServer, GuardedHTTPClient) async throws -> Void
    ) async throws {
        let server = try await WebServer(answer)
        let client = GuardedHTTPClient(
            version: "1.2.3", instance: "instance-1", allowsPrivateAddresses: allowsPrivateAddresses)
        do {
            try await body(server, client)
        } catch {
            Issue.record(error)
        }
        await client.shutdown()
        try await server.stop()
    }

    /// - Parameter total: long, where it is not what is tested: all tests share the machine.
    private func request(_ url: String, method: String = "POST", total: Duration = .seconds(120)) -> GuardedRequest {
        var limits = GuardedRequest.Limits()
        (limits.total, limits.connect, limits.read) = (total, max(limits.connect, total), max(limits.read, total))
        limits.responseBody = 1000
        return GuardedRequest(
            method: method, url: url, headers: [("Content-Type", "text/plain"), ("Authorization", "Bearer secret")],
            body: Array("Shop is down".utf8), limits: limits)
    }

    @Test func `given a server, when a request is sent, then it says who we are and the answer comes back`()
        async throws
    {
        try await withServer { _ in
            .reply(201, headers: ["X-Receipt": "7"], body: "taken")
        } _: { server, client in
            let response = try await client.send(request(server.url + "/hook?a=%20b#part")).get()

            #expect(response.status == 201)
            #expect(response.header("x-receipt") == "7")
            #expect(response.body == Array("taken".utf8))
            #expect(response.cut == nil)
            #expect(response.outcome == .delivered(receipt: nil))
            let seen = server.requests[0]
            #expect(seen.method == "POST")
            #expect(seen.uri == "/hook?a=%20b")
            #expect(seen.body == "Shop is down")
            #expect(seen.headers["user-agent"] == "Nightbell/1.2.3")
            #expect(seen.headers["x-nightbell-instance"] == "instance-1")
            #expect(seen.headers["host"] == "127.0.0.1:\(server.port)")
        }
    }

    @Test(arguments: [
        "127.0.0.1", "localhost", "LOCALHOST", "127.1", "0x7f000001", "2130706433", "017700000001", "0.0.0.0",
        "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "10.0.0.1", "169.254.169.254", "[fd00:ec2::254]",
        "[64:ff9b::7f00:1]", "ip6-localhost",
    ])
    func `given a host at an internal address, when a request is sent, then nothing reaches it`(
        host: String
    ) async throws {
        try await withServer(allowsPrivateAddresses: false) { _ in
            .reply(200)
        } _: { server, client in
            let result = await client.send(request("http://\(host):\(server.port)/secret"))

            let isUnknown = host == "ip6-localhost" && result == .failure(.nameUnknown)
            #expect(result == .failure(.addressRefused) || isUnknown)
            #expect(server.requests == [])
        }
    }

    @Test func `given a host that hangs, when more is sent there than it may have, then the rest is told at once`()
        async throws
    {
        try await withServer { _ in
            .hang
        } _: { server, client in
            let request = request(server.url, total: .seconds(2))
            let results = await withTaskGroup(of: Result<GuardedResponse, GuardedFailure>.self) { group in
                for _ in 0..<GuardedHTTPClient.underWayToHost + 10 { group.addTask { await client.send(request) } }
                return await group.reduce(into: []) { $0.append($1) }
            }

            #expect(results.count { $0 == .failure(.busy) } == 10)
            #expect(results.count { $0 == .failure(.timedOut) } == GuardedHTTPClient.underWayToHost)
        }
    }

    @Test func `given private addresses are allowed, when cloud metadata is asked, then it is refused all the same`()
        async throws
    {
        try await withServer { _ in
            .reply(200)
        } _: { _, client in
            #expect(await client.send(request("http://169.254.169.254/latest")) == .failure(.addressRefused))
        }
    }

    @Test(arguments: ["localhost", "LocalHost", "127.1", "2130706433"])
    func `given private addresses are allowed, when a name leads to one, then it is reached under that name`(
        host: String
    ) async throws {
        try await withServer { _ in
            .reply(200)
        } _: { server, client in
            let response = try await client.send(request("http://\(host):\(server.port)/")).get()

            #expect(response.status == 200)
            #expect(server.requests.first?.headers["host"] == "\(host.lowercased()):\(server.port)")
        }
    }

    @Test func `given a redirect on the same host, when the method stays, then it is followed with body and headers`()
        async throws
    {
        try await withServer {
            $0.uri == "/old" ? .reply(307, headers: ["Location": "/new"]) : .reply(200, body: "there")
        } _: { server, client in
            let response = try await client.send(request(server.url + "/old")).get()

            #expect(response.status == 200)
            #expect(server.requests.map(\.uri) == ["/old", "/new"])
            #expect(server.requests[1].body == "Shop is down")
            #expect(server.requests[1].headers["authorization"] == "Bearer secret")
        }
    }

    @Test func `given a redirect that would drop the body, when a message was posted, then it is not delivered`()
        async throws
    {
        try await withServer { _ in
            .reply(302, headers: ["Location": "/login"])
        } _: { server, client in
            let response = try await client.send(request(server.url)).get()

            #expect(response.outcome == .rejected(reason: "http 302"))
            #expect(server.requests.count == 1)
        }
    }

    @Test(arguments: [
        "http://localhost:PORT/", "http://127.0.0.1:1/", "https://127.0.0.1:PORT/", "//example.com/",
        "file:///etc/passwd",
    ])
    func `given a redirect to elsewhere, when it is met, then it is refused`(location: String) async throws {
        let place = location
        try await withServer { request in
            let port = request.headers["host"]?.split(separator: ":").last.map(String.init) ?? ""
            return .reply(307, headers: ["Location": place.replacing("PORT", with: port)])
        } _: { server, client in
            #expect(await client.send(request(server.url)) == .failure(.redirectRefused))
            #expect(server.requests.count == 1)
        }
    }

    @Test func `given redirects without end, when they are met, then it gives up`() async throws {
        try await withServer { _ in
            .reply(308, headers: ["Location": "/again"])
        } _: { server, client in
            #expect(await client.send(request(server.url)) == .failure(.redirectRefused))
            #expect(server.requests.count == 4)
        }
    }

    @Test func `given a body without end, when it is read, then the answer counts and its body is cut`() async throws {
        try await withServer { _ in
            .endless
        } _: { server, client in
            let response = try await client.send(request(server.url)).get()

            #expect(response.status == 200)
            #expect(response.body.count == 1000)
            #expect(response.cut == .tooLarge)
        }
    }

    @Test func `given a body as large as allowed, when it is read, then it is whole`() async throws {
        try await withServer { _ in
            .reply(200, body: String(repeating: "x", count: 1000))
        } _: { server, client in
            let response = try await client.send(request(server.url)).get()

            #expect(response.body.count == 1000)
            #expect(response.cut == nil)
        }
    }

    @Test func `given a body that stops coming, when time is up, then the answer counts and its body is cut`()
        async throws
    {
        try await withServer { _ in
            .stuck("begin")
        } _: { server, client in
            let response = try await client.send(request(server.url, total: .seconds(2))).get()

            #expect(response.status == 200)
            #expect(response.body == Array("begin".utf8))
            #expect(response.cut == .tooSlow)
        }
    }

    @Test func `given a server that says nothing, when time is up, then nobody knows`() async throws {
        try await withServer { _ in
            .hang
        } _: { server, client in
            let result = await client.send(request(server.url, total: .milliseconds(300)))

            #expect(result == .failure(.timedOut))
            #expect(GuardedFailure.timedOut.outcome == .unknown(reason: "The host did not answer in time."))
        }
    }

    @Test func `given a server that closes without an answer, when a request is sent, then nobody knows`() async throws
    {
        try await withServer { _ in
            .close
        } _: { server, client in
            #expect(await client.send(request(server.url)) == .failure(.broken))
        }
    }

    @Test func `given nobody listens, when a request is sent, then it is to be retried`() async throws {
        try await withServer { _ in
            .hang
        } _: { _, client in
            let result = await client.send(request("http://127.0.0.1:1/"))

            #expect(result == .failure(.unreachable))
            #expect(GuardedFailure.unreachable.outcome == .retry(after: nil, reason: "The host cannot be reached."))
        }
    }

    @Test func `given a certificate nobody signed, when a request is sent, then nothing is sent`() async throws {
        let sink = try await MailSink.start(encryption: .implicit)
        try await withServer { _ in
            .hang
        } _: { _, client in
            #expect(await client.send(request("https://127.0.0.1:\(sink.port)/")) == .failure(.notTrusted))
            #expect(await client.send(request("https://localhost:\(sink.port)/")) == .failure(.notTrusted))
        }
    }

    @Test func `given a client that was shut down, when a request is sent, then it is refused`() async throws {
        try await withServer { _ in
            .reply(200)
        } _: { server, client in
            await client.shutdown()

            #expect(await client.send(request(server.url)) == .failure(.closed))
        }
    }

    @Test func `given credentials in the URL, when a request is sent, then they are a header and not in the line`()
        async throws
    {
        try await withServer { _ in
            .reply(200)
        } _: { server, client in
            let url = "http://alice:p%40ss@127.0.0.1:\(server.port)/x"
            _ = await client.send(GuardedRequest(method: "GET", url: url))

            #expect(server.requests.first?.uri == "/x")
            #expect(server.requests.first?.headers["authorization"] == "Basic YWxpY2U6cEBzcw==")
        }
    }

    @Test func `given a hundred requests at once, when they are sent, then all are answered over few connections`()
        async throws
    {
        try await withServer { _ in
            .reply(200)
        } _: { server, client in
            let url = server.url
            let answered = await withTaskGroup(of: Int.self) { group in
                for _ in 1...100 {
                    // Refused, hung up or too late: no status.
                    group.addTask { (try? await client.send(GuardedRequest(url: url)).get().status) ?? 0 }
                }
                return await group.reduce(0) { $0 + ($1 == 200 ? 1 : 0) }
            }

            #expect(answered == 100)
        }
    }

    @Test(arguments: [
        "", "example.com", "ftp://example.com/", "http://", "http://exa mple.com/", "http://example.com:0/",
        "http://example.com:70000/", "http://ex%61mple.com/", "http+unix://x/", "http://[::1%25lo]/",
        "http://a/" + String(repeating: "x", count: 5000),
    ])
    func `given what is no web address, when a request is sent, then a sentence says why`(url: String) async throws {
        try await withServer { _ in
            .hang
        } _: { _, client in
            guard case .failure(.invalid(let reason)) = await client.send(request(url)) else {
                Issue.record("not refused")
                return
            }
            #expect(reason.hasSuffix(".") && !reason.contains("example"))
        }
    }

    @Test(arguments: [("X-Evil", "a\r\nX: y"), ("X Evil", "a"), ("Host", "other"), ("Content-Length", "1"), ("", "")])
    func `given a header that is not allowed, when a request is sent, then it is refused`(
        name: String, value: String
    ) async throws {
        try await withServer { _ in
            .reply(200)
        } _: { server, client in
            let request = GuardedRequest(url: server.url, headers: [(name, value)])
            guard case .failure(.invalid) = await client.send(request) else {
                Issue.record("not refused")
                return
            }
            #expect(server.requests == [])
        }
    }

    @Test(arguments: [
        (200, DeliveryOutcome.delivered(receipt: nil)), (204, .delivered(receipt: nil)),
        (301, .rejected(reason: "http 301")), (400, .rejected(reason: "http 400")),
        (404, .rejected(reason: "http 404")),
        (408, .retry(after: .seconds(30), reason: "http 408")), (429, .retry(after: .seconds(30), reason: "http 429")),
        (500, .retry(after: .seconds(30), reason: "http 500")), (503, .retry(after: .seconds(30), reason: "http 503")),
    ])
    func `given a status, when a message was posted, then the outcome is its class`(
        status: Int, outcome: DeliveryOutcome
    ) {
        let response = GuardedResponse(status: status, headers: [["retry-after", "30"]], body: [], cut: nil)

        #expect(response.outcome == outcome)
    }
}
