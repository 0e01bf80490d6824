import Testing

@testable import Alerting

struct MonitorTests {
    private static let start = Timestamp(milliseconds: 1_800_000_000_000)

    @Test func `given one retest, when two checks in a row fail, then it fails, and one success ends it`() {
        var watch = MonitorWatch(state: .passing)
        #expect(watch.take(isPassing: false, retests: 1, at: Self.start) == nil)
        #expect(watch.state == .passing && watch.suspicions == 1)

        #expect(watch.take(isPassing: false, retests: 1, at: Self.start + .seconds(5)) == .failed)
        #expect(watch.state == .failing && watch.failingSince == Self.start)
        #expect(watch.take(isPassing: false, retests: 1, at: Self.start + .seconds(60)) == nil)
        #expect(watch.take(isPassing: true, retests: 1, at: Self.start + .seconds(90)) == .recovered)
        #expect(watch == MonitorWatch(state: .passing, changedAt: Self.start + .seconds(90)))
    }

    @Test func `given a failure that was not confirmed, when the next check passes, then nothing happened`() {
        var watch = MonitorWatch(state: .passing)
        #expect(watch.take(isPassing: false, retests: 2, at: Self.start) == nil)
        #expect(watch.take(isPassing: false, retests: 2, at: Self.start) == nil)

        #expect(watch.take(isPassing: true, retests: 2, at: Self.start) == nil)
        #expect(watch == MonitorWatch(state: .passing))
    }

    @Test func `given a new monitor, when it passes or fails at once, then it begins or has failed`() {
        var (good, bad) = (MonitorWatch(), MonitorWatch())

        #expect(good.take(isPassing: true, retests: 0, at: Self.start) == .began)
        #expect(bad.take(isPassing: false, retests: 0, at: Self.start) == .failed)
    }

    @Test func `given a monitor's grid, when checks end late, then the instants do not drift`() {
        let grid = MonitorGrid(monitor: .init(7), interval: .seconds(30))
        let first = grid.next(after: Self.start)
        #expect(first > Self.start && first <= Self.start + .seconds(30))
        #expect(grid.next(after: first) == first + .seconds(30))
        #expect(grid.next(after: first - .milliseconds(1)) == first)
        #expect(grid.next(after: first + .seconds(29) + .milliseconds(999)) == first + .seconds(30))
    }

    @Test func `given many monitors, when they are spread, then every part of the interval has its share`() {
        var shares = [Int](repeating: 0, count: 10)
        for id in 1...1000 {
            let next = MonitorGrid(monitor: .init(Int64(id)), interval: .seconds(60)).next(after: Self.start)
            shares[Int((next - Self.start).wholeMilliseconds - 1) / 6000] += 1
        }

        #expect(shares.allSatisfy { (95...105).contains($0) })
    }

    @Test func `given a suspicion, when the next check is planned, then it is soon and never later than regular`() {
        let grid = MonitorGrid(monitor: .init(1), interval: .seconds(600))
        var watch = MonitorWatch(state: .passing)
        #expect(watch.next(on: grid, after: Self.start) == grid.next(after: Self.start))

        _ = watch.take(isPassing: false, retests: 1, at: Self.start)
        #expect(watch.next(on: grid, after: Self.start) <= Self.start + MonitorWatch.retestPause)
    }

    private static func http(_ block: [String: JSONValue]) throws -> MonitorSubject {
        try MonitorSubject(kind: .http, target: "https://shop.example.com/", block: .object(block))
    }

    private static func answer(_ status: Int, _ body: String = "", _ total: Duration = .milliseconds(10)) -> CheckAnswer
    {
        CheckAnswer(
            total: total, phases: .init(connect: .milliseconds(4)), status: status, body: Array(body.utf8),
            certificate: .init(end: start + .days(20)))
    }

