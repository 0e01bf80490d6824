import Alerting
import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// A probe that goes on and on, in a process of its own.
    @Suite(.serialized) struct ProbeLoopTests {
        @Test
        func `given a probe at work, when its server goes and comes back, then it goes on, until its token is void`()
            async throws
        {
            let (server, site) = (try await RunningServer.start(), try await RunningServer.start())
            let api = try await server.api()
            let made = try await api.post("/api/monitor-probes", json: #"{"name":"Office","region":"office"}"#).json
            let token = try #require(made["token"]?.string)
            let id = try #require(made["id"]?.integer)
            let monitor = try await api.post(
                "/api/monitors",
                json: """
                    {"name":"Home","kind":"HTTP","target":"\(site.url)/healthz","intervalSec":10,"retests":0,
                     "regions":["office"]}
                    """
            ).json
            let path = "/api/monitors/\(try #require(monitor["id"]?.integer))/results"
            let probe = try ChildProcess(
                RunningServer.executable, ["probe", "--server", server.url],
                environment: ["NIGHTBELL_PROBE_TOKEN": token])
            try await probe.waitForLine(containing: "Checking for \(server.url)")
            let first = try await Self.results(api, path, 2)

            try await server.stop()
            try await probe.waitForLine(containing: "The server is lost")
            try await server.restart()
            try await probe.waitForLine(containing: "The server answers again.", within: .seconds(60))
            let second = try await Self.results(api, path, first + 2)
            #expect(second >= first + 2)

            #expect(try await api.send("DELETE", "/api/monitor-probes/\(id)").status == 204)
            let exit = try await probe.waitForExit(within: .seconds(60))
            #expect(exit != .status(0))
            #expect(probe.lines(on: .error).joined().contains("does not know this probe's token"))
            for server in [server, site] { #expect(try await server.stop() == .status(0)) }
        }

        @Test func `given a probe at work, when it is asked to end, then it ends at once and in peace`() async throws {
            let (server, site) = (try await RunningServer.start(), try await RunningServer.start())
            let api = try await server.api()
            let made = try await api.post("/api/monitor-probes", json: #"{"name":"Office","region":"office"}"#).json
            let monitor = try await api.post(
                "/api/monitors",
                json: """
                    {"name":"Home","kind":"HTTP","target":"\(site.url)/healthz","intervalSec":10,"regions":["office"]}
                    """
            ).json
            let probe = try ChildProcess(
                RunningServer.executable, ["probe", "--server", server.url, "--places", "3"],
                environment: ["NIGHTBELL_PROBE_TOKEN": try #require(made["token"]?.string)])
            _ = try await Self.results(api, "/api/monitors/\(try #require(monitor["id"]?.integer))/results", 1)
            probe.send(signal: SIGTERM)
            #expect(try await probe.waitForExit(within: .seconds(15)) == .status(0))
            #expect(probe.lines(on: .error) == [])

            // Without a server there is nothing to bring, and nobody to wait for.
            try await server.stop()
            let lonely = try ChildProcess(
                RunningServer.executable, ["probe", "--server", server.url, "--token", "nbp_x"])
            try await lonely.waitForLine(containing: "The server is lost")
            lonely.send(signal: SIGTERM)
            #expect(try await lonely.waitForExit(within: .seconds(15)) == .status(0))
            #expect(try await site.stop() == .status(0))
        }

        /// - Returns: how many results there are, once they are as many.
        private static func results(_ api: TestHTTPClient, _ path: String, _ least: Int) async throws -> Int {
            let deadline = ContinuousClock.now + .seconds(90)
            while ContinuousClock.now < deadline {
                let found = try await api.get(path).json.array ?? []
                if found.count >= least {
                    #expect(found.allSatisfy { $0["region"]?.string == "office" && $0["status"]?.integer == 200 })
                    return found.count
                }
            }
            Issue.record("there never were \(least) results")
            return 0
        }
    }
}
