import Alerting
import Engine
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import Web

@Suite struct AmazonDoorTests {
    /// The URL of an alert source of Amazon CloudWatch, and what is fetched of Amazon.
    private static func run(
        _ body: @escaping @Sendable (APIServer, AlertSourceRecord, AmazonPages) async throws -> Void
    ) async throws {
        let pages = AmazonPages()
        try await APIServer.run(fetcher: pages) { server in
            let source = try await server.source(type: "CLOUDWATCH", policy: server.policy([server.carol.id]).id)
            try await body(server, source, pages)
        }
    }

    private static func post(
        _ name: String, to source: AlertSourceRecord, _ server: APIServer
    ) async throws -> APIServer.Answer {
        // Amazon says text/plain whatever it sends.
        try await server.send(
            .post, "/api/v1/events/cloudwatch/\(source.integrationKey)", AmazonPages.bytes("\(name).json"), key: "",
            headers: [.contentType: "text/plain; charset=UTF-8"])
    }

    private static func reasons(_ source: AlertSourceRecord, _ server: APIServer) async throws -> [String] {
        try await server.engine.store.read { transaction in
            try EventLog.list(source: source.id, limit: 10, in: transaction).map(\.reason.rawValue)
        }
    }

    @Test func `given a new subscription, when Amazon announces it, then it is confirmed and alarms come and go`()
        async throws
    {
        try await Self.run { server, source, pages in
            let subscription = try await Self.post("subscription", to: source, server)
            let alarm = try await Self.post("alarm", to: source, server)
            let ok = try await Self.post("ok", to: source, server)

            #expect(subscription.status == 202)
            #expect(subscription.json?["responseCode"]?.string == "NOTHING_TO_SAY")
            #expect(pages.fetched.contains(AmazonPages.subscription))
            #expect(alarm.json?["responseCode"]?.string == "NEW_ALERT")
            #expect(alarm.json?["alertKey"]?.string == "000000000000/EU (Ireland)/diskAlarm")
            #expect(ok.json?["responseCode"]?.string == "RESOLVED_BY_SOURCE")
            #expect(ok.json?["alertUrl"] == alarm.json?["alertUrl"])
        }
    }

    @Test(arguments: ["other-key", "expired", "certificate-elsewhere"])
    func `given a message that Amazon did not sign, when it is posted, then it is refused and raises nothing`(
        name: String
    ) async throws {
        try await Self.run { server, source, _ in
            let answer = try await Self.post(name, to: source, server)

            #expect(answer.status == 403)
            #expect(try await Self.reasons(source, server) == ["refused"])
            #expect(try await server.get("/api/alerts").json?.array?.isEmpty == true)
        }
    }

    @Test func `given Amazon is out of reach, when a message is posted, then its sender is asked to come back`()
        async throws
    {
        try await Self.run { server, source, pages in
            pages.set(AmazonPages.address(of: "leaf"), to: nil)

            let early = try await Self.post("alarm", to: source, server)
            #expect(early.status == 503)

            pages.set(AmazonPages.address(of: "leaf"), to: .init(status: 200, body: AmazonPages.bytes("leaf.pem")))
            let late = try await Self.post("alarm", to: source, server)
            #expect(late.status == 202)
            pages.set(AmazonPages.subscription, to: nil)
            let refused = try await Self.post("subscription", to: source, server)
            #expect(refused.status == 503)
        }
    }

    @Test func `given a subscription to another server, when it is posted, then that server is never asked`()
        async throws
    {
        try await Self.run { server, source, pages in
            let answer = try await Self.post("subscription-elsewhere", to: source, server)

            #expect(answer.status == 503)
            #expect(pages.fetched == [AmazonPages.address(of: "leaf")])
        }
    }
}
