import Alerting
import Engine
import Foundation
import Outbound
import Storage

/// Plays RapidSpike and Alice against a running server and says what happens and why.
struct DemoStory {
    let server: Server
    let world: DemoWorld
    let folder: DataFolder
    private let client = GuardedHTTPClient(version: Nightbell.version, instance: "demo", allowsPrivateAddresses: true)
    private static let patience = Duration.seconds(20)

    init(server: Server, world: DemoWorld, folder: DataFolder) {
        self.server = server
        self.world = world
        self.folder = folder
    }

    func tell() async throws {
        do {
            try await playAll()
        } catch {
            await client.shutdown()
            throw error
        }
        await client.shutdown()
    }

    private func playAll() async throws {
        introduce()
        let alert = try await fail()
        try await showMail(about: alert)
        try await repeatItself(alert)
        try await accept(alert)
        try await pass(alert)
    }

    private func introduce() {
        Console.write(
            """
            Nightbell \(Nightbell.version): a page and its resolution, played on a server of its own.
            Data: \(folder.path)   Server: \(server.url)

            1. Who is called
               The alert source "Shop" reads RapidSpike's webhooks. Its escalation policy "\(world.policy.name)"
               calls Alice; if she has not accepted after 5 minutes, Bob; 5 minutes later, Carol.

            """)
    }

    private func fail() async throws -> Alert.ID {
        Console.write("2. RapidSpike: the monitor \"Home\" of the website \"Shop\" is failing")
        try await post("failing")
        let alert = try await alertOfSource()
        try await wait { try Messages.list(of: alert, in: $0).contains { $0.status == .delivered } }
        Console.write("   One alert was raised, and whoever is on call was paged. The alert's timeline:")
        try await showTimeline(of: alert)
        return alert
    }

    private func showMail(about alert: Alert.ID) async throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.outboxPath).sorted()
        guard let name = files.last(where: { $0.hasSuffix(".eml") }) else {
            throw Failure(.internal, "The mail to Alice is missing from \(folder.outboxPath).")
        }
        let message = try await server.engine.store.read { transaction in
            try Messages.list(of: alert, in: transaction).first
        }
        let link = message.map { server.engine.links.answer($0.id, action: "accept") } ?? ""
        let mail = String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: folder.outboxPath + "/" + name)), as: UTF8.self)
        Console.write(
            """
            3. Alice's mail
               No mail server is set, so it is a file: \(folder.outboxPath)/\(name)
            \(Self.excerpt(of: mail).map { "     | \($0)" }.joined(separator: "\n"))
               With one tap, and a second to confirm, she accepts: \(link)

            """)
    }

    /// Who it is for, its subject, and its text down to the links.
    private static func excerpt(of mail: String) -> [String] {
        let lines = mail.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        let headers = lines.prefix { !$0.isEmpty }.filter { $0.hasPrefix("To:") || $0.hasPrefix("Subject:") }
        let part = lines.drop { !$0.hasPrefix("Content-Type: text/plain") }.drop { !$0.isEmpty }
        return headers + part.prefix { !$0.hasPrefix("Accept:") }
    }

    private func repeatItself(_ alert: Alert.ID) async throws {
        Console.write("4. RapidSpike says it again")
        try await post("failing")
        let count = try await server.engine.store.read { try Alerts.find(alert, in: $0)?.alert.eventCount ?? 0 }
        Console.write("   Same monitor, so the same alert: it counts \(count) events, and nobody is paged twice.\n")
    }

    private func accept(_ alert: Alert.ID) async throws {
        Console.write("5. Alice accepts, through the REST API")
        let path = "/api/alerts/\(alert)/accept"
        Console.write("   PUT \(path)")
        try await send("PUT", path, "", ["authorization": "Bearer \(world.apiKey)"])
        Console.write(
            "   She has it: Bob and Carol are not called. Were she to accept by mail, it would be the same.\n")
    }

    private func pass(_ alert: Alert.ID) async throws {
        Console.write("6. RapidSpike: the monitor is passing again")
        try await post("passing")
        try await wait { try Alerts.find(alert, in: $0)?.alert.status == .resolved }
        Console.write("   The alert is resolved by its source. The whole story on its timeline:")
        try await showTimeline(of: alert)
    }

    private func post(_ state: String) async throws {
        let path = IngestPath.of(world.source)
        Console.write("   POST \(path)   {\"status\": \"\(state)\", …}")
        try await send("POST", path, DemoSamples.rapidSpike(state), ["content-type": "application/json"])
    }

    private func send(_ method: String, _ path: String, _ body: String, _ headers: [String: String]) async throws {
        let request = GuardedRequest(
            method: method, url: server.localURL + path, headers: headers.map { (name: $0.key, value: $0.value) },
            body: Array(body.utf8))
        switch await client.send(request) {
        case .success(let response):
            let text = String(decoding: response.body, as: UTF8.self)
            guard (200...299).contains(response.status) else {
                throw Failure(.internal, "The server answered \(response.status): \(text)")
            }
            Console.write("   → \(response.status)")
        case .failure(let failure):
            throw Failure(.unavailable, "The request did not come through: \(failure.reason)")
        }
    }

    private func alertOfSource() async throws -> Alert.ID {
        let (caller, source) = (Caller(world.owner), world.source.id)
        let alerts = try await server.engine.store.read { transaction in
            try AlertList.list(
                AlertFilter(sources: [source]), scope: caller.scope, page: Page(limit: 1), in: transaction)
        }
        guard let alert = alerts.first else { throw Failure(.internal, "No alert was raised.") }
        return alert.alert.id
    }

    /// Looks again whenever something changes.
    private func wait(_ condition: @escaping @Sendable (any Transaction) throws -> Bool) async throws {
        let store = server.engine.store
        let changes = server.engine.wakeups.pages.changes()
        if try await store.read(condition) { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in changes where try await store.read(condition) { return }
            }
            group.addTask {
                try await Task.sleep(for: Self.patience)
                throw Failure(.unavailable, "Nothing happened for \(Self.patience.components.seconds) seconds.")
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private func showTimeline(of alert: Alert.ID) async throws {
        let account = world.owner.account
        let lines = try await server.engine.store.read { transaction in
            let names = Dictionary(
                try Users.list(account: account, page: Page(limit: 100), in: transaction)
                    .map { ($0.id, $0.fullName) }, uniquingKeysWith: { first, _ in first })
            return try Timeline.list(of: alert, in: transaction).map { line in
                "     \(line.entry.at.iso8601)  \(line.entry.sentence { names[$0] })"
            }
        }
        Console.write(lines.joined(separator: "\n") + "\n")
    }
}
