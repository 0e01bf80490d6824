import CLibPQ
import Storage

/// The types of PostgreSQL that our statements meet.
///
/// Source: PostgreSQL 15, src/include/catalog/pg_type.dat, read 2026-11-27.
enum TypeID {
    static let inferred: Oid = 0
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let name: Oid = 19
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let float4: Oid = 700
    static let float8: Oid = 701
    static let unknown: Oid = 705
    static let bpchar: Oid = 1042
    static let varchar: Oid = 1043
    static let numeric: Oid = 1700

    /// The type of an array of these; `inferred` for what no value of ours has.
    static func array(of element: Oid) -> Oid {
        switch element {
        case bytea: 1001
        case text: 1009
        case int8: 1016
        case float8: 1022
        default: inferred
        }
    }
}

extension SQLValue {
    /// Compares nothing, as `==` would.
    var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// `TypeID.inferred` for `NULL`.
    var typeID: Oid {
        switch self {
        case .null: TypeID.inferred
        case .integer: TypeID.int8
        case .real: TypeID.float8
        case .text: TypeID.text
        case .blob: TypeID.bytea
        }
    }
}

/// A statement's values in PostgreSQL's binary form, in the order of their numbers.
struct ParameterBuffer {
    private var bytes: [UInt8] = []
    private var offsets: [Int?] = []
    private var lengths: [CInt] = []

    init(_ values: [SQLValue]) {
        bytes.reserveCapacity(values.count * 16)
        offsets.reserveCapacity(values.count)
        lengths.reserveCapacity(values.count)
        for value in values { append(value) }
    }

    /// Arrays, each of what the rows have in one column.
    ///
    /// Source: PostgreSQL 15, src/backend/utils/adt/arrayfuncs.c (`array_recv`), read 2026-11-28.
    ///
    /// - Parameter elements: the columns' types; those of `TypeID.inferred` are left out.
    init(columnsOf rows: ArraySlice<[SQLValue]>, elements: [Oid]) {
        for (column, element) in elements.enumerated() where element != TypeID.inferred {
            let start = bytes.count
            let hasNull = rows.contains { $0[column].isNull }
            // One dimension, which counts from 1.
            for word in [1, hasNull ? 1 : 0, Int32(bitPattern: element), Int32(rows.count), 1] { append(word) }
            for row in rows { appendElement(row[column]) }
            offsets.append(start)
            lengths.append(CInt(bytes.count - start))
        }
    }

    private mutating func appendElement(_ value: SQLValue) {
        guard !value.isNull else { return append(-1) }
        let place = bytes.count
        append(0)
        appendBytes(of: value)
        withUnsafeBytes(of: Int32(bytes.count - place - 4).bigEndian) { length in
            for (index, byte) in length.enumerated() { bytes[place + index] = byte }
        }
    }

    private mutating func append(_ word: Int32) {
        withUnsafeBytes(of: word.bigEndian) { bytes += $0 }
    }

    private mutating func append(_ value: SQLValue) {
        let start = bytes.count
        offsets.append(value.isNull ? nil : start)
        appendBytes(of: value)
        lengths.append(CInt(bytes.count - start))
    }

    private mutating func appendBytes(of value: SQLValue) {
        switch value {
        case .null: break
        case .integer(let integer): withUnsafeBytes(of: integer.bigEndian) { bytes += $0 }
        case .real(let real): withUnsafeBytes(of: real.bitPattern.bigEndian) { bytes += $0 }
        case .text(let text): append(text)
        case .blob(let blob): bytes += blob
        }
    }

    /// PostgreSQL has no NUL in text: it becomes the character for what cannot be shown, U+FFFD.
    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            guard utf8.contains(0) else {
                bytes += utf8
                return
            }
            for byte in utf8 { bytes += byte == 0 ? [0xef, 0xbf, 0xbd] : [byte] }
        }
    }

    func withPointers<Result>(
        _ body: (
            CInt, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<CInt>?, UnsafePointer<CInt>?
        ) -> Result
    ) -> Result {
        let formats = [CInt](repeating: 1, count: offsets.count)
        // An empty text must have an address: none at all is NULL.
        let storage = bytes.isEmpty ? [0] : bytes
        return storage.withUnsafeBytes { raw in
            let base = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = offsets.map { offset in offset.flatMap { offset in base.map { $0 + offset } } }
            return pointers.withUnsafeBufferPointer { pointers in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(CInt(offsets.count), pointers.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}
