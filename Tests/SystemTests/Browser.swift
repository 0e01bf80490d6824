import TestSupport
import Testing

/// Fills in the pages' forms as a browser without JavaScript does.
struct Browser {
    let client: TestHTTPClient

    init(_ server: RunningServer) {
        client = TestHTTPClient(url: server.url)
    }

    /// As Alice.
    static func signIn(to server: RunningServer) async throws -> Browser {
        let browser = Browser(server)
        let answer = try await browser.submit(
            "/sign-in", from: "/sign-in", [("email", RunningServer.email), ("password", RunningServer.password)])
        #expect(answer.status == 303)
        return browser
    }

    func saveMapping(
        of source: Int64, state: String, key: String, summary: String, failing: String
    ) async throws {
        let path = "/alert-sources/\(source)/mapping"
        let answer = try await submit(
            path, from: path,
            [
                ("stateField", state), ("keyField", key), ("summaryField", summary), ("failingWords", failing),
                ("do", "save"),
            ])
        #expect(answer.status == 303)
    }

    func replayNewestRequest(of source: Int64) async throws {
        let list = try await client.get("/alert-sources/\(source)/events")
        let prefix = "/alert-sources/\(source)/events/"
        let event = try #require(list.text.firstRange(of: "\(prefix)")).upperBound
        let path = prefix + list.text[event...].prefix { $0.isNumber }
        #expect(try await submit("\(path)/replay", from: path, []).status == 303)
    }

    /// Opens `page` for its form's token and posts `fields` to `path`.
    func submit(_ path: String, from page: String, _ fields: [(String, String)]) async throws -> TestHTTPClient.Answer {
        let token = try Self.token(in: try await client.get(page))
        return try await client.post(path, form: [("csrf", token)] + fields)
    }

    static func token(in page: TestHTTPClient.Answer) throws -> String {
        let marker = #"name="csrf" value=""#
        let start = try #require(page.text.firstRange(of: marker), "no form in \(page.status) \(page.text)").upperBound
        return String(page.text[start...].prefix { $0 != "\"" })
    }
}
