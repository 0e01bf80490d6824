import Alerting
import Foundation
import Storage
import TestSupport
import Testing

@testable import StorageSQLite

struct SQLiteDatabaseTests {
    private struct Refusal: Error, Equatable {}

    private let temporary: TemporaryDatabase
    private var database: SQLiteDatabase { temporary.sqlite }

    init() throws {
        temporary = try TemporaryDatabase()
        try temporary.database.writeBlocking { transaction in
            try transaction.execute(
                """
                CREATE TABLE shops (
                    id INTEGER NOT NULL PRIMARY KEY, name TEXT UNIQUE, logo BLOB, rate REAL,
                    parent_id INTEGER REFERENCES shops (id)
                ) STRICT
                """, [:])
        }
    }

    private func insert(_ id: Int64, _ name: String?, in transaction: any Transaction) throws {
        try transaction.execute(
            "INSERT INTO shops (id, name) VALUES (:id, :name)", ["id": .integer(id), "name": SQLValue(name)])
    }

    private func count(in transaction: any Transaction) throws -> Int {
        try #require(try transaction.query("SELECT count(*) AS count FROM shops", [:]).first).int("count")
    }

    @Test func `given an opened file, when its settings are read, then a commit is synced and foreign keys hold`()
        throws
    {
        let settings = try database.writeBlocking { transaction in
            try ["journal_mode", "synchronous", "foreign_keys"].map { name in
                try #require(try transaction.query("PRAGMA \(name)", [:]).first).value(name)
            }
        }

        #expect(settings == [.text("wal"), .integer(2), .integer(1)])
    }

    @Test func `given an opened file, when its mode is read, then only its owner may open it and its log`() throws {
        try database.writeBlocking { try insert(1, "Shop", in: $0) }

        for suffix in ["", "-wal", "-shm"] {
            let mode = try FileManager.default.attributesOfItem(atPath: database.path + suffix)[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(suffix)")
        }
    }

    @Test func `given a folder that is missing, when a file in it is opened, then the error names it`() {
        let path = temporary.folder + "/missing/nightbell.sqlite"

        let error = #expect(throws: StorageError.self) { try SQLiteDatabase(path: path) }
        #expect(String(describing: error).contains(path))
    }

    @Test func `given a file that is no database, when it is opened, then it is refused and left alone`() throws {
        let path = temporary.folder + "/note.sqlite"
        let note = Data(String(repeating: "This is a note. ", count: 100).utf8)
        try note.write(to: URL(fileURLWithPath: path))

        #expect(throws: StorageError.self) { try SQLiteDatabase(path: path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == note)
    }

    @Test func `given values of every form, when they are written and read, then nothing is lost`() throws {
        let texts = ["", "plain", "nul\0inside", "🔔 ё 夜 e\u{301}", String(repeating: "x", count: 100_000)]
        let blobs: [[UInt8]] = [[], [0], Array(0...255)]
        let sql = "SELECT :text AS t, :blob AS b, :integer AS i, :real AS r, :nothing AS n"

        for text in texts {
            for blob in blobs {
                let row = try database.writeBlocking { transaction in
                    try #require(
                        try transaction.query(
                            sql,
                            [
                                "text": .text(text), "blob": .blob(blob), "integer": .integer(.min), "real": .real(0.1),
                                "nothing": .null,
                            ]
                        ).first)
                }
                #expect(try row.value("t") == .text(text))
                #expect(try row.value("b") == .blob(blob))
                #expect(try row.value("i") == .integer(.min))
                #expect(try row.value("r") == .real(0.1))
                #expect(try row.value("n") == .null)
            }
        }
    }

    @Test func `given arguments in another order, when a statement runs, then each is bound by its name`() throws {
        let rows = try database.writeBlocking {
            try $0.query("SELECT :a AS a, :b AS b, :a AS again", ["b": .integer(2), "a": .integer(1)])
        }

        #expect(try rows.map { try [$0.int("a"), $0.int("b"), $0.int("again")] } == [[1, 2, 1]])
    }

