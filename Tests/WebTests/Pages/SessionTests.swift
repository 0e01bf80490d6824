import Alerting
import Engine
import Foundation
import HTTPTypes
import Storage
import Testing

@testable import Web

struct SessionTests {
    @Test func `given nobody is signed in, when a page is opened, then the sign-in page follows and leads back`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let answer = try await visitor.get("/alert-sources?text=a%20b")

            #expect(answer.status == .seeOther)
            #expect(answer.location == "/sign-in?next=%2Falert-sources%3Ftext%3Da%2520b")
            #expect(try await visitor.follow(answer).text.contains("value=\"/alert-sources?text=a%20b\""))
        }
    }

    @Test func `given the right password, when the form is sent, then a guarded cookie opens the pages`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let token = Self.token(in: try await visitor.get("/sign-in").text)
            let answer = try await visitor.postRaw("/sign-in", Self.form(token, password: PageServer.password))

            #expect(answer.location == "/alerts")
            let cookie = answer.headers[values: .setCookie].first { $0.hasPrefix("__Host-nightbell_session=") } ?? ""
            #expect(cookie.contains("HttpOnly") && cookie.contains("Secure") && cookie.contains("SameSite=Lax"))
            #expect(try await visitor.get("/alerts").status == .ok)
        }
    }

    @Test func `given a wrong password, when the form is sent, then it comes back without saying which part is wrong`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let token = Self.token(in: try await visitor.get("/sign-in").text)
            let answer = try await visitor.postRaw("/sign-in", Self.form(token, password: "wrong password"))

            #expect(answer.status == .unauthorized)
            #expect(answer.text.contains("The email address or the password is wrong."))
            #expect(answer.text.contains("value=\"alice@example.com\""))
        }
    }

    @Test(arguments: ["", "csrf=wrong", "csrf=", "do=save"])
    func `given a form without its token, when it is sent, then nothing happens`(body: String) async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        let alert = try await server.raise("Down", of: shop)
        try await server.browse { visitor in
            let answer = try await visitor.signIn().postRaw("/alerts/\(alert)/acceptance", body)

            #expect(answer.status == .forbidden)
            #expect(answer.text.contains("This form has expired"))
            #expect(try await visitor.get("/alerts/\(alert)").text.contains(">Pending<"))
        }
    }

    @Test func `given a form sent by another site, when its token is right, then it is refused all the same`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let token = Self.token(in: try await visitor.get("/sign-in").text)
            let answer = try await visitor.postRaw(
                "/sign-in", Self.form(token, password: PageServer.password),
                headers: [HTTPField.Name("Sec-Fetch-Site")!: "cross-site"])

            #expect(answer.status == .forbidden)
        }
    }

    @Test func `given somebody signed in, when they sign out, then the session is gone for good`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let answer = try await visitor.signIn().post("/sign-out")

            #expect(answer.location == "/sign-in")
            #expect(try await visitor.follow(answer).text.contains("You are signed out."))
            #expect(try await visitor.get("/alerts").status == .seeOther)
        }
    }

    @Test(arguments: ["//evil.example.com", "https://evil.example.com", "/\\evil", "javascript:alert(1)"])
    func `given a way back that leads elsewhere, when somebody signs in, then it is not taken`(next: String)
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let token = Self.token(in: try await visitor.get("/sign-in").text)
            let body = Self.form(token, password: PageServer.password) + "&next=\(Form.encode(next))"

            #expect(try await visitor.postRaw("/sign-in", body).location == "/alerts")
        }
    }

    @Test func `given any page, then browsers are told to load nothing from elsewhere`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            for path in ["/sign-in", "/nowhere", "/assets/none.css", "/alerts"] {
                let headers = try await visitor.get(path).headers
                #expect(headers[.contentSecurityPolicy]?.hasPrefix("default-src 'none'; style-src 'self'") == true)
                #expect(headers[.xContentTypeOptions] == "nosniff")
                #expect(headers[HTTPField.Name("Referrer-Policy")!] == "no-referrer")
            }
        }
    }

    @Test func `given the one-time link, when the owner fills the form, then they are signed in and it is spent`()
        async throws
    {
        let server = try await PageServer(hasOwner: false)
        let link = "/setup/\(try #require(try await server.administration.setUp.issueToken()))"
        try await server.browse { visitor in
            #expect(try await visitor.get("/setup/guessed").status == .notFound)
            #expect(try await visitor.get("/sign-in").text.contains("Nobody lives here yet"))
            let token = Self.token(in: try await visitor.get(link).text)
            var fields = [
                ("csrf", token), ("firstName", "Alice"), ("lastName", "Archer"), ("email", "alice@example.com"),
                ("timeZone", "Europe/Berlin"), ("password", "short"),
            ]
            let refused = try await visitor.postRaw(link, PageVisitor.encode(fields))
            fields[5].1 = PageServer.password
            let answer = try await visitor.postRaw(link, PageVisitor.encode(fields))

            #expect(refused.status == .unprocessableContent)
            #expect(refused.text.contains("value=\"Archer\""))
            #expect(answer.location == "/alerts")
            #expect(try await visitor.follow(answer).text.contains("Welcome, Alice."))
            #expect(try await visitor.get(link).status == .notFound)
        }
    }

    @Test func `given the style sheet, then its address names its content and it may be kept for ever`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let page = try await visitor.get("/sign-in").text
            let link = try #require(page.firstMatch(of: /\/assets\/nightbell-[0-9a-f]{12}\.css/)).output
            let style = try await visitor.get(String(link))
            let again = try await visitor.get(String(link), headers: [.ifNoneMatch: style.headers[.eTag] ?? ""])

            #expect(style.headers[.cacheControl] == "public, max-age=31536000, immutable")
            #expect(style.headers[.contentType] == "text/css; charset=utf-8")
            #expect(again.status == .notModified)
        }
    }

    static func token(in page: String) -> String {
        page.firstMatch(of: /name="csrf" value="([^"]+)"/).map { String($0.output.1) } ?? ""
    }

    private static func form(_ token: String, password: String) -> String {
        PageVisitor.encode([("csrf", token), ("email", "alice@example.com"), ("password", password)])
    }
}
