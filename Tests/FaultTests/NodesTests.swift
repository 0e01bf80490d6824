import Alerting
import Foundation
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
    }
}
