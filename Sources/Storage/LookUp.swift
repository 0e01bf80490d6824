/// A query about several things at once.
public final class LookUp: Sendable {
    private static let fewest = 8
    private static let most = 64

    /// With one thing's row behind the word `VALUES`; nothing around it holds parameters.
    public let text: String
    /// By the number of things that each has room for, fewest first, so that each stays prepared.
    private let texts: [(room: Int, text: String, names: [[String]])]
    private let nothing: [SQLValue]

    /// - Parameters:
    ///   - names: of the parameters of a thing's row, in their order.
    ///   - nothing: values for which no row is found, of the parameters' own types.
    ///   - text: makes the query of its rows, which are to stand behind the word `VALUES`.
    init(names: [String], nothing: [SQLValue], text: (String) -> String) {
        self.nothing = nothing
        func row(_ names: [String]) -> String { "(" + names.map { ":" + $0 }.joined(separator: ", ") + ")" }
        self.text = text(row(names))
        let rooms = sequence(first: Self.fewest) { $0 * 2 }.prefix { $0 <= Self.most }
        texts = rooms.map { room in
            let places = (0..<room).map { place in names.map { "\($0)\(place)" } }
            return (room, text(places.map(row).joined(separator: ", ")), places)
        }
    }

    /// The same for a database that is told each value by itself: statements with room for so many things that what is
    /// left over asks for nothing.
    ///
    /// - Parameter things: each with a value for each of its parameters.
    public func statements(for things: [[SQLValue]]) -> [(sql: String, arguments: Arguments)] {
        var statements: [(sql: String, arguments: Arguments)] = []
        var rest = things[...]
        while !rest.isEmpty, let query = texts.first(where: { $0.room >= rest.count }) ?? texts.last {
            var arguments: Arguments = [:]
            for (index, names) in query.names.enumerated() {
                let values = index < rest.count ? rest[rest.startIndex + index] : nothing
                for (name, value) in zip(names, values) { arguments.add(name, value) }
            }
            statements.append((query.text, arguments))
            rest = rest.dropFirst(query.room)
        }
        return statements
    }
}
