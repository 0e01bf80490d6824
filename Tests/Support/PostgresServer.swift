import Dispatch
import Foundation
import Storage
public import StoragePostgres
import Synchronization

/// A PostgreSQL server of the tests' own, of Debian's packages: on a socket in a temporary folder, gone when the
/// process that started it is, however that ends.
public final class PostgresServer: Sendable {
    public struct NotStarted: Error, CustomStringConvertible {
        public var description: String
    }

    /// The one that all tests of this process share: it forgets what is not on the disk when the machine stops.
    public static func shared() throws -> PostgresServer {
        try sharedServer.withLock { server in
            if let server { return server }
            let started = try PostgresServer(isDurable: false)
            server = started
            return started
        }
    }

    private struct Watcher: Sendable {
        /// When it closes, which it does with this process, server and folder go.
        var input: FileHandle
        var errors: FileHandle
    }

    /// What an answer may take that a test waits for: a slow machine fails none.
    private static let patience = Duration.seconds(120)
    private static let sharedServer = Mutex<PostgresServer?>(nil)

    /// Holds the socket, too.
    public let folder: String
    private let programs: String
    private let settings: [String]
    private let disk: SmallDisk?
    private let watcher = Mutex<Watcher?>(nil)
    private let hasEnded = Mutex(DispatchSemaphore(value: 0))
    private let template = Mutex<String?>(nil)
    private let idle = Mutex<[MigratedDatabase]>([])
    private let count = Mutex(0)