    @Test(
        arguments: [
            ([:], answer(200), nil), ([:], answer(399), nil), ([:], answer(404), "the status is 404"),
            (["expectedCodes": .string("401, 500-502")], answer(501), nil),
            (["expectedCodes": .string("401, 500-502")], answer(200), "the status is 200"),
            (["contains": .string("Welcome")], answer(200, "Welcome back"), nil),
            (["contains": .string("Welcome")], answer(200, "Sorry"), "the answer did not have “Welcome”"),
            (["lacks": .string("Error")], answer(200, "Error 7"), "the answer had “Error”"),
            (["slowestMs": .integer(9)], answer(200), "it took 10 ms, more than 9 ms"),
            (["jsonPath": .string("$.checks[1].ok")], answer(200, #"{"checks":[{},{"ok":true}]}"#), nil),
            (
                ["jsonPath": .string("db"), "jsonValue": .string("up")], answer(200, #"{"db":"down"}"#), "db is “down”"
            ),
            (["jsonPath": .string("db")], answer(200, "<html>"), "the answer is no JSON"),
            (["slowestConnectMs": .integer(3)], answer(200), "the connection took 4 ms, more than 3 ms"),
            (["slowestConnectMs": .integer(4)], answer(200), nil),
            (["certificateDays": .integer(20)], answer(200), nil),
            (["certificateDays": .integer(21)], answer(200), "the certificate ends in 20 days, on 2027-02-04"),
        ] as [([String: JSONValue], CheckAnswer, String?)])
    func `given an answer, when conditions are judged, then the first that fails is the reason`(
        _ block: [String: JSONValue], _ answer: CheckAnswer, _ reason: String?
    ) throws {
        #expect(try Self.http(block).verdict(on: answer, at: Self.start).reason == reason)
    }

    @Test func `given records in another order and case, when DNS is judged, then they are the same`() throws {
        let subject = try MonitorSubject(
            kind: .dns, target: "example.com",
            block: .object([
                "recordType": .string("NS"), "records": .array([.string("a.example"), .string("B.example.")]),
            ]))

        #expect(
            subject.verdict(on: CheckAnswer(total: .zero, records: ["b.example", "a.example"]), at: Self.start)
                .isPassing)
        #expect(!subject.verdict(on: CheckAnswer(total: .zero, records: ["b.example"]), at: Self.start).isPassing)
        #expect(
            subject.verdict(on: CheckAnswer(problem: .timedOut, total: .zero), at: Self.start).reason
                == "there was no answer in time")
    }

    @Test func `given every kind, when written and read again, then it is the same`() throws {
        let subjects: [MonitorSubject] = [
            try Self.http([
                "method": .string("POST"), "expectedCodes": .string("200, 300-310"), "slowestMs": .integer(5),
            ]),
            .tcp(host: "db.example.com", port: 5432), .ping(host: "2001:db8::1"), .tcp(host: "2001:db8::1", port: 22),
            try MonitorSubject(kind: .dns, target: "example.com", block: nil),
            try MonitorSubject(kind: .tls, target: "https://example.com/a", block: nil),
            try MonitorSubject(
                kind: .tls, target: "192.0.2.1:8443",
                block: .object(["hostName": .string("a.example"), "acceptUntrusted": .bool(true)])),
            try MonitorSubject(kind: .domain, target: "example.com", block: .object(["days": .integer(60)])),
            try MonitorSubject(
                kind: .page, target: "https://example.com/",
                block: .object(["maxKilobytes": .integer(900), "browser": .bool(true)])),
            try MonitorSubject(
                kind: .sitemap, target: "https://example.com/sitemap.xml", block: .object(["maxPages": .integer(7)])),
            try MonitorSubject(kind: .heartbeat, target: "12", block: nil),
            .journey(
                JourneyCheck(
                    url: "https://example.com/",
                    steps: [
                        .open(url: "https://example.com/in"), .fill(selector: "#a", text: "x = y"),
                        .click(selector: "b"), .expect(selector: "", text: "Hello"), .expect(selector: "p", text: ""),
                    ])),
        ]
        for subject in subjects {
            #expect(try MonitorSubject(kind: subject.kind, target: subject.target, block: subject.block) == subject)
        }
        #expect(subjects[5].target == "example.com:443")
    }

    @Test(arguments: [
        (Monitor.Kind.http, "ftp://example.com", JSONValue.null, "target"), (.http, "https://a b", .null, "target"),
        (.http, "https://a", .object(["expectedCodes": .string("99")]), "http.expectedCodes"),
        (
            .http, "https://a",
            .object(["headers": .array([.object(["key": .string("Host"), "value": .string("x")])])]), "http.headers"
        ),
        (.tcp, "example.com", .null, "target"), (.tcp, "example.com:0", .null, "target"),
        (.ping, "-f", .null, "target"),
        (.dns, "example.com", .object(["recordType": .string("SOA")]), "dns.recordType"),
        (.tls, "example.com", .object(["certificateDays": .integer(-1)]), "tls.certificateDays"),
        (.domain, "a b", .null, "target"), (.heartbeat, "x", .null, "target"),
        (.journey, "https://a", .null, "journey"),
        (
            .journey, "https://a",
            .object(["steps": .array([.object(["action": .string("OPEN"), "value": .string("file:///etc")])])]),
            "journey.steps[0]"
        ),
        (.page, "https://a", .object(["maxKilobytes": .integer(0)]), "page.maxKilobytes"),
        (.sitemap, "https://a", .object(["maxPages": .integer(1001)]), "sitemap.maxPages"),
    ])
    func `given something wrong, when it is read, then the failure names the field`(
        _ kind: Monitor.Kind, _ target: String, _ block: JSONValue, _ field: String
    ) {
        let failure = #expect(throws: Failure.self) { try MonitorSubject(kind: kind, target: target, block: block) }
        #expect(failure?.message.hasPrefix(field) == true)
    }

    @Test(arguments: [
        ("https://a.example/x", Monitor.Kind.http), ("shop.example.com", .http), ("db.example.com:5432", .tcp),
        ("192.0.2.1", .ping), ("router", .ping), ("https://a.example/sitemap.xml", .sitemap),
    ])
    func `given a target that was pasted, when its kind is guessed, then it fits`(
        _ target: String, _ kind: Monitor.Kind
    ) {
        #expect(MonitorSubject.guess(target) == kind)
    }
}
