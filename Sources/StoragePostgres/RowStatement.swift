import Storage

/// A change of one row, and of many at once with the same words.
final class RowStatement {
    /// Rows of one statement: small numbers of texts stay prepared, and any number of rows takes few of them.
    static let sizes = [64, 32, 16, 8, 4, 2, 1]

    /// What becomes of rows that are alike in the parameters at `places`.
    struct Repeats {
        enum Kind {
            case merged([(place: Int, GatheredStatement.Merging)])
            case numbered(Int)
        }

        var places: [Int]
        var kind: Kind
    }

    let gathered: GatheredStatement
    var text: String { gathered.together }
    /// The parameters of one row, in the order of their numbers.
    let names: [String]
    /// The parameter that says which row is changed.
    let subject: Int?
    /// `nil`: any row may stand with any other.
    let repeats: Repeats?
    private let head: String
    private let tail: String
    /// The row's text around its parameters, and their positions.
    private let pieces: [(text: String, parameter: Int?)]
    private var statements: [Int: PreparedStatement.Variant] = [:]

    /// - Throws: `StorageError.failed` for a text without a row of `VALUES`, or without the parameters that are named.
    init(_ gathered: GatheredStatement) throws(StorageError) {
        self.gathered = gathered
        let text = gathered.together
        guard let values = text.firstRange(of: "VALUES ("), let end = Self.end(of: text[values.upperBound...]) else {
            throw .failed(message: "No row of values in \"\(text)\".")
        }
        head = String(text[..<values.lowerBound]) + "VALUES "
        tail = String(text[end...])
        let row = try NumberedParameters("(" + text[values.upperBound..<end])
        names = row.names
        guard try NumberedParameters(head + tail).names.isEmpty else {
            throw .failed(message: "A parameter outside of the row in \"\(text)\".")
        }
        pieces = Self.pieces(of: row.sql)
        subject = try gathered.subject.map { name throws(StorageError) in try Self.place(of: name, in: row.names) }
        repeats = try Self.repeats(gathered.repeats, in: row.names)
    }

    private static func repeats(
        _ repeats: GatheredStatement.Repeats, in names: [String]
    ) throws(StorageError) -> Repeats? {
        let place = { (name: String) throws(StorageError) in try Self.place(of: name, in: names) }
        switch repeats {
        case .together: return nil
        case .merged(let alike, let rules):
            var merged: [(place: Int, GatheredStatement.Merging)] = []
            for (name, rule) in rules { merged.append((try place(name), rule)) }
            return Repeats(places: try alike.map(place), kind: .merged(merged))
        case .numbered(let alike, let name):
            return Repeats(places: try alike.map(place), kind: .numbered(try place(name)))
        }
    }

    private static func place(of name: String, in names: [String]) throws(StorageError) -> Int {
        guard let place = names.firstIndex(of: name) else {
            throw .failed(message: "No parameter \(name) among those of the row: \(names).")
        }
        return place
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
