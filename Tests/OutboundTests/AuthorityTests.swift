import Alerting
import Engine
import Testing

@testable import Outbound

/// Certificates that a trusted authority has signed, and what may still be wrong with them.
struct AuthorityTests {
    private static let now = SystemClock().now

    private func check(
        _ server: EncryptedServer, host: String = "localhost", name: String = "", authority: String? = nil
    ) async throws -> (tls: String?, page: String?, answer: CheckAnswer) {
        var settings = LiveProber.Settings(version: "1", allowsPrivateAddresses: true)
        settings.authorities = authority ?? server.authority
        let prober = LiveProber(settings)
        var check = TLSCheck(host: host)
        (check.port, check.name, check.days) = (server.port, name, 1)
        let answer = await prober.check(.tls(check), within: .seconds(10))
        let http = HTTPCheck(url: "https://\(host):\(server.port)/")
        let page = await prober.check(.http(http), within: .seconds(10))
        prober.close()
        return (
            MonitorSubject.tls(check).report(on: answer, at: Self.now).reason,
            MonitorSubject.http(http).report(on: page, at: Self.now).reason, answer
        )
    }

    @Test func `given a certificate of a trusted authority, when it is checked, then it passes and its chain is known`()
        async throws
    {
        let server = try await EncryptedServer.start(signedFor: "localhost")
        let found = try await check(server)
        try await server.stop()

        #expect(found.tls == nil && found.page == nil)
        #expect((found.answer.certificate?.chain ?? 0) >= 2)
        #expect(found.answer.certificate?.issuer.contains("office") == true)
    }

    @Test func `given a trusted authority, when its certificate has expired, then that is the reason`() async throws {
        let server = try await EncryptedServer.start(signedFor: "localhost", days: -1)
        let found = try await check(server)
        try await server.stop()

        #expect(found.tls?.contains("the certificate has expired") == true)
        #expect(found.page?.contains("the certificate has expired") == true)
    }

    @Test func `given a trusted authority, when its certificate is for another host, then that is the reason`()
        async throws
    {
        let server = try await EncryptedServer.start(signedFor: "shop.example.com")
        let found = try await check(server)
        let named = try await check(server, name: "shop.example.com")
        try await server.stop()

        #expect(found.tls?.contains("the certificate is for another name") == true)
        #expect(found.page?.contains("the certificate is for another name") == true)
        #expect(named.tls == nil)
    }

    @Test func `given a server that does not show the office between, when it is checked, then the chain is not whole`()
        async throws
    {
        let server = try await EncryptedServer.start(signedFor: "localhost", isWhole: false)
        let found = try await check(server)
        try await server.stop()

        #expect(found.tls?.contains("the chain of certificates is not whole") == true)
        #expect(found.page == found.tls)
    }

    @Test func `given an authority that we do not know, when its certificate is checked, then nobody trusts it`()
        async throws
    {
        let (server, other) = (
            try await EncryptedServer.start(signedFor: "localhost"),
            try await EncryptedServer.start(signedFor: "localhost")
        )
        let found = try await check(server, authority: other.authority)
        try await server.stop()
        try await other.stop()

        #expect(found.tls?.contains("the chain of certificates is not whole, or its issuer is unknown") == true)
    }
}
