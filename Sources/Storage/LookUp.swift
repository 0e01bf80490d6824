/// A query about several things at once. It has two texts, for few and for many, so that each stays prepared; what is
/// left over asks for nothing.
struct LookUp: Sendable {
    private static let few = 8

    /// The parameters of each thing.
    private let places: [[String]]
    private let texts: (few: String, many: String)
    private let nothing: [SQLValue]

    /// - Parameters:
    ///   - row: with the parameters `names`, and with others that are the same for all things.
    ///   - nothing: values for which no row is found, of the parameters' own types.
    ///   - limit: of things that are asked for at once; more than 8.
    ///   - text: makes the query of its rows.
    init(row: String, names: [String], nothing: [SQLValue], of limit: Int, text: (String) -> String) {
        self.nothing = nothing
        let places = (0..<limit).map { place in names.map { "\($0)\(place)" } }
        let rows = places.map { place in
            zip(names, place).reduce(row) { $0.replacing(":\($1.0)", with: ":\($1.1)") }
        }
        self.places = places
        texts = (text(rows.prefix(Self.few).joined(separator: ", ")), text(rows.joined(separator: ", ")))
    }

    /// - Parameter things: any number, each with a value for each of its parameters; of none no rows are asked for.
    func rows(
        for things: [[SQLValue]], and others: Arguments, in transaction: any Transaction
    ) throws(StorageError) -> [Row] {
        var rows: [Row] = []
        var rest = things[...]
        while !rest.isEmpty {
            let isFew = rest.count <= Self.few
            var arguments = others
            for index in 0..<(isFew ? Self.few : places.count) {
                let values = index < rest.count ? rest[rest.startIndex + index] : nothing
                for (name, value) in zip(places[index], values) { arguments.add(name, value) }
            }
            rows += try transaction.query(isFew ? texts.few : texts.many, arguments)
            rest = rest.dropFirst(places.count)
        }
        return rows
    }
}
