import Alerting
import Engine
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Simulation
import Storage
import TestSupport

@testable import Web

/// The server's router over a database of its own, with Alice as its owner.
struct PageServer: Sendable {
    static let password = "correct horse battery staple"

    let folder: TemporaryDatabase
    let clock: SimulatedClock
    let engine: Engine
    let administration: Administration
    let alice: UserRecord
    private let services: WebServices

    /// Takes every message and keeps none.
    private struct SilentSender: Sender {
        let channel = Channel.email
        func send(_ message: OutgoingMessage) async -> DeliveryOutcome { .delivered(receipt: nil) }
    }

    init(
        publicURL: String = "https://nightbell.example.com", hasOwner: Bool = true, journal: IntakeJournal? = nil
    ) async throws {
        folder = try TemporaryDatabase()
        clock = SimulatedClock()
        let store = Store(database: folder.database, ids: BlockIDs(database: folder.database), clock: clock)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let links = ActionLinks(publicURL: publicURL, key: [UInt8](repeating: 7, count: 32))
        engine = Engine(store: store, senders: [SilentSender()], links: links, journal: journal, logger: logger)
        administration = engine.administration(passwords: Passwords(log2N: 4))
        services = WebServices(
            engine: engine, administration: administration,
            settings: WebSettings(publicURL: publicURL, version: "1.0", instance: "test"), logger: logger,
            rehearsal: LiveRehearsal(.database(folder.database), stage: RehearsalRoom(), channels: engine.channels))
        let owner = SetUp.Owner(
            firstName: "Alice", lastName: "Archer", email: "alice@example.com", password: Self.password)
        let nobody = UserRecord(
            id: .init(1), account: .init(1), email: "", username: "", firstName: "", lastName: "", role: .admin,
            createdAt: clock.now, updatedAt: clock.now)
        alice = hasOwner ? try await administration.setUp.setUp(owner) : nobody
    }

    var caller: Caller { Caller(alice) }

    func addUser(_ firstName: String, role: User.Role) async throws -> UserRecord {
        try await administration.users.create(
            UserDraft(
                email: "\(firstName.lowercased())@example.com", firstName: firstName, lastName: "Baker", role: role),
            password: Self.password, by: caller)
    }

    /// The source "Shop" with a policy that calls Alice.
    func addShop(teams: [Team.ID] = [], type: String = "RAPIDSPIKE") async throws -> AlertSourceRecord {
        let draft = AlertSourceDraft(name: "Shop", integrationType: type, policy: .init(0), teams: teams)
        return try await administration.sources.createWithPolicy(draft, policyName: "Shop policy", by: caller)
    }

    func raise(_ summary: String, details: String = "", links: [AlertLink] = [], of source: AlertSourceRecord)
        async throws -> Alert.ID
    {
        try await engine.desk.raise(
            ManualAlert(source: source.id, summary: summary, details: details, links: links), by: caller)
    }

    /// Hands each browser its own cookies.
    func browse<Result: Sendable>(
        _ body: @escaping @Sendable (PageVisitor) async throws -> Result
    ) async throws -> Result {
        try await Application(responder: WebServer.responder(services)).test(.router) { client in
            try await body(PageVisitor(client: client, server: self))
        }
    }
}

/// A browser without scripts: keeps cookies, posts forms with their token, follows nothing by itself.
final class PageVisitor: Sendable {
    struct Answer: Sendable {
        let status: HTTPResponse.Status
        let headers: HTTPFields
        let text: String

        var location: String { headers[.location] ?? "" }
    }

    private let client: any TestClientProtocol
    private let server: PageServer
    private let cookies = Cookies()

    private actor Cookies {
        var values: [String: String] = [:]

        func keep(_ headers: HTTPFields) {
            for line in headers[values: .setCookie] {
                let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(String.init)
                values[pair[0]] = pair.count > 1 ? pair[1] : ""
            }
        }

        func set(_ name: String, _ value: String) { values[name] = value }

        var header: String {
            values.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                .joined(separator: "; ")
        }
    }

    init(client: any TestClientProtocol, server: PageServer) {
        self.client = client
        self.server = server
    }

    /// As somebody else, with cookies of their own.
    func another() -> PageVisitor { PageVisitor(client: client, server: server) }

    @discardableResult
    func signIn(_ email: String = "alice@example.com") async throws -> PageVisitor {
        let signedIn = try await server.administration.signIn.signIn(
            email: email, password: PageServer.password, address: "test")
        let isSecure = server.engine.links.publicURL.hasPrefix("https")
        await cookies.set(PageCookies.session(isSecure: isSecure), signedIn.token)
        await cookies.set("csrf", signedIn.csrfToken)
        return self
    }

    func get(_ path: String, headers: HTTPFields = [:]) async throws -> Answer {
        try await send(.get, path, "", headers)
    }

    /// Posts a form with the session's token.
    func post(_ path: String, _ fields: [(String, String)] = []) async throws -> Answer {
        let token = await cookies.values["csrf"] ?? ""
        return try await send(.post, path, Self.encode(fields + [("csrf", token)]), [:])
    }

    /// Posts a form with a file, as a browser does.
    func upload(_ path: String, _ file: (name: String, content: String)) async throws -> Answer {
        try await upload(path, name: file.name, Array(file.content.utf8))
    }

    /// The same for any bytes.
    func upload(_ path: String, name: String, _ content: [UInt8]) async throws -> Answer {
        let token = await cookies.values["csrf"] ?? ""
        let head =
            "--limit\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n\(token)\r\n--limit\r\n"
            + "Content-Disposition: form-data; name=\"\(name)\"; filename=\"file\"\r\nContent-Type: text/plain\r\n\r\n"
        let body = Array(head.utf8) + content + Array("\r\n--limit--\r\n".utf8)
        return try await send(.post, path, body, [.contentType: "multipart/form-data; boundary=limit"])
    }

    func postRaw(_ path: String, _ body: String, headers: HTTPFields = [:]) async throws -> Answer {
        try await send(.post, path, body, headers)
    }

    /// Goes on to where an answer points.
    func follow(_ answer: Answer) async throws -> Answer {
        try await get(answer.location)
    }

    static func encode(_ fields: [(String, String)]) -> String {
        fields.map { Form.encode($0.0) + "=" + Form.encode($0.1) }.joined(separator: "&")
    }

    private func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: String, _ extra: HTTPFields
    ) async throws -> Answer {
        try await send(method, path, Array(body.utf8), extra)
    }

    private func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: [UInt8], _ extra: HTTPFields
    ) async throws -> Answer {
        var headers = extra
        headers[.cookie] = await cookies.header
        if method == .post, headers[.contentType] == nil {
            headers[.contentType] = "application/x-www-form-urlencoded"
        }
        let answer = try await client.execute(
            uri: path, method: method, headers: headers, body: body.isEmpty ? nil : ByteBuffer(bytes: body)
        ) { response in
            Answer(status: response.status, headers: response.headers, text: String(buffer: response.body))
        }
        await cookies.keep(answer.headers)
        return answer
    }
}
