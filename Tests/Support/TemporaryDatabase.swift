public import Alerting
import Dispatch
import Foundation
public import Storage
public import StoragePostgres
public import StorageSQLite

/// A fresh, migrated database of its own, gone when this is: SQLite's in a folder, or one of the tests' PostgreSQL
/// server.
public final class TemporaryDatabase: Sendable {
    public enum Kind: String, Sendable {
        case sqlite, postgres

        /// What this run of the tests is about: `NIGHTBELL_TEST_DATABASE`, else SQLite.
        public static let current =
            ProcessInfo.processInfo.environment["NIGHTBELL_TEST_DATABASE"].flatMap(Kind.init) ?? .sqlite
    }

    public let kind: Kind
    public let folder: String
    public let database: any Database
    private let server: PostgresServer?
    private let name: String
    private let borrowed: PostgresServer.MigratedDatabase?
    static let beginning = Timestamp(milliseconds: 1_767_225_600_000)

    /// - Parameters:
    ///   - inMemory: in the machine's memory where it has a file system for that; syncing costs nothing there.
    ///   - isMigrated: `false`: an empty one.
    public init(inMemory: Bool = false, kind: Kind = .current, isMigrated: Bool = true) throws {
        self.kind = kind
        let memory = URL(fileURLWithPath: "/dev/shm", isDirectory: true)
        let isUsable = inMemory && FileManager.default.isWritableFile(atPath: memory.path)
        let parent = isUsable ? memory : FileManager.default.temporaryDirectory
        let url = parent.appendingPathComponent("nightbell-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        folder = url.path
        switch kind {
        case .sqlite:
            let file = url.appendingPathComponent("nightbell.sqlite")
            if isMigrated { try Self.template.get().write(to: file) }
            let sqlite = try SQLiteDatabase(path: file.path)
            (database, server, name) = (sqlite, nil, "")
        case .postgres:
            let server = try PostgresServer.shared()
            self.server = server
            if isMigrated {
                let borrowed = try server.borrow()
                (name, database, self.borrowed) = (borrowed.name, borrowed.database, borrowed)
                return
            }
            name = try server.createDatabase(isMigrated: false)
            database = try server.database(name)
        }
        borrowed = nil
    }

    /// The file of a database that was just migrated, made once: thousands of tests want one.
    private static let template = Result {
        let folder = TemporaryFolder()
        let path = folder.path + "/template.sqlite"
        let sqlite = try SQLiteDatabase(path: path)
        try sqlite.migrate(at: beginning)
        try sqlite.close()
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    deinit {
        // Only the folder: this may run on the database's own queue, on which `close` would wait for itself. The files
        // live on without a name until the database closes by itself; a folder that is gone already is right too.
        try? FileManager.default.removeItem(atPath: folder)
        guard let server else { return }
        DispatchQueue.global().async { [name, borrowed] in
            if let borrowed { return server.giveBack(borrowed) }
            // It goes with its server at the latest.
            try? server.dropDatabase(name)
        }
    }

    /// The driver behind it; only for tests that are about SQLite.
    public var sqlite: SQLiteDatabase {
        guard let sqlite = database as? SQLiteDatabase else { preconditionFailure("this database is not SQLite") }
        return sqlite
    }

    /// The driver behind it; only for tests that are about PostgreSQL.
    public var postgres: PostgresDatabase {
        guard let postgres = database as? PostgresDatabase else { preconditionFailure("this is not PostgreSQL") }
        return postgres
    }

    /// The same database as another process would open it.
    public func another() throws -> any Database {
        guard let server else { return try SQLiteDatabase(path: sqlite.path) }
        return try server.database(name)
    }

    @discardableResult
    public func migrate(_ migrations: [Migration] = Migrations.all, at now: Timestamp) throws -> [String] {
        switch kind {
        case .sqlite: try sqlite.migrate(migrations, at: now)
        case .postgres: try postgres.migrate(migrations, at: now)
        }
    }

    public func close() throws {
        switch kind {
        case .sqlite: try sqlite.close()
        case .postgres: postgres.close()
        }
    }

    /// The names of all tables, in order.
    public func tableNames() throws -> [String] {
        let sql =
            switch kind {
            case .sqlite: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
            case .postgres: #"SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY name"#
            }
        return try database.writeBlocking { try $0.query(sql, [:]).map { try $0.text("name") } }
    }
}

/// Whoever holds it as a database holds its folder too.
extension TemporaryDatabase: Database {
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try await database.write(body)
    }

    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try await database.read(body)
    }

    public func writeBlocking<Result: Sendable>(
        _ body: @Sendable (any Transaction) throws -> Result
    ) throws -> Result {
        try database.writeBlocking(body)
    }
}
