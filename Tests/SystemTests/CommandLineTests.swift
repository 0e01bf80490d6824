import Alerting
import Foundation
import TestSupport
import Testing

extension SystemTests {
    @Suite(.serialized) struct CommandLineTests {
        @Test func `given any place, when the version is asked for, then it is printed alone`() async throws {
            let result = try await RunningServer.run(["--version"])

            #expect(result.exit == .status(0))
            #expect(result.output == ["0.1.0"])
        }

        @Test func `given an owner, when setup is run again, then it is refused in one sentence`() async throws {
            let folder = TemporaryFolder()
            try await RunningServer.setUp(folder.path)

            let again = try await RunningServer.run(
                [
                    "setup", "--data-dir", folder.path, "--email", "bob@example.com", "--first-name", "Bob",
                    "--last-name", "Baker", "--password-stdin",
                ], input: "another password\n")

            #expect(again.exit == .status(1))
            #expect(again.output == [])
            #expect(again.error == ["nightbell: This server is set up already."])
        }

        @Test func `given an owner, when a key is made, then it alone is on standard output`() async throws {
            let folder = TemporaryFolder()
            try await RunningServer.setUp(folder.path)

            let result = try await RunningServer.run([
                "api-key", "create", "--data-dir", folder.path, "--user", RunningServer.email, "--name", "scripts",
            ])

            #expect(result.exit == .status(0))
            #expect(result.output.count == 1)
            #expect(result.output.first?.hasPrefix("nbk_") == true)
            #expect(result.error == [])
        }

        @Test func `given nobody of that address, when a key is made, then the sentence says so`() async throws {
            let folder = TemporaryFolder()
            try await RunningServer.setUp(folder.path)

            let result = try await RunningServer.run([
                "api-key", "create", "--data-dir", folder.path, "--user", "eve@example.com", "--name", "scripts",
            ])

            #expect(result.exit == .status(1))
            #expect(result.error == ["nightbell: There is no user with the email address eve@example.com."])
        }

        @Test func `given wrong settings everywhere, when the server starts, then all are named at once`() async throws
        {
            let folder = TemporaryFolder()
            try folder.write(#"{"listen": 12, "colour": "red", "publicUrl": "ftp://x"}"#, to: "settings.json")

            let result = try await RunningServer.run(
                ["serve", "--log-level", "loud", "--config", folder.path + "/settings.json"],
                environment: [
                    "NIGHTBELL_SMTP_URL": "smtp://user:secret-word@mail.example.com:twenty",
                    "NIGHTBELL_ALLOW_PRIVATE_ADDRESSES": "perhaps", "NIGHTBELL_DATA_DIRECTORY": "x",
                ])

            let text = result.error.joined(separator: "\n")
            #expect(result.exit == .status(64))
            #expect(text.contains("There are 6 mistakes in the settings"))
            for name in [
                "\"listen\" in the settings file", "\"colour\"", "\"publicUrl\" in the settings file", "--log-level",
                "NIGHTBELL_SMTP_URL", "NIGHTBELL_ALLOW_PRIVATE_ADDRESSES",
                "NIGHTBELL_DATA_DIRECTORY is no setting",
            ] {
                #expect(text.contains(name), "\(name) is missing in \(text)")
            }
            #expect(!text.contains("secret-word"))
        }

        @Test func `given a setting in all three places, when the server starts, then the flag wins`() async throws {
            let folder = TemporaryFolder()
            try folder.write(
                #"{"publicUrl": "https://file.example.com", "mailFrom": "file@example.com", "logFormat": "json"}"#,
                to: "settings.json")

            let server = try await RunningServer.start(
                environment: [
                    "NIGHTBELL_CONFIG": folder.path + "/settings.json",
                    "NIGHTBELL_PUBLIC_URL": "https://environment.example.com", "NIGHTBELL_LOG_FORMAT": "text",
                ],
                arguments: ["--public-url", "http://127.0.0.1:4711"], hasOwner: false)

            #expect(server.port == 4711)
            #expect(server.process.lines(on: .error).allSatisfy { !$0.hasPrefix("{") })
            try await server.stop()
        }

        @Test func `given JSON logs, when the server runs, then every line is an object with time, level and message`()
            async throws
        {
            let server = try await RunningServer.start(arguments: ["--log-format", "json"], hasOwner: false)
            try await server.stop()

            let lines = try server.process.lines(on: .error).map { try JSONValue.parse($0) }

            #expect(lines.contains { $0["message"]?.string == "server ready" && $0["url"]?.string == server.url })
            #expect(lines.allSatisfy { $0["time"]?.string != nil && $0["level"]?.string != nil })
        }

        @Test func `given a mail server's password, when mails fail, then the password is in no log`() async throws {
            let shop = try await Shop.open(environment: [
                "NIGHTBELL_SMTP_URL": "smtp://alice:secret-word@127.0.0.1:9", "NIGHTBELL_LOG_LEVEL": "trace",
            ])

            #expect(try await shop.rapidSpike("failing").status == 202)
            try await shop.server.process.waitForLine(containing: "message not handed over", on: .error)
            try await shop.server.stop()

            let text = shop.server.process.lines(on: .error).joined() + shop.server.process.lines().joined()
            #expect(text.contains("smtp://127.0.0.1:9"))
            #expect(!text.contains("secret-word"))
            #expect(!text.contains(shop.integrationKey))
            #expect(!text.contains(RunningServer.email))
        }

        @Test func `given a flag that does not exist, when the server starts, then the usage is shown`() async throws {
            let result = try await RunningServer.run(["serve", "--colour", "red"])

            #expect(result.exit == .status(64))
        }

        @Test func `given a server on a folder, when another starts on it, then it is refused`() async throws {
            let server = try await RunningServer.start(hasOwner: false)

            let second = try await RunningServer.run([
                "serve", "--data-dir", server.dataDir, "--listen", "127.0.0.1:0",
            ])

            #expect(second.exit == .status(1))
            #expect(
                second.error.last
                    == "nightbell: Another nightbell server is running on the data folder \(server.dataDir).")
            #expect(try await server.stop() == .status(0))
        }

