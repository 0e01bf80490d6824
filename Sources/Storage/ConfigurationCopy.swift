public import Alerting

/// What people have set, without what happened and without secrets: enough to find out who would be paged.
public struct ConfigurationCopy: Equatable, Sendable {
    public struct Table: Equatable, Sendable {
        public var name: String
        public var columns: [String]
        /// Values in the order of `columns`.
        public var rows: [[SQLValue]]

        public init(name: String, columns: [String], rows: [[SQLValue]]) {
            self.name = name
            self.columns = columns
            self.rows = rows
        }
    }

    /// Those that are referred to come before those that refer to them.
    public var tables: [Table]
    /// What the server sends on, each channel with what it is throttled to, as `Throttle.text`; empty: not known.
    public var channels: [Channel: Throttle]

    public init(tables: [Table], channels: [Channel: Throttle] = [:]) {
        self.tables = tables
        self.channels = channels
    }

    /// The tables that decide who is paged, parents first. What is not here is not known to a rehearsal.
    public static let names = [
        "id_blocks", "accounts", "users", "teams", "team_members", "contacts", "notification_preferences",
        "support_hours", "support_hours_teams", "on_call_schedules", "on_call_schedule_teams", "on_call_revisions",
        "on_call_overrides", "escalation_policies", "escalation_policy_teams", "escalation_turns", "alert_sources",
        "alert_source_teams", "alert_source_support_hours", "maintenance_windows", "maintenance_window_sources",
    ]

    /// Columns that stay where they are, in whatever table they come.
    private static let secrets: Set<String> = ["password_hash", "secret", "told_gaps"]

    /// - Parameter columns: of each table as this version has them.
    public static func read(
        columns: [String: [String]], in transaction: any Transaction
    ) throws(StorageError) -> ConfigurationCopy {
        var tables: [Table] = []
        for name in names {
            let columns = (columns[name] ?? []).filter { !secrets.contains($0) }
            guard !columns.isEmpty else { continue }
            let list = columns.joined(separator: ", ")
            let rows = try transaction.query(
                "SELECT \(list) FROM \(name) ORDER BY \(list) LIMIT \(Limits.copiedRows)", [:])
            var values: [[SQLValue]] = []
            for row in rows {
                var copied: [SQLValue] = []
                for column in columns { copied.append(try row.value(column)) }
                values.append(copied)
            }
            tables.append(Table(name: name, columns: columns, rows: values))
        }
        return ConfigurationCopy(tables: tables, channels: try ServerChannels.find(in: transaction))
    }

    /// Writes everything into an empty database of the same version.
    ///
    /// - Parameter known: the columns of that database; others are left out.
    /// - Throws: `StorageError` when it was made by a version that is too different.
    public func write(columns known: [String: [String]], in transaction: any Transaction) throws(StorageError) {
        for name in Self.names {
            guard let table = tables.first(where: { $0.name == name }) else { continue }
            let here = Set(known[name] ?? [])
            let kept = table.columns.indices.filter { here.contains(table.columns[$0]) }
            guard !kept.isEmpty else { continue }
            let list = kept.map { table.columns[$0] }.joined(separator: ", ")
            let places = kept.map { ":\(table.columns[$0])" }.joined(separator: ", ")
            for row in table.rows {
                guard row.count == table.columns.count else { throw .unreadable(column: "\(name).rows") }
                var arguments: Arguments = [:]
                for index in kept { arguments.add(table.columns[index], row[index]) }
                // A new database has rows of its own in a few tables.
                try transaction.execute(
                    "INSERT INTO \(name) (\(list)) VALUES (\(places)) ON CONFLICT DO NOTHING", arguments)
            }
        }
    }

    /// Without addresses and integration keys: names, times and rules stay.
    public func withoutAddresses() -> ConfigurationCopy {
        var copy = self
        copy.change("contacts", "target") { row in
            row["kind"] == .text("phone") ? "+990\(Self.number(row))" : "contact-\(Self.number(row))@example.invalid"
        }
        copy.change("users", "email") { "user-\(Self.number($0))@example.invalid" }
        copy.change("users", "email_folded") { "user-\(Self.number($0))@example.invalid" }
        copy.change("accounts", "last_resort_emails") { row in
            row["last_resort_emails"] == .text("[]") ? "[]" : #"["last-resort@example.invalid"]"#
        }
        return copy.withoutKeys()
    }

