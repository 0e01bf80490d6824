import Alerting
import Foundation
import TestSupport
import Testing

@testable import Outbound

struct ProberTests {
    private func check(
        _ subject: (WebServer) -> MonitorSubject, allows: Bool = true, within limit: Duration = .seconds(5),
        answering answer: @escaping @Sendable (WebServer.Request) -> WebServer.Answer
    ) async throws -> CheckAnswer {
        let server = try await WebServer(answer)
        let prober = LiveProber(version: "1.2.3", allowsPrivateAddresses: allows)
        let found = await prober.check(subject(server), within: limit)
        prober.close()
        try await server.stop()
        return found
    }

    private func http(_ path: String = "/") -> (WebServer) -> MonitorSubject {
        { .http(HTTPCheck(url: $0.url + path)) }
    }

    @Test func `given a site that answers, when it is checked, then status, body and the time of each part are known`()
        async throws
    {
        let answer = try await check(http()) { request in
            .reply(200, body: request.headers["user-agent"] ?? "")
        }

        #expect(answer.problem == nil && answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self) == "Nightbell-Monitor/1.2.3")
        #expect(answer.total > .zero && answer.phases.connect != nil && answer.phases.firstByte != nil)
        #expect(answer.phases.encryption == nil)
    }

    @Test func `given a method, headers and a body, when it is checked, then they are sent`() async throws {
        let answer = try await check { server in
            var check = HTTPCheck(url: server.url + "/x")
            (check.method, check.body, check.headers) = (.post, "ping", [.init(name: "X-Token", value: "abc")])
            return .http(check)
        } answering: { request in
            .reply(200, body: "\(request.method) \(request.body) \(request.headers["x-token"] ?? "")")
        }

        #expect(String(decoding: answer.body, as: UTF8.self) == "POST ping abc")
    }

    @Test func `given a body without end, when it is checked, then enough of it is looked at`() async throws {
        let answer = try await check(http()) { _ in .endless }

        #expect(answer.problem == nil && answer.isCut && answer.body.count == 256 * 1024)
    }

    @Test func `given a body that comes to a halt, when its time is over, then that is the problem`() async throws {
        let answer = try await check(http(), within: .milliseconds(300)) { _ in .stuck("half") }

        #expect(answer.problem == .timedOut)
    }

    @Test func `given redirects in a circle, when it is checked, then that is the problem`() async throws {
        let answer = try await check(http()) { _ in .reply(302, headers: ["Location": "/again"]) }

        #expect(answer.problem == .tooManyRedirects)
    }

    @Test func `given a connection that ends, when it is checked, then there was no answer`() async throws {
        #expect(try await check(http()) { _ in .close }.problem == .noAnswer)
    }

    @Test func `given targets that only we can reach, when they are not allowed, then nothing is sent`() async throws {
        let answer = try await check(http(), allows: false) { _ in .reply(200) }
        let tcp = try await check(
            { .tcp(host: "127.0.0.1", port: $0.port) }, allows: false, answering: { _ in .reply(200) })
        let ping = try await check({ _ in .ping(host: "localhost") }, allows: false, answering: { _ in .reply(200) })

        #expect([answer.problem, tcp.problem, ping.problem] == [.addressRefused, .addressRefused, .addressRefused])
    }

    @Test func `given a redirect to where only we can reach, when it is not allowed, then it is not followed`()
        async throws
    {
        let prober = LiveProber(version: "1", allowsPrivateAddresses: false)
        let answer = await prober.check(.http(HTTPCheck(url: "http://169.254.169.254/")), within: .seconds(2))
        prober.close()

        #expect(answer.problem == .addressRefused)
    }

    @Test func `given a port that nobody listens at, when it is checked, then it was refused`() async throws {
        let prober = LiveProber(version: "1", allowsPrivateAddresses: true)
        // Nobody listens at the first port, and nobody is given it.
        let closed = await prober.check(.tcp(host: "127.0.0.1", port: 1), within: .seconds(2))
        let plain = try await check({ .tls(TLSCheck(host: "127.0.0.1")).at($0.port) }, answering: { _ in .close })
        prober.close()

        #expect(closed.problem == .refused)
        #expect(plain.problem == .handshake)
        #expect(
            try await check({ .tcp(host: "127.0.0.1", port: $0.port) }, answering: { _ in .reply(200) }).problem == nil)
    }

    @Test func `given many checks at a time, when all are slow, then they wait side by side`() async throws {
        let server = try await WebServer { _ in .hang }
        let prober = LiveProber(version: "1", allowsPrivateAddresses: true)
        let start = ContinuousClock.now
        let answers = await withTaskGroup(of: CheckAnswer.self) { group in
            for _ in 0..<50 {
                group.addTask { await prober.check(.http(HTTPCheck(url: server.url)), within: .milliseconds(500)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        prober.close()
        try await server.stop()

        #expect(answers.count == 50 && answers.allSatisfy { $0.problem == .timedOut })
        // One after the other they would take 25 s.
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func `given our own address, when it is pinged, then it answers, or we may not ask`() async throws {
        let prober = LiveProber(version: "1", allowsPrivateAddresses: true)
        let answer = await prober.check(.ping(host: "127.0.0.1"), within: .seconds(2))
        prober.close()

        #expect(answer.problem == nil || answer.problem == .notPermitted)
    }

    @Test func `given answers of name servers, when they are read, then records are texts and lies are nothing`() throws
    {
        let question = try #require(DNSMessage.question("a.example", .mx, id: 7))
        #expect(question.suffix(4) == [0, 15, 0, 1])
        var answer = Array(question)
        (answer[2], answer[3], answer[7]) = (0x81, 0x80, 2)
        answer += [0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 60, 0, 9, 0, 10, 4] + Array("mail".utf8) + [0xC0, 12]
        // A pointer to itself.
        answer += [0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 60, 0, 4, 0, 20, 0xC0, UInt8(answer.count + 14)]

        #expect(DNSMessage.answer(answer, id: 7, .mx) == .records(["10 mail.a.example"]))
        #expect(DNSMessage.answer(answer, id: 8, .mx) == nil)
        for length in 0..<answer.count { _ = DNSMessage.answer(Array(answer.prefix(length)), id: 7, .mx) }
        answer[3] = 0x83
        #expect(DNSMessage.answer(answer, id: 7, .mx) == .nameUnknown)
    }

    @Test func `given a certificate's end as libraries write it, when it is read, then it is the same instant`() {
        #expect(CertificateTime.read("Jan  1 10:00:00 2027 GMT") == Timestamp(iso8601: "2027-01-01T10:00:00Z"))
        #expect(CertificateTime.read("2027-01-01 10:00:00 GMT") == Timestamp(iso8601: "2027-01-01T10:00:00Z"))
        #expect(CertificateTime.read("soon") == nil)
    }
}

extension MonitorSubject {
    fileprivate func at(_ port: Int) -> MonitorSubject {
        guard case .tls(var check) = self else { return self }
        check.port = port
        return .tls(check)
    }
}