        @Test func `given a port that is taken, when a server starts on it, then one sentence says so`() async throws {
            let server = try await RunningServer.start(hasOwner: false)
            let folder = TemporaryFolder()

            let second = try await RunningServer.run([
                "serve", "--data-dir", folder.path, "--listen", "127.0.0.1:\(server.port)",
            ])

            #expect(second.exit == .status(1))
            #expect(
                second.error.last
                    == "nightbell: Cannot listen on 127.0.0.1:\(server.port): another program is using this port.")
        }

        @Test func `given an IPv6 address, when the server starts, then it is reached there`() async throws {
            let folder = TemporaryFolder()
            let child = try ChildProcess(
                RunningServer.executable, ["serve", "--data-dir", folder.path, "--listen", "[::1]:0"])

            let line = try await child.waitForLine(containing: "is ready: ")
            let url = try #require(line.split(separator: " ").last.map(String.init))

            #expect(url.hasPrefix("http://[::1]:"))
            #expect(try await TestHTTPClient(url: url).get("/healthz").status == 200)
            await child.stop()
        }

        @Test func `given a new folder, when the server has run, then only its owner can read it`() async throws {
            let server = try await RunningServer.start(hasOwner: false)

            let folder = try FileManager.default.attributesOfItem(atPath: server.dataDir)
            let file = try FileManager.default.attributesOfItem(atPath: server.dataDir + "/nightbell.db")

            #expect(folder[.posixPermissions] as? Int == 0o700)
            #expect(file[.posixPermissions] as? Int == 0o600)
        }

        @Test func `given no database, when a backup is asked for, then the sentence asks for the folder`() async throws
        {
            let folder = TemporaryFolder()

            let result = try await RunningServer.run([
                "backup", "--data-dir", folder.path, folder.path + "/copy.db",
            ])

            #expect(result.exit == .status(1))
            #expect(result.error == ["nightbell: There is no database in \(folder.path); is --data-dir right?"])
        }

        @Test func `given a new folder, when it is migrated twice, then the second has nothing to do`() async throws {
            let folder = TemporaryFolder()

            let first = try await RunningServer.run(["migrate", "--data-dir", folder.path])
            let second = try await RunningServer.run(["migrate", "--data-dir", folder.path])

            #expect(first.output.count == 1 && first.output[0].hasPrefix("Applied: initial"))
            #expect(second.output == ["The database is up to date."])
        }
    }
}
