import Alerting
import Foundation
import StoragePostgres
import TestSupport
import Testing

extension FaultTests {
    /// No room where a node keeps its journal, and where PostgreSQL keeps its data; SQLite's is in SystemTests.
    @Suite(.serialized, .enabled(if: SmallDisk.isPossible, "needs the right to mount a disk"))
    struct FullDiskTests {
        /// Asked over a connection of its own, which breaks with the server.
        private func ready(_ server: RunningServer) async throws -> TestHTTPClient.Answer {
            try await TestHTTPClient(url: server.url, hasOwnConnections: true).get("/readyz")
        }

        @Test
        func `given a full disk under the journal, when the node is killed, then a later start brings in what got 202`()
            async throws
        {
            let disk = try SmallDisk(megabytes: 16)
            defer { withExtendedLifetime(disk) {} }
            let world = try await FaultWorld.start(.postgres, dataDir: disk.path + "/data")
            let (postgres, server) = (try #require(world.postgres), world.shop.server)
            var accepted = await world.post(0..<5)
            try await world.waitForKeysOnDisk()
            try postgres.kill()
            let journalled = await world.post(5..<25)

            try disk.fill()
            // The last page of the journal's file may have room for some.
            let full = await world.post(25..<85)
            let ready = try await ready(server)
            async let dying = world.post(85..<145)
            server.process.send(signal: SIGKILL)
            accepted.formUnion(await dying)
            try await server.process.waitForExit()
            disk.makeRoom()
            try await server.restart(until: "waits for its database: ")
            let after = await world.post(145..<165)
            let began = ContinuousClock.now
            try postgres.start()
            try await world.waitForEmptyJournal(of: server)
            let recovery = ContinuousClock.now - began
            for some in [journalled, full, after] { accepted.formUnion(some) }

            var figures = Figures("the journal's disk full, then the node killed")
            figures.count(accepted, try await world.shop.alerts())
            figures.doubled += try await world.countTwice()
            figures.note("the journal was in the database after", recovery)
            print(figures)
            #expect(journalled.count == 20 && after.count == 20)
            #expect(full.count < 60, "there was no room")
            #expect(ready.status == 503)
            #expect(figures.lost == 0 && figures.doubled == 0)
        }

        @Test
        func `given PostgreSQL's disk full, when the node is killed too, then every request is taken and kept once`()
            async throws
        {
            let disk = try SmallDisk(megabytes: 160)
            let postgres = try PostgresServer(isDurable: true, disk: disk)
            let world = try await FaultWorld.start(.postgres, on: postgres)
            let server = world.shop.server
            var accepted = await world.post(0..<20)
            _ = try await world.waitForPages(20)
            // A file of its log with room in it: without one PostgreSQL would not refuse, but end.
            try PostgresDatabase.run(
                script: "SELECT pg_switch_wal(); CREATE TABLE room (); DROP TABLE room",
                at: postgres.address(of: "postgres"))

            try disk.fill()
            accepted.formUnion(await world.post(20..<220))
            let ready = try await ready(server)
            async let dying = world.post(220..<280)
            server.process.send(signal: SIGKILL)
            accepted.formUnion(await dying)
            try await server.process.waitForExit()
            // On the disk that is full still: whether it finds room for the few rows of its start is PostgreSQL's luck.
            try await server.restart(until: "http://127.0.0.1:")
            let waiting = await world.post(280..<300)
            disk.makeRoom()
            let back = ContinuousClock.now
            try await world.waitForEmptyJournal(of: server)
            let recovery = ContinuousClock.now - back
            accepted.formUnion(waiting)

            var figures = Figures("PostgreSQL's disk full, and the node killed")
            figures.count(accepted, try await world.shop.alerts())
            figures.doubled += try await world.countTwice()
            figures.note("the journal was in the database after", recovery)
            print(figures)
            #expect(accepted.count >= 240 && waiting.count == 20)
            #expect(try ready.json["status"]?.string == "journaling")
            #expect(figures.lost == 0 && figures.doubled == 0)
        }
    }
}
