import Alerting
import Foundation
import StoragePostgres
import Synchronization
import TestSupport
import Testing

extension FaultTests {
    /// Three nodes on one PostgreSQL, one of which dies under load.
    @Suite(.serialized) struct NodesTests {
        @Test func `given three nodes under load, when one is killed, then the others do its work`() async throws {
            let world = try await FaultWorld.start(.postgres)
            let first = world.shop.server
            let others = [
                try await RunningServer.start(environment: world.environment, hasOwner: false),
                try await RunningServer.start(environment: world.environment, hasOwner: false),
            ]
            let clients = ([first] + others).map { TestHTTPClient(url: $0.url, hasOwnConnections: true) }
            let death = Mutex<ContinuousClock.Instant?>(nil)

            let accepted = await world.post(0..<240, to: clients) { count in
                guard count == 80 else { return }
                others[0].process.send(signal: SIGKILL)
                death.withLock { $0 = .now }
            }
            // What the dead node was sending is anybody's when its lease is over.
            try world.turnClock(by: 61)
            let turned = ContinuousClock.now
            _ = try await world.waitForPages(accepted.count)

            var figures = Figures("one of three nodes killed")
            figures.count(accepted, try await world.shop.alerts())
            figures.count(try await world.sink.mails())
            figures.doubled += try await world.countTwice()
            figures.note("everything was sent, after the lease,", .now - turned)
            print(figures)
            #expect(accepted.count >= 160)
            #expect(death.withLock { $0 } != nil)
            #expect(figures.lost == 0 && figures.doubled == 0)
            // What got no answer from the dying node may be there as well.
            #expect(figures.pages >= accepted.count)
            // Only what the dead node had claimed: at most what one node sends at a time.
            #expect(figures.doublePages <= 16)
        }

        @Test func `given a node for requests and one for work, then the one takes events and the other pages`()
            async throws
        {
            let world = try await FaultWorld.start(.postgres, environment: ["NIGHTBELL_ROLE": "api"])
            let worker = try await RunningServer.start(
                environment: world.environment.merging(["NIGHTBELL_ROLE": "worker"]) { $1 }, hasOwner: false)

            #expect(await world.post(0..<3).count == 3)
            _ = try await world.waitForPages(3)

            let sent = #"nightbell_notification_outcomes_total{channel="email",outcome="delivered"}"#
            try await world.repeatedly("the worker's count of pages") {
                try await worker.client.get("/metrics").text.contains("\(sent) 3")
            }
            let metrics = try await world.shop.server.client.get("/metrics").text
            #expect(!metrics.contains(sent))
            #expect(metrics.contains(#"nightbell_nodes{state="seen"} 2"#))
            for path in ["/alerts", "/api/alerts", "/sign-in", world.shop.path] {
                #expect(try await worker.client.get(path).status == 404, "\(path)")
            }
            #expect(try await worker.client.post(world.shop.path, json: Shop.body("failing")).status == 404)
            for path in ["/healthz", "/readyz", "/metrics"] {
                #expect(try await worker.client.get(path).status == 200, "\(path)")
            }
            let login = try await world.shop.server.client.post(
                "/v1/users/login",
                json: #"{"email": "\#(RunningServer.email)", "password": "\#(RunningServer.password)"}"#)
            let token = try #require(try login.json["data"]?["auth"]?["token"]?.string)
            let page = try await TestHTTPClient(
                url: world.shop.server.url, headers: [("cookie", "nightbell_session=\(token)")]
            ).get("/nodes")
            #expect(page.status == 200)
            for words in [worker.url, world.shop.server.url, "decides and sends", "accepts requests"] {
                #expect(page.text.contains(words))
            }
        }

        @Test func `given a newer version that has changed the database, then an old node stops working and says so`()
            async throws
        {
            let world = try await FaultWorld.start(.postgres)
            let (postgres, server) = (try #require(world.postgres), world.shop.server)
            #expect(await world.post(0..<1).count == 1)
            _ = try await world.waitForPages(1)
            let address = try postgres.address(of: world.databaseName)
            let newer = "INSERT INTO schema_migrations VALUES (9999, 'later', 'x', 1)"
            try PostgresDatabase.run(script: newer, at: address)

            let line = try await server.process.waitForLine(containing: "node takes no more work", on: .error)
            let ready = try await server.client.get("/readyz")
            let refused = await world.post(1..<5)

            #expect(line.contains("migration 9999") && line.contains("Upgrade this node"))
            #expect(ready.status == 503 && ready.text.contains("A newer version has brought the database"))
            #expect(refused.isEmpty)
            // What it has is still there to be read.
            #expect(try await world.shop.alerts().count == 1)
            let folder = TemporaryFolder()
            let again = try await RunningServer.run(
                ["serve", "--data-dir", folder.path, "--listen", "127.0.0.1:0"], environment: world.environment)
            #expect(again.exit == .status(1))
            #expect(again.error.contains { $0.contains("The database is at migration 9999") }, "\(again.error)")
        }
    }
}
