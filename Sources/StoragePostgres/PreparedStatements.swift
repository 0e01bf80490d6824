import CLibPQ
import Storage

/// One text of ours on one connection, prepared once for each set of types that it was given.
final class PreparedStatement {
    final class Variant {
        let name: String
        let types: [Oid]
        /// Whether the server has been told; taken back when it refused.
        var isPrepared = false

        init(name: String, types: [Oid]) {
            self.name = name
            self.types = types
        }
    }

    let text: String
    let numbered: NumberedParameters
    /// What waits and has to be written before it. All, but for a question or a change of rows, which name their
    /// tables: what is inserted may refer to what waits, and what is deleted takes others with it.
    let concerned: Set<GatheredRows>
    private(set) var variants: [Variant] = []

    init(_ text: String) throws(StorageError) {
        self.text = text
        numbered = try NumberedParameters(text)
        let namesAll = text.hasPrefix("SELECT ") || text.hasPrefix("UPDATE ")
        concerned = namesAll ? GatheredRows.named(in: text) : Set(GatheredRows.allCases)
    }

    /// The variant for values of these types; a `NULL` fits any type.
    func variant(for values: [SQLValue], nextName: () -> String) -> Variant {
        let fitting = variants.first { variant in
            zip(variant.types, values).allSatisfy { $1.isNull || $0 == $1.typeID }
        }
        if let fitting { return fitting }
        let variant = Variant(name: nextName(), types: values.map(\.typeID))
        variants.append(variant)
        return variant
    }
}

extension Arguments {
    /// The values of `text`'s parameters, in the order of their names.
    ///
    /// - Throws: `StorageError.failed` when names and parameters are not the same.
    func values(of names: [String], in text: String) throws(StorageError) -> [SQLValue] {
        if let values = valuesInOrder(of: names) { return values }
        var values: [SQLValue?] = Array(repeating: nil, count: names.count)
        for (position, argument) in enumerated() {
            let isHere = position < names.count && names[position] == argument.key
            guard let index = isHere ? position : names.firstIndex(of: argument.key), values[index] == nil else {
                throw mismatch(names, text)
            }
            values[index] = argument.value
        }
        let given = values.compactMap(\.self)
        guard given.count == names.count else { throw mismatch(names, text) }
        return given
    }

    /// `nil`: they are not given in the order of their names.
    private func valuesInOrder(of names: [String]) -> [SQLValue]? {
        guard count == names.count else { return nil }
        return withPairs { pairs in
            for index in pairs.indices where pairs[index].0 != names[index] { return nil }
            return pairs.map(\.1)
        }
    }

    private func mismatch(_ names: [String], _ text: String) -> StorageError {
        .failed(message: "Arguments \(map(\.key)) for parameters \(names) of \"\(text)\".")
    }
}

/// The prepared statements of one connection, by their text.
final class StatementCache {
    static let limit = 1024

    private var places = StatementPlaces(room: StatementCache.limit)
    private var statements: [PreparedStatement] = []
    private var rows: [ObjectIdentifier: RowStatement] = [:]
    private var lookUps: [ObjectIdentifier: (lookUp: LookUp, text: RowText, concerned: Set<GatheredRows>)] = [:]
    private var names = 0

    /// - Parameter forget: told the names of what the server need not keep any more.
    func statement(
        _ sql: String, forget: ([String]) throws(StorageError) -> Void
    ) throws(StorageError) -> PreparedStatement {
        if let place = places.place(of: sql) { return statements[place] }
        let statement = try PreparedStatement(sql)
        let place = places.newPlace(for: sql)
        guard place < statements.count else {
            statements.append(statement)
            return statement
        }
        let old = statements[place]
        statements[place] = statement
        try forget(old.variants.filter(\.isPrepared).map(\.name))
        return statement
    }

    func rows(_ gathered: GatheredStatement) throws(StorageError) -> RowStatement {
        // It is kept with what it is known by.
        let key = ObjectIdentifier(gathered)
        if let statement = rows[key] { return statement }
        let statement = try RowStatement(gathered)
        rows[key] = statement
        return statement
    }

    /// - Returns: also what waits and has to be written before it.
    func lookUp(_ lookUp: LookUp) throws(StorageError) -> (RowText, Set<GatheredRows>) {
        // It is kept with what it is known by.
        let key = ObjectIdentifier(lookUp)
        if let known = lookUps[key] { return (known.text, known.concerned) }
        let text = try RowText(lookUp.text)
        let concerned = GatheredRows.named(in: lookUp.text)
        lookUps[key] = (lookUp, text, concerned)
        return (text, concerned)
    }

    func nextName() -> String {
        names += 1
        return "s\(names)"
    }
}

extension GatheredRows {
    /// Those whose table a statement names.
    static func named(in text: String) -> Set<GatheredRows> {
        Set(allCases.filter { text.contains($0.table) })
    }
}
