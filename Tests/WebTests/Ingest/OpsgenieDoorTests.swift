import Alerting
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite struct OpsgenieDoorTests {
    private static func run(
        _ body: @escaping @Sendable (APIServer, AlertSourceRecord) async throws -> Void
    ) async throws {
        try await APIServer.run { server in
            try await body(server, server.source(type: "OPSGENIE", policy: server.policy([server.carol.id]).id))
        }
    }

    private static func send(
        _ method: HTTPRequest.Method = .post, _ path: String, _ body: String? = nil, _ server: APIServer,
        _ source: AlertSourceRecord
    ) async throws -> APIServer.Answer {
        try await server.send(
            method, path, body.map { Array($0.utf8) }, key: "",
            headers: [.authorization: "GenieKey \(source.integrationKey)"])
    }

    private static func status(_ server: APIServer) async throws -> String? {
        try await server.get("/api/alerts").json?.array?.first?["status"]?.string
    }

    private static let created = #"{"message": "Checkout is down", "alias": "shop/checkout", "priority": "P1"}"#

    @Test
    func `given a source, when an alert is created, then the answer is Opsgenie's 202 and the request can be followed`()
        async throws
    {
        try await Self.run { server, source in
            let answer = try await Self.send(.post, "/v2/alerts", Self.created, server, source)

            #expect(answer.status == 202)
            #expect(answer.headers[.contentType] == "application/json")
            #expect(answer.json?["result"]?.string == "Request will be processed")
            #expect(answer.json?["took"]?.double != nil)
            let id = try #require(answer.json?["requestId"]?.string)
            #expect(id.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
            let raised = try #require(try await server.get("/api/alerts").json?.array?.first)
            #expect(raised["summary"]?.string == "Checkout is down")

            let followed = try await Self.send(.get, "/v2/alerts/requests/\(id)", nil, server, source)
            #expect(followed.status == 200)
            let data = followed.json?["data"]
            #expect(data?["success"]?.bool == true)
            #expect(data?["isSuccess"]?.bool == true)
            #expect(data?["action"]?.string == "Create")
            #expect(data?["alias"]?.string == "shop/checkout")
            #expect(data?["alertId"]?.string == raised["id"]?.text)
            #expect(followed.json?["requestId"]?.string == id)
        }
    }

    @Test(arguments: ["alias", "ALIAS", "id", "tiny", ""])
    func `given an open alert, when it is acknowledged and closed by an identifier, then it is`(type: String)
        async throws
    {
        try await Self.run { server, source in
            _ = try await Self.send(.post, "/v2/alerts", Self.created, server, source)
            let alert = try #require(try await server.get("/api/alerts").json?.array?.first?["id"]?.text)
            let identifier = type.lowercased() == "alias" ? "shop%2Fcheckout" : alert
            let query = type.isEmpty ? "" : "?identifierType=\(type)"

            let acknowledged = try await Self.send(
                .post, "/v2/alerts/\(identifier)/acknowledge\(query)", #"{"user": "Alice", "note": "Mine"}"#, server,
                source)
            #expect(acknowledged.status == 202)
            #expect(try await Self.status(server) == "ACCEPTED")

            // Without any body at all, as some clients do.
            let closed = try await Self.send(.post, "/v2/alerts/\(identifier)/close\(query)", nil, server, source)
            #expect(closed.status == 202)
            #expect(closed.json?["result"]?.string == "Request will be processed")
            #expect(try await Self.status(server) == "RESOLVED")
        }
    }

    @Test func `given an alert of another source, when it is closed by its number, then there is none`() async throws {
        try await Self.run { server, source in
            _ = try await Self.send(.post, "/v2/alerts", Self.created, server, source)
            let alert = try #require(try await server.get("/api/alerts").json?.array?.first?["id"]?.text)
            let other = try await server.source("Other", type: "OPSGENIE", policy: source.policy)

            let answer = try await Self.send(.post, "/v2/alerts/\(alert)/close", "{}", server, other)

            #expect(answer.status == 404)
            #expect(answer.json?["message"]?.string == "Alert with id [\(alert)] does not exist")
            #expect(try await Self.status(server) == "PENDING")
        }
    }

    @Test func `given no open alert, when its alias is closed, then the request is taken and told to have failed`()
        async throws
    {
        try await Self.run { server, source in
            let answer = try await Self.send(
                .post, "/v2/alerts/nothing/close?identifierType=alias", "{}", server, source)
            #expect(answer.status == 202, "\(answer.text)")

            let id = try #require(answer.json?["requestId"]?.string)
            let followed = try await Self.send(.get, "/v2/alerts/requests/\(id)", nil, server, source)
            #expect(followed.json?["data"]?["success"]?.bool == false)
            #expect(followed.json?["data"]?["alertId"] == nil)
        }
    }

    @Test func `given a note, when it is added, then the alert has a comment`() async throws {
        try await Self.run { server, source in
            _ = try await Self.send(.post, "/v2/alerts", Self.created, server, source)
            let note = try await Self.send(
                .post, "/v2/alerts/shop%2Fcheckout/notes?identifierType=alias",
                #"{"user": "Bob", "note": "Looking at it"}"#, server, source)
            #expect(note.status == 202)

            let alert = try #require(try await server.get("/api/alerts").json?.array?.first?["id"]?.text)
            let log = try await server.get("/api/alerts/\(alert)/log-entries").text
            #expect(log.contains("Bob: Looking at it"))

            let empty = try await Self.send(
                .post, "/v2/alerts/shop%2Fcheckout/notes?identifierType=alias", "{}", server, source)
            #expect(empty.status == 422)
        }
    }

    @Test(arguments: [
        ("/v2/alerts", ""), ("/v2/alerts", "[]"), ("/v2/alerts", "{}"),
        ("/v2/alerts", #"{"message": "x", "priority": "P9"}"#), ("/v2/alerts", #"{"message": ["x"]}"#),
        ("/v2/alerts/a/explode?identifierType=alias", "{}"), ("/v2/alerts/a/close?identifierType=shoe", "{}"),
        ("/v2/alerts/a/close?identifierType=alias", "["),
    ])
    func `given a request with a fault, when it is posted, then the answer is Opsgenie's 422 and nothing is raised`(
        path: String, body: String
    ) async throws {
        try await Self.run { server, source in
            let answer = try await Self.send(.post, path, body, server, source)

            #expect(answer.status == 422)
            #expect(answer.json?["message"]?.string?.isEmpty == false)
            #expect(answer.json?["requestId"]?.string?.isEmpty == false)
            #expect(try await server.get("/api/alerts").json?.array?.isEmpty == true)
        }
    }

    @Test func `given no key or an unknown one, when something is asked for, then it is refused`() async throws {
        try await Self.run { server, source in
            let none = try await server.send(.post, "/v2/alerts", Array(Self.created.utf8), key: "")
            #expect(none.status == 401)
            let bearer = try await server.send(
                .post, "/v2/alerts", Array(Self.created.utf8), key: source.integrationKey)
            #expect(bearer.status == 401)
            let unknown = try await server.send(
                .post, "/v2/alerts", Array(Self.created.utf8), key: "",
                headers: [.authorization: "GenieKey unknown-unknown-unknown"])
            #expect(unknown.status == 404)
            #expect(try await Self.send(.get, "/v2/alerts/requests/x", nil, server, source).status == 404)
        }
    }

    @Test(arguments: [nil, Alert.ID(1), Alert.ID(Int64.max)])
    func `given a request's id, when it is read back, then it says what became of the request`(alert: Alert.ID?) throws
    {
        for reason in IntakeReason.allCases {
            let id = OpsgenieRequestID(alert: alert, reason: reason)
            let read = try #require(OpsgenieRequestID(id.text))

            #expect(read.alert == alert)
            #expect(read.reason == reason)
            #expect(read == id)
        }
        #expect(OpsgenieRequestID("ffffffff-ffff-ffff-ffff-ffffffffffff") == nil)
        #expect(OpsgenieRequestID("00000000-0000-0000-ff00-000000000000") == nil)
        #expect(OpsgenieRequestID("") == nil)
    }
}
