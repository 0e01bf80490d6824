/// Whole rows of any table, in the order of its primary key, for moving them to another database.
public struct TableRows: Sendable {
    public let shape: TableShape
    private let columns: String
    private let keys: String
    private let insertion: String

    /// - Parameter shape: of a table with a primary key.
    public init(_ shape: TableShape) {
        self.shape = shape
        func list(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }
        columns = list(shape.columns)
        keys = list(shape.key)
        let values = shape.columns.indices.map { ":c\($0)" }.joined(separator: ", ")
        insertion = "INSERT INTO \"\(shape.name)\" (\(columns)) VALUES (\(values))"
    }

    /// - Parameter key: of the last row before the page; empty: from the first row on.
    public func page(
        after key: [SQLValue], limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [Row] {
        var arguments: Arguments = ["limit": .init(limit)]
        var condition = ""
        if !key.isEmpty {
            condition = "WHERE (\(keys)) > (\(key.indices.map { ":k\($0)" }.joined(separator: ", ")))"
            for (index, value) in key.enumerated() { arguments.add("k\(index)", value) }
        }
        return try transaction.query(
            "SELECT \(columns) FROM \"\(shape.name)\" \(condition) ORDER BY \(keys) LIMIT :limit", arguments)
    }

    public func insert(_ row: Row, in transaction: any Transaction) throws(StorageError) {
        var arguments: Arguments = [:]
        for (index, column) in shape.columns.enumerated() { arguments.add("c\(index)", try row.value(column)) }
        try transaction.execute(insertion, arguments)
    }

    public func key(of row: Row) throws(StorageError) -> [SQLValue] {
        var values: [SQLValue] = []
        for column in shape.key { values.append(try row.value(column)) }
        return values
    }

    public func isEmpty(in transaction: any Transaction) throws(StorageError) -> Bool {
        try page(after: [], limit: 1, in: transaction).isEmpty
    }

    /// Of all the table's rows; on a large table of PostgreSQL it takes seconds.
    public func count(in transaction: any Transaction) throws(StorageError) -> Int {
        try transaction.query("SELECT count(*) AS rows FROM \"\(shape.name)\"", [:]).first?.int("rows") ?? 0
    }

    /// Roughly what the row takes in memory.
    public func bytes(of row: Row) throws(StorageError) -> Int {
        var sum = 0
        for column in shape.columns {
            switch try row.value(column) {
            case .null, .integer, .real: sum += 16
            case .text(let text): sum += text.utf8.count
            case .blob(let bytes): sum += bytes.count
            }
        }
        return sum
    }
}

/// What is compared after a copy: how many rows, and what is in them, whatever their order.
public struct TableSum: Equatable, Sendable {
    public private(set) var rows = 0
    public private(set) var checksum: UInt64 = 0

    public init() {}

    public mutating func add(_ row: Row, of table: TableRows) throws(StorageError) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        func mixWord(_ word: UInt64) {
            for shift in stride(from: 0, to: 64, by: 8) { mix(UInt8(truncatingIfNeeded: word >> UInt64(shift))) }
        }
        for column in table.shape.columns {
            switch try row.value(column) {
            case .null: mix(0)
            case .integer(let integer):
                mix(1)
                mixWord(UInt64(bitPattern: integer))
            case .real(let real):
                mix(2)
                mixWord(real.bitPattern)
            case .text(let text):
                mix(3)
                // As PostgreSQL keeps it: it has no NUL in text.
                for byte in text.utf8 {
                    for kept in byte == 0 ? [0xef, 0xbf, 0xbd] : [byte] { mix(kept) }
                }
                mix(0xff)
            case .blob(let bytes):
                mix(4)
                mixWord(UInt64(bytes.count))
                for byte in bytes { mix(byte) }
            }
        }
        rows += 1
        // FNV's last bytes reach only the low bits: spread them before they are summed.
        hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        checksum &+= hash ^ (hash >> 33)
    }
}