    /// Makes a cluster and starts it; blocks for a second or two.
    ///
    /// - Parameters:
    ///   - isDurable: whether a commit waits for the disk, as it does in earnest.
    ///   - disk: where its data is; `nil`: on the machine's own disk.
    public init(isDurable: Bool, settings: [String] = [], disk: SmallDisk? = nil) throws {
        self.disk = disk
        programs = try Self.programs()
        // Short, whatever TMPDIR says: a socket's path may have 107 bytes.
        folder = "/tmp/nightbell-pg-\(UUID().uuidString.prefix(8))"
        let fast = ["fsync=off", "full_page_writes=off", "autovacuum=off", "max_wal_size=2GB"]
        self.settings = (isDurable ? [] : fast) + ["max_connections=300", "listen_addresses="] + settings
        try Self.run("/bin/mkdir", ["-m", "700", folder])
        if Self.isRoot { try Self.run("/bin/chown", ["postgres:", folder]) }
        if let disk {
            let cluster = disk.path + "/cluster"
            try Self.run("/bin/mkdir", ["-m", "700", cluster])
            if Self.isRoot { try Self.run("/bin/chown", ["postgres:", cluster]) }
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/data", withDestinationPath: cluster)
        }
        let (program, arguments) = Self.command(
            "\(programs)/initdb",
            ["-D", "\(folder)/data", "-A", "trust", "-U", "nightbell", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
        try Self.run(program, arguments)
        try start()
    }

    public func address(of database: String) throws -> PostgresAddress {
        try PostgresAddress(url(of: database))
    }

    /// One of its databases, as another process would open it.
    public func database(_ name: String) throws -> PostgresDatabase {
        PostgresDatabase(try address(of: name), patience: Self.patience)
    }

    public func url(of database: String = "postgres") -> String {
        let host = folder.replacingOccurrences(of: "/", with: "%2F")
        return "postgres://nightbell@/\(database)?host=\(host)"
    }

    /// Starts the server after `stop` or `kill`; returns when it takes connections.
    public func start() throws {
        let (program, arguments) = Self.command("/bin/sh", ["-c", Self.watcher, "sh", programs, folder] + settings)
        let child = Process()
        child.executableURL = URL(fileURLWithPath: program)
        child.arguments = arguments
        child.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
        let (input, errors) = (Pipe(), Pipe())
        child.standardInput = input
        child.standardOutput = FileHandle.nullDevice
        child.standardError = errors
        try child.run()
        let reader = errors.fileHandleForReading
        watcher.withLock { $0 = Watcher(input: input.fileHandleForWriting, errors: reader) }
        var said: [UInt8] = []
        while !String(decoding: said, as: UTF8.self).contains("ready to accept connections") {
            let more = reader.nextBytes()
            guard !more.isEmpty else {
                throw NotStarted(description: "PostgreSQL did not start: \(String(decoding: said, as: UTF8.self))")
            }
            said += more
        }
        // What it says further must not fill the pipe.
        hasEnded.withLock { $0 = DispatchSemaphore(value: 0) }
        let ended = hasEnded.withLock { $0 }
        Thread.detachNewThread {
            while !reader.nextBytes().isEmpty {}
            ended.signal()
        }
    }

    /// Stops the server as an administrator does who does not wait for its clients.
    public func stop() throws {
        try signal(SIGINT)
    }

    /// Ends the server as a power cut does.
    public func kill() throws {
        try signal(SIGKILL)
        // After a power cut nobody has its number; here it may stand in the list of processes for a while.
        for lock in ["data/postmaster.pid", ".s.PGSQL.5432.lock"] {
            try FileManager.default.removeItem(atPath: "\(folder)/\(lock)")
        }
    }

    /// Holds the server and all its connections where they are, until `goOn`.
    public func pause() throws { try signalAll(SIGSTOP) }

    public func goOn() throws { try signalAll(SIGCONT) }

    private func signalAll(_ number: Int32) throws {
        let pid = try processID()
        let children = try String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
        for process in [pid] + children.split(separator: " ").compactMap({ Int32($0) }) {
            Foundation.kill(process, number)
        }
    }

    private func processID() throws -> Int32 {
        let file = try String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8)
        guard let pid = file.split(separator: "\n").first.flatMap({ Int32($0) }) else {
            throw NotStarted(description: "no process id in \(file)")
        }
        return pid
    }

    private func signal(_ number: Int32) throws {
        let pid = try processID()
        watcher.withLock { watcher in
            // One that is gone has no need to be told.
            try? watcher?.input.write(contentsOf: Data("keep\n".utf8))
            Foundation.kill(pid, number)
            hasEnded.withLock { $0 }.wait()
            watcher = nil
        }
    }

    /// A migrated database without rows. Making one costs more than most tests do, so that it is used again.
    struct MigratedDatabase: Sendable {
        var name: String
        var database: PostgresDatabase
        var tables: [String]
    }

    /// One that nobody else uses, until it is given back.
    func borrow() throws -> MigratedDatabase {
        if let left = idle.withLock({ $0.popLast() }) { return left }
        let name = try createDatabase(isMigrated: true)
        let database = try database(name)
        let tables = try database.writeBlocking { try Self.tables(in: $0) }
        return MigratedDatabase(name: name, database: database, tables: tables)
    }

    private static func tables(in transaction: any Transaction) throws -> [String] {
        try transaction.query(
            "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename", [:]
        ).map { try $0.text("name") }
    }

    /// Empties it for the next; one that cannot be emptied, because it was closed or changed, goes.
    func giveBack(_ borrowed: MigratedDatabase) {
        do {
            try borrowed.database.writeBlocking { transaction in
                _ = try transaction.query("SELECT set_config('session_replication_role', 'replica', true)", [:])
                guard try Self.tables(in: transaction) == borrowed.tables else {
                    throw NotStarted(description: "a test made or dropped tables")
                }
                for table in borrowed.tables where table != "schema_migrations" {
                    try transaction.execute("DELETE FROM \"\(table)\"", [:])
                }
                // A test may have played a newer version.
                try transaction.execute(
                    "DELETE FROM schema_migrations WHERE number > :known",
                    ["known": .init(Migrations.all.last?.number ?? 0)])
            }
            idle.withLock { $0.append(borrowed) }
        } catch {
            borrowed.database.close()
            // It goes with its server at the latest.
            try? dropDatabase(borrowed.name)
        }
    }

    /// Makes an empty database, or one that is migrated; the name is new.
    public func createDatabase(isMigrated: Bool) throws -> String {
        let name = count.withLock { count in
            count += 1
            return "test_\(count)"
        }
        let template = isMigrated ? try migratedTemplate() : "template0"
        let script = "CREATE DATABASE \(name) TEMPLATE \(template) STRATEGY \(isMigrated ? "WAL_LOG" : "FILE_COPY")"
        try PostgresDatabase.run(script: script, at: address(of: "postgres"))
        return name
    }

    public func dropDatabase(_ name: String) throws {
        try PostgresDatabase.run(script: "DROP DATABASE IF EXISTS \(name) WITH (FORCE)", at: address(of: "postgres"))
    }

    private func migratedTemplate() throws -> String {
        try template.withLock { template in
            if let template { return template }
            let name = "template_migrated"
            try PostgresDatabase.run(script: "CREATE DATABASE \(name) TEMPLATE template0", at: address(of: "postgres"))
            let database = try database(name)
            try database.migrate(at: TemporaryDatabase.beginning)
            database.close()
            template = name
            return name
        }
    }

    /// Starts the server and ends it when standard input does, with the folder; after a line there, the folder stays.
    ///
    /// Without `wait`: the tests' threads block the signal that it would wait for.
    private static let watcher = """
        programs=$1; folder=$2; shift 2; cd /
        set -- $(printf -- '-c %s ' "$@")
        "$programs/postgres" -D "$folder/data" -k "$folder" "$@" </dev/null & server=$!
        exec 2>/dev/null
        if read -r word; then exit; fi
        kill -QUIT $server
        while kill -0 $server; do sleep 0.1; done
        rm -rf "$folder"
        """

    private static var isRoot: Bool { getuid() == 0 }

    /// PostgreSQL does not run as root: then it runs as the user that Debian's package has made.
    private static func command(_ program: String, _ arguments: [String]) -> (String, [String]) {
        guard isRoot else { return (program, arguments) }
        return (
            "/usr/bin/setpriv",
            ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--inh-caps=-all", program] + arguments
        )
    }

    /// The folder of the newest installed server's programs.
    private static func programs() throws -> String {
        let parent = "/usr/lib/postgresql"
        // No folder: none is installed.
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        guard let newest = versions.compactMap(Int.init).max() else {
            throw NotStarted(description: "PostgreSQL is not installed; scripts/setup-debian test does it")
        }
        return "\(parent)/\(newest)/bin"
    }

    private static func run(_ program: String, _ arguments: [String]) throws {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: program)
        child.arguments = arguments
        child.currentDirectoryURL = URL(fileURLWithPath: "/")
        let output = Pipe()
        child.standardOutput = output
        child.standardError = output
        try child.run()
        let said = output.fileHandleForReading.bytesToEnd()
        child.waitUntilExit()
        guard child.terminationStatus == 0 else {
            throw NotStarted(description: "\(program) failed: \(String(decoding: said, as: UTF8.self))")
        }
    }
}
