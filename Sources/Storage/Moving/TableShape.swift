/// A table as its database describes it.
public struct TableShape: Equatable, Sendable {
    public var name: String
    /// In the order of their names.
    public var columns: [String]
    /// The columns of the primary key, in the key's order.
    public var key: [String]
    /// The tables that its rows refer to, itself left out.
    public var parents: Set<String>

    /// - Parameter columns: in any order.
    public init(name: String, columns: [String], key: [String], parents: Set<String>) {
        self.name = name
        self.columns = columns.sorted()
        self.key = key
        self.parents = parents.subtracting([name])
    }

    /// What belongs to a database itself, or to the processes that work on it, and moves nowhere.
    public static let unmoved: Set<String> = ["schema_migrations", "copy_progress", "nodes"]

    /// The tables that move, each behind those that its rows refer to.
    ///
    /// - Throws: `StorageError.failed` for a table without a primary key and for tables that refer to each other in a
    ///   circle.
    public static func inOrder(_ tables: [TableShape]) throws(StorageError) -> [TableShape] {
        var rest = tables.filter { !unmoved.contains($0.name) }.sorted { $0.name < $1.name }
        if let table = rest.first(where: \.key.isEmpty) {
            throw .failed(message: "The table \(table.name) has no primary key.")
        }
        var ordered: [TableShape] = []
        while !rest.isEmpty {
            let waiting = Set(rest.map(\.name))
            guard let next = rest.firstIndex(where: { $0.parents.isDisjoint(with: waiting) }) else {
                throw .failed(message: "The tables \(waiting.sorted()) refer to each other in a circle.")
            }
            ordered.append(rest.remove(at: next))
        }
        return ordered
    }
}

/// A database that can say of what tables it consists.
public protocol DescribedDatabase: Database {
    /// All its tables, in any order.
    func tables() async throws -> [TableShape]
}

extension TableShape {
    /// - Parameters:
    ///   - columns: rows of `table_name`, `column_name` and `key_place`, which counts from 1 in the key and is 0
    ///     outside of it.
    ///   - parents: rows of `table_name` and `parent_name`.
    public static func all(columns: [Row], parents: [Row]) throws(StorageError) -> [TableShape] {
        var names: [String: [String]] = [:]
        var keys: [String: [(place: Int, name: String)]] = [:]
        for row in columns {
            let (table, column) = (try row.text("table_name"), try row.text("column_name"))
            names[table, default: []].append(column)
            let place = try row.int("key_place")
            if place > 0 { keys[table, default: []].append((place, column)) }
        }
        var above: [String: Set<String>] = [:]
        for row in parents { above[try row.text("table_name"), default: []].insert(try row.text("parent_name")) }
        return names.map { table, columns in
            TableShape(
                name: table, columns: columns,
                key: (keys[table] ?? []).sorted { $0.place < $1.place }.map(\.name), parents: above[table] ?? [])
        }
    }
}
