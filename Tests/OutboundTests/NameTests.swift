import Alerting
import Foundation
import Synchronization
import Testing

@testable import Outbound

/// Names of what is checked: who is asked, and for how long the answer counts.
struct NameTests {
    /// Answers A with 127.0.0.1 for `four` seconds and AAAA with ::1 for `six`; `nil`: no such record.
    private static func server(four: UInt8?, six: UInt8?) async throws -> LyingNameServer {
        try await LyingNameServer { question in
            var answer = question
            (answer[2], answer[3]) = (0x81, 0x80)
            let isSix = question[question.count - 3] == 28
            guard let seconds = isSix ? six : four else { return answer }
            answer[7] = 1
            let address: [UInt8] = isSix ? Array(repeating: 0, count: 15) + [1] : [127, 0, 0, 1]
            return answer + [0xC0, 12, 0, isSix ? 28 : 1, 0, 1, 0, 0, 0, seconds, 0, UInt8(address.count)] + address
        }
    }

    private static func sources(_ servers: LyingNameServer...) throws -> NameSources {
        let address = try #require(IPAddress("127.0.0.1"))
        return NameSources(servers: servers.map { .init(address: address, port: UInt16($0.port)) })
    }

    private static func addresses(_ cache: NameCache, _ name: String) async -> [String]? {
        // Without any there is nothing to be compared.
        try? await cache.addresses(of: name, within: .seconds(10)).get().map(\.description)
    }

