import Alerting
import ArgumentParser
import Engine
import Foundation
import Outbound
import UnixSignals

/// Checks from another place: asks a server for work, does it, and brings back what it found.
struct ProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe", abstract: "Check monitors from this machine for a server elsewhere.")

    @Option(help: "The server's address, such as https://nightbell.example.com.") var server: String
    @Option(help: "The probe's token, as the server showed it once (NIGHTBELL_PROBE_TOKEN).") var token: String?
    @Option(help: "Checks at the same time.") var places = 64
    @Flag(help: "Check public addresses only; by default this machine's private networks, too.")
    var publicOnly = false
    @Flag(help: "Fetch once, check, bring back, and end.") var once = false

    func run() async throws {
        try await Ending.inOneSentence {
            guard let token = token ?? ProcessInfo.processInfo.environment["NIGHTBELL_PROBE_TOKEN"] else {
                throw Failure(.invalid, "Give the probe's token by --token or NIGHTBELL_PROBE_TOKEN.")
            }
            guard (1...512).contains(places) else { throw Failure(.invalid, "--places must be 1 to 512.") }
            let prober = LiveProber(version: Nightbell.version, allowsPrivateAddresses: !publicOnly)
            // The server that the operator names may well be on a private address.
            let client = GuardedHTTPClient(version: Nightbell.version, instance: "probe", allowsPrivateAddresses: true)
            let agent = ProbeAgent(
                server: server, token: token, version: Nightbell.version, places: places, prober: prober,
                client: client, say: { Console.write($0) })
            do {
                try await run(agent)
            } catch {
                prober.close()
                await client.shutdown()
                throw error
            }
            prober.close()
            await client.shutdown()
        }
    }

    private func run(_ agent: ProbeAgent) async throws {
        guard !once else {
            let count = try await agent.runOnce()
            return Console.write("\(count) checked")
        }
        Console.write("Checking for \(server); stop with Ctrl-C.")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await agent.run() }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { return }
            }
            try await group.next()
            group.cancelAll()
        }
        await agent.finish()
    }
}
