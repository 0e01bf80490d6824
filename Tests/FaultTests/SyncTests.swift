import Alerting
import Foundation
import TestSupport
import Testing

extension FaultTests {
    /// What a 202 is worth when only the disk is left, and when the disk does not keep what it is given.
    @Suite(.serialized) struct SyncTests {
        @Test func `given a load, when the power is cut, then what got 202 is in what had been synced`() async throws {
            let library = try await SyncLibrary.keeping()
            let world = try await FaultWorld.start(.sqlite, environment: library.environment)
            let server = world.shop.server

            let accepted = await world.post(0..<2000, width: 64) { count in
                if count == 700 { server.process.send(signal: SIGKILL) }
            }
            try await server.process.waitForExit()
            try cutPower(of: server.dataDir)
            try await server.restart()

            var figures = Figures("the power cut under load")
            figures.count(accepted, try await world.shop.alerts())
            print(figures)
            #expect(figures.accepted >= 700 && figures.accepted < 2000)
            #expect(figures.lost == 0 && figures.doubled == 0)
        }

        /// Puts what the disk would have had in the place of what the processes saw.
        private func cutPower(of folder: String) throws {
            let files = FileManager.default
            let names = try files.contentsOfDirectory(atPath: folder)
            try #require(names.contains { $0.hasSuffix("-wal.synced") })
            for name in names where name.hasSuffix("-shm") { try files.removeItem(atPath: "\(folder)/\(name)") }
            for name in names where name.hasSuffix(".synced") {
                let place = "\(folder)/\(name.dropLast(".synced".count))"
                try files.removeItem(atPath: place)
                try files.moveItem(atPath: "\(folder)/\(name)", toPath: place)
            }
        }

        @Test func `given a disk that cannot sync the log, when events are posted, then none gets 202 until it can`()
            async throws
        {
            let folder = TemporaryFolder()
            let library = try await SyncLibrary.failing(while: folder.path + "/broken")
            let world = try await FaultWorld.start(.sqlite, environment: library.environment)
            let server = world.shop.server
            var accepted = await world.post(0..<100, width: 32)
            #expect(accepted.count == 100)

            try folder.write("", to: "broken")
            let broken = await world.post(100..<300, width: 32)
            try FileManager.default.removeItem(atPath: folder.path + "/broken")
            let after = await world.post(300..<400, width: 32)
            for some in [broken, after] { accepted.formUnion(some) }
            try await server.kill()
            try await server.restart()

            var figures = Figures("syncs that fail")
            figures.count(accepted, try await world.shop.alerts())
            print(figures)
            #expect(broken.isEmpty && after.count == 100)
            #expect(figures.lost == 0)
        }
    }
}
