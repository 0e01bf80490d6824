import Alerting
import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// One Nightbell watches, another one is told of it by webhook and pages: RapidSpike's part and ours.
    @Suite(.serialized) struct MonitorStoryTests {
        @Test func `given two servers, when a site goes down and up, then the second one pages and resolves`()
            async throws
        {
            let environment = ["NIGHTBELL_ALLOW_PRIVATE_ADDRESSES": "true"]
            let sink = try await MailSink.start()
            let shop = try await Shop.open(environment: ["NIGHTBELL_SMTP_URL": sink.url])
            let watcher = try await RunningServer.start(environment: environment)
            let site = try await RunningServer.start()
            let api = try await watcher.api()
            let hook = try await Self.make(
                api, "/api/webhook-integrations", #"{"label":"Shop","url":"\#(shop.server.url)\#(shop.path)"}"#)
            let group = try await Self.make(
                api, "/api/delivery-groups", #"{"label":"Shop","webhooks":[{"id":\#(hook)}],"rules":["WEBSITE"]}"#)
            let monitor = try await Self.make(
                api, "/api/monitors",
                #"{"name":"Home","kind":"HTTP","target":"\#(site.url)/healthz","intervalSec":10,"retests":0}"#)
            #expect(!group.isEmpty)
            try await Self.wait(api, monitor, "PASSING")

            try await site.stop()
            try await Self.wait(api, monitor, "FAILING")
            let mail = try #require(try await sink.waitForMail(count: 1).first)
            #expect(mail.subject.contains("Home is failing"))
            #expect(try await shop.alerts().map { $0["status"]?.string } == ["PENDING"])

            try await site.restart()
            try await Self.wait(api, monitor, "PASSING")
            let deadline = ContinuousClock.now + .seconds(20)
            while try await shop.alerts().first?["status"]?.string != "RESOLVED", ContinuousClock.now < deadline {
                _ = try await api.get("/api/monitors/\(monitor)")
            }
            #expect(try await shop.alerts().map { $0["status"]?.string } == ["RESOLVED"])
            for server in [shop.server, watcher, site] { #expect(try await server.stop() == .status(0)) }
        }

        /// - Returns: the id of what was made.
        private static func make(_ api: TestHTTPClient, _ path: String, _ body: String) async throws -> String {
            let answer = try await api.post(path, json: body)
            #expect(answer.status == 201)
            return try #require(try answer.json["id"]?.scalarText)
        }

        private static func wait(_ api: TestHTTPClient, _ monitor: String, _ state: String) async throws {
            let deadline = ContinuousClock.now + .seconds(40)
            while ContinuousClock.now < deadline {
                let answer = try await api.get("/api/monitors/\(monitor)")
                if try answer.json["state"]?.string == state { return }
            }
            Issue.record("the monitor never became \(state)")
        }
    }
}
