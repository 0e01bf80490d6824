import GRDBSQLite
import Storage

/// One statement that SQLite has compiled, with the names that need not be asked for again.
final class PreparedStatement: Sendable {
    /// Not safe by itself: only used on the queue of the connection it belongs to, or while that is held by a barrier.
    nonisolated(unsafe) private let pointer: OpaquePointer
    /// Without their colon, in the order of their first occurrence.
    private let parameters: [String]
    private let columns: [String]
    private let room = BindingRoom()

    init(_ sql: String, on connection: OpaquePointer) throws(StorageError) {
        var sql = sql
        var pointer: OpaquePointer?
        let (code, isWhole) = sql.withUTF8 { text in
            text.withMemoryRebound(to: CChar.self) { text in
                var tail: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v3(
                    connection, text.baseAddress, CInt(text.count), UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, &tail)
                let end = text.baseAddress.map { $0 + text.count }
                let rest = UnsafeBufferPointer(start: tail, count: tail.flatMap { tail in end.map { $0 - tail } } ?? 0)
                return (code, rest.allSatisfy { $0 == 32 || $0 == 10 || $0 == 59 })
            }
        }
        guard code == SQLITE_OK, let pointer else {
            throw StorageError(
                code: code, message: String(cString: sqlite3_errmsg(connection)), doing: "prepare \"\(sql)\"")
        }
        let names = (0..<sqlite3_bind_parameter_count(pointer)).map { sqlite3_bind_parameter_name(pointer, $0 + 1) }
        guard isWhole, names.allSatisfy({ $0 != nil }) else {
            sqlite3_finalize(pointer)
            throw .failed(message: "Not one statement with named parameters: \"\(sql)\".")
        }
        self.pointer = pointer
        parameters = names.compactMap { $0.map { String(cString: $0 + 1) } }
        columns = (0..<sqlite3_column_count(pointer)).map { String(cString: sqlite3_column_name(pointer, $0)) }
    }

    /// Runs to the end, so that a `RETURNING` has written all its rows.
    func rows(_ arguments: Arguments) throws(StorageError) -> [Row] {
        defer { reset() }
        try bind(arguments)
        var rows: [Row] = []
        while try step() { rows.append(Row(columns: columns, values: values())) }
        return rows
    }

    /// The same without reading the rows.
    func run(_ arguments: Arguments) throws(StorageError) {
        defer { reset() }
        try bind(arguments)
        while try step() {}
    }

    /// The statement must not be used afterwards.
    func finalize() {
        // The result repeats the last step's error, which was thrown then.
        sqlite3_finalize(pointer)
    }

    private func bind(_ arguments: Arguments) throws(StorageError) {
        let isBound = try arguments.withPairs { (pairs) throws(StorageError) in try bind(pairs) }
        guard isBound else { throw mismatch(arguments) }
    }

    /// - Returns: `false` when the names are not the statement's.
    private func bind(_ pairs: UnsafeBufferPointer<(String, SQLValue)>) throws(StorageError) -> Bool {
        guard pairs.count == parameters.count else { return false }
        var bytes = 0
        for index in pairs.indices { bytes += pairs[index].1.byteCount }
        room.makeReady(for: bytes)
        var isInOrder = true
        for index in pairs.indices {
            if parameters[index] == pairs[index].0 {
                try bind(pairs[index].1, at: index)
                continue
            }
            isInOrder = false
            guard let place = parameters.firstIndex(of: pairs[index].0) else { return false }
            try bind(pairs[index].1, at: place)
        }
        // A name given twice hides one that is missing, which would be bound to NULL.
        return isInOrder || Set(pairs.map(\.0)).count == parameters.count
    }

    private func bind(_ value: SQLValue, at position: Int) throws(StorageError) {
        let index = CInt(position + 1)
        let code =
            switch value {
            case .null: sqlite3_bind_null(pointer, index)
            case .integer(let integer): sqlite3_bind_int64(pointer, index, integer)
            case .real(let real): sqlite3_bind_double(pointer, index, real)
            case .text(let text): bind(text, at: index)
            case .blob(let bytes): bind(bytes, at: index)
            }
        guard code == SQLITE_OK else { throw lastError(code) }
    }

