import CLibPQ
import Storage

/// A change of one row, and of many at once with the same words.
final class RowStatement {
    /// Rows of one statement at most: to take a place of an array of texts, the server goes over all those before it.
    static let most = 64

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
    let text: RowText
    /// The parameters of one row, in the order of their numbers.
    var names: [String] { text.names }
    /// The parameter that says which row is changed.
    let subject: Int?
    /// `nil`: any row may stand with any other.
    let repeats: Repeats?

    /// - Throws: `StorageError.failed` for a text without a row of `VALUES`, or without the parameters that are named.
    init(_ gathered: GatheredStatement) throws(StorageError) {
        self.gathered = gathered
        let text = try RowText(gathered.together)
        self.text = text
        subject = try gathered.subject.map { name throws(StorageError) in try Self.place(of: name, in: text.names) }
        repeats = try Self.repeats(gathered.repeats, in: text.names)
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
}
