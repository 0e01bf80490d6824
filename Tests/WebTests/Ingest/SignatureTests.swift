import Alerting
import Engine
import HTTPTypes
import Integrations
import Storage
import Testing

@testable import Web

@Suite struct SignatureTests {
    private static let header = HTTPField.Name("x-gitlab-token")!

    private static let failed: JSONValue = .object([
        "object_kind": .string("pipeline"),
        "object_attributes": .object([
            "id": .integer(31), "ref": .string("main"), "status": .string("failed"),
        ]),
        "project": .object([
            "path_with_namespace": .string("shop/web"), "web_url": .string("https://gitlab.example.com/shop/web"),
        ]),
    ])

    @Test func `given a webhook secret, when a request proves it or not, then it is taken or refused and noted`()
        async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(
                type: "GITLAB", policy: server.policy([server.carol.id]).id, webhookSecret: "s3cret")
            let path = "/api/v1/events/gitlab/\(source.integrationKey)"

            let unsigned = try await server.post(path, Self.failed, key: "")
            let wrong = try await server.send(
                .post, path, Self.failed.bytes(), key: "", headers: [Self.header: "s3cre"])
            let right = try await server.send(
                .post, path, Self.failed.bytes(), key: "", headers: [Self.header: "s3cret"])

            #expect(unsigned.status == 403)
            #expect(wrong.status == 403)
            #expect(right.json?["responseCode"]?.string == "NEW_ALERT")
            let events = try await server.engine.store.read { transaction in
                try EventLog.list(source: source.id, limit: 10, in: transaction)
            }
            #expect(events.map(\.reason) == [.newAlert, .refused, .refused])
            #expect(events.allSatisfy { !$0.headers.contains("s3cre") })
        }
    }

    @Test func `given a webhook secret, when the source is read or edited, then the secret is never told`() async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(
                type: "GITHUB", policy: server.policy([server.carol.id]).id, webhookSecret: "s3cret")
            let before = try await server.get("/api/alert-sources/\(source.id)")
            #expect(!before.text.contains("s3cret"))

            // A client that writes back what it read keeps it.
            _ = try await server.put("/api/alert-sources/\(source.id)", before.json)
            let path = "/api/v1/events/github/\(source.integrationKey)"
            #expect(try await server.post(path, .object([:]), key: "").status == 403)

            guard case .object(var members)? = before.json else { return }
            members["webhookSecret"] = .string("")
            _ = try await server.put("/api/alert-sources/\(source.id)", .object(members))
            #expect(try await server.post(path, .object([:]), key: "").status == 202)
        }
    }

    @Test func `given a webhook secret, when the generic event comes with its key in the body, then proof is needed`()
        async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id, webhookSecret: "s3cret")
            let event = JSONValue.object([
                "integrationKey": .string(source.integrationKey), "eventType": .string("ALERT"),
                "summary": .string("Disk full"),
            ])

            #expect(try await server.post("/api/events", event, key: "").status == 403)
            #expect(try await server.post("/api/events", event, key: "s3cret").status == 202)
        }
    }
}