    private func bind(_ text: String, at index: CInt) -> CInt {
        var text = text
        // The length is given, so that a NUL inside does not end it.
        let kept = text.withUTF8 { room.keep(UnsafeRawBufferPointer($0)) }
        return sqlite3_bind_text64(
            pointer, index, kept.assumingMemoryBound(to: CChar.self), UInt64(text.utf8.count), Self.stays,
            UInt8(truncatingIfNeeded: SQLITE_UTF8))
    }

    private func bind(_ bytes: [UInt8], at index: CInt) -> CInt {
        // Of no bytes SQLite would make NULL and not an empty blob.
        if bytes.isEmpty { return sqlite3_bind_zeroblob(pointer, index, 0) }
        return sqlite3_bind_blob64(
            pointer, index, bytes.withUnsafeBytes(room.keep), UInt64(bytes.count), Self.stays)
    }

    /// Whether there is a row to read.
    private func step() throws(StorageError) -> Bool {
        let code = sqlite3_step(pointer)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw lastError(code)
        }
    }

    private func values() -> [SQLValue] {
        [SQLValue](unsafeUninitializedCapacity: columns.count) { buffer, count in
            for index in columns.indices {
                (buffer.baseAddress! + index).initialize(to: value(at: CInt(index)))
                count = index + 1
            }
        }
    }

    private func value(at index: CInt) -> SQLValue {
        switch sqlite3_column_type(pointer, index) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(pointer, index))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(pointer, index))
        case SQLITE_TEXT:
            // The address first: asking for it may convert the text, and the length is that of the converted one.
            let start = sqlite3_column_text(pointer, index)
            let count = Int(sqlite3_column_bytes(pointer, index))
            return .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(pointer, index)
            let count = Int(sqlite3_column_bytes(pointer, index))
            return .blob([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
        default: return .null
        }
    }

    /// The bindings stay and are not looked at: nothing is run before all of them were made anew.
    private func reset() {
        // The result repeats the last step's error, which was thrown then.
        sqlite3_reset(pointer)
    }

    private func lastError(_ code: CInt) -> StorageError {
        StorageError(
            code: code, message: String(cString: sqlite3_errmsg(sqlite3_db_handle(pointer))),
            doing: "run \"\(String(cString: sqlite3_sql(pointer)))\"")
    }

    private func mismatch(_ arguments: Arguments) -> StorageError {
        .failed(
            message: "Arguments \(arguments.map(\.key)) for parameters \(parameters) "
                + "of \"\(String(cString: sqlite3_sql(pointer)))\".")
    }

    /// SQLITE_STATIC: what is bound stays where it is until the statement was run, so SQLite makes no copy of its own.
    private static let stays: sqlite3_destructor_type? = nil
}

extension SQLValue {
    /// Of what has to be kept while a statement runs.
    fileprivate var byteCount: Int {
        switch self {
        case .null, .integer, .real: 0
        case .text(let text): text.utf8.count
        case .blob(let bytes): bytes.count
        }
    }
}

/// Where a statement's texts and blobs lie while it runs: one piece of memory that is used again and again.
private final class BindingRoom: Sendable {
    /// A room that one large statement needed is given back.
    private static let kept = 16 * 1024

    /// Not safe by itself: used as the statement is, one run at a time.
    nonisolated(unsafe) private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 1)
    nonisolated(unsafe) private var used = 0

    deinit { memory.deallocate() }

    /// Forgets what it holds and makes room for `count` bytes.
    func makeReady(for count: Int) {
        used = 0
        guard count > memory.count || (memory.count > Self.kept && count <= Self.kept) else { return }
        memory.deallocate()
        memory = .allocate(byteCount: max(count, 512), alignment: 1)
    }

    func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer {
        let place = UnsafeMutableRawBufferPointer(rebasing: memory[used..<used + bytes.count])
        place.copyMemory(from: bytes)
        used += bytes.count
        // Never without an address: it would mean NULL.
        return UnsafeRawPointer(memory.baseAddress! + used - bytes.count)
    }
}
