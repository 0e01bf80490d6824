public import Alerting

/// A database that Nightbell keeps its state in; the drivers are targets of their own.
///
/// A write is one durable transaction: when `write` returns, its effect survives a crash. Bodies are synchronous on
/// purpose: nothing waits inside a transaction. A body that throws rolls back and the error passes through unchanged.
public protocol Database: Sendable {
    func write<Result: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Result) async throws -> Result
    func read<Result: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Result) async throws -> Result

    /// Like `write`, on the calling thread, which it blocks. For queues of their own, never for the cooperative pool.
    func writeBlocking<Result: Sendable>(_ body: @Sendable (any Transaction) throws -> Result) throws -> Result
}

/// Runs statements inside one transaction.
///
/// `sql` is text that both databases accept, with named parameters such as `:alert_key`; a statement's text is mostly a
/// constant, so that drivers may keep it prepared. Each name in `arguments` occurs in `sql` and the other way round.
public protocol Transaction {
    /// Runs the statement and waits for its rows.
    func query(_ sql: String, _ arguments: Arguments) throws(StorageError) -> [Row]
    /// Asks several questions and waits for all of their rows; a remote database is asked on one journey.
    ///
    /// - Returns: the rows of each question.
    func query(_ questions: [Question]) throws(StorageError) -> [[Row]]
    /// Runs a statement whose rows nobody needs; on a remote database it may be sent together with later ones, and
    /// its error may then surface at the commit.
    func execute(_ sql: String, _ arguments: Arguments) throws(StorageError)
    /// Changes one of many rows of the same transaction; a remote database may be sent all of them at once, before the
    /// next query or the end.
    func gather(_ statement: GatheredStatement, _ arguments: Arguments) throws(StorageError)
}

extension Transaction {
    public func query(_ questions: [Question]) throws(StorageError) -> [[Row]] {
        var rows: [[Row]] = []
        for question in questions {
            switch question {
            case .statement(let sql, let arguments): rows.append(try query(sql, arguments))
            case .lookUp(let lookUp, let things):
                var found: [Row] = []
                for (sql, arguments) in lookUp.statements(for: things) { found += try query(sql, arguments) }
                rows.append(found)
            }
        }
        return rows
    }

    public func gather(_ statement: GatheredStatement, _ arguments: Arguments) throws(StorageError) {
        try execute(statement.alone, arguments)
    }
}

/// What has rows for an answer.
public enum Question: Sendable {
    case statement(String, Arguments)
    /// About any number of things, each with a value for each parameter of its row; of none nothing is found.
    case lookUp(LookUp, [[SQLValue]])
}

/// A statement's named values, in any order.
public struct Arguments: RandomAccessCollection, ExpressibleByDictionaryLiteral, Sendable {
    /// As the compiler made it of the literal: it is not copied.
    private var pairs: [(String, SQLValue)]

    public init(dictionaryLiteral elements: (String, SQLValue)...) {
        pairs = elements
    }

    public var startIndex: Int { pairs.startIndex }
    public var endIndex: Int { pairs.endIndex }
    public subscript(index: Int) -> (key: String, value: SQLValue) {
        let (key, value) = pairs[index]
        return (key: key, value: value)
    }

    /// All at once, for drivers: going through the collection from another module costs more than binding does.
    public func withPairs<Result, Problem: Error>(
        _ body: (UnsafeBufferPointer<(String, SQLValue)>) throws(Problem) -> Result
    ) throws(Problem) -> Result {
        try pairs.withUnsafeBufferPointer(body)
    }

    mutating func add(_ name: String, _ value: SQLValue) {
        pairs.append((name, value))
    }
}

