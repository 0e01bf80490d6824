import CLibPQ
import Storage

/// A statement with a row of parameters, sent with any number of rows.
final class RowText {
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

    let text: String
    /// The parameters of one row, in the order of their numbers.
    let names: [String]
    private let head: String
    private let tail: String
    /// The row's text around its parameters, and their positions.
    private let pieces: [(text: String, parameter: Int?)]
    /// For all columns that have had a value so far.
    private var latest: Variant?

    /// - Throws: `StorageError.failed` for a text without a row of `VALUES`, or with parameters elsewhere.
    init(_ text: String) throws(StorageError) {
        self.text = text
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
    }

    /// The statement for such rows: a new one when a column has its first value.
    ///
    /// - Throws: `StorageError.failed` when a parameter has values of several types.
    func variant(for rows: ArraySlice<[SQLValue]>, nextName: () -> String) throws(StorageError) -> Variant {
        var elements = latest?.elements ?? Array(repeating: TypeID.inferred, count: names.count)
        for row in rows {
            for place in row.indices {
                let type = row[place].typeID
                guard type != elements[place], type != TypeID.inferred else { continue }
                guard elements[place] == TypeID.inferred else {
                    throw .failed(message: "Values of several types for \(names[place]) of \"\(text)\".")
                }
                elements[place] = type
            }
        }
        if let latest, latest.elements == elements { return latest }
        let variant = Variant(name: nextName(), elements: elements)
        latest = variant
        return variant
    }

    /// Any number of rows: each parameter is an array of what one column has, and a row takes its places from them.
    /// `unnest` would write down all of them first.
    func sql(_ variant: Variant) -> String {
        var sql = head
        let sent = variant.elements.indices.filter { variant.elements[$0] != TypeID.inferred }
        for piece in pieces {
            sql += piece.text
            guard let parameter = piece.parameter else { continue }
            sql += sent.firstIndex(of: parameter).map { "($\($0 + 1))[u.i]" } ?? "NULL"
        }
        return sql + " FROM generate_series(1, cardinality($1)) u (i)" + tail
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
