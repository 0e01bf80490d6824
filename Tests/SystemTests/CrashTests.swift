import Alerting
import Foundation
import TestSupport
import Testing

extension SystemTests {
    @Suite(.serialized) struct CrashTests {
        @Test
        func `given a page that was committed, when the server is killed before it is sent, then it goes out after`()
            async throws
        {
            let sink = try await MailSink.start()
            try await sink.set(.hangAtEHLO)
            let shop = try await Shop.open(environment: ["NIGHTBELL_SMTP_URL": sink.url])
            #expect(try await shop.rapidSpike("failing").status == 202)

            try await shop.server.kill()
            try await sink.set(.accept)
            try await shop.server.restart()

            let mail = try #require(try await sink.waitForMail(count: 1).first)
            #expect(mail.to == [RunningServer.email])
            let alert = try #require(try await shop.alerts().first)
            try await shop.waitForLog("message handed over", about: alert)
            #expect(try await shop.log(of: alert).contains { $0.contains("was handed over") })
            #expect(try await sink.mails().count == 1)
        }

        @Test func `given a page that was taken, when the server is killed before it hears so, then one repeats it`()
            async throws
        {
            let sink = try await MailSink.start()
            try await sink.set(.takeAndHang)
            let shop = try await Shop.open(environment: ["NIGHTBELL_SMTP_URL": sink.url])
            #expect(try await shop.rapidSpike("failing").status == 202)
            _ = try await sink.waitForMail(count: 1)

            try await shop.server.kill()
            try await sink.set(.accept)
            try await shop.server.restart()

            let mails = try await sink.waitForMail(count: 2)
            let alert = try #require(try await shop.alerts().first)
            try await shop.waitForLog("message handed over", about: alert)
            #expect(try await shop.log(of: alert).contains { $0.contains("was handed over") })
            #expect(try await sink.mails().count == 2)
            #expect(mails[0].header("Message-ID") == mails[1].header("Message-ID"))
            #expect(mails[0].header("X-Nightbell-Message") == mails[1].header("X-Nightbell-Message"))
        }

        @Test func `given a thousand posts at once, when the server is killed among them, then what got 202 is there`()
            async throws
        {
            let shop = try await Shop.open(type: "API")
            let key = shop.integrationKey
            // Its connections are broken for a while after nobody listened there.
            let client = TestHTTPClient(url: shop.server.url, hasOwnConnections: true)

            let accepted = await withTaskGroup(of: String?.self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        let event =
                            #"{"integrationKey": "\#(key)", "eventType": "ALERT", "summary": "Number \#(number)", "#
                            + #""alertKey": "key-\#(number)"}"#
                        // No answer at all is what a killed server gives.
                        let answer = try? await client.post("/api/events", json: event)
                        return answer?.status == 202 ? "key-\(number)" : nil
                    }
                }
                var accepted: Set<String> = []
                for await key in group {
                    if let key { accepted.insert(key) }
                    guard accepted.count >= 300 else { continue }
                    shop.server.process.send(signal: SIGKILL)
                    group.cancelAll()
                }
                return accepted
            }
            try await shop.server.process.waitForExit()
            try await shop.server.restart()

            #expect(accepted.count >= 300 && accepted.count < 1000)
            let stored = Set(try await shop.alerts().compactMap { $0["alertKey"]?.string })
            #expect(accepted.subtracting(stored).isEmpty)
        }

        @Test
        func `given alerts with timers, when the server is killed and started again, then the timers are the same`()
            async throws
        {
            let shop = try await Shop.open(people: ["bob@example.com", "carol@example.com"])
            for monitor in ["Home", "Basket", "Search"] {
                #expect(try await shop.rapidSpike("failing", monitor: monitor).status == 202)
            }
            for alert in try await shop.alerts() { try await shop.waitForLog("alert escalated", about: alert) }
            let before = try await shop.alerts().map { $0["nextEscalation"]?.string }

            try await shop.server.kill()
            try await shop.server.restart()

            #expect(before.count == 3 && before.allSatisfy { $0 != nil })
            #expect(try await shop.alerts().map { $0["nextEscalation"]?.string } == before)
        }

        @Test
        func `given posts that go on, when a backup is taken, then a server on the copy has the alerts before it`()
            async throws
        {
            let shop = try await Shop.open()
            for number in 0..<20 {
                #expect(try await shop.rapidSpike("failing", monitor: "before-\(number)").status == 202)
            }
            let folder = TemporaryFolder()
            let copy = folder.path + "/nightbell.db"

            let backup = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 0..<10_000 where !Task.isCancelled {
                        _ = try await shop.rapidSpike("failing", monitor: "during-\(number)")
                    }
                }
                let result = try await RunningServer.run(["backup", "--data-dir", shop.server.dataDir, copy])
                group.cancelAll()
                do {
                    try await group.waitForAll()
                } catch {
                    // The request that was under way was cancelled with its task.
                }
                return result
            }

            #expect(backup.exit == .status(0))
            let restored = try await RunningServer.start(dataDir: folder.path, hasOwner: false)
            let api = TestHTTPClient(
                url: restored.url, headers: [("authorization", "Bearer \(try await restored.apiKey())")])
            let count = try await api.get("/api/alerts?max-results=100").json.array?.count ?? 0
            #expect(count >= 20)
            let total = try await api.get("/api/alerts/count").json["count"]?.integer
            for number in 0..<20 {
                let body = Shop.body("failing", monitor: "before-\(number)")
                #expect(try await restored.client.post(shop.path, json: body).status == 202)
            }
            #expect(try await api.get("/api/alerts/count").json["count"]?.integer == total)
        }
    }
}
