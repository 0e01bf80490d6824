import Alerting
import Foundation
import TestSupport
import Testing

extension FaultTests {
    /// PostgreSQL is killed, stopped, or cannot be reached, while events come in.
    @Suite(.serialized) struct PostgresAwayTests {
        @Test func `given a journal, when PostgreSQL is killed under load, then every request is taken and kept once`()
            async throws
        {
            let world = try await FaultWorld.start(.postgres)
            let postgres = try #require(world.postgres)

            // In the middle of batches, some of which are committed and not answered.
            let during = await world.post(0..<200) { count in
                // Once; a server that goes on fails the look at its state below.
                if count == 60 { try? postgres.kill() }
            }
            let ready = try await world.shop.server.client.get("/readyz")
            let metrics = try await world.shop.server.client.get("/metrics")
            try postgres.start()
            let back = ContinuousClock.now
            try await world.waitForEmptyJournal(of: world.shop.server)
            let replayed = ContinuousClock.now
            let after = await world.post(200..<220)
            _ = try await world.waitForPages(220)

            var figures = Figures("PostgreSQL killed, with a journal")
            figures.count(during.union(after), try await world.shop.alerts())
            figures.count(try await world.sink.mails())
            figures.doubled += try await world.countTwice()
            figures.note("the journal was in the database after", replayed - back)
            print(figures)
            #expect(during.count == 200, "every request is taken")
            #expect(figures.accepted == 220 && figures.lost == 0 && figures.doubled == 0)
            #expect(figures.pages == 220)
            #expect(ready.status == 200)
            #expect(try ready.json["status"]?.string == "journaling")
            #expect(metrics.text.contains("nightbell_database_up 0"))
        }

