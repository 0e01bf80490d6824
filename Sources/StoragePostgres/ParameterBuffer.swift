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
}

extension SQLValue {
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

    private mutating func append(_ value: SQLValue) {
        let start = bytes.count
        offsets.append(value == .null ? nil : start)
        switch value {
        case .null: break
        case .integer(let integer): withUnsafeBytes(of: integer.bigEndian) { bytes += $0 }
        case .real(let real): withUnsafeBytes(of: real.bitPattern.bigEndian) { bytes += $0 }
        case .text(let text): append(text)
        case .blob(let blob): bytes += blob
        }
        lengths.append(CInt(bytes.count - start))
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
