import Foundation
import Synchronization

/// The real `nightbell`, in a process, on a free port and a data folder of its own.
///
/// Keep a reference: the process is killed and the folder removed when this value goes away.
public final class RunningServer: Sendable {
    /// Where it is reached; the same after a restart.
    public var url: String { client.url }
    public let port: Int
    public let dataDir: String
    /// Without credentials.
    public let client: TestHTTPClient
    private let environment: [String: String]
    private let arguments: [String]
    private let ownsFolder: Bool
    private let child: Mutex<ChildProcess>

    public static let email = "alice@example.com"
    public static let password = "correct horse battery staple"

    /// The server's executable, beside the test bundle.
    public static var executable: String {
        let environment = ProcessInfo.processInfo.environment["NIGHTBELL_BINARY"]
        // Without /proc the usual place has to do.
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("nightbell").path
        let usual = TestTools.packageRoot.appendingPathComponent(".build/debug/nightbell").path
        return environment ?? (FileManager.default.isExecutableFile(atPath: beside) ? beside : usual)
    }

    /// Runs another command of the executable to its end.
    public static func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) async throws -> (exit: ChildProcess.Exit, output: [String], error: [String]) {
        try await ChildProcess.run(executable, arguments, input: Data(input.utf8), environment: environment)
    }

    /// Starts a server and waits until it is ready.
    ///
    /// - Parameters:
    ///   - environment: such as `NIGHTBELL_SMTP_URL`.
    ///   - dataDir: `nil`: a new folder that goes away with this value.
    ///   - hasOwner: whether Alice, whose email and password are above, is made the owner before the start.
    public static func start(
        environment: [String: String] = [:], arguments: [String] = [], dataDir: String? = nil, hasOwner: Bool = true
    ) async throws -> RunningServer {
        let folder = dataDir ?? NSTemporaryDirectory() + "nightbell-\(UUID().uuidString)"
        if hasOwner { try await setUp(folder, environment: environment) }
        let child = try launch(folder, "127.0.0.1:0", environment, arguments)
        let line = try await child.waitForLine(containing: "is ready: ")
        guard let port = URL(string: line.split(separator: " ").last.map(String.init) ?? "")?.port else {
            throw ChildProcess.NotSeen(description: "no address in \"\(line)\"")
        }
        return RunningServer(
            port: port, folder: folder, ownsFolder: dataDir == nil, environment: environment, arguments: arguments,
            child: child)
    }

    /// Makes Alice the owner of a data folder.
    public static func setUp(_ folder: String, environment: [String: String] = [:]) async throws {
        let arguments = [
            "setup", "--data-dir", folder, "--email", email, "--first-name", "Alice", "--last-name", "Archer",
            "--password-stdin",
        ]
        let result = try await run(arguments, input: password + "\n", environment: environment)
        guard result.exit == .status(0) else {
            throw ChildProcess.NotSeen(description: "setup failed: \(result.error)")
        }
    }

    private init(
        port: Int, folder: String, ownsFolder: Bool, environment: [String: String], arguments: [String],
        child: ChildProcess
    ) {
        self.port = port
        dataDir = folder
        self.ownsFolder = ownsFolder
        self.environment = environment
        self.arguments = arguments
        self.child = Mutex(child)
        client = TestHTTPClient(url: "http://127.0.0.1:\(port)")
    }

    deinit {
        child.withLock { $0.send(signal: SIGKILL) }
        // A folder that is gone already is what was wanted.
        if ownsFolder { try? FileManager.default.removeItem(atPath: dataDir) }
    }

    /// The process that runs now, for its lines.
    public var process: ChildProcess { child.withLock { $0 } }

    /// A client that acts as Alice, by an API key made for it on the command line.
    public func api() async throws -> TestHTTPClient {
        let key = try await apiKey()
        return TestHTTPClient(url: url, headers: [("authorization", "Bearer \(key)")])
    }

    public func apiKey(of user: String = RunningServer.email) async throws -> String {
        let arguments = ["api-key", "create", "--data-dir", dataDir, "--user", user, "--name", "tests"]
        let result = try await Self.run(arguments, environment: environment)
        guard result.exit == .status(0), let key = result.output.first else {
            throw ChildProcess.NotSeen(description: "no API key: \(result.error)")
        }
        return key
    }

    /// Ends the process as a power cut does.
    public func kill() async throws {
        process.send(signal: SIGKILL)
        try await process.waitForExit()
    }

    /// Asks the process to end, and waits for it.
    @discardableResult
    public func stop(within limit: Duration = .seconds(15)) async throws -> ChildProcess.Exit {
        process.send(signal: SIGTERM)
        return try await process.waitForExit(within: limit)
    }

    /// Starts a process again on the same folder and port after the last one has ended.
    ///
    /// - Parameters:
    ///   - more: variables on top of those of the first start.
    ///   - words: what it says when it has come up.
    public func restart(environment more: [String: String] = [:], until words: String = "is ready: ") async throws {
        let child = try Self.launch(
            dataDir, "127.0.0.1:\(port)", environment.merging(more) { $1 }, arguments)
        try await child.waitForLine(containing: words)
        self.child.withLock { $0 = child }
    }

    private static func launch(
        _ folder: String, _ listen: String, _ environment: [String: String], _ arguments: [String]
    ) throws -> ChildProcess {
        try ChildProcess(
            executable, ["serve", "--data-dir", folder, "--listen", listen] + arguments, environment: environment)
    }
}
