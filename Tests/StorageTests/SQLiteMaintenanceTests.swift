import Alerting
import Foundation
import Glibc
import Storage
import TestSupport
import Testing

@testable import StorageSQLite

struct SQLiteMaintenanceTests {
    private func database(rows: Int = 0, at path: String) throws -> SQLiteDatabase {
        let database = try SQLiteDatabase(path: path)
        try database.writeBlocking { transaction in
            try transaction.execute("CREATE TABLE pairs (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT", [:])
            try transaction.execute("CREATE INDEX pairs_name ON pairs (name)", [:])
            for row in 0..<rows { try insert("row \(row)", in: transaction) }
        }
        return database
    }

    private func insert(_ name: String, in transaction: any Transaction) throws {
        try transaction.execute("INSERT INTO pairs (name) VALUES (:name)", ["name": .text(name)])
    }

    private func names(in database: SQLiteDatabase) throws -> [String] {
        try database.writeBlocking {
            try $0.query("SELECT name FROM pairs ORDER BY id", [:]).map { try $0.text("name") }
        }
    }

    @Test func `given a database, when it is backed up, then the copy is private, whole and equal`() async throws {
        let temporary = try TemporaryDatabase()
        let database = try database(rows: 500, at: temporary.folder + "/source.sqlite")
        let path = temporary.folder + "/copy.sqlite"

        try await database.backup(to: path)

        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let copy = try SQLiteDatabase(path: path)
        #expect(try names(in: copy) == names(in: database))
        #expect(try copy.checkIntegrity() == .wholeFile)
        try copy.close()
        try database.close()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: temporary.folder).filter { $0.contains("partial") }
                == [])
    }

    @Test func `given writes that go on, when it is backed up, then the copy is of one moment`() async throws {
        let temporary = try TemporaryDatabase()
        let database = try database(rows: 2000, at: temporary.folder + "/source.sqlite")

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 0..<200 {
                    try await database.write { transaction in
                        try insert("left \(number)", in: transaction)
                        try insert("right \(number)", in: transaction)
                    }
                }
            }
            for number in 0..<5 {
                group.addTask { try await database.backup(to: temporary.folder + "/copy\(number).sqlite") }
            }
            try await group.waitForAll()
        }

        let all = try names(in: database)
        #expect(all.count == 2400)
        for number in 0..<5 {
            let copy = try SQLiteDatabase(path: temporary.folder + "/copy\(number).sqlite")
            let copied = try names(in: copy)
            #expect(copied.count.isMultiple(of: 2))
            #expect(copied == Array(all.prefix(copied.count)))
            try copy.close()
        }
        try database.close()
    }

    @Test func `given a file of that name, when it is backed up, then the file is left alone`() async throws {
        let temporary = try TemporaryDatabase()
        let path = temporary.folder + "/copy.sqlite"
        try Data("precious".utf8).write(to: URL(fileURLWithPath: path))

        let error = await #expect(throws: StorageError.self) { try await temporary.sqlite.backup(to: path) }

        #expect(error == .conflict(constraint: "There is a file at \(path) already."))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("precious".utf8))
    }

    @Test func `given a folder that is missing, when it is backed up into it, then it fails and says so`() async throws
    {
        let temporary = try TemporaryDatabase()

        let error = await #expect(throws: StorageError.self) {
            try await temporary.sqlite.backup(to: temporary.folder + "/missing/copy.sqlite")
        }
        #expect(String(describing: error).contains("No such file or directory"))
    }

    @Test func `given a sound file, when it is checked, then it is looked at as a whole up to the limit`() throws {
        let temporary = try TemporaryDatabase()

        #expect(try temporary.sqlite.checkIntegrity() == .wholeFile)
        #expect(try temporary.sqlite.checkIntegrity(limit: 0) == .schemaOnly)
    }

    @Test func `given a damaged page, when the file is checked, then that is an error`() throws {
        let temporary = try TemporaryDatabase()
        let path = temporary.folder + "/source.sqlite"
        try database(rows: 2000, at: path).close()
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        let length = try file.seekToEnd()
        try file.seek(toOffset: length / 4096 / 2 * 4096)
        try file.write(contentsOf: Data(repeating: 0x5a, count: 4096))
        try file.close()

        let damaged = try SQLiteDatabase(path: path)
        #expect(throws: StorageError.self) { try damaged.checkIntegrity() }
        #expect(damaged.damage == nil)
        for order in ["id", "name"] {
            // One of the two comes across the page.
            _ = try? damaged.writeBlocking { try $0.query("SELECT name FROM pairs ORDER BY \(order)", [:]) }
        }
        #expect(damaged.damage?.contains("malformed") == true)
        try damaged.close()
    }
}

/// A disk of our own that is full when a test says so.
struct FullDiskTests {
    @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a disk"))
    func `given a full disk, when somebody writes, then that is an error, and it goes on once there is room`()
        async throws
    {
        let disk = try SmallDisk(megabytes: 2)
        defer { withExtendedLifetime(disk) {} }
        let database = try SQLiteDatabase(path: disk.path + "/nightbell.sqlite")
        try await database.write { try $0.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)", [:]) }
        let insert = "INSERT INTO notes (text) VALUES (:text)"
        let text = SQLValue.text(String(repeating: "x", count: 10_000))
        try Data(count: 1024 * 1024).write(to: URL(fileURLWithPath: disk.path + "/ballast"))

        var committed = 0
        await #expect(throws: StorageError.full) {
            while committed < 1000 {
                try await database.write { try $0.execute(insert, ["text": text]) }
                committed += 1
            }
        }
        #expect(committed > 0)
        await #expect(throws: StorageError.full) {
            try await database.write { transaction in
                for _ in 0..<300 { try transaction.execute(insert, ["text": text]) }
            }
        }

        try FileManager.default.removeItem(atPath: disk.path + "/ballast")
        try await database.write { try $0.execute(insert, ["text": text]) }
        let rows = try await database.read { try $0.query("SELECT count(*) AS count FROM notes", [:]) }
        #expect(try rows.map { try $0.int("count") } == [committed + 1])
        #expect(try database.checkIntegrity() == .wholeFile)
        try database.close()
    }
}
