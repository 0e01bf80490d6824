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
            let before = await world.post(0..<60)

            try postgres.kill()
            let during = await world.post(60..<200)
            let ready = try await world.shop.server.client.get("/readyz")
            let metrics = try await world.shop.server.client.get("/metrics")
            try postgres.start()
            let back = ContinuousClock.now
            try await world.waitForEmptyJournal(of: world.shop.server)
            let replayed = ContinuousClock.now
            let after = await world.post(200..<220)
            _ = try await world.waitForPages(220)

            var figures = Figures("PostgreSQL killed, with a journal")
            figures.count(before.union(during).union(after), try await world.shop.alerts())
            figures.count(try await world.sink.mails())
            figures.doubled += try await world.countTwice()
            figures.note("the journal was in the database after", replayed - back)
            print(figures)
            #expect(during.count == 140, "every request is taken")
            #expect(figures.accepted == 220 && figures.lost == 0 && figures.doubled == 0)
            #expect(figures.pages == 220)
            #expect(ready.status == 200)
            #expect(try ready.json["status"]?.string == "journaling")
            #expect(metrics.text.contains("nightbell_database_up 0"))
        }

        @Test func `given requests in the journal, when the node is killed, too, then its next start brings them in`()
            async throws
        {
            let world = try await FaultWorld.start(.postgres)
            let postgres = try #require(world.postgres)
            _ = await world.post(0..<5)

            try postgres.kill()
            let during = await world.post(5..<45)
            try await world.shop.server.kill()
            try postgres.start()
            try await world.shop.server.restart()
            try await world.waitForEmptyJournal(of: world.shop.server)

            var figures = Figures("PostgreSQL and the node killed")
            figures.count(during, try await world.shop.alerts())
            figures.doubled += try await world.countTwice()
            print(figures)
            #expect(figures.accepted == 40 && figures.lost == 0 && figures.doubled == 0)
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
