public import Alerting
import Foundation
import GRDB
public import Storage

extension SQLiteDatabase {
    /// Applies what the file lacks, each migration in a transaction of its own; blocks the calling thread.
    ///
    /// Two processes may do this at once: each step looks again, inside its transaction, at what is still missing.
    ///
    /// - Returns: the names of what was applied, in order; empty when the file was up to date.
    /// - Throws: `MigrationError` when the file belongs to another version, before anything is changed; `StorageError`.
    @discardableResult
    public func migrate(_ migrations: [Migration] = Migrations.all, at now: Timestamp) throws -> [String] {
        var applied: [String] = []
        while let name = try migrateOnce(migrations, at: now) { applied.append(name) }
        return applied
    }

    private func migrateOnce(_ migrations: [Migration], at now: Timestamp) throws -> String? {
        try pool.writeWithoutTransaction { connection in
            try Self.transact(on: connection, statements) { transaction in
                try transaction.execute(Self.translated(Migrations.journal), [:])
                guard let migration = try Migrations.pending(of: migrations, in: transaction).first else { return nil }
                try StorageError.mapping(doing: "apply migration \(migration.name)") {
                    try connection.execute(sql: Self.translated(migration.sql))
                }
                try Migrations.record(migration, at: now, in: transaction)
                return migration.name
            }
        }
    }

    /// A migration's portable text as SQLite wants it: its own names of types, and every table strict about them. A
    /// table with a key of several columns is kept in the order of that key, instead of in one tree for the rows and
    /// another one for the key. Constraints are not dropped, which SQLite cannot.
    ///
    /// Relies on the form of our files: a statement begins and ends on lines of its own.
    static func translated(_ portable: String) -> String {
        var isTable = false
        var hasLongKey = false
        let lines = portable.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            var line = String(line)
            if let comment = line.range(of: "--") { line.removeSubrange(comment.lowerBound...) }
            while line.last?.isWhitespace == true { line.removeLast() }
            if line.hasPrefix("ALTER TABLE"), line.contains(" DROP CONSTRAINT ") { return "" }
            if line.hasPrefix("CREATE TABLE") { (isTable, hasLongKey) = (true, false) }
            if isTable, line.hasPrefix("    PRIMARY KEY (") { hasLongKey = true }
            if isTable, line.hasSuffix(");") {
                line = line.dropLast() + (hasLongKey ? " STRICT, WITHOUT ROWID;" : " STRICT;")
            }
            if line.hasSuffix(";") { isTable = false }
            return line.replacingOccurrences(of: "BIGINT", with: "INTEGER")
                .replacingOccurrences(of: "DOUBLE PRECISION", with: "REAL")
        }
        return lines.joined(separator: "\n")
    }
}
