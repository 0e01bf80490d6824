import Alerting
import Foundation
import TestSupport
import Testing

extension FaultTests {
    /// A process that dies at each step of the rhythm, one after the other: before and after each transaction of an
    /// alert's way from the request to the page, and around the page itself. Once the first level is called at once,
    /// which is part of the request's transaction, and once a minute later, which is one of its own.
    @Suite(.serialized) struct KillPointTests {
        @Test(arguments: [TemporaryDatabase.Kind.sqlite, .postgres], [0, 1])
        func `given a kill at each step, when the server is started again, then nothing promised is missing`(
            kind: TemporaryDatabase.Kind, minutes: Int
        ) async throws {
            let world = try await FaultWorld.start(kind)
            let story = try await Story(
                world: world, minutes: minutes,
                path: Shop.addSource(to: world.shop, for: RunningServer.email, after: minutes))
            var accepted: Set<String> = []
            var kills: [String] = []
            var settled: [String: Int] = [:]
            for place in ["before", "after"] {
                for number in 1...12 {
                    let point = "\(place)-commit:\(number)"
                    guard try await story.play(point, &accepted, &settled) else { break }
                    kills.append(point)
                }
                if try await story.play("\(place)-send", &accepted, &settled) { kills.append("\(place)-send") }
            }

            var figures = Figures("killed at \(kills.count) points on \(kind), called after \(minutes) min")
            figures.count(accepted, try await world.shop.alerts())
            let mails = try await world.sink.mails()
            figures.count(mails)
            print(figures)
            // The request, the escalation if it is later, the outcome: before and after each; and around the page.
            #expect(kills.count >= (minutes > 0 ? 8 : 6), "\(kills)")
            #expect(figures.lost == 0 && figures.doubled == 0)
            #expect(figures.pages == accepted.count)
            // A page goes again when it was handed over and that was not noted; once more for each death, and never
            // when it was noted. How many points lie in between, other transactions of the server's decide.
            let counts = mails.countsOfMessages
            #expect(figures.doublePages >= 1)
            #expect(counts.values.allSatisfy { $0 <= 2 }, "\(counts)")
            #expect(counts.filter { settled[$0.key] != nil } == settled)
        }

        /// One alert after the other, from its event to its page.
        private struct Story {
            let world: FaultWorld
            /// How long after its event an alert's first level is called.
            let minutes: Int
            let path: String

            /// One alert with a kill on its way.
            ///
            /// - Parameter settled: how many mails there were of each message when it was found noted as handed over.
            /// - Returns: whether the process died; `false`: the story has fewer steps.
            func play(
                _ point: String, _ accepted: inout Set<String>, _ settled: inout [String: Int]
            ) async throws -> Bool {
                let (server, monitor) = (world.shop.server, point.replacing(":", with: "-"))
                try await server.stop()
                try await server.restart(environment: world.dying(at: point))
                let client = TestHTTPClient(url: server.url, hasOwnConnections: true)
                let body = Shop.body("failing", monitor: monitor)
                // A server that dies gives no answer.
                let answer = try? await client.post(path, json: body)
                try turnToFirstLevel()
                let isPromised = answer?.status == 202
                let hasDied = try await isDying(server.process, monitor)
                // What comes now would die of the same order.
                if !hasDied { try await server.kill() }
                let counts = try await world.sink.mails().countsOfMessages
                for message in try await world.deliveredMessages() where settled[message] == nil {
                    settled[message] = counts[message, default: 0]
                }
                // Past the lease of what the dead process was sending.
                try world.turnClock(by: 61)
                try await server.restart()
                if isPromised { accepted.insert("monitor-\(monitor)") }
                let again = TestHTTPClient(url: server.url, hasOwnConnections: true)
                if !isPromised {
                    // As every tool does that got no answer.
                    #expect(try await again.post(path, json: body).status == 202)
                    try turnToFirstLevel()
                    accepted.insert("monitor-\(monitor)")
                }
                let alert = try #require(
                    try await world.shop.alerts().first { $0["alertKey"]?.string == "monitor-\(monitor)" })
                if try await !world.shop.log(of: alert).contains(where: { $0.contains("was handed over") }) {
                    try await server.process.waitForLine(containing: "message handed over", on: .error)
                }
                #expect(try await !world.mails(about: monitor).isEmpty)
                let passing = Shop.body("passing", monitor: monitor)
                #expect(try await again.post(path, json: passing).status == 202)
                return hasDied
            }

            private func turnToFirstLevel() throws {
                if minutes > 0 { try world.turnClock(by: minutes * 60 + 1) }
            }

            /// Waits until the process ends, or has noted that the page was handed over without ending.
            private func isDying(_ process: ChildProcess, _ monitor: String) async throws -> Bool {
                do {
                    try await process.waitForLine(containing: "message handed over", on: .error)
                    return try await !isNoted(monitor)
                } catch let error as ChildProcess.NotSeen {
                    guard error.description.contains("before the program ended") else { throw error }
                    return try await process.waitForExit() == .signal(SIGKILL)
                }
            }

            /// - Returns: `false`: the process ended before, or just after.
            private func isNoted(_ monitor: String) async throws -> Bool {
                let deadline = ContinuousClock.now + .seconds(20)
                while ContinuousClock.now < deadline {
                    // A server that is dead gives no answer.
                    guard let alerts = try? await world.shop.alerts() else { return false }
                    guard let alert = alerts.first(where: { $0["alertKey"]?.string == "monitor-\(monitor)" }),
                        // The same.
                        let log = try? await world.shop.log(of: alert)
                    else { return false }
                    if log.contains(where: { $0.contains("was handed over") }) { return true }
                    await Task.yield()
                }
                return true
            }
        }
    }
}
