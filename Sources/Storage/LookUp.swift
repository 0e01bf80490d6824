/// A query about several things at once. It has two texts, for few and for many, so that each stays prepared; what is
/// left over asks for the last one again.
struct LookUp: Sendable {
    private static let few = 8

    private let places: [String]
    private let texts: (few: String, many: String)

    /// - Parameters:
    ///   - row: with the parameter `:place`, and with others that are the same for all.
    ///   - limit: of things that are asked for at once; more than 8.
    ///   - text: makes the query of its rows.
    init(row: String, of limit: Int, text: (String) -> String) {
        let places = (0..<limit).map { "place\($0)" }
        let rows = places.map { row.replacing(":place", with: ":\($0)") }
        self.places = places
        texts = (text(rows.prefix(Self.few).joined(separator: ", ")), text(rows.joined(separator: ", ")))
    }

    /// - Parameter things: any number; of none no rows are asked for.
    func rows(
        for things: [SQLValue], and others: Arguments = [:], in transaction: any Transaction
    ) throws(StorageError) -> [Row] {
        var rows: [Row] = []
        var rest = things[...]
        while let last = rest.last {
            let isFew = rest.count <= Self.few
            var arguments = others
            for index in 0..<(isFew ? Self.few : places.count) {
                arguments.add(places[index], index < rest.count ? rest[rest.startIndex + index] : last)
            }
            rows += try transaction.query(isFew ? texts.few : texts.many, arguments)
            rest = rest.dropFirst(places.count)
        }
        return rows
    }
}
