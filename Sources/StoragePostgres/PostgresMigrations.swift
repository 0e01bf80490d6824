public import Alerting
public import Storage

extension PostgresDatabase {
    /// How long a migration may take.
    private static let migrationPatience = Duration.seconds(3600)

    /// Applies what the database lacks, each migration in a transaction of its own; blocks the calling thread.
    ///
    /// Several nodes may do this at once: a lock of the server's lets one in after the other, and each step looks
    /// again at what is still missing.
    ///
    /// - Returns: the names of what was applied, in order; empty when the database was up to date.
    /// - Throws: `MigrationError` when the database belongs to another version, before anything is changed;
    ///   `StorageError`.
    @discardableResult
    public func migrate(_ migrations: [Migration] = Migrations.all, at now: Timestamp) throws -> [String] {
        // Held by a connection of its own, and let go of with it.
        let gate = try Connection(address, patience: .seconds(15))
        try gate.run(script: Self.lock, patience: Self.migrationPatience)
        defer { withExtendedLifetime(gate) {} }
        var applied: [String] = []
        while let name = try migrateOnce(migrations, at: now) { applied.append(name) }
        return applied
    }

    private func migrateOnce(_ migrations: [Migration], at now: Timestamp) throws -> String? {
        try transact { transaction in
            try transaction.run(
                script: "SET LOCAL lock_timeout = '60s';" + Self.translated(Migrations.journal),
                patience: Self.migrationPatience)
            guard let migration = try Migrations.pending(of: migrations, in: transaction).first else { return nil }
            do {
                try transaction.run(script: Self.translated(migration.sql), patience: Self.migrationPatience)
            } catch StorageError.failed(let message) {
                throw StorageError.failed(message: "Could not apply migration \(migration.name): \(message)")
            }
            try Migrations.record(migration, at: now, in: transaction)
            return migration.name
        }
    }

    private static let lock = """
        SET lock_timeout = 0; SELECT CAST(pg_advisory_lock(hashtext('nightbell.migrations')) AS TEXT)
        """

    /// A migration's portable text as PostgreSQL wants it: its own name for bytes, and text that is compared byte by
    /// byte, as SQLite does, whatever the database's language.
    static func translated(_ portable: String) -> String {
        var isTable = false
        let lines = portable.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            var line = String(line)
            if let comment = line.firstRange(of: "--") { line.removeSubrange(comment.lowerBound...) }
            while line.last?.isWhitespace == true { line.removeLast() }
            if line.hasPrefix("CREATE TABLE") { isTable = true }
            let definesColumns = isTable || (line.hasPrefix("ALTER TABLE") && line.contains(" ADD "))
            if line.hasSuffix(";") { isTable = false }
            return words(of: line, definesColumns: definesColumns)
        }
        return lines.joined(separator: "\n")
    }

    private static func words(of line: String, definesColumns: Bool) -> String {
        var result = ""
        var word = ""
        var previous = ""
        func translate() -> String {
            switch word {
            case "BLOB": "BYTEA"
            // Not in a cast, which takes no collation.
            case "TEXT" where definesColumns && previous != "AS": #"TEXT COLLATE "C""#
            default: word
            }
        }
        for character in line + "\u{0}" {
            if character.isLetter || character.isNumber || character == "_" {
                word.append(character)
                continue
            }
            if !word.isEmpty {
                result += translate()
                previous = word
                word = ""
            }
            if character != "\u{0}" { result.append(character) }
        }
        return result
    }
}
