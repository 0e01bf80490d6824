import Alerting
import Foundation
import TestSupport
import Testing

extension SystemTests {
    @Suite(.serialized) struct FullDiskTests {
        @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a disk"))
        func `given a full disk, when events are posted, then none gets 202, and with room again it goes on`()
            async throws
        {
            let disk = try SmallDisk(megabytes: 24)
            defer { withExtendedLifetime(disk) {} }
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
        }
    }
}
