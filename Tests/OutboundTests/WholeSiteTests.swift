import Alerting
import Foundation
import Testing

@testable import Outbound

/// Pages with their parts, sitemaps, domains, and what a browser does.
struct WholeSiteTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func check(
        _ target: Target, within limit: Duration = .seconds(60),
        _ change: (inout LiveProber.Settings, WebServer) -> Void = { _, _ in },
        answering answer: @escaping @Sendable (WebServer.Request) -> WebServer.Answer
    ) async throws -> (report: CheckReport, answer: CheckAnswer, requests: [WebServer.Request]) {
        let server = try await WebServer(answer)
        var settings = LiveProber.Settings(version: "1", allowsPrivateAddresses: true)
        change(&settings, server)
        let prober = LiveProber(settings)
        let subject = target.subject(server)
        let answer = await prober.check(subject, within: limit)
        prober.close()
        try await server.stop()
        return (subject.report(on: answer, at: Self.now), answer, server.requests)
    }

    private static let html = """
        <!-- <script src="/no.js"></script> -->
        <LINK rel="stylesheet" href="/a.css?x=1&amp;y=2"><link rel=canonical href="/c">
        <script src='b.js'>document.write('<img src="/no.png">')</script><img alt="<" src=/p.png><img src="data:x">
        <img src="/p.png"><iframe src="//127.0.0.1:1/f"></iframe><a href="/no">x</a>
        """

    @Test func `given HTML, when its parts are looked for, then those that a browser would load are found once`() {
        #expect(
            PageParts.urls(in: Self.html, at: "http://shop.example.com/dir/index.html") == [
                "http://shop.example.com/a.css?x=1&y=2", "http://shop.example.com/dir/b.js",
                "http://shop.example.com/p.png", "http://127.0.0.1:1/f",
            ])
        for length in 0..<Self.html.count { _ = PageParts.urls(in: String(Self.html.prefix(length)), at: "http://a/") }
    }

    @Test func `given a page with a part that is missing, when it is loaded, then the part is named`() async throws {
        let (report, answer, _) = try await check(.at { .page(PageCheck(url: $0.url + "/index.html")) }) { request in
            switch request.uri {
            case "/index.html": .reply(200, body: #"<img src="/p.png"><script src="/b.js"></script>"#)
            case "/p.png": .reply(200, body: "picture")
            default: .reply(404)
            }
        }

        #expect(answer.parts?.count == 2 && answer.parts?.bytes == 54)
        #expect(report.reason?.hasPrefix("1 of 2 parts did not load: http://127.0.0.1:") == true)
        #expect(report.reason?.hasSuffix("/b.js (404)") == true)
    }

    @Test func `given a sitemap of a sitemap, when it is checked, then all its pages are fetched and failures named`()
        async throws
    {
        let (report, answer, requests) = try await check(.at { .sitemap(SitemapCheck(url: $0.url + "/sitemap.xml")) }) {
            request in
            let host = "http://\(request.headers["host"] ?? "")"
            return switch request.uri {
            case "/sitemap.xml":
                .reply(200, body: "<sitemapindex><sitemap><loc>\(host)/one.xml</loc></sitemap></sitemapindex>")
            case "/one.xml":
                .reply(
                    200,
                    body:
                        "<urlset><url><loc> \(host)/a?x=1&amp;y=2 </loc></url><url><loc>\(host)/b</loc></url></urlset>")
            case "/b": .reply(500)
            default: .reply(200)
            }
        }

        #expect(answer.parts?.count == 2)
        #expect(requests.contains { $0.uri == "/a?x=1&y=2" })
        #expect(report.reason?.hasPrefix("1 of 2 pages fail: ") == true && report.reason?.hasSuffix("/b (500)") == true)
    }

    @Test func `given a sitemap that is none, when it is checked, then there is no page in it`() async throws {
        let (report, _, _) = try await check(.at { .sitemap(SitemapCheck(url: $0.url)) }) { _ in
            .reply(200, body: "<html>")
        }

        #expect(report.reason == "there is no page in the sitemap")
    }

    @Test func `given RDAP, when a host of a domain is asked for, then the domain's end is found and remembered`()
        async throws
    {
        let server = try await WebServer { request in
            request.uri == "/rdap/domain/example.com"
                ? .reply(
                    200,
                    body: #"{"events":[{"eventAction":"expiration","eventDate":"2027-03-01T00:00:00Z"}]}"#)
                : .reply(404)
        }
        var settings = LiveProber.Settings(version: "1", allowsPrivateAddresses: true)
        settings.rdapURL = server.url + "/rdap"
        let prober = LiveProber(settings)
        let subject = MonitorSubject.domain(DomainCheck(name: "www.example.com"))
        let first = await prober.check(subject, within: .seconds(60))
        let second = await prober.check(subject, within: .seconds(60))
        prober.close()
        try await server.stop()

        #expect(first.domainEnd == Timestamp(iso8601: "2027-03-01T00:00:00Z") && second.domainEnd == first.domainEnd)
        #expect(server.requests.count == 2)
        #expect(subject.report(on: first, at: Self.now).validUntil == first.domainEnd)
    }

    @Test func `given no RDAP, when the domain is asked for by WHOIS, then referrals are followed`() async throws {
        let registry = try await LineServer { line in
            "Domain: \(line)\r\nRegistry Expiry Date: 2027-01-31T10:00:00Z\r\n"
        }
        let root = try await LineServer { _ in "% IANA\nrefer:        127.0.0.1:\(registry.port)\n" }
        let (report, answer, _) = try await check(
            .at { _ in .domain(DomainCheck(name: "example.com")) }, within: .seconds(120)
        ) {
            settings, server in
            settings.rdapURL = server.url
            settings.whoisServer = "127.0.0.1:\(root.port)"
        } answering: { _ in
            .reply(404)
        }
        let lines = registry.lines
        try await root.stop()
        try await registry.stop()

        #expect(lines == ["example.com"])
        #expect(answer.domainEnd == Timestamp(iso8601: "2027-01-31T10:00:00Z"))
        #expect(report.reason == "the domain ends in 16 days, on 2027-01-31")
    }

    @Test func `given nobody who knows, when a domain is asked for, then that is the reason`() async throws {
        let (report, _, _) = try await check(
            .at { _ in .domain(DomainCheck(name: "example.com")) }, within: .seconds(3)
        ) {
            settings, server in
            settings.rdapURL = server.url
            settings.whoisServer = "127.0.0.1:1"
        } answering: { _ in
            .reply(404)
        }

        #expect(report.reason == "neither RDAP (status 404) nor WHOIS says when the domain ends")
    }

    @Test(arguments: [
        ("Expiry date: 2027-01-31", "2027-01-31"), ("paid-till: 2027.01.31", "2027-01-31"),
        ("   Expiration Date: 31/01/2027", "2027-01-31"), ("expires: soon", nil), ("", nil),
    ])
    func `given a registry's words, when they are read, then the day is known or nothing`(
        _ text: String, _ day: String?
    ) {
        #expect(DomainProbe.end(whois: text)?.iso8601.prefix(10) == day.map { $0[...] })
    }

    private static let isBrowserHere = LiveProber.Settings.installedBrowser != nil

    private static let shop = """
        <title>Shop</title><script>function greet() {
        document.querySelector('p').innerText = 'Hello ' + document.querySelector('#name').value; return false }</script>
        <form onsubmit="return greet()"><input name="name" id="name"><button id="go">Go</button></form><p></p>
        """

    @Test(.enabled(if: isBrowserHere)) func `given a journey, when a visitor does its steps, then it passes`()
        async throws
    {
        let (report, answer, _) = try await check(
            .at { server in
                .journey(
                    JourneyCheck(
                        url: server.url,
                        steps: [
                            .fill(selector: "#name", text: "Alice"), .click(selector: "#go"),
                            .expect(selector: "p", text: "Hello Alice"), .expect(selector: "", text: "Hello"),
                        ]))
            }, within: .seconds(120),
            answering: { _ in .reply(200, headers: ["Content-Type": "text/html"], body: Self.shop) })

        #expect(report.reason == nil && answer.status == 200)
    }

    @Test(.enabled(if: isBrowserHere))
    func `given a journey whose step does not work, when it is done, then the step is named and a picture kept`()
        async throws
    {
        let (report, _, _) = try await check(
            .at { server in
                .journey(
                    JourneyCheck(url: server.url, steps: [.click(selector: "#buy"), .expect(selector: "", text: "x")]))
            }, within: .seconds(120),
            answering: { _ in .reply(200, headers: ["Content-Type": "text/html"], body: Self.shop) })

        #expect(report.reason == "step 2 (click #buy): there is nothing to click")
        #expect(report.screenshot?.starts(with: [0x89, 0x50, 0x4E, 0x47]) == true)
    }

    @Test(.enabled(if: isBrowserHere))
    func `given a page in a browser, when a part is missing, then it is named, with the times of the page`()
        async throws
    {
        let (report, answer, _) = try await check(
            .at { server in
                var check = PageCheck(url: server.url)
                check.usesBrowser = true
                return .page(check)
            }, within: .seconds(120)
        ) { request in
            request.uri == "/"
                ? .reply(
                    200, headers: ["Content-Type": "text/html"], body: #"<p>Hi</p><script src="/gone.js"></script>"#)
                : .reply(404)
        }

        #expect(report.reason?.contains("/gone.js (404)") == true)
        #expect(report.screenshot != nil && answer.total > .zero)
    }

    @Test(.enabled(if: isBrowserHere))
    func `given private addresses that are not allowed, when a browser would go there, then nothing is sent`()
        async throws
    {
        let (report, _, requests) = try await check(
            .at { .journey(JourneyCheck(url: $0.url, steps: [.expect(selector: "", text: "x")])) },
            within: .seconds(120)
        ) { settings, _ in
            settings.allowsPrivateAddresses = false
        } answering: { _ in
            .reply(200)
        }

        #expect(report.reason?.contains("private or local network") == true)
        #expect(requests == [])
    }

    @Test func `given no browser, when a journey is due, then that is the reason`() async throws {
        let (report, _, _) = try await check(.at { .journey(JourneyCheck(url: $0.url)) }) { settings, _ in
            settings.browser = nil
        } answering: { _ in
            .reply(200)
        }

        #expect(report.reason == "Chromium is not installed on this server")
    }
}