    /// With integration keys that open nothing.
    public func withoutKeys() -> ConfigurationCopy {
        var copy = self
        copy.change("alert_sources", "integration_key") { Self.key(of: $0) }
        copy.change("alert_sources", "key_prefix") {
            String(Self.key(of: $0).prefix(AlertSourceRecord.keyPrefixLength))
        }
        return copy
    }

    private static func key(of row: [String: SQLValue]) -> String {
        let number = number(row)
        return "nb1x" + String(repeating: "0", count: max(0, 12 - number.count)) + number
            + String(repeating: "x", count: 24)
    }

    private static func number(_ row: [String: SQLValue]) -> String {
        if case .integer(let id) = row["id"] { String(id) } else { "0" }
    }

    private mutating func change(_ name: String, _ column: String, _ value: ([String: SQLValue]) -> String) {
        guard let index = tables.firstIndex(where: { $0.name == name }),
            let position = tables[index].columns.firstIndex(of: column)
        else { return }
        let columns = tables[index].columns
        for row in tables[index].rows.indices {
            let members = Dictionary(zip(columns, tables[index].rows[row]), uniquingKeysWith: { first, _ in first })
            tables[index].rows[row][position] = .text(value(members))
        }
    }
}

extension ConfigurationCopy {
    private static let format = "nightbell-configuration"

    /// `{"format": "nightbell-configuration", "tables": {"users": {"columns": ["id", …], "rows": [[1, …], …]}},
    /// "channels": {"sms": "1/60s", …}}`.
    public var json: JSONValue {
        var members: [String: JSONValue] = [:]
        for table in tables {
            members[table.name] = .object([
                "columns": .array(table.columns.map(JSONValue.string)),
                "rows": .array(table.rows.map { .array($0.map(Self.json)) }),
            ])
        }
        return .object([
            "format": .string(Self.format), "tables": .object(members), "channels": ServerChannels.json(channels),
        ])
    }

    /// - Throws: `StorageError.failed` for anything that `json` did not write.
    public init(json: JSONValue) throws(StorageError) {
        guard json["format"]?.string == Self.format, let members = json["tables"]?.object else {
            throw .failed(message: "This is no export of a Nightbell configuration.")
        }
        tables = []
        channels = ServerChannels.read(json["channels"])
        for name in Self.names {
            guard let member = members[name] else { continue }
            guard let columns = member["columns"]?.array?.compactMap(\.string), let rows = member["rows"]?.array,
                rows.count <= Limits.copiedRows, columns.allSatisfy(Self.isName)
            else { throw .failed(message: "The table \(name) of the export cannot be read.") }
            var values: [[SQLValue]] = []
            for row in rows {
                guard let cells = row.array, cells.count == columns.count else {
                    throw .failed(
                        message: "A row of the table \(name) of the export has another length than its columns.")
                }
                values.append(cells.map(Self.value))
            }
            tables.append(Table(name: name, columns: columns, rows: values))
        }
    }

    /// Nothing but a plain name becomes part of a statement.
    private static func isName(_ text: String) -> Bool {
        (1...63).contains(text.utf8.count) && text.utf8.allSatisfy { (97...122).contains($0) || $0 == 95 }
    }

    private static func json(_ value: SQLValue) -> JSONValue {
        switch value {
        case .null, .blob: .null
        case .integer(let integer): .integer(integer)
        case .real(let real): .number(real)
        case .text(let text): .string(text)
        }
    }

    private static func value(_ json: JSONValue) -> SQLValue {
        switch json {
        case .integer(let integer): .integer(integer)
        case .number(let real): .real(real)
        case .string(let text): .text(text)
        case .bool(let isTrue): SQLValue(isTrue)
        case .null, .literal, .array, .object: .null
        }
    }
}
