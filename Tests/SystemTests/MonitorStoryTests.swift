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
                api, "/api/delivery-groups", #"{"label":"Shop","webhooks":[{"id":\#(hook)}]}"#)
            _ = try await Self.make(
                api, "/api/monitor-rules", #"{"label":"All","area":"WEBSITE","deliveryGroups":[{"id":\#(group)}]}"#)
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

        @Test func `given a probe in another place, when it is started with its token, then its region says how it is`()
            async throws
        {
            let server = try await RunningServer.start()
            let site = try await RunningServer.start()
            let api = try await server.api()
            let made = try await api.post("/api/monitor-probes", json: #"{"name":"Office","region":"office"}"#)
            let token = try #require(try made.json["token"]?.string)
            let monitor = try await Self.make(
                api, "/api/monitors",
                #"{"name":"Home","kind":"HTTP","target":"\#(site.url)/healthz","retests":0,"regions":["office"]}"#)
            let probe = try await RunningServer.run(
                ["probe", "--server", server.url, "--once"], environment: ["NIGHTBELL_PROBE_TOKEN": token])
            #expect(probe.exit == .status(0) && probe.output == ["1 checked"])
            try await Self.wait(api, monitor, "PASSING")
            let results = try await api.get("/api/monitors/\(monitor)/results").json
            #expect(results[0]?["region"]?.string == "office" && results[0]?["status"]?.integer == 200)

            let stranger = try await RunningServer.run(
                ["probe", "--server", server.url, "--once", "--token", "nbp_x"], environment: [:])
            #expect(stranger.exit != .status(0))
            #expect(stranger.error.joined().contains("does not know this probe's token"))
            for server in [server, site] { #expect(try await server.stop() == .status(0)) }
        }

        @Test func `given monitors that RapidSpike's API lists, when they are imported twice, then they are here once`()
            async throws
        {
            // Plays RapidSpike's part by the same words.
            let theirs = try await RunningServer.start()
            let ours = try await RunningServer.start()
            let (their, our) = (try await theirs.api(), try await ours.api())
            _ = try await Self.make(
                their, "/api/monitors", #"{"name":"Cart","kind":"HTTP","target":"https://shop.example.com/cart"}"#)
            _ = try await Self.make(
                their, "/api/monitors", #"{"name":"DB","kind":"TCP","target":"db.example.com:5432","paused":true}"#)
            let key = try await their.post("/api/rapidspike-keys", json: #"{"label":"import"}"#).json
            let arguments = [
                "import", "rapidspike", "--base-url", theirs.url + "/v1", "--public-key",
                try #require(key["publicKey"]?.string), "--server", ours.url, "--api-key", try await ours.apiKey(),
            ]
            let environment = ["NIGHTBELL_RAPIDSPIKE_PRIVATE_KEY": try #require(key["privateKey"]?.string)]
            let trial = try await RunningServer.run(arguments + ["--dry-run"], environment: environment)
            #expect(trial.output.last == "2 to be made, 0 here already")
            #expect(try await our.get("/api/monitors").json.array?.isEmpty == true)

            let first = try await RunningServer.run(arguments, environment: environment)
            let second = try await RunningServer.run(arguments, environment: environment)
            let wrong = try await RunningServer.run(
                arguments, environment: ["NIGHTBELL_RAPIDSPIKE_PRIVATE_KEY": "wrong"])
            let found = try await our.get("/api/monitors").json.array ?? []
            #expect(first.exit == .status(0) && first.output.last == "2 made, 0 here already")
            #expect(second.output.last == "0 made, 2 here already")
            #expect(wrong.exit != .status(0) && wrong.error.joined().contains("status 403"))
            #expect(found.map { $0["target"]?.string } == ["https://shop.example.com/cart", "db.example.com:5432"])
            #expect(found.map { $0["paused"]?.bool } == [false, true])
            for server in [theirs, ours] { #expect(try await server.stop() == .status(0)) }
        }

        @Test func `given RapidSpike's API as others use it, when monitors are imported, then all its pages are read`()
            async throws
        {
            let theirs = try ChildProcess(
                TestTools.python(), [TestTools.script("rapidspike_standin.py"), "rapidspike-aabC2sA1", "s3cret"])
            let base = try await theirs.waitForLine(containing: "http://")
            let ours = try await RunningServer.start()
            let our = try await ours.api()
            let arguments = [
                "import", "rapidspike", "--base-url", base + "/v1", "--public-key", "rapidspike-aabC2sA1", "--server",
                ours.url, "--api-key", try await ours.apiKey(),
            ]
            let wrong = try await RunningServer.run(
                arguments, environment: ["NIGHTBELL_RAPIDSPIKE_PRIVATE_KEY": "wrong"])
            let first = try await RunningServer.run(
                arguments, environment: ["NIGHTBELL_RAPIDSPIKE_PRIVATE_KEY": "s3cret"])
            let second = try await RunningServer.run(
                arguments, environment: ["NIGHTBELL_RAPIDSPIKE_PRIVATE_KEY": "s3cret"])
            let found = try await our.get("/api/monitors").json.array ?? []
            theirs.send(signal: SIGKILL)
            try await theirs.waitForExit()

            #expect(wrong.exit != .status(0))
            #expect(wrong.error.joined().contains("status 401: Signature does not match"))
            #expect(!wrong.error.joined().contains("signature="))
            #expect(first.exit == .status(0), "\(first.error)")
            #expect(first.output.last == "6 made, 1 here already" && second.output.last == "0 made, 7 here already")
            #expect(
                Set(found.compactMap { $0["target"]?.string }) == [
                    "https://shop.example.com/", "https://shop.example.com/cart?x=1&y=%C3%BC",
                    "http://old.example.com/health", "https://shop.example.com/nameless", "mail.example.com:25",
                    "gate.example.com",
                ])
            #expect(found.filter { $0["paused"]?.bool == true }.compactMap { $0["name"]?.string } == ["Off"])
            #expect(try await ours.stop() == .status(0))
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
