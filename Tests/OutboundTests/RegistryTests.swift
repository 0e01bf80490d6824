import Alerting
import Foundation
import Synchronization
import Testing

@testable import Outbound

/// Registries as they are documented: RDAP by RFC 7480, 7484 and 9083, WHOIS by RFC 3912 and what IANA and large
/// registries answer, read 2026-11-27.
struct RegistryTests {
    /// What a registry says of a domain, as RFC 9083 has it.
    private static let domain = """
        {"rdapConformance":["rdap_level_0","icann_rdap_response_profile_1"],"objectClassName":"domain",
         "handle":"2336799_DOMAIN_COM-VRSN","ldhName":"EXAMPLE.COM","status":["client delete prohibited"],
         "events":[{"eventAction":"registration","eventDate":"1995-08-14T04:00:00Z"},
                   {"eventAction":"last update of RDAP database","eventDate":"2026-11-27T10:00:00Z"},
                   {"eventAction":"expiration","eventDate":"2027-08-13T04:00:00Z"}]}
        """
    private static let end = Timestamp(iso8601: "2027-08-13T04:00:00Z")
    private static let missing = #"{"errorCode":404,"title":"Not Found","description":["No such domain."]}"#

    private func prober(rdap: String, whois: Int) -> LiveProber {
        var settings = LiveProber.Settings(version: "1", allowsPrivateAddresses: true)
        (settings.rdapURL, settings.whoisServer) = (rdap, "127.0.0.1:\(whois)")
        return LiveProber(settings)
    }

    private func check(_ prober: LiveProber, _ name: String = "example.com") async -> CheckAnswer {
        await prober.check(.domain(DomainCheck(name: name)), within: .seconds(20))
    }

    @Test func `given a bootstrap server that redirects, when a domain is asked for, then its registry answers`()
        async throws
    {
        let registry = try await WebServer { request in
            request.uri == "/com/v1/domain/example.com"
                ? .reply(200, headers: ["Content-Type": "application/rdap+json"], body: Self.domain)
                : .reply(404, headers: ["Content-Type": "application/rdap+json"], body: Self.missing)
        }
        let url = registry.url
        let bootstrap = try await WebServer { request in
            .reply(302, headers: ["Location": "\(url)/com/v1\(request.uri)"])
        }
        let prober = prober(rdap: bootstrap.url, whois: 1)
        let answer = await check(prober, "www.example.com")
        prober.close()
        try await bootstrap.stop()
        try await registry.stop()

        #expect(answer.domainEnd == Self.end)
        #expect(registry.requests.map(\.uri) == ["/com/v1/domain/www.example.com", "/com/v1/domain/example.com"])
    }

    @Test func `given RDAP that is asked too often, when domains are asked for, then it is left alone and WHOIS asked`()
        async throws
    {
        let rdap = try await WebServer { _ in .reply(429, headers: ["Retry-After": "3600"]) }
        let whois = try await LineServer { line in
            line == "example.com"
                ? "   Domain Name: EXAMPLE.COM\r\n   Registry Expiry Date: 2027-08-13T04:00:00Z\r\n" : ""
        }
        let prober = prober(rdap: rdap.url, whois: whois.port)
        let first = await check(prober)
        let second = await check(prober, "other.example.net")
        prober.close()
        try await rdap.stop()
        try await whois.stop()

        #expect(first.domainEnd == Self.end)
        #expect(second.detail == "neither RDAP (it is asked too often) nor WHOIS says when the domain ends")
        #expect(rdap.requests.count == 1)
    }