        @Test
        func `given requests in the journal, when the node is killed at each step, then a later start brings them in`()
            async throws
        {
            let world = try await FaultWorld.start(.postgres)
            let (postgres, server) = (try #require(world.postgres), world.shop.server)
            _ = await world.post(0..<5)

            try postgres.kill()
            let during = await world.post(5..<105) { count in
                // While others are on their way to the disk.
                if count == 60 { server.process.send(signal: SIGKILL) }
            }
            try await server.process.waitForExit()
            try postgres.start()
            // Around the ids that the requests need, and around the transaction that brings them in.
            for point in ["before-commit:1", "after-commit:1", "before-commit:2", "after-commit:2"] {
                let dead = try await RunningServer.run(
                    ["serve", "--data-dir", server.dataDir, "--listen", "127.0.0.1:0"],
                    environment: world.environment.merging(world.dying(at: point)) { $1 })
                #expect(dead.exit == .signal(SIGKILL), "\(point): \(dead.error)")
            }
            try await server.restart()
            try await world.waitForEmptyJournal(of: server)

            var figures = Figures("PostgreSQL killed, then the node while it writes, and while it replays")
            figures.count(during, try await world.shop.alerts())
            figures.doubled += try await world.countTwice()
            print(figures)
            #expect(figures.accepted >= 60 && figures.accepted < 100)
            #expect(figures.lost == 0 && figures.doubled == 0)
        }

        @Test func `given PostgreSQL that stops in the middle of its work, when it goes on, then all is there once`()
            async throws
        {
            let world = try await FaultWorld.start(.postgres)
            let postgres = try #require(world.postgres)

            let began = ContinuousClock.now
            let accepted = await world.post(0..<200) { count in
                // One that does not stop fails the look at its state below.
                if count == 60 { try? postgres.pause() }
            }
            let took = ContinuousClock.now - began
            let ready = try await world.shop.server.client.get("/readyz")
            try postgres.goOn()
            let back = ContinuousClock.now
            try await world.waitForEmptyJournal(of: world.shop.server)
            let replayed = ContinuousClock.now

            var figures = Figures("PostgreSQL stopped in the middle of transactions")
            figures.count(accepted, try await world.shop.alerts())
            figures.doubled += try await world.countTwice()
            figures.note("200 requests took", took)
            figures.note("the journal was in the database after", replayed - back)
            print(figures)
            #expect(try ready.json["status"]?.string == "journaling")
            #expect(figures.accepted == 200 && figures.lost == 0 && figures.doubled == 0)
        }

        @Test func `given PostgreSQL away, when a node is started, then it takes events and brings them in later`()
            async throws
        {
            let world = try await FaultWorld.start(.postgres)
            let (postgres, server) = (try #require(world.postgres), world.shop.server)
            let before = await world.post(0..<5)
            // What a killed node has claimed waits for the end of its lease.
            _ = try await world.waitForPages(5)
            try await world.waitForKeysOnDisk()
            try postgres.kill()
            try await server.kill()

            try await server.restart(until: "waits for its database: ")
            let during = await world.post(5..<65)
            let ready = try await server.client.get("/readyz")
            let metrics = try await server.client.get("/metrics")
            let page = try await server.client.get("/alerts")
            let ping = try await server.client.post("/api/pings/nbh1-0123456789abcdef", json: "{}")
            let unknown = try await server.client.post(
                "/api/v1/events/rapidspike/nb1s0123456789abcdef", json: Shop.body("failing"))
            let began = ContinuousClock.now
            try postgres.start()
            try await server.process.waitForLine(containing: "is ready: ")
            try await world.waitForEmptyJournal(of: server)
            let recovery = ContinuousClock.now - began
            _ = try await world.waitForPages(65)

            var figures = Figures("a node started while PostgreSQL is away")
            figures.count(before.union(during), try await world.shop.alerts())
            figures.count(try await world.sink.mails())
            figures.doubled += try await world.countTwice()
            figures.note("ready, and the journal in the database after", recovery)
            print(figures)
            #expect(during.count == 60, "every request is taken")
            #expect(figures.lost == 0 && figures.doubled == 0 && figures.pages == 65)
            #expect(ready.status == 200)
            #expect(try ready.json["status"]?.string == "journaling")
            #expect(metrics.text.contains("nightbell_database_up 0"))
            #expect(metrics.text.contains("nightbell_journal_waiting_requests 60"))
            for answer in [page, ping, unknown] { #expect(answer.status == 503, "\(answer.text)") }
        }

        @Test
        func `given no journal and PostgreSQL away, when a node is started, then it answers 503 until it is back`()
            async throws
        {
            let world = try await FaultWorld.start(.postgres, environment: ["NIGHTBELL_JOURNAL_LIMIT": "0"])
            let (postgres, server) = (try #require(world.postgres), world.shop.server)
            try postgres.kill()
            try await server.kill()

            try await server.restart(until: "waits for its database: ")
            let refused = await world.post(0..<10)
            let ready = try await server.client.get("/readyz")
            try postgres.start()
            try await server.process.waitForLine(containing: "is ready: ")
            let accepted = await world.post(10..<20)

            var figures = Figures("a node without a journal started while PostgreSQL is away")
            figures.count(accepted, try await world.shop.alerts())
            print(figures)
            #expect(refused.isEmpty && ready.status == 503)
            #expect(accepted.count == 10 && figures.lost == 0)
        }

        @Test func `given PostgreSQL away, when something comes to any door, then it is kept or must come again`()
            async throws
        {
            let world = try await FaultWorld.start(.postgres)
            let (postgres, server, key) = (try #require(world.postgres), world.shop.server, world.shop.integrationKey)
            let heartbeat = try await world.shop.api.post(
                "/api/heartbeat-monitors", json: #"{"name": "Backup", "intervalSec": 60}"#)
            let ping = "/api/pings/\(try heartbeat.json["integrationKey"]?.string ?? "")"
            #expect(try await server.client.get(ping).status == 202)
            _ = await world.post(0..<1)
            try await world.waitForKeysOnDisk()
            try postgres.kill()

            let generic = try await server.client.post(
                "/api/events",
                json: #"{"integrationKey": "\#(key)", "eventType": "ALERT", "summary": "G", "alertKey": "generic"}"#)
            let pagerDuty = try await server.client.post(
                "/v2/enqueue",
                json: #"""
                    {"routing_key": "\#(key)", "event_action": "trigger", "dedup_key": "pager",
                     "payload": {"summary": "P", "source": "s", "severity": "critical"}}
                    """#)
            let opsgenie = TestHTTPClient(url: server.url, headers: [("authorization", "GenieKey \(key)")])
            let created = try await opsgenie.post("/v2/alerts", json: #"{"message": "O", "alias": "genie"}"#)
            let closed = try await opsgenie.post("/v2/alerts/12/close?identifierType=id", json: "{}")
            let known = try await server.client.get(ping)
            let other = try await server.client.get("/api/pings/nbh1-0123456789abcdef0123")
            let flow = try await server.client.post("/api/v1/events/api/nb1f0123456789abcdef", json: "{}")
            let probe = try await TestHTTPClient(
                url: server.url, headers: [("authorization", "Bearer nbp0123456789abc")]
            )
            .post("/api/probe/results", json: #"{"results": []}"#)
            try postgres.start()
            try await world.waitForEmptyJournal(of: server)

            for answer in [generic, pagerDuty, created] { #expect(answer.status == 202, "\(answer.text)") }
            for answer in [closed, known, other, flow] { #expect(answer.status == 503, "\(answer.text)") }
            #expect(probe.status == 503)
            let keys = Set(try await world.shop.alerts().compactMap { $0["alertKey"]?.string })
            #expect(keys.isSuperset(of: ["generic", "pager", "genie"]))
            #expect(try await server.client.get(ping).status == 202)
        }

        @Test func `given no journal, when PostgreSQL is killed under load, then nothing that got 202 is missing`()
            async throws
        {
            let world = try await FaultWorld.start(.postgres, environment: ["NIGHTBELL_JOURNAL_LIMIT": "0"])
            let postgres = try #require(world.postgres)

            let accepted = await world.post(0..<300) { count in
                // Once; the server's start is part of the test below.
                if count == 60 { try? postgres.kill() }
            }
            let ready = try await world.shop.server.client.get("/readyz")
            try postgres.start()
            let back = ContinuousClock.now
            try await world.repeatedly("a request that is taken") { await !world.post(300..<301).isEmpty }
            _ = try await world.mails(about: "300")
            let recovery = ContinuousClock.now - back

            var figures = Figures("PostgreSQL killed, without a journal")
            figures.count(accepted, try await world.shop.alerts())
            figures.doubled += try await world.countTwice()
            figures.note("a page went out after", recovery)
            print(figures)
            #expect(ready.status == 503)
            #expect(accepted.count >= 60 && accepted.count < 300)
            #expect(figures.lost == 0 && figures.doubled == 0)
        }

        @Test(arguments: [FaultyProxy.Mode.reset, .drop, .delay(milliseconds: 40)])
        func `given a bad network to PostgreSQL, when it is well again, then every request is there once`(
            mode: FaultyProxy.Mode
        ) async throws {
            let proxies = Proxies()
            let world = try await FaultWorld.start(.postgres) { server, database in
                // Without one the server does not start, which fails the test.
                let proxy = try? FaultyProxy(to: "\(server.folder)/.s.PGSQL.5432")
                proxies.keep(proxy)
                return "postgres://nightbell@127.0.0.1:\(proxy?.port ?? 1)/\(database)"
            }
            let proxy = try #require(proxies.kept)
            let before = await world.post(0..<20)

            proxy.set(mode)
            let began = ContinuousClock.now
            let during = await world.post(20..<80)
            let took = ContinuousClock.now - began
            proxy.set(.pass)
            let back = ContinuousClock.now
            try await world.waitForEmptyJournal(of: world.shop.server)
            let replayed = ContinuousClock.now

            var figures = Figures("network \(mode)")
            figures.count(before.union(during), try await world.shop.alerts())
            figures.doubled += try await world.countTwice()
            figures.note("60 requests took", took)
            figures.note("the journal was in the database after", replayed - back)
            print(figures)
            #expect(figures.accepted == 80 && figures.lost == 0 && figures.doubled == 0)
            proxy.stop()
        }
    }
}

/// Hands a proxy out of a closure.
private final class Proxies: Sendable {
    private let proxy = Box()

    private final class Box: @unchecked Sendable {
        var value: FaultyProxy?
    }

    var kept: FaultyProxy? { proxy.value }

    func keep(_ proxy: FaultyProxy?) { self.proxy.value = proxy }
}
