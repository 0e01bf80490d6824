import Alerting
import Foundation
import Synchronization
import Testing

@testable import Outbound

/// Redirects of what is checked: each hop is looked up, judged and counted as the first one.
struct RedirectTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func walk(
        _ check: HTTPCheck, within limit: Duration = .seconds(10),
        _ change: (inout LiveProber.Settings) throws -> Void = { _ in }
    ) async throws -> (answer: CheckAnswer, reason: String?) {
        var settings = LiveProber.Settings(version: "1", allowsPrivateAddresses: true)
        try change(&settings)
        let prober = LiveProber(settings)
        let subject = MonitorSubject.http(check)
        let answer = await prober.check(subject, within: limit)
        prober.close()
        return (answer, subject.report(on: answer, at: Self.now).reason)
    }

    private static func to(_ url: String, _ status: Int = 302) -> WebServer.Answer {
        .reply(status, headers: ["Location": url])
    }

    /// A name server that says one address for a minute, and how many questions it was asked.
    private static func names(_ address: [UInt8], _ count: Counter) async throws -> LyingNameServer {
        try await LyingNameServer { question in
            count.number.withLock { $0 += 1 }
            var answer = question
            (answer[2], answer[3]) = (0x81, 0x80)
            guard question[question.count - 3] == 1 else { return answer }
            answer[7] = 1
            return answer + [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4] + address
        }
    }

    private final class Counter: Sendable {
        let number = Mutex(0)
    }

    private static func sources(_ server: LyingNameServer) throws -> NameSources {
        let address = try #require(IPAddress("127.0.0.1"))
        return NameSources(servers: [.init(address: address, port: UInt16(server.port))])
    }

    @Test func `given a redirect to another name, when it is followed twice, then the name is looked up once, by us`()
        async throws
    {
        let asked = Counter()
        let names = try await Self.names([127, 0, 0, 1], asked)
        let shop = try await WebServer { _ in .reply(200, body: "shop") }
        let place = "shop.example.com:\(shop.port)"
        let front = try await WebServer { _ in Self.to("http://\(place)/") }
        var settings = LiveProber.Settings(version: "1", allowsPrivateAddresses: true)
        settings.names = try Self.sources(names)
        let prober = LiveProber(settings)
        var answers: [CheckAnswer] = []
        for _ in 0..<2 {
            answers.append(await prober.check(.http(HTTPCheck(url: front.url)), within: .seconds(10)))
        }
        prober.close()
        for server in [shop, front] { try await server.stop() }
        try await names.stop()

        #expect(answers.map(\.status) == [200, 200])
        #expect(answers.allSatisfy { $0.phases.lookUp != nil && $0.body == Array("shop".utf8) })
        #expect(shop.requests.map { $0.headers["host"] } == [place, place])
        // A and AAAA.
        #expect(asked.number.withLock { $0 } == 2)
    }

    @Test func `given a redirect to a name of a cloud's metadata, when it is followed, then nothing is sent there`()
        async throws
    {
        let names = try await Self.names([169, 254, 169, 254], Counter())
        let front = try await WebServer { request in
            Self.to(request.uri == "/name" ? "http://shop.example.com/" : "http://169.254.169.254/latest")
        }
        let named = try await walk(HTTPCheck(url: front.url + "/name")) { $0.names = try Self.sources(names) }
        let plain = try await walk(HTTPCheck(url: front.url + "/plain"))
        try await front.stop()
        try await names.stop()

        let words = "the address is in a private or local network, which is not allowed"
        #expect(named.answer.problem == .addressRefused && plain.answer.problem == .addressRefused)
        #expect(named.reason == "redirected to http://shop.example.com: \(words)")
        #expect(plain.reason == "redirected to http://169.254.169.254: \(words)")
    }

    @Test func `given a redirect to a name that there is not, or a closed port, when it is followed, then it is named`()
        async throws
    {
        let names = try await LyingNameServer { question in
            var answer = question
            (answer[2], answer[3]) = (0x81, 0x83)
            return answer
        }
        let front = try await WebServer { request in
            Self.to(request.uri == "/name" ? "http://alice:secret@no.example.com/?token=x" : "http://127.0.0.1:1/")
        }
        let named = try await walk(HTTPCheck(url: front.url + "/name")) { $0.names = try Self.sources(names) }
        let closed = try await walk(HTTPCheck(url: front.url))
        try await front.stop()
        try await names.stop()

        #expect(named.reason == "redirected to http://no.example.com: the host's name is unknown")
        #expect(closed.reason == "redirected to http://127.0.0.1:1: the connection was refused")
    }

    @Test func `given two sites that redirect to each other, when they are checked, then the circle is the reason`()
        async throws
    {
        let other = Mutex("")
        let one = try await WebServer { _ in Self.to(other.withLock { $0 }, 301) }
        let url = one.url
        let two = try await WebServer { _ in Self.to(url + "/", 308) }
        other.withLock { $0 = two.url + "/" }
        let (answer, reason) = try await walk(HTTPCheck(url: one.url))
        for server in [one, two] { try await server.stop() }

        #expect(answer.problem == .tooManyRedirects)
        #expect(reason == "it redirects in a circle, to \(url) again")
        #expect(one.requests.count == 1 && two.requests.count == 1)
    }

    @Test func `given ten redirects and eleven, when they are followed, then ten are and eleven are too many`()
        async throws
    {
        let site = try await WebServer { request in
            guard let left = Int(request.uri.dropFirst()), left > 0 else { return .reply(200) }
            return Self.to("\(left - 1)")
        }
        let ten = try await walk(HTTPCheck(url: site.url + "/10"))
        let eleven = try await walk(HTTPCheck(url: site.url + "/11"))
        try await site.stop()

        #expect(ten.reason == nil && ten.answer.status == 200)
        #expect(eleven.reason == "it redirects more than 10 times")
        #expect(site.requests.count == 22)
    }

    @Test func `given a check that does not follow, when it is redirected, then the redirect is the answer`()
        async throws
    {
        let site = try await WebServer { _ in .reply(302, headers: ["Location": "/x"], body: "moved") }
        var check = HTTPCheck(url: site.url)
        (check.followsRedirects, check.contains) = (false, "moved")
        let (answer, reason) = try await walk(check)
        try await site.stop()

        #expect(answer.status == 302 && reason == nil && site.requests.count == 1)
    }

    @Test(arguments: [
        ("http://", "it redirects to what cannot be read"), ("http://[::1/", "it redirects to what cannot be read"),
        ("javascript:alert(1)", "it redirects to javascript:, which is not followed"),
        ("ftp://shop.example.com/", "it redirects to ftp:, which is not followed"), ("", nil),
    ])
    func `given a location that leads nowhere, when it is followed, then that is the reason`(
        _ location: String, _ expected: String?
    ) async throws {
        let site = try await WebServer { _ in Self.to(location) }
        let (_, reason) = try await walk(HTTPCheck(url: site.url))
        try await site.stop()

        #expect(reason == expected && site.requests.count == 1)
    }

    @Test func `given a redirect to this very server, when it is followed, then it is not gone to`() async throws {
        let own = try await WebServer { _ in .reply(200) }
        let (url, place) = (own.url, "127.0.0.1:\(own.port)")
        let front = try await WebServer { _ in Self.to(url) }
        let (answer, reason) = try await walk(HTTPCheck(url: front.url)) { $0.ownPlaces = [place] }
        for server in [own, front] { try await server.stop() }

        #expect(answer.problem == .ourselves && own.requests.isEmpty)
        #expect(reason == "it redirects to this server itself, which cannot report its own outage")
    }

    @Test func `given redirects without an end of their bodies, when they are followed, then nobody waits for it`()
        async throws
    {
        let site = try await WebServer { request in
            request.uri == "/"
                ? .reply(302, headers: ["Location": "/b"], body: String(repeating: "x", count: 900_000))
                : .reply(200, body: "there")
        }
        let (answer, reason) = try await walk(HTTPCheck(url: site.url + "/"))
        try await site.stop()

        #expect(reason == nil && answer.body == Array("there".utf8) && !answer.isCut)
    }

    @Test(arguments: [(301, "GET "), (302, "GET "), (303, "GET "), (307, "POST ping"), (308, "POST ping")])
    func `given a POST, when it is redirected, then the status says whether it stays one`(
        _ status: Int, _ expected: String
    ) async throws {
        let site = try await WebServer { request in
            request.uri == "/" ? Self.to("/next", status) : .reply(200, body: "\(request.method) \(request.body)")
        }
        var check = HTTPCheck(url: site.url + "/")
        (check.method, check.body) = (.post, "ping")
        let (answer, _) = try await walk(check)
        try await site.stop()

        #expect(String(decoding: answer.body, as: UTF8.self) == expected)
    }

    @Test func `given secrets for one place, when it redirects to itself and elsewhere, then only the place has them`()
        async throws
    {
        let elsewhere = try await WebServer { _ in .reply(200) }
        let url = elsewhere.url
        let site = try await WebServer { request in Self.to(request.uri == "/" ? "/again" : url) }
        var check = HTTPCheck(url: site.url.replacing("http://", with: "http://alice:secret@") + "/")
        check.headers = [.init(name: "X-Token", value: "abc"), .init(name: "Accept", value: "text/html")]
        let (_, reason) = try await walk(check)
        for server in [site, elsewhere] { try await server.stop() }

        #expect(reason == nil)
        #expect(site.requests.count == 2)
        #expect(site.requests.allSatisfy { $0.headers["x-token"] == "abc" && $0.headers["authorization"] != nil })
        let last = try #require(elsewhere.requests.first)
        #expect(last.headers["x-token"] == nil && last.headers["authorization"] == nil)
        #expect(last.headers["accept"] == "text/html" && last.headers["user-agent"] == "Nightbell-Monitor/1")
    }

    @Test func `given redirects, when the time is over on the way, then there was no answer in time`() async throws {
        let site = try await WebServer { request in request.uri == "/" ? Self.to("/slow") : .hang }
        let (answer, reason) = try await walk(HTTPCheck(url: site.url + "/"), within: .seconds(5))
        let place = site.url
        try await site.stop()

        #expect(answer.problem == .timedOut)
        #expect(reason == "redirected to \(place): there was no answer in time")
    }
}
