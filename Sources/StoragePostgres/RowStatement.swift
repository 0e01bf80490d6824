import CLibPQ
import Storage

/// A change of one row, and of many at once with the same words.
final class RowStatement {
    /// Rows of one statement at most: their bodies have to be in memory on both sides.
    static let most = 128

    /// What becomes of rows that are alike in the parameters at `places`.
    struct Repeats {
        enum Kind {
            case merged([(place: Int, GatheredStatement.Merging)])
            case numbered(Int)
        }

        var places: [Int]
        var kind: Kind
    }

    /// The statement for columns of these types.
    final class Variant {
        let prepared: PreparedStatement.Variant
        /// Of each parameter; `TypeID.inferred`: all rows have `NULL`, which stands in the text and is not sent.
        let elements: [Oid]

        init(name: String, elements: [Oid]) {
            self.elements = elements
            let types = elements.filter { $0 != TypeID.inferred }.map(TypeID.array(of:))
            prepared = PreparedStatement.Variant(name: name, types: types)
        }
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
    /// For all columns that have had a value so far.
    private var latest: Variant?

    /// - Throws: `StorageError.failed` for a text without a row of `VALUES`, or without the parameters that are named.
    init(_ gathered: GatheredStatement) throws(StorageError) {
        self.gathered = gathered
        let text = gathered.together
        guard let values = text.firstRange(of: "VALUES ("), let end = Self.end(of: text[values.upperBound...]) else {
            throw .failed(message: "No row of values in \"\(text)\".")
        }
        head = String(text[..<values.lowerBound]) + "SELECT "
        tail = String(text[end...].dropFirst())
        let row = try NumberedParameters(String(text[values.upperBound..<end]))
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

    /// The statement for such rows: a new one when a column has its first value.
    ///
    /// - Throws: `StorageError.failed` when a parameter has values of several types.
    func variant(for rows: ArraySlice<[SQLValue]>, nextName: () -> String) throws(StorageError) -> Variant {
        var elements = latest?.elements ?? Array(repeating: TypeID.inferred, count: names.count)
        for row in rows {
            for (place, value) in row.enumerated() where value != .null && value.typeID != elements[place] {
                guard elements[place] == TypeID.inferred else {
                    throw .failed(message: "Values of several types for \(names[place]) of \"\(text)\".")
                }
                elements[place] = value.typeID
            }
        }
        if let latest, latest.elements == elements { return latest }
        let variant = Variant(name: nextName(), elements: elements)
        latest = variant
        return variant
    }

    /// Any number of rows: each parameter is an array of what one column has.
    func sql(_ variant: Variant) -> String {
        var sql = head
        for piece in pieces {
            sql += piece.text
            guard let parameter = piece.parameter else { continue }
            sql += variant.elements[parameter] == TypeID.inferred ? "NULL" : "u.c\(parameter)"
        }
        let sent = variant.elements.indices.filter { variant.elements[$0] != TypeID.inferred }
        let arrays = sent.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let columns = sent.map { "c\($0)" }.joined(separator: ", ")
        return sql + " FROM unnest(\(arrays)) u (\(columns))" + tail
    }

    /// The bracket that ends what begins here; quoted brackets do not occur in our rows.
    private static func end(of text: Substring) -> String.Index? {
        var depth = 1
        for index in text.indices {
            switch text[index] {
            case "(": depth += 1
            case ")": depth -= 1
            default: break
            }
            if depth == 0 { return index }
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