    @Test(
        arguments: [
            ["a": .integer(1)], ["a": .integer(1), "c": .integer(2)], ["a": .integer(1), "a": .integer(2)],
            ["b": .integer(1), "b": .integer(2)], ["a": .integer(1), "b": .integer(2), "c": .integer(3)],
        ] as [Arguments])
    func `given arguments that are not the parameters, when a statement runs, then it fails`(arguments: Arguments) {
        #expect(throws: StorageError.self) {
            try database.writeBlocking { try $0.query("SELECT :a AS a, :b AS b", arguments) }
        }
    }

    @Test(arguments: ["SELECT 1; SELECT 2", "SELECT ?", "SELECT", ""])
    func `given text that is not one statement with names, when it runs, then it fails`(sql: String) {
        #expect(throws: StorageError.self) { try database.writeBlocking { try $0.query(sql, [:]) } }
    }

    @Test func `given values left from an earlier run, when a statement fails, then the next run sees only its own`()
        throws
    {
        let sql = "INSERT INTO shops (id, name) VALUES (:id, :name) RETURNING id, name"
        try database.writeBlocking { transaction in
            _ = try transaction.query(sql, ["id": .integer(1), "name": .text("Shop")])
            #expect(throws: StorageError.self) {
                try transaction.query(sql, ["id": .integer(1), "name": .text("Other")])
            }
            let row = try #require(try transaction.query(sql, ["id": .integer(2), "name": .null]).first)
            #expect(try row.optionalText("name") == nil)
        }
    }

    @Test func `given a broken rule, when a row is written, then it is a conflict in the database's words`() throws {
        try database.writeBlocking { try insert(1, "Shop", in: $0) }

        #expect(throws: StorageError.conflict(constraint: "UNIQUE constraint failed: shops.name")) {
            try database.writeBlocking { try insert(2, "Shop", in: $0) }
        }
        #expect(throws: StorageError.conflict(constraint: "FOREIGN KEY constraint failed")) {
            try database.writeBlocking { try $0.execute("UPDATE shops SET parent_id = 9 WHERE id = 1", [:]) }
        }
        #expect(throws: StorageError.conflict(constraint: "cannot store TEXT value in REAL column shops.rate")) {
            try database.writeBlocking { try $0.execute("UPDATE shops SET rate = 'high' WHERE id = 1", [:]) }
        }
    }

    @Test func `given a body that throws, when it has written, then nothing stays and its error passes unchanged`()
        async throws
    {
        await #expect(throws: Refusal()) {
            try await database.write { transaction in
                try insert(1, "Shop", in: transaction)
                throw Refusal()
            }
        }

        #expect(try await database.read { try count(in: $0) } == 0)
    }

    @Test
    func `given a transaction that was rolled back beneath its body, when the body goes on, then nothing is written`()
        throws
    {
        #expect(throws: StorageError.self) {
            try database.writeBlocking { transaction in
                try transaction.execute("ROLLBACK", [:])
                do {
                    try insert(1, "Shop", in: transaction)
                } catch is StorageError {
                    // A body may swallow an error; the transaction is still lost.
                }
            }
        }

        #expect(try database.writeBlocking { try count(in: $0) } == 0)
    }

    @Test func `given a deferred rule that is broken, when the transaction commits, then it is undone as a conflict`()
        throws
    {
        #expect(throws: StorageError.conflict(constraint: "FOREIGN KEY constraint failed")) {
            try database.writeBlocking { transaction in
                try transaction.execute("PRAGMA defer_foreign_keys = ON", [:])
                try transaction.execute("INSERT INTO shops (id, parent_id) VALUES (1, 9)", [:])
            }
        }

        #expect(try database.writeBlocking { try count(in: $0) } == 0)
    }

    @Test func `given a reader, when it writes, then it is refused`() async throws {
        await #expect(throws: StorageError.self) { try await database.read { try insert(1, "Shop", in: $0) } }
    }

    @Test
    func `given a reader in the middle, when somebody commits, then it does not wait and the reader sees its snapshot`()
        async throws
    {
        let counts = try await database.read { reading in
            let before = try count(in: reading)
            try database.writeBlocking { try insert(1, "Shop", in: $0) }
            return [before, try count(in: reading)]
        }

        #expect(counts == [0, 0])
        #expect(try await database.read { try count(in: $0) } == 1)
    }

    @Test func `given many writers, when each reads and then writes, then none loses another's change`() async throws {
        try await database.write { try insert(0, "0", in: $0) }

        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await database.write { transaction in
                        let row = try #require(try transaction.query("SELECT name FROM shops WHERE id = 0", [:]).first)
                        let next = "\(Int(try row.text("name"))! + 1)"
                        try transaction.execute("UPDATE shops SET name = :name WHERE id = 0", ["name": .text(next)])
                    }
                }
            }
            try await group.waitForAll()
        }

        let rows = try await database.read { try $0.query("SELECT name FROM shops", [:]) }
        #expect(try rows.map { try $0.text("name") } == ["100"])
    }

    @Test func `given a task that is cancelled, when it writes, then the write is committed`() async throws {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await database.write { try insert(1, "Shop", in: $0) }
        }
        try await task.value

        #expect(try await database.read { try count(in: $0) } == 1)
    }

    @Test func `given another connection that writes, when its transaction lasts, then ours is unavailable`() throws {
        let other = try SQLiteDatabase(path: database.path, busyTimeout: .zero)

        try database.writeBlocking { transaction in
            try insert(1, "Shop", in: transaction)
            let error = #expect(throws: StorageError.self) { try other.writeBlocking { try insert(2, "B", in: $0) } }
            guard case .unavailable = error else { throw Refusal() }
        }

        try other.writeBlocking { try insert(2, "B", in: $0) }
        try other.close()
    }

    @Test func `given more texts than a connection keeps, when they run again, then they answer as before`() throws {
        try database.writeBlocking { transaction in
            for round in 0..<2 {
                for number in 0..<StatementCache.limit + 10 {
                    let row = try #require(
                        try transaction.query("SELECT :round AS round, \(number) AS number", ["round": SQLValue(round)])
                            .first)
                    #expect(try [row.int("round"), row.int("number")] == [round, number])
                }
            }
        }
    }

    @Test func `given a statement that was prepared, when the schema changes, then it sees the new one`() throws {
        let sql = "SELECT id, name FROM shops ORDER BY id"
        try database.writeBlocking { transaction in
            try insert(1, "Shop", in: transaction)
            _ = try transaction.query(sql, [:])
            try transaction.execute("ALTER TABLE shops ADD COLUMN region TEXT", [:])
        }

        #expect(try database.writeBlocking { try $0.query(sql, [:]).map { try $0.text("name") } } == ["Shop"])
    }

    @Test func `given a closed database, when somebody comes, then it is unavailable and closing again is harmless`()
        async throws
    {
        try await database.write { try insert(1, "Shop", in: $0) }
        _ = try await database.read { try count(in: $0) }

        try database.close()
        try database.close()

        await #expect(throws: StorageError.closed) { try await database.read { try count(in: $0) } }
        await #expect(throws: StorageError.closed) { try await database.write { try count(in: $0) } }
        #expect(throws: StorageError.closed) { try database.writeBlocking { try count(in: $0) } }
        #expect(!FileManager.default.fileExists(atPath: database.path + "-wal"), "the last to close empties the log")
    }

    @Test(.timeLimit(.minutes(2)))
    func `given a log that has grown, then it is moved into the file without another commit`() async throws {
        let logo = SQLValue.blob([UInt8](repeating: 7, count: 4000))
        let rows = 50
        for first in stride(from: 0, to: LogKeeper.tidyAfter + rows, by: rows) {
            try await database.write { transaction in
                for id in first..<first + rows {
                    try transaction.execute(
                        "INSERT INTO shops (id, logo) VALUES (:id, :logo)", ["id": .integer(Int64(id)), "logo": logo])
                }
            }
        }

        let attributes = { try FileManager.default.attributesOfItem(atPath: database.path) }
        while try attributes()[.size] as? Int ?? 0 < LogKeeper.tidyAfter * 4000 { await Task.yield() }

        #expect(try await database.read { try count(in: $0) } == LogKeeper.tidyAfter + rows)
        try database.close()
        #expect(!FileManager.default.fileExists(atPath: database.path + "-wal"))
    }

    @Test func `given a file that was written, when it is opened again, then it is all there`() throws {
        try database.writeBlocking { try insert(1, "Shop", in: $0) }
        try database.close()

        let again = try SQLiteDatabase(path: database.path)
        #expect(try again.writeBlocking { try count(in: $0) } == 1)
        try again.close()
    }
}
