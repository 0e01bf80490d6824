import Alerting
import Foundation
import TestSupport
import Testing

@testable import Outbound

/// Targets that mean us no good: each gives a clear reason, and the next check goes on as ever.
struct HostileTargetTests {
    private func reason(
        _ target: Target, within limit: Duration = .seconds(5), own: Bool = false,
        answering answer: @escaping @Sendable (WebServer.Request) -> WebServer.Answer
    ) async throws -> String? {
        let server = try await WebServer(answer)
        var settings = LiveProber.Settings(version: "1", instance: "me", allowsPrivateAddresses: true)
        if own { settings.ownPlaces = ["127.0.0.1:\(server.port)"] }
        let prober = LiveProber(settings)
        let start = ContinuousClock.now
        let subject = target.subject(server)
        let answer = await prober.check(subject, within: limit)
        // More than the limit only for as long as a busy machine needs.
        #expect(ContinuousClock.now - start < limit + .seconds(20))
        prober.close()
        try await server.stop()
        return subject.report(on: answer, at: Timestamp(milliseconds: 1_800_000_000_000)).reason
    }

    @Test func `given a body that drips, when its time is over, then there was no answer in time`() async throws {
        let reason = try await reason(
            .at { .http(HTTPCheck(url: $0.url)) }, within: .milliseconds(700), answering: { _ in .drip })

        #expect(reason == "there was no answer in time")
    }

    @Test func `given a page without end, when it is loaded whole, then it is too large`() async throws {
        let reason = try await reason(
            .at { .page(PageCheck(url: $0.url)) }, within: .seconds(20), answering: { _ in .endless })

        #expect(reason == "the page alone is larger than 10 MB")
    }

    @Test func `given a sitemap without end, when it is checked, then it is too large`() async throws {
        let reason = try await reason(
            .at { .sitemap(SitemapCheck(url: $0.url)) }, within: .seconds(20), answering: { _ in .endless })

        #expect(reason == "the sitemap is larger than 10 MB")
    }

    @Test(arguments: [
        (
            "HTTP/1.1 200 OK\r\n" + String(repeating: "X-A: \(String(repeating: "b", count: 990))\r\n", count: 140),
            "the head of the answer is larger than 128 KB"
        ), ("SSH-2.0-OpenSSH_9.2\r\n", "the answer is no HTTP"),
    ])
    func `given an answer without an end of its head, or in no form of HTTP, when it is read, then that is the reason`(
        _ answer: String, _ expected: String
    ) async throws {
        let server = try await LineServer { _ in answer }
        let prober = LiveProber(version: "1", allowsPrivateAddresses: true)
        let subject = MonitorSubject.http(HTTPCheck(url: "http://127.0.0.1:\(server.port)/"))
        let found = await prober.check(subject, within: .seconds(10))
        prober.close()
        try await server.stop()

        #expect(subject.report(on: found, at: Timestamp(milliseconds: 0)).reason == expected)
    }

    @Test func `given redirects in a circle, when a page is loaded, then that is the reason`() async throws {
        let reason = try await reason(.at { .page(PageCheck(url: $0.url)) }) { _ in
            .reply(302, headers: ["Location": "/again"])
        }

        #expect(reason?.hasPrefix("it redirects in a circle, to http://127.0.0.1:") == true)
    }

    @Test func `given a redirect to another protocol, when it is followed, then it is refused`() async throws {
        let reason = try await reason(.at { .http(HTTPCheck(url: $0.url)) }) { _ in
            .reply(302, headers: ["Location": "file:///etc/passwd"])
        }

        #expect(reason == "it redirects to file:, which is not followed")
    }

    @Test func `given this very server as target, when it is checked, then that is the reason`() async throws {
        let reason = try await reason(.at { .http(HTTPCheck(url: $0.url + "/healthz")) }, own: true) { _ in .reply(200)
        }

        #expect(reason == "the target is this server itself, which cannot report its own outage")
    }

    @Test func `given every request of ours, when it is sent, then it carries our mark`() async throws {
        let reason = try await reason(.at { .http(HTTPCheck(url: $0.url)) }) { request in
            .reply(request.headers["x-nightbell-instance"] == "me" ? 200 : 500)
        }

        #expect(reason == nil)
    }

