import Storage

/// An `INSERT` of one row, and of many at once with the same words.
final class RowStatement {
    /// Rows of one statement: small numbers of texts stay prepared, and any number of rows takes few of them.
    static let sizes = [64, 32, 16, 8, 4, 2, 1]

    let text: String
    /// The parameters of one row, in the order of their numbers.
    let names: [String]
    /// Of the parameters in which no two rows of one statement may be alike.
    private let apart: [Int]
    private let head: String
    private let tail: String
    /// The row's text around its parameters, and their positions.
    private let pieces: [(text: String, parameter: Int?)]
    private var statements: [Int: PreparedStatement.Variant] = [:]

    /// - Throws: `StorageError.failed` for a text that is no such `INSERT`, or has no such parameters.
    init(_ text: String, apart: [String]) throws(StorageError) {
        self.text = text
        guard let values = text.firstRange(of: "VALUES ("), let end = Self.end(of: text[values.upperBound...]) else {
            throw .failed(message: "Not an INSERT of one row: \"\(text)\".")
        }
        head = String(text[..<values.lowerBound]) + "VALUES "
        tail = String(text[end...])
        let row = try NumberedParameters("(" + text[values.upperBound..<end])
        names = row.names
        guard try NumberedParameters(head + tail).names.isEmpty else {
            throw .failed(message: "A parameter outside of the row in \"\(text)\".")
        }
        pieces = Self.pieces(of: row.sql)
        self.apart = apart.compactMap { row.names.firstIndex(of: $0) }
        guard self.apart.count == apart.count else {
            throw .failed(message: "No parameters \(apart) in the row of \"\(text)\".")
        }
    }

    /// What no other row of the same statement may have; `nil`: any row may stand with any other.
    func own(_ values: [SQLValue]) -> [SQLValue]? {
        apart.isEmpty ? nil : apart.map { values[$0] }
    }

    /// The statement for so many rows.
    func variant(rows: Int, nextName: () -> String) -> PreparedStatement.Variant {
        if let variant = statements[rows] { return variant }
        // No types: the columns' own, so that a NULL is no other statement.
        let variant = PreparedStatement.Variant(name: nextName(), types: [])
        statements[rows] = variant
        return variant
    }

    func sql(rows: Int) -> String {
        var sql = head
        for row in 0..<rows {
            if row > 0 { sql += ", " }
            for piece in pieces {
                sql += piece.text
                if let parameter = piece.parameter { sql += "$\(row * names.count + parameter + 1)" }
            }
        }
        return sql + tail
    }

    /// Behind the bracket that ends what begins here; quoted brackets do not occur in our rows.
    private static func end(of text: Substring) -> String.Index? {
        var depth = 1
        for index in text.indices {
            switch text[index] {
            case "(": depth += 1
            case ")": depth -= 1
            default: break
            }
            if depth == 0 { return text.index(after: index) }
        }
        return nil
    }

    private static func pieces(of row: String) -> [(text: String, parameter: Int?)] {
        var pieces: [(text: String, parameter: Int?)] = []
        var rest = row[...]
        while let dollar = rest.firstIndex(of: "$") {
            let digits = rest[rest.index(after: dollar)...].prefix { $0.isASCII && $0.isNumber }
            pieces.append((String(rest[..<dollar]), Int(digits).map { $0 - 1 }))
            rest = rest[digits.endIndex...]
        }
        pieces.append((String(rest), nil))
        return pieces
    }
}

/// Rows of one transaction that wait to be sent together.
struct WaitingRows {
    private struct Group {
        var statement: RowStatement
        var rows: [[SQLValue]] = []
        /// What the rows have of their own.
        var taken: Set<[SQLValue]> = []
    }

    private var groups: [GatheredRows: Group] = [:]

    var isEmpty: Bool { groups.isEmpty }

    /// Whether any of these tables has rows that wait.
    func contains(_ tables: Set<GatheredRows>) -> Bool {
        !isEmpty && groups.keys.contains(where: tables.contains)
    }

    /// - Returns: `false` when those that wait must be sent first.
    mutating func add(_ values: [SQLValue], to kind: GatheredRows, of statement: RowStatement) -> Bool {
        var group = groups.removeValue(forKey: kind) ?? Group(statement: statement)
        defer { groups[kind] = group }
        guard group.statement === statement else { return false }
        if let own = statement.own(values), !group.taken.insert(own).inserted { return false }
        group.rows.append(values)
        return true
    }

    /// All that wait, in an order in which each row finds what it refers to.
    mutating func take() -> [(statement: RowStatement, rows: [[SQLValue]])] {
        defer { groups = [:] }
        return GatheredRows.allCases.compactMap { kind in
            groups[kind].map { ($0.statement, $0.rows) }
        }
    }
}
