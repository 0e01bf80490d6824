import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// One session of a WebDriver server: commands in, answers out.
///
/// Source: W3C WebDriver, https://www.w3.org/TR/webdriver2/, read 2026-11-23.
struct WebDriver: Sendable {
    /// The driver refused a command, in its own words.
    struct Refusal: Error, CustomStringConvertible {
        var code: String
        var message: String

        var description: String { "\(code): \(message)" }

        /// The command met a page that was just being left, and did nothing.
        ///
        /// Chromium's driver then often reports its browser's own complaint instead of the standard's code.
        /// Source: https://github.com/SeleniumHQ/selenium/issues/15401, read 2026-11-29.
        var isStale: Bool {
            code == "stale element reference" || message.contains("Node with given id does not belong to the document")
        }
    }

    /// `http://127.0.0.1:PORT/session/ID`.
    let address: String

    /// Asks the driver at `server` for a session with these capabilities.
    init(server: String, capabilities: some Encodable & Sendable) async throws {
        let wanted = ["capabilities": ["alwaysMatch": capabilities]]
        let session: Session = try await Self.send(.POST, server + "/session", wanted)
        address = server + "/session/" + session.sessionId
    }

    func get<Value: Decodable & Sendable>(_ path: String, as type: Value.Type = Value.self) async throws -> Value {
        try await Self.send(.GET, address + path, Nothing?.none)
    }

    func post<Value: Decodable & Sendable>(
        _ path: String, _ body: some Encodable & Sendable, as type: Value.Type = Value.self
    ) async throws -> Value {
        try await Self.send(.POST, address + path, body)
    }

    /// For commands that answer null.
    func post(_ path: String, _ body: some Encodable & Sendable = Nothing()) async throws {
        let _: Nothing? = try await Self.send(.POST, address + path, body)
    }

    /// How often a command is given again that met a page being left: a page is rarely followed by more than one.
    private static let tries = 5

    /// Does `body`, and again as long as it meets pages that are just being left.
    ///
    /// - Parameter body: is told whether it is asked again, and then looks for its element anew.
    static func onStandingPage<Result>(_ body: (_ isAgain: Bool) async throws -> Result) async throws -> Result {
        for number in 1..<tries {
            do {
                return try await body(number > 1)
            } catch let refusal as Refusal where refusal.isStale {
                continue
            }
        }
        return try await body(true)
    }

    /// Ends the session and with it the browser.
    func end() async throws {
        let _: Nothing? = try await Self.send(.DELETE, address, Nothing?.none)
    }

    /// Ends the driver itself, which a signal does not: a command of Chromium's driver, not of the standard.
    static func shutDown(server: String) async throws {
        let _: Nothing? = try await send(.GET, server + "/shutdown", Nothing?.none)
    }

    struct Nothing: Codable, Sendable {}

    private struct Session: Decodable, Sendable { var sessionId: String }

    private struct Answer<Value: Decodable & Sendable>: Decodable, Sendable { var value: Value }

    private struct Complaint: Decodable, Sendable {
        var error: String
        var message: String
    }

    private static let timeLimit = TimeAmount.seconds(60)
    private static let largestAnswer = 64 << 20

    private static func send<Value: Decodable & Sendable>(
        _ method: HTTPMethod, _ url: String, _ body: (some Encodable & Sendable)?
    ) async throws -> Value {
        var request = HTTPClientRequest(url: url)
        request.method = method
        if let body {
            request.headers.add(name: "content-type", value: "application/json; charset=utf-8")
            request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(body)))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: timeLimit)
        let bytes = try await response.body.collect(upTo: largestAnswer)
        let data = Data(bytes.readableBytesView)
        guard response.status == .ok else {
            let complaint = try JSONDecoder().decode(Answer<Complaint>.self, from: data).value
            throw Refusal(code: complaint.error, message: complaint.message)
        }
        return try JSONDecoder().decode(Answer<Value>.self, from: data).value
    }
}