    @Test func `given a name that leads to us, when private addresses are not allowed, then that is the reason`()
        async throws
    {
        let prober = LiveProber(version: "1", allowsPrivateAddresses: false)
        for subject: MonitorSubject in [
            .http(HTTPCheck(url: "http://localhost/")), .page(PageCheck(url: "http://localhost/")),
            .sitemap(SitemapCheck(url: "http://[::1]/sitemap.xml")), .tls(TLSCheck(host: "localhost")),
            .http(HTTPCheck(url: "http://[::ffff:169.254.169.254]/")),
            .dns(
                {
                    var check = DNSCheck(name: "example.com")
                    check.server = "127.0.0.1"
                    return check
                }()),
        ] {
            let answer = await prober.check(subject, within: .seconds(2))
            #expect(answer.problem == .addressRefused, "\(subject)")
        }
        prober.close()
    }

    @Test func `given a name server that answers somebody else's question, when it is asked, then that is no answer`()
        async throws
    {
        let liar = try await LyingNameServer { question in
            var answer = question
            answer[0] ^= 0xFF
            answer[2] = 0x81
            return answer
        }
        var check = DNSCheck(name: "shop.example.com")
        check.server = "127.0.0.1:\(liar.port)"
        let prober = LiveProber(version: "1", allowsPrivateAddresses: true)
        let answer = await prober.check(.dns(check), within: .milliseconds(600))
        prober.close()
        try await liar.stop()

        #expect(answer.problem == .timedOut)
    }

    @Test func `given a name server with other records than expected, when it is asked, then they are the reason`()
        async throws
    {
        let server = try await LyingNameServer { question in
            var answer = question
            (answer[2], answer[3], answer[7]) = (0x81, 0x80, 1)
            return answer + [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 66]
        }
        var check = DNSCheck(name: "shop.example.com")
        (check.server, check.records) = ("127.0.0.1:\(server.port)", ["192.0.2.1"])
        let prober = LiveProber(version: "1", allowsPrivateAddresses: true)
        let answer = await prober.check(.dns(check), within: .seconds(5))
        prober.close()
        try await server.stop()

        #expect(
            MonitorSubject.dns(check).report(on: answer, at: Timestamp(milliseconds: 0)).reason
                == "the A records are 203.0.113.66")
    }

    @Test func `given a certificate that nobody signed, when it is checked, then that is the reason, unless allowed`()
        async throws
    {
        let server = try await EncryptedServer.start()
        let prober = LiveProber(version: "1", allowsPrivateAddresses: true)
        var check = TLSCheck(host: "127.0.0.1")
        check.port = server.port
        let untrusted = await prober.check(.tls(check), within: .seconds(5))
        let page = await prober.check(.http(HTTPCheck(url: "https://127.0.0.1:\(server.port)/")), within: .seconds(5))
        check.acceptsUntrusted = true
        let accepted = await prober.check(.tls(check), within: .seconds(5))
        prober.close()
        try await server.stop()

        #expect(untrusted.problem == .notTrusted && untrusted.detail == "the certificate is signed by itself alone")
        #expect(page.detail == untrusted.detail)
        #expect(accepted.problem == nil && accepted.certificate?.chain == 1)
        #expect(accepted.certificate?.issuer.contains("localhost") == true)
        let end = try #require(accepted.certificate?.end)
        #expect(
            MonitorSubject.tls(check).report(on: accepted, at: end + .days(1)).reason
                == "the certificate ended on \(end.iso8601.prefix(10))")
    }

    @Test func `given a hundred targets that never answer, when others are checked, then those are not held up`()
        async throws
    {
        let (slow, quick) = (try await WebServer { _ in .hang }, try await WebServer { _ in .reply(200) })
        let prober = LiveProber(version: "1", allowsPrivateAddresses: true)
        async let hanging = withTaskGroup(of: CheckAnswer.self) { group in
            for _ in 0..<100 {
                group.addTask { await prober.check(.http(HTTPCheck(url: slow.url)), within: .seconds(4)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let answer = await prober.check(.http(HTTPCheck(url: quick.url)), within: .seconds(3))
        #expect(answer.status == 200)
        #expect(await hanging.allSatisfy { $0.problem == .timedOut })
        prober.close()
        try await slow.stop()
        try await quick.stop()
    }
}

/// What is checked, once the server is there.
struct Target {
    let subject: (WebServer) -> MonitorSubject

    static func at(_ subject: @escaping (WebServer) -> MonitorSubject) -> Target { Target(subject: subject) }
}
