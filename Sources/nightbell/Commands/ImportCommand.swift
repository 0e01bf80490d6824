import Alerting
import ArgumentParser
import Engine
import Foundation
import Outbound

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Bring monitors over from elsewhere.", subcommands: [RapidSpike.self])

    /// Reads the uptime monitors of an account at RapidSpike and makes those that are missing here.
    struct RapidSpike: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rapidspike", abstract: "HTTP, TCP and ping monitors of RapidSpike's API.")

        @Option(help: "Where their API is.") var baseUrl = "https://api.rapidspike.com/v1"
        @Option(help: "The public key of their API.") var publicKey: String
        @Option(help: "This server's address.") var server = "http://127.0.0.1:8080"
        @Option(help: "An API key of this server.") var apiKey: String
        @Flag(help: "Say what would be made, and make nothing.") var dryRun = false

        func run() async throws {
            try await Ending.inOneSentence {
                guard let secret = ProcessInfo.processInfo.environment["NIGHTBELL_RAPIDSPIKE_PRIVATE_KEY"] else {
                    throw Failure(.invalid, "Give their private key in NIGHTBELL_RAPIDSPIKE_PRIVATE_KEY.")
                }
                let client = GuardedHTTPClient(
                    version: Nightbell.version, instance: "import", allowsPrivateAddresses: true)
                do {
                    try await bring(secret, client)
                } catch {
                    await client.shutdown()
                    throw error
                }
                await client.shutdown()
            }
        }

        private func bring(_ secret: String, _ client: GuardedHTTPClient) async throws {
            var known = try await known(client)
            var (made, skipped, refused) = (0, 0, 0)
            for kind in RapidSpikeImport.kinds {
                for found in try await theirs(kind, secret, client) {
                    guard known.insert(found.key).inserted else {
                        skipped += 1
                        continue
                    }
                    let words = "\(kind.words) \(found.target) (\(found.name))"
                    if !dryRun, let reason = try await make(found, client) {
                        Console.write("Left out \(words): \(reason)")
                        refused += 1
                        continue
                    }
                    Console.write("\(dryRun ? "Would make" : "Made") \(words)")
                    made += 1
                }
            }
            let last = refused == 0 ? "" : ", \(refused) left out"
            Console.write("\(made) \(dryRun ? "to be made" : "made"), \(skipped) here already\(last)")
        }

        private func theirs(
            _ kind: Monitor.Kind, _ secret: String, _ client: GuardedHTTPClient
        ) async throws -> [RapidSpikeImport.Found] {
            var all: [RapidSpikeImport.Found] = []
            var seen: Set<JSONValue> = []
            let base = baseUrl.hasSuffix("/") ? String(baseUrl.dropLast()) : baseUrl
            for page in 1...1000 {
                let time = "\(SystemClock().now.milliseconds / 1000)"
                let signature = RapidSpikeKeyring.signature(publicKey: publicKey, time: time, secret: secret)
                let fields = [
                    ("public_key", publicKey), ("time", time), ("signature", signature), ("page", "\(page)"),
                    ("per_page", "\(RapidSpikeImport.pageSize)"),
                ]
                let query = fields.map { "\($0)=\(Self.encoded($1))" }.joined(separator: "&")
                let answer = try await exchange(
                    GuardedRequest(method: "GET", url: "\(base)/\(kind.rawValue)monitors?\(query)"), client)
                let (found, items) = try RapidSpikeImport.read(answer, kind: kind)
                // Their pages may be smaller than we ask for: the list ends where a page has nothing new.
                let known = seen.count
                seen.formUnion(items.map { $0["monitor"]?["uuid"] ?? $0 })
                guard seen.count > known else { break }
                all += found
            }
            return all
        }

        /// Keys of the monitors that are here.
        private func known(_ client: GuardedHTTPClient) async throws -> Set<String> {
            var known: Set<String> = []
            for page in 0..<100 {
                let answer = try await exchange(
                    request("GET", "/api/monitors?start-index=\(page * 1000)&max-results=1000"), client)
                let monitors = answer.array ?? []
                for monitor in monitors {
                    let (kind, target) = (monitor["kind"]?.string ?? "", monitor["target"]?.string ?? "")
                    known.insert("\(kind.lowercased()) \(target.lowercased())")
                }
                if monitors.count < 1000 { break }
            }
            return known
        }

        /// - Returns: why this server does not take it; `nil`: it is made.
        private func make(_ found: RapidSpikeImport.Found, _ client: GuardedHTTPClient) async throws -> String? {
            var request = request("POST", "/api/monitors")
            request.body = found.body.bytes()
            let result = await client.send(request)
            if case .success(let answer) = result, answer.status == 400 {
                return "status 400\(Self.words(answer.body))"
            }
            _ = try answer(result, to: request)
            return nil
        }

        private func request(_ method: String, _ path: String) -> GuardedRequest {
            let base = server.hasSuffix("/") ? String(server.dropLast()) : server
            return GuardedRequest(
                method: method, url: base + path,
                headers: [("Authorization", "Bearer \(apiKey)"), ("Content-Type", "application/json")])
        }

        private func exchange(_ request: GuardedRequest, _ client: GuardedHTTPClient) async throws -> JSONValue {
            var request = request
            request.limits.responseBody = 16 * 1024 * 1024
            return try answer(await client.send(request), to: request)
        }

        /// - Throws: `Failure.unavailable` that names the place, for all that is no good answer.
        private func answer(
            _ result: Result<GuardedResponse, GuardedFailure>, to request: GuardedRequest
        ) throws -> JSONValue {
            // Without the query, which has a signature in it.
            let place = request.url.prefix { $0 != "?" }
            switch result {
            case .success(let answer) where (200...299).contains(answer.status):
                return try JSONValue.parse(answer.body)
            case .success(let answer):
                throw Failure(.unavailable, "\(place) answers with status \(answer.status)\(Self.words(answer.body)).")
            case .failure(let failure): throw Failure(.unavailable, "\(place): \(failure.reason)")
            }
        }

        /// What an answer says of itself, such as `: Signature does not match`.
        private static func words(_ body: [UInt8]) -> String {
            // What is no JSON says nothing that we could read.
            guard let message = try? JSONValue.parse(body)["message"]?.string, !message.isEmpty else { return "" }
            let printable = message.filter { !$0.isNewline }
            return ": " + Limits.cut(printable.hasSuffix(".") ? String(printable.dropLast()) : printable, to: 200)
        }

        private static func encoded(_ text: String) -> String {
            text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        }
    }
}
