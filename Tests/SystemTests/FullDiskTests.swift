import Alerting
import Foundation
import TestSupport
import Testing

extension SystemTests {
    @Suite(.serialized) struct FullDiskTests {
        /// A small disk in memory; only root may make one.
        private final class SmallDisk: Sendable {
            let path: String

            init(megabytes: Int) async throws {
                path = NSTemporaryDirectory() + "nightbell-disk-\(UUID().uuidString)"
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                let result = try await ChildProcess.run(
                    "/bin/mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path])
                guard result.exit == .status(0) else { throw Shop.Unexpected(description: "\(result.error)") }
            }

            func unmount() async throws {
                _ = try await ChildProcess.run("/bin/umount", ["-l", path])
                try FileManager.default.removeItem(atPath: path)
            }

            /// Takes all the room there is.
            func fill() throws {
                let handle = open(path + "/filler", O_WRONLY | O_CREAT, 0o600)
                defer { close(handle) }
                for size in [65_536, 4096, 512] {
                    let block = [UInt8](repeating: 1, count: size)
                    while write(handle, block, size) == size {}
                }
            }

            func makeRoom() {
                unlink(path + "/filler")
            }
        }

        private static var isRoot: Bool { geteuid() == 0 }

        @Test(.enabled(if: isRoot, "only root can make a small disk"))
        func `given a full disk, when events are posted, then none gets 202, and with room again it goes on`()
            async throws
        {
            let disk = try await SmallDisk(megabytes: 24)
            let shop = try await Shop.open(dataDir: disk.path + "/data")
            #expect(try await shop.rapidSpike("failing", monitor: "before").status == 202)

            try disk.fill()
            var refused = 0
            var accepted = ["monitor-before"]
            for number in 0..<2000 where refused < 20 {
                let answer = try await shop.rapidSpike("failing", monitor: "full-\(number)")
                if answer.status == 202 {
                    accepted.append("monitor-full-\(number)")
                } else {
                    #expect(answer.status == 503)
                    refused += 1
                }
            }
            #expect(refused == 20)

            disk.makeRoom()
            var attempts = 0
            while try await shop.rapidSpike("failing", monitor: "after").status != 202 {
                attempts += 1
                try #require(attempts < 1000, "no event is taken, although there is room again")
            }
            let stored = Set(try await shop.alerts().compactMap { $0["alertKey"]?.string })
            #expect(Set(accepted + ["monitor-after"]) == stored)
            let last = try #require(try await shop.alerts().first)
            try await shop.waitForLog("message handed over", about: last)

            try await shop.server.kill()
            try await shop.server.restart()
            #expect(Set(try await shop.alerts().compactMap { $0["alertKey"]?.string }) == stored)
            try await shop.server.stop()
            try await disk.unmount()
        }
    }
}
