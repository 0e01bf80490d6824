import Alerting
import Engine
import HTTPTypes
import Metrics
import Simulation
import Storage
import StorageSQLite
import TestSupport
import Testing

@testable import Web

@Suite struct OperationsTests {
    @Test func `given a server, when its health is asked, then it is alive and ready without credentials`() async throws
    {
        try await APIServer.run { server in
            let (alive, ready) = try await (server.get("/healthz", key: ""), server.get("/readyz", key: ""))

            let head = try await server.send(.head, "/healthz", key: "")

            #expect(alive.status == 200)
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect(ready.status == 200)
            #expect(ready.json?["status"]?.string == "ok")
            #expect(ready.json?["version"]?.string == "1.2.3")
        }
    }

    @Test func `given a server that stops or is damaged, when it is asked, then it is alive and says why not ready`()
        async throws
    {
        let facts = OperationsFacts(isDraining: { true }, damage: { "page 7 is torn" })
        try await APIServer.run(operations: facts) { server in
            let (alive, ready) = try await (server.get("/healthz", key: ""), server.get("/readyz", key: ""))

            #expect(alive.status == 200)
            #expect(ready.status == 503)
            #expect(ready.json?["reasons"]?.array?.count == 2)
        }
    }

    @Test func `given a closed database, when anything is asked, then nothing of the inside shows`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            try await server.event(source)
            #expect(try await server.get("/api/alerts").status == 200)
            try server.database.close()

            let ready = try await server.get("/readyz", key: "")
            let list = try await server.get("/api/alerts")
            let event = try await server.post(
                "/api/v1/events/api/\(source.integrationKey)",
                .object(["eventType": .string("ALERT"), "summary": .string("x")]), key: "")

            #expect(ready.status == 503)
            #expect(list.status >= 500)
            #expect(list.json?["status"]?.integer == Int64(list.status))
            #expect(event.status == 503)
            #expect(event.headers[.retryAfter] == "5")
            for answer in [ready, list, event] {
                #expect(!answer.text.lowercased().contains("sqlite"))
                #expect(!answer.text.contains("SELECT"))
            }
        }
    }

    @Test func `given open alerts and waiting pages, when metrics are scraped, then they are counted`() async throws {
        let registry = PrometheusRegistry()
        let facts = OperationsFacts(registry: registry, databaseBytes: { 4096 })
        try await APIServer.run(operations: facts) { server in
            registry.makeCounter(label: "nightbell_test_total", dimensions: []).increment(by: 3)
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            try await server.event(source, key: "a")
            try await server.event(source, key: "b")
            try await server.event(source, key: "b", type: "ACCEPT")
            while try await server.engine.escalation.runOnce() {}
            server.clock.advance(by: .seconds(30))

            let page = try await server.get("/metrics", key: "")

            #expect(page.status == 200)
            #expect(page.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            for line in [
                #"nightbell_open_alerts{status="pending"} 1"#, #"nightbell_open_alerts{status="accepted"} 1"#,
                #"nightbell_notification_queue_messages{channel="email"} 1"#,
                #"nightbell_notification_oldest_pending_seconds{channel="email"} 30"#,
                "nightbell_escalation_lag_seconds 0", "nightbell_database_bytes 4096", "nightbell_test_total 3",
                "# TYPE nightbell_open_alerts gauge",
            ] {
                #expect(page.text.contains(line + "\n"), "\(line)")
            }
        }
    }

    @Test func `given the benchmark's endpoint, when it is not asked for, then it is not there`() async throws {
        try await APIServer.run { server in
            let answer = try await server.send(.post, "/healthz/echo", Array("x".utf8), key: "")
            #expect(answer.status == 404)
        }
        let settings = WebSettings(publicURL: "https://b/", version: "1", instance: "me", hasBenchmarkEndpoint: true)
        try await APIServer.run(settings: settings) { server in
            let answer = try await server.send(.post, "/healthz/echo", Array("x".utf8), key: "")
            #expect(answer.status == 202)
            #expect(answer.text == "{}")
        }
    }

    @Test func `given a mail server that asks to come back, when metrics are scraped, then the page's age goes on`()
        async throws
    {
        try await APIServer.run { server in
            server.sender.answer(.retry(after: .seconds(600), reason: "greylisted"))
            try await server.event(server.source(policy: server.policy([server.carol.id]).id))
            try await server.settle()
            server.clock.advance(by: .seconds(90))

            let page = try await server.get("/metrics", key: "")

            #expect(page.text.contains(#"oldest_pending_seconds{channel="email"} 90"# + "\n"))
        }
    }
}
