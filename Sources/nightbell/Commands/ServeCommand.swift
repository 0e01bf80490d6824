import ArgumentParser
import Dispatch
import Engine
import Foundation
import Logging

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the server.",
        discussion: """
            Every setting may be a flag, an environment variable or a member of a settings file, in this order. The \
            mail server is not a flag, because it may hold a password: NIGHTBELL_SMTP_URL=smtp://user:password@host:587 \
            (or "smtpUrl" in the file). Without it mails become files in the data folder's outbox/.
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var options: ServerOptions

    func run() async throws {
        try await Ending.inOneSentence {
            let configuration = try data.configuration(options.flags)
            let logger = Telemetry.start(configuration)
            guard let server = try await WaitingRoom.openServer(configuration, logger: logger) else { return }
            try await server.run {
                await greet(server, logger)
                Self.giveBackStartCode()
            }
        }
    }

    /// A moment later: the first round of every loop is part of the start.
    private static func giveBackStartCode() {
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(500)) { StartCode.giveBack() }
    }

    private func greet(_ server: Server, _ logger: Logger) async {
        logger.info("server ready", metadata: ["url": "\(server.url)", "version": "\(Nightbell.version)"])
        var lines = ["Nightbell \(Nightbell.version) is ready: \(server.url)"]
        do {
            if let token = try await server.administration.setUp.issueToken() {
                lines += [
                    "There is no owner yet. Open this link, which works once, to become the owner:",
                    "  \(server.url)/setup/\(token)",
                ]
            } else {
                lines.append("Sign in at \(server.url)/sign-in; API keys: nightbell api-key create --help")
            }
        } catch {
            logger.error("set-up link not made", metadata: ["reason": "\(error)"])
        }
        Console.write(lines.joined(separator: "\n"))
    }
}