    @Test(arguments: [
        WebServer.Answer.reply(200, body: "<html>captcha</html>"), .reply(200, body: #"{"events":"none"}"#),
        .reply(200, body: #"{"events":[{"eventAction":"expiration","eventDate":"soon"}]}"#),
        .reply(501, body: missing), .reply(302, headers: ["Location": "/again"]), .close, .endless,
    ])
    func `given RDAP that says nothing of use, when a domain is asked for, then WHOIS is`(_ nonsense: WebServer.Answer)
        async throws
    {
        let rdap = try await WebServer { _ in nonsense }
        let whois = try await LineServer { _ in "Expiry Date: 2027-08-13\r\n" }
        let prober = prober(rdap: rdap.url, whois: whois.port)
        let answer = await check(prober)
        prober.close()
        try await rdap.stop()
        try await whois.stop()

        #expect(answer.domainEnd == Timestamp(iso8601: "2027-08-13T00:00:00Z"))
    }

    @Test func `given IANA, a registry and a registrar, when a domain is asked for, then each refers to the next`()
        async throws
    {
        let registrar = try await LineServer { _ in
            "Domain Name: example.com\r\nRegistrar Registration Expiration Date: 2027-08-13T04:00:00Z\r\n"
        }
        let thin = try await LineServer { _ in
            "   Domain Name: EXAMPLE.COM\r\n   Registrar WHOIS Server: 127.0.0.1:\(registrar.port)\r\n"
        }
        let iana = try await LineServer { _ in
            "% IANA WHOIS server\r\n\r\nrefer:        whois://127.0.0.1:\(thin.port)\r\n\r\ndomain:       COM\r\n"
        }
        let rdap = try await WebServer { _ in .reply(404, body: Self.missing) }
        let prober = prober(rdap: rdap.url, whois: iana.port)
        let answer = await check(prober)
        let asked = [iana, thin, registrar].map(\.lines)
        prober.close()
        for server in [iana, thin, registrar] { try await server.stop() }
        try await rdap.stop()

        #expect(answer.domainEnd == Self.end)
        #expect(asked == [["example.com"], ["example.com"], ["example.com"]])
    }

    @Test(arguments: [
        "No match for domain \"EXAMPLE.COM\".\r\n>>> Last update of whois database: 2026-11-27T10:00:00Z <<<\r\n",
        "WHOIS LIMIT EXCEEDED - SEE WWW.PIR.ORG/WHOIS FOR DETAILS\r\n", "%ERROR:201: access denied\r\n", "",
        "refer: whois.invalid\r\n", "refer: \r\n",
    ])
    func `given WHOIS that refuses or knows nothing, when a domain is asked for, then that is the reason`(
        _ words: String
    ) async throws {
        let whois = try await LineServer { _ in words }
        let rdap = try await WebServer { _ in .reply(404, body: Self.missing) }
        let prober = prober(rdap: rdap.url, whois: whois.port)
        let answer = await check(prober)
        prober.close()
        try await rdap.stop()
        try await whois.stop()

        #expect(answer.domainEnd == nil && answer.problem == .noAnswer)
        #expect(answer.detail == "neither RDAP (status 404) nor WHOIS says when the domain ends")
    }

    @Test func `given two servers that refer to each other, when a domain is asked for, then it ends and says so`()
        async throws
    {
        let other = Mutex(0)
        let one = try await LineServer { _ in "refer: 127.0.0.1:\(other.withLock { $0 })\r\n" }
        let port = one.port
        let two = try await LineServer { _ in "Registrar WHOIS Server: whois://127.0.0.1:\(port)\r\n" }
        other.withLock { $0 = two.port }
        let rdap = try await WebServer { _ in .reply(404, body: Self.missing) }
        let prober = prober(rdap: rdap.url, whois: one.port)
        let answer = await check(prober)
        let asked = (one.lines.count, two.lines.count)
        prober.close()
        for server in [one, two] { try await server.stop() }
        try await rdap.stop()

        #expect(
            answer.detail
                == "neither RDAP (status 404) nor WHOIS (its servers refer to each other) says when the domain ends")
        #expect(answer.problem == .noAnswer && asked == (1, 1))
    }

    @Test func `given a server that refers to one that is not there, when a domain is asked for, then it ends`()
        async throws
    {
        let whois = try await LineServer { _ in "refer: 127.0.0.1:1\r\n" }
        let rdap = try await WebServer { _ in .reply(404, body: Self.missing) }
        let prober = prober(rdap: rdap.url, whois: whois.port)
        let answer = await check(prober)
        prober.close()
        try await rdap.stop()
        try await whois.stop()

        #expect(answer.problem == .noAnswer && whois.lines == ["example.com"])
    }
}