    @Test func `given a record for a minute, when many ask at once and again, then the server is asked once`()
        async throws
    {
        let server = try await Self.server(four: 60, six: nil)
        let cache = NameCache(try Self.sources(server))
        let answers = await withTaskGroup(of: [String]?.self) { group in
            for _ in 0..<50 { group.addTask { await Self.addresses(cache, "Shop.example.com") } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        _ = await Self.addresses(cache, "shop.example.com")
        try await server.stop()

        #expect(answers.count == 50 && answers.allSatisfy { $0 == ["127.0.0.1"] })
        #expect(cache.questions == 1)
    }

    @Test func `given a record for no time, when a second is over, then the server is asked again`() async throws {
        let server = try await Self.server(four: 0, six: nil)
        let cache = NameCache(try Self.sources(server))
        let start = ContinuousClock.now
        while cache.questions < 2, ContinuousClock.now - start < .seconds(20) {
            #expect(await Self.addresses(cache, "shop.example.com") == ["127.0.0.1"])
        }
        try await server.stop()

        #expect(cache.questions == 2)
        #expect(ContinuousClock.now - start >= NameCache.shortest)
    }

    @Test func `given a name with addresses of IPv6 alone, when it is looked up, then they are found`() async throws {
        let server = try await Self.server(four: nil, six: 9)
        let cache = NameCache(try Self.sources(server))
        #expect(await Self.addresses(cache, "six.example.com") == ["::1"])
        try await server.stop()
    }

    @Test func `given a name that there is not, when it is looked up twice, then the absence is remembered`()
        async throws
    {
        let server = try await LyingNameServer { question in
            var answer = question
            (answer[2], answer[3]) = (0x81, 0x83)
            return answer
        }
        let cache = NameCache(try Self.sources(server))
        for _ in 0..<2 {
            #expect(await cache.addresses(of: "no.example.com", within: .seconds(10)) == .failure(.unknown))
        }
        try await server.stop()
        #expect(cache.questions == 1)
    }

    @Test func `given a first server that refuses, when a name is looked up, then the second one is asked`()
        async throws
    {
        let refusing = try await LyingNameServer { question in
            var answer = question
            (answer[2], answer[3]) = (0x81, 0x85)
            return answer
        }
        let good = try await Self.server(four: 9, six: nil)
        #expect(
            await Self.addresses(NameCache(try Self.sources(refusing, good)), "shop.example.com") == ["127.0.0.1"])
        try await refusing.stop()
        try await good.stop()
    }

    @Test func `given the system's files, when they are read, then servers, domains and own names are known`() throws {
        let sources = NameSources(
            resolver:
                "nameserver 192.0.2.1\nnameserver fe80::1%eth0\nsearch a.example b.example\noptions ndots:2 rotate\n",
            hosts: "127.0.0.1 localhost Box # here\n::1 localhost\nnonsense\n")

        #expect(sources.servers.map(\.address.description) == ["192.0.2.1"])
        #expect(sources.own["localhost"]?.map(\.description) == ["127.0.0.1", "::1"])
        #expect(sources.own["box"]?.map(\.description) == ["127.0.0.1"])
        #expect(sources.names(of: "db") == ["db.a.example", "db.b.example", "db"])
        #expect(sources.names(of: "a.b.c") == ["a.b.c", "a.b.c.a.example", "a.b.c.b.example"])
        #expect(sources.names(of: "db.") == ["db"])
        _ = NameSources(resolver: "nameserver\noptions ndots:x\nsearch", hosts: "::1")
    }

    @Test func `given a name of our own server, when a site is checked by it, then it is reached, if that is allowed`()
        async throws
    {
        let (site, names) = (try await WebServer { _ in .reply(200) }, try await Self.server(four: 9, six: nil))
        let port = site.port
        for allows in [true, false] {
            var settings = LiveProber.Settings(version: "1", allowsPrivateAddresses: allows)
            settings.names = try Self.sources(names)
            let prober = LiveProber(settings)
            let url = "http://shop.example.com:\(site.port)/"
            let http = await prober.check(.http(HTTPCheck(url: url)), within: .seconds(10))
            let tcp = await prober.check(.tcp(host: "shop.example.com", port: site.port), within: .seconds(10))
            prober.close()
            #expect(http.problem == (allows ? nil : .addressRefused) && tcp.problem == http.problem)
            #expect(!allows || http.phases.lookUp != nil)
        }
        try await site.stop()
        try await names.stop()
        #expect(site.requests.map { $0.headers["host"] } == ["shop.example.com:\(port)"])
    }

    @Test func `given the address ::1, when it is checked in three ways, then it answers`() async throws {
        // A machine without IPv6 cannot show it: there is no such address.
        guard let site = try? await WebServer(host: "::1", { _ in .reply(200) }) else { return }
        let names = try await Self.server(four: nil, six: 9)
        var settings = LiveProber.Settings(version: "1", allowsPrivateAddresses: true)
        settings.names = try Self.sources(names)
        let prober = LiveProber(settings)
        let http = await prober.check(.http(HTTPCheck(url: "http://[::1]:\(site.port)/")), within: .seconds(10))
        let named = await prober.check(
            .http(HTTPCheck(url: "http://six.example.com:\(site.port)/")), within: .seconds(10))
        let tcp = await prober.check(.tcp(host: "::1", port: site.port), within: .seconds(10))
        let ping = await prober.check(.ping(host: "::1"), within: .seconds(10))
        var question = DNSCheck(name: "six.example.com")
        (question.type, question.server) = (.aaaa, "127.0.0.1:\(names.port)")
        let record = await prober.check(.dns(question), within: .seconds(10))
        prober.close()
        try await site.stop()
        try await names.stop()

        #expect(http.status == 200 && named.status == 200 && tcp.problem == nil)
        #expect(ping.problem == nil || ping.problem == .notPermitted)
        #expect(record.records == ["::1"])
    }

    private static let isBrowserHere = LiveProber.Settings.installedBrowser != nil

    @Test(.enabled(if: isBrowserHere))
    func `given a browser, when a page is opened by a name, then it connects to where the name was judged to lead`()
        async throws
    {
        let site = try await WebServer { _ in .reply(200, headers: ["Content-Type": "text/html"], body: "<p>Hi</p>") }
        let names = try await Self.server(four: 60, six: nil)
        var settings = LiveProber.Settings(version: "1", allowsPrivateAddresses: true)
        settings.names = try Self.sources(names)
        let prober = LiveProber(settings)
        let journey = JourneyCheck(
            url: "http://shop.example.com:\(site.port)/", steps: [.expect(selector: "", text: "Hi")])
        let answer = await prober.check(.journey(journey), within: .seconds(60))
        prober.close()
        let place = "shop.example.com:\(site.port)"
        try await site.stop()
        try await names.stop()

        #expect(answer.problem == nil, "\(answer.detail ?? "")")
        #expect(site.requests.contains { $0.uri == "/" && $0.headers["host"] == place })
    }
}
