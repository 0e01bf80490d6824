import Alerting
import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// `nightbell copy`, as somebody runs it who moves a server from SQLite to PostgreSQL, and back.
    @Suite(.serialized) struct MovingTests {
        private let postgres: PostgresServer

        init() throws {
            postgres = try PostgresServer.shared()
        }

        private func emptyDatabase() throws -> String {
            postgres.url(of: try postgres.createDatabase(isMigrated: false))
        }

        private func copy(from origin: String, to target: String) async throws -> (ChildProcess.Exit, String) {
            let done = try await RunningServer.run(["copy", "--from", origin, "--to", target])
            return (done.exit, (done.output + done.error).joined(separator: "\n"))
        }

        /// What a server tells about its alerts, and about one of them in full.
        private func told(by server: RunningServer) async throws -> [JSONValue] {
            let api = try await server.api()
            let alerts = try await api.get("/api/alerts?max-results=100").json.array ?? []
            let id = try Shop.id(of: try #require(alerts.last))
            return alerts + [try await api.get("/api/alerts/\(id)/log-entries").json]
        }

        @Test(.timeLimit(.minutes(3)))
        func `given a server on SQLite, when it is copied to PostgreSQL and back, then it goes on where it was`()
            async throws
        {
            let shop = try await Shop.open()
            for number in 0..<5 { _ = try await shop.rapidSpike("failing", monitor: "\(number)") }
            _ = try await shop.rapidSpike("passing", monitor: "3")
            try await shop.waitForAlerts(["PENDING", "PENDING", "PENDING", "PENDING", "RESOLVED"])
            for alert in try await shop.alerts() where alert["status"]?.string == "PENDING" {
                try await shop.waitForLog("message handed over", about: alert)
            }
            let folder = "sqlite:\(shop.server.dataDir)"
            let url = try emptyDatabase()

            let (early, words) = try await copy(from: folder, to: url)
            #expect(early == .status(1) && words.contains("Another nightbell server is running"), "\(words)")
            let before = try await told(by: shop.server)
            #expect(try await shop.server.stop() == .status(0))
            let (there, report) = try await copy(from: folder, to: url)
            #expect(there == .status(0) && report.contains("Copied and compared: "), "\(report)")
            #expect(report.contains("on both sides.") && report.contains("copied alerts: 5 of 5"), "\(report)")

            let moved = try await RunningServer.start(environment: ["NIGHTBELL_DATABASE_URL": url], hasOwner: false)
            #expect(try await told(by: moved) == before)
            let again = try await moved.client.post(shop.path, json: Shop.body("passing", monitor: "1"))
            #expect(again.status == 202 && again.text.contains("RESOLVED_BY_SOURCE"))
            let after = try await told(by: moved)
            #expect(try await moved.stop() == .status(0))

            let home = TemporaryFolder()
            let (back, second) = try await copy(from: url, to: "sqlite:\(home.path)/data")
            #expect(back == .status(0), "\(second)")
            let returned = try await RunningServer.start(dataDir: home.path + "/data", hasOwner: false)
            #expect(try await told(by: returned) == after)
        }

        @Test(.timeLimit(.minutes(3)))
        func `given a copy that is killed, when it is started again, then it goes on and both sides are the same`()
            async throws
        {
            let shop = try await Shop.open()
            for number in 0..<30 { _ = try await shop.rapidSpike("failing", monitor: "\(number)") }
            #expect(try await shop.server.stop() == .status(0))
            let (folder, url) = ("sqlite:\(shop.server.dataDir)", try emptyDatabase())

            let first = try ChildProcess(RunningServer.executable, ["copy", "--from", folder, "--to", url])
            try await first.waitForLine(containing: "copied users: 1 of 1", on: .error)
            first.send(signal: SIGKILL)
            #expect(try await first.waitForExit() == .signal(SIGKILL))
            let (exit, report) = try await copy(from: folder, to: url)

            #expect(exit == .status(0) && report.contains("on both sides."), "\(report)")
            #expect(report.contains("by an earlier run"), "\(report)")
        }

        /// The recipe of the guide's page about backups.
        @Test(.timeLimit(.minutes(3)))
        func `given a dump by PostgreSQL's own tool, when it is restored elsewhere, then a server goes on there`()
            async throws
        {
            let url = try emptyDatabase()
            let shop = try await Shop.open(environment: ["NIGHTBELL_DATABASE_URL": url])
            for number in 0..<3 { _ = try await shop.rapidSpike("failing", monitor: "\(number)") }
            try await shop.waitForAlerts(["PENDING", "PENDING", "PENDING"])
            for alert in try await shop.alerts() { try await shop.waitForLog("message handed over", about: alert) }
            let folder = TemporaryFolder()
            let file = folder.path + "/nightbell.dump"

            // While the server runs.
            let dump = try await ChildProcess.run("/usr/bin/pg_dump", ["--format=custom", "--file=\(file)", url])
            let before = try await told(by: shop.server)
            let other = try emptyDatabase()
            let restore = try await ChildProcess.run(
                "/usr/bin/pg_restore", ["--no-owner", "--exit-on-error", "--dbname=\(other)", file])
            #expect(dump.exit == .status(0) && restore.exit == .status(0), "\(dump.error) \(restore.error)")
            #expect(try await shop.server.stop() == .status(0))

            let restored = try await RunningServer.start(
                environment: ["NIGHTBELL_DATABASE_URL": other], hasOwner: false)
            #expect(try await told(by: restored) == before)
        }
    }
}
