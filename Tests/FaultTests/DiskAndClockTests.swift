import Alerting
import Foundation
import TestSupport
import Testing

extension FaultTests {
    @Suite(.serialized) struct DiskTests {
        @Test func `given a disk that takes 20 ms to sync, when 64 clients post, then they share its syncs`()
            async throws
        {
            let library = try await SyncLibrary.slow(milliseconds: 20)
            let world = try await FaultWorld.start(.sqlite, environment: library.environment)

            let began = ContinuousClock.now
            let accepted = await world.post(0..<600, width: 64)
            let took = ContinuousClock.now - began

            var figures = Figures("slow disk")
            try await world.shop.server.kill()
            try await world.shop.server.restart()
            figures.count(accepted, try await world.shop.alerts())
            figures.note("600 requests took", took)
            print(figures)
            #expect(figures.accepted == 600 && figures.lost == 0 && figures.doubled == 0)
            // One sync for each would take twelve seconds at least.
            #expect(took < .seconds(10))
        }

        @Test func `given a journal with little room, when it is full, then requests get 503 and nothing is lost`()
            async throws
        {
            let world = try await FaultWorld.start(.postgres, environment: ["NIGHTBELL_JOURNAL_LIMIT": "1"])
            let postgres = try #require(world.postgres)
            _ = await world.post(0..<1)
            try postgres.kill()

            var accepted: Set<String> = []
            var number = 1
            while number < 10_000 {
                let some = await world.post(number..<number + 200)
                accepted.formUnion(some)
                number += 200
                if some.count < 200 { break }
            }
            let ready = try await world.shop.server.client.get("/readyz")
            try postgres.start()
            try await world.waitForEmptyJournal(of: world.shop.server)
            #expect(await world.post(number..<number + 1).count == 1)

            var figures = Figures("journal full")
            figures.count(accepted, try await world.shop.alerts())
            figures.doubled += try await world.countTwice()
            print(figures)
            #expect(ready.status == 503)
            #expect(figures.accepted > 100 && figures.lost == 0 && figures.doubled == 0)
        }
    }

    @Suite(.serialized) struct ClockTests {
        @Test func `given an alert, when the clock jumps back an hour and on a day, then each page goes out once`()
            async throws
        {
            let world = try await FaultWorld.start(.sqlite, people: ["bob@example.com", "carol@example.com"])
            let server = world.shop.server
            #expect(await world.post(0..<1).count == 1)
            #expect(try await world.mails(about: "0").map(\.to) == [["bob@example.com"]])

            try world.turnClock(by: -3600)
            #expect(await world.post(1..<2).count == 1)
            #expect(try await world.mails(about: "1").map(\.to) == [["bob@example.com"]])
            #expect(try await world.mails(about: "0").count == 1)

            try world.turnClock(by: 3600 + 86_400)
            #expect(await world.post(2..<3).count == 1)
            _ = try await world.mails(about: "2")
            // Both older alerts have missed the time of their second level: one page each, not one for every level.
            _ = try await world.waitForPages(5)

            var figures = Figures("clock back an hour, and on a day")
            figures.count(["monitor-0", "monitor-1", "monitor-2"], try await world.shop.alerts())
            let mails = try await world.sink.mails()
            figures.count(mails)
            print(figures)
            #expect(figures.lost == 0 && figures.doubled == 0 && figures.doublePages == 0)
            for number in 0...2 {
                let first = mails.filter { $0.subject.contains("- \(number) is") && $0.to == ["bob@example.com"] }
                #expect(first.count == 1)
            }
            withExtendedLifetime(server) {}
        }
    }
}