/// One value of a statement or a row, in the five forms that both databases share.
public enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    public init(_ text: String?) { self = text.map(SQLValue.text) ?? .null }
    public init(_ integer: Int64?) { self = integer.map(SQLValue.integer) ?? .null }
    public init(_ integer: Int) { self = .integer(Int64(integer)) }
    public init(_ isTrue: Bool) { self = .integer(isTrue ? 1 : 0) }
    public init(_ bytes: [UInt8]?) { self = bytes.map(SQLValue.blob) ?? .null }
    public init(_ time: Timestamp?) { self = time.map { .integer($0.milliseconds) } ?? .null }
    /// Whole milliseconds.
    public init(_ duration: Duration?) { self = duration.map { .integer($0.wholeMilliseconds) } ?? .null }
    public init<Entity>(_ id: Identifier<Entity>?) { self = id.map { .integer($0.rawValue) } ?? .null }
    public init<Name: RawRepresentable>(_ name: Name?) where Name.RawValue == String {
        self = name.map { .text($0.rawValue) } ?? .null
    }
}

public enum StorageError: Error, Equatable, Sendable {
    /// A column is missing, or holds something else than the code expects: a mistake of ours or a damaged file.
    case unreadable(column: String)
    /// A unique, foreign-key, not-null or check constraint refused a row; `constraint` is the database's own words.
    case conflict(constraint: String)
    /// No room on the disk.
    case full
    /// Locked by somebody else for too long, or the connection is gone; repeating may help.
    case unavailable(message: String)
    /// The database's file is not what was written to it.
    case damaged(message: String)
    case failed(message: String)

    /// Whether the database as a whole does not work just now, whatever was asked of it.
    public var concernsAll: Bool {
        switch self {
        case .full, .unavailable: true
        case .unreadable, .conflict, .damaged, .failed: false
        }
    }
}

/// One row of a result.
public struct Row: Sendable {
    private let columns: [String]
    private let values: [SQLValue]

    /// - Parameter columns: the names in the order of `values`; shared by all rows of a result.
    public init(columns: [String], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// The value of `column`, whatever it is.
    public func value(_ column: String) throws(StorageError) -> SQLValue {
        guard let index = columns.firstIndex(of: column) else { throw .unreadable(column: column) }
        return values[index]
    }

    public func optionalText(_ column: String) throws(StorageError) -> String? {
        switch try value(column) {
        case .text(let text): text
        case .null: nil
        default: throw .unreadable(column: column)
        }
    }

    public func optionalInteger(_ column: String) throws(StorageError) -> Int64? {
        switch try value(column) {
        case .integer(let integer): integer
        case .null: nil
        default: throw .unreadable(column: column)
        }
    }

    public func text(_ column: String) throws(StorageError) -> String {
        guard let text = try optionalText(column) else { throw .unreadable(column: column) }
        return text
    }

    public func integer(_ column: String) throws(StorageError) -> Int64 {
        guard let integer = try optionalInteger(column) else { throw .unreadable(column: column) }
        return integer
    }

    public func int(_ column: String) throws(StorageError) -> Int {
        Int(try integer(column))
    }

    public func bool(_ column: String) throws(StorageError) -> Bool {
        try integer(column) != 0
    }

    public func blob(_ column: String) throws(StorageError) -> [UInt8] {
        switch try value(column) {
        case .blob(let bytes): bytes
        case .null: []
        default: throw .unreadable(column: column)
        }
    }

    public func optionalTime(_ column: String) throws(StorageError) -> Timestamp? {
        try optionalInteger(column).map(Timestamp.init(milliseconds:))
    }

    public func time(_ column: String) throws(StorageError) -> Timestamp {
        Timestamp(milliseconds: try integer(column))
    }

    public func id<Entity>(_ column: String) throws(StorageError) -> Identifier<Entity> {
        Identifier(try integer(column))
    }

    public func optionalID<Entity>(_ column: String) throws(StorageError) -> Identifier<Entity>? {
        try optionalInteger(column).map { Identifier<Entity>($0) }
    }

    /// A column that holds the raw value of one of our own names.
    public func name<Name: RawRepresentable>(_ column: String) throws(StorageError) -> Name
    where Name.RawValue == String {
        guard let name = Name(rawValue: try text(column)) else { throw .unreadable(column: column) }
        return name
    }

    public func optionalName<Name: RawRepresentable>(_ column: String) throws(StorageError) -> Name?
    where Name.RawValue == String {
        guard let text = try optionalText(column) else { return nil }
        guard let name = Name(rawValue: text) else { throw .unreadable(column: column) }
        return name
    }
}
