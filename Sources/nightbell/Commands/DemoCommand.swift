import Alerting
import ArgumentParser
import Engine
import Foundation
import Logging
import Synchronization

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Show a page and its resolution on a server of its own.",
        discussion: """
            Makes an owner, three people, an escalation policy and a RapidSpike alert source, plays RapidSpike, and \
            says what happens. Mails become files; nothing leaves the machine. The server then runs on, to be looked \
            at in a browser, until Ctrl-C.
            """)

    @Option(help: "An empty or new folder for the data; default: a new temporary one.") var dataDir: String?
    @Option(help: "Host and port; default: a free port of this machine only.") var listen = "127.0.0.1:0"
    @Flag(help: "End when the story is told.") var exit = false

    func run() async throws {
        try await Ending.inOneSentence {
            let path = dataDir ?? NSTemporaryDirectory() + "nightbell-demo-\(UUID().uuidString.prefix(8))"
            // The environment is left out: a demonstration sends nothing to a real mail server.
            let configuration = try ServerConfiguration(
                SettingsSources(
                    flags: [.dataDir: path, .listen: listen, .logLevel: "error"], environment: [:], file: nil))
            let server = try await Server.open(configuration, logger: Telemetry.start(configuration))
            guard try await server.administration.setUp.isNeeded() else {
                throw Failure(.conflict, "\(path) holds an installation already; the demo wants an empty folder.")
            }
            let world = try await DemoWorld.seed(server.administration)
            try await perform(DemoStory(server: server, world: world, folder: DataFolder(path)), on: server)
        }
    }

    private func perform(_ story: DemoStory, on server: Server) async throws {
        let stop = ServerStop()
        let (ready, isReady) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { isReady.finish() }
                try await server.run(until: stop) { isReady.yield() }
            }
            // Ends without an element when the server could not start; its error is thrown below.
            if await ready.first(where: { _ in true }) != nil {
                do {
                    try await story.tell()
                    sayWhatNext(server)
                } catch {
                    await stop.stop()
                    throw error
                }
                if exit { await stop.stop() }
            }
            try await group.waitForAll()
        }
    }

    private func sayWhatNext(_ server: Server) {
        Console.write(
            exit
                ? "That was it."
                : """
                Look around: \(server.url)/sign-in
                  \(DemoWorld.ownerEmail) (the owner) or alice@example.com, password "\(DemoWorld.password)"
                Ctrl-C ends the server.
                """)
    }
}
