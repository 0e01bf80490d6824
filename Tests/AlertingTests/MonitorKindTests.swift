import Testing

@testable import Alerting

/// What is judged beyond single requests: certificates, domains, pages, sitemaps, and several places together.
struct MonitorKindTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    private static func reason(_ subject: MonitorSubject, _ answer: CheckAnswer) -> String? {
        subject.report(on: answer, at: now).reason
    }

    @Test(
        arguments: [
            (15, "", nil), (13, "", "the certificate ends in 13 days, on 2027-01-28"),
            (-1, "", "the certificate ended on 2027-01-14"),
            (99, "Let's Encrypt", nil), (99, "Other", "the certificate is from “O = Let's Encrypt”"),
        ] as [(Int, String, String?)])
    func `given a certificate, when it is judged, then its end and issuer count`(
        _ days: Int, _ issuer: String, _ reason: String?
    ) {
        var check = TLSCheck(host: "shop.example.com")
        check.issuer = issuer
        let certificate = CheckAnswer.Certificate(end: Self.now + .days(days), issuer: "O = Let's Encrypt", chain: 2)
        let answer = CheckAnswer(total: .milliseconds(9), certificate: certificate)

        #expect(Self.reason(.tls(check), answer) == reason)
        #expect(MonitorSubject.tls(check).report(on: answer, at: Self.now).validUntil == certificate.end)
    }

    @Test func `given a domain, when its end is near, over or unknown, then that is the reason`() {
        let subject = MonitorSubject.domain(DomainCheck(name: "example.com"))

        #expect(Self.reason(subject, CheckAnswer(total: .zero, domainEnd: Self.now + .days(30))) == nil)
        #expect(
            Self.reason(subject, CheckAnswer(total: .zero, domainEnd: Self.now + .days(29)))
                == "the domain ends in 29 days, on 2027-02-13")
        #expect(Self.reason(subject, CheckAnswer(total: .zero)) == "nobody says when the domain ends")
    }

    @Test func `given a page, when it is large, slow or parts are missing, then that is the reason`() {
        var check = PageCheck(url: "https://shop.example.com/")
        (check.mostKilobytes, check.slowest, check.brokenParts) = (100, .seconds(2), 1)
        func answer(_ bytes: Int, _ broken: [String], _ total: Duration = .seconds(1)) -> CheckAnswer {
            CheckAnswer(total: total, status: 200, parts: .init(count: 9, bytes: bytes, broken: broken))
        }

        #expect(Self.reason(.page(check), answer(102_400, ["a.css (404)"])) == nil)
        #expect(Self.reason(.page(check), answer(102_401, [])) == "the page has 101 KB, more than 100 KB")
        #expect(Self.reason(.page(check), answer(1, [], .milliseconds(2001))) == "it took 2001 ms, more than 2000 ms")
        #expect(
            Self.reason(.page(check), answer(1, ["a.css (404)", "b.js (500)"]))
                == "2 of 9 parts did not load: a.css (404), b.js (500)")
        #expect(Self.reason(.page(check), CheckAnswer(total: .zero, status: 503)) == "the status is 503")
    }

    @Test func `given a sitemap, when it is empty or pages fail, then that is the reason`() {
        let subject = MonitorSubject.sitemap(SitemapCheck(url: "https://shop.example.com/sitemap.xml"))
        func answer(_ count: Int, _ broken: [String]) -> CheckAnswer {
            CheckAnswer(total: .zero, status: 200, parts: .init(count: count, bytes: 0, broken: broken))
        }

        #expect(Self.reason(subject, answer(3, [])) == nil)
        #expect(Self.reason(subject, answer(0, [])) == "there is no page in the sitemap")
        #expect(Self.reason(subject, answer(3, ["/a (404)"])) == "1 of 3 pages fail: /a (404)")
    }

    @Test func `given a problem with words of its own, when it is judged, then they are the reason`() {
        let subject = MonitorSubject.http(HTTPCheck(url: "https://a"))

        #expect(
            Self.reason(subject, CheckAnswer(problem: .notTrusted, detail: "the certificate has expired", total: .zero))
                == "the certificate has expired")
        #expect(
            Self.reason(subject, CheckAnswer(problem: .ourselves, total: .zero))
                == "the target is this server itself, which cannot report its own outage")
    }

    @Test(arguments: [
        ([true, true, true], 2, true), ([false, true, true], 2, true), ([false, false, true], 2, false),
        ([false, true, true], 1, false), ([], 1, true), ([false], 3, false),
    ])
    func `given votes of regions, when enough say that it fails, then it fails`(
        _ votes: [Bool], _ agree: Int, _ isPassing: Bool
    ) {
        let votes = RegionVotes(
            votes.enumerated().map { .init(region: "r\($0)", isPassing: $1, at: Self.now - .seconds(60)) })

        #expect(votes.isPassing(agree: agree, interval: .seconds(60), at: Self.now) == isPassing)
    }

    @Test func `given a region that fell silent, when three intervals and a minute are over, then it has no say`() {
        let votes = RegionVotes([.init(region: "a", isPassing: false, at: Self.now)])

        #expect(!votes.isPassing(agree: 1, interval: .seconds(30), at: Self.now + .seconds(150)))
        #expect(votes.isPassing(agree: 1, interval: .seconds(30), at: Self.now + .seconds(151)))
    }

    @Test func `given times, when percentiles are taken, then they are the nearest that were measured`() {
        let hundred = (1...100).map { Duration.milliseconds($0) }

        #expect(Percentiles(ascending: []) == nil)
        #expect(
            Percentiles(ascending: hundred)
                == Percentiles(p50: .milliseconds(50), p95: .milliseconds(95), p99: .milliseconds(99)))
        #expect(
            Percentiles(ascending: [.seconds(7)]) == Percentiles(p50: .seconds(7), p95: .seconds(7), p99: .seconds(7)))
    }

    @Test(arguments: [
        ("https://Shop.example.com:8443/a?b", "shop.example.com", "https://shop.example.com:8443"),
        ("https://user:secret@a.example", "a.example", "https://a.example"),
        ("db.example.com:5432", "db.example.com", "db.example.com"),
        ("https://[2001:db8::1]:1/", "2001:db8::1", "https://[2001:db8::1]:1"),
        ("2001:db8::1", "2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:22", "2001:db8::1", "2001:db8::1"),
    ])
    func `given a target, when its site is asked for, then it is the host and where it begins`(
        _ target: String, _ host: String, _ root: String
    ) {
        let site = MonitorSite(target: target)

        #expect(site.host == host && site.root == root)
    }
}
