import Alerting
import Engine
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Simulation
import Storage
import StorageSQLite
import Synchronization
import TestSupport
import Testing

@testable import Web

/// A whole server over a fresh database, spoken to as a client does. Its engine moves only when a test says so.
struct APIServer: Sendable {
    /// What a client sees.
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPFields
        var body: [UInt8]

        /// `nil` when the body is no JSON.
        var json: JSONValue? { try? JSONValue.parse(body) }  // Tests say what they expect of it.
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    let clock: SimulatedClock
    let database: TemporaryDatabase
    let services: WebServices
    let sender: QuietSender
    /// An administrator, the owner of the account.
    let carol: UserRecord
    let carolsKey: String
    private let client: any TestClientProtocol

    var engine: Engine { services.engine }

    static let password = "correct horse battery"

    /// Starts a server with Carol as its owner and hands it to `body`.
    static func run(
        settings: WebSettings = WebSettings(publicURL: "https://bell.example", version: "1.2.3", instance: "me"),
        operations: OperationsFacts = OperationsFacts(), fetcher: (any Fetcher)? = nil,
        actions: (any ActionSender)? = nil,
        _ body: @escaping @Sendable (APIServer) async throws -> Void
    ) async throws {
        let clock = SimulatedClock()
        let database = try TemporaryDatabase()
        let store = Store(database: database.database, ids: BlockIDs(database: database.database), clock: clock)
        let sender = QuietSender()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let engine = Engine(
            store: store, senders: [sender],
            links: ActionLinks(publicURL: settings.publicURL, key: Array(repeating: 7, count: 32)), fetcher: fetcher,
            actions: actions, logger: logger)
        let services = WebServices(
            engine: engine, administration: engine.administration(passwords: Passwords(log2N: 4)), settings: settings,
            logger: logger, operations: operations)
        let carol = try await services.administration.setUp.setUp(
            .init(firstName: "Carol", lastName: "Lead", email: "carol@example.com", password: password))
        let key = try await services.administration.apiKeys.create(for: carol.id, name: "test", by: nil).key
        let app = Application(responder: WebServer.responder(services), logger: logger)
        try await app.test(.router) { client in
            try await body(
                APIServer(
                    clock: clock, database: database, services: services, sender: sender, carol: carol,
                    carolsKey: key, client: client))
        }
    }

    /// - Parameter key: an API key; `nil`: Carol's; empty: no credentials.
    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: [UInt8]? = nil, key: String? = nil,
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        var headers = headers
        let key = key ?? carolsKey
        if !key.isEmpty, !headers.contains(.authorization) { headers[.authorization] = "Bearer \(key)" }
        // Clients in the field send it with every request.
        if !headers.contains(.contentType) { headers[.contentType] = "application/json" }
        return try await client.execute(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(bytes: $0) }
        ) { response in
            Answer(
                status: response.status.code, headers: response.headers, body: [UInt8](buffer: response.body))
        }
    }

    func get(_ path: String, key: String? = nil, headers: HTTPFields = [:]) async throws -> Answer {
        try await send(.get, path, key: key, headers: headers)
    }

    func post(_ path: String, _ body: JSONValue, key: String? = nil) async throws -> Answer {
        try await send(.post, path, body.bytes(), key: key)
    }

    func put(_ path: String, _ body: JSONValue? = nil, key: String? = nil) async throws -> Answer {
        try await send(.put, path, body?.bytes(), key: key)
    }

    func delete(_ path: String, key: String? = nil) async throws -> Answer {
        try await send(.delete, path, key: key)
    }

    /// Makes a user and an API key for them.
    func user(
        _ first: String, _ last: String = "Example", role: User.Role = .user
    ) async throws -> (record: UserRecord, key: String) {
        let caller = Caller(carol)
        let record = try await services.administration.users.create(
            UserDraft(email: "\(first.lowercased())@example.com", firstName: first, lastName: last, role: role),
            password: Self.password, by: caller)
        return (record, try await services.administration.apiKeys.create(for: record.id, name: "test", by: nil).key)
    }

    /// Makes an escalation policy with one level for each of `users`.
    func policy(
        _ users: [User.ID], name: String = "Shop on call", routingKey: String? = nil, teams: [Team.ID] = []
    ) async throws -> PolicyRecord {
        try await services.administration.policies.create(
            EscalationPolicyDraft(
                name: name,
                levels: users.map { EscalationLevel(targets: [.user($0)], timeout: .minutes(5)) },
                routingKey: routingKey, teams: teams), by: Caller(carol))
    }

    /// Makes the source "Shop".
    func source(
        _ name: String = "Shop", type: String = "API", policy: EscalationPolicy.ID, teams: [Team.ID] = [],
        webhookSecret: String? = nil, fields: JSONValue = .object([:])
    ) async throws -> AlertSourceRecord {
        var draft = AlertSourceDraft(
            name: name, integrationType: type, policy: policy, teams: teams, fields: fields)
        draft.webhookSecret = webhookSecret
        return try await services.administration.sources.create(draft, by: Caller(carol))
    }

    /// Posts a generic event and answers the alert that it touched.
    @discardableResult
    func event(
        _ source: AlertSourceRecord, key: String = "disk", type: String = "ALERT", summary: String = "Disk full"
    ) async throws -> Alert.ID? {
        let answer = try await post(
            "/api/events",
            .object([
                "integrationKey": .string(source.integrationKey), "eventType": .string(type),
                "summary": .string(summary), "alertKey": .string(key),
            ]), key: "")
        try #require(answer.status == 202)
        return (answer.json?["alertUrl"]?.string?.split(separator: "/").last).flatMap { Alert.ID($0) }
    }

    /// Lets the engine do all that is due now.
    func settle() async throws {
        while try await engine.escalation.runOnce() {}
        for loop in engine.notifications { while try await loop.runOnce() > 0 {} }
    }
}

/// Takes every message and says that it was delivered, or what a test says.
final class QuietSender: Sender {
    let channel = Channel.email
    private let taken = Mutex<[OutgoingMessage]>([])
    private let outcome = Mutex(DeliveryOutcome.delivered(receipt: nil))

    var messages: [OutgoingMessage] { taken.withLock { $0 } }

    func answer(_ answer: DeliveryOutcome) {
        outcome.withLock { $0 = answer }
    }

    func send(_ message: OutgoingMessage) async -> DeliveryOutcome {
        taken.withLock { $0.append(message) }
        return outcome.withLock { $0 }
    }
}
