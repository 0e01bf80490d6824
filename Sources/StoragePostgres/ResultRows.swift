import CLibPQ
import Storage

/// Reads a result in PostgreSQL's binary form into the five forms of values that both databases share.
enum ResultRows {
    /// - Throws: `StorageError.unreadable` for a type that no column of ours has.
    static func rows(of result: OpaquePointer) throws(StorageError) -> [Row] {
        let count = PQntuples(result)
        guard count > 0 else { return [] }
        let width = PQnfields(result)
        let columns = (0..<width).map { String(cString: PQfname(result, $0)) }
        let types = (0..<width).map { PQftype(result, $0) }
        var rows: [Row] = []
        rows.reserveCapacity(Int(count))
        for row in 0..<count {
            var values: [SQLValue] = []
            values.reserveCapacity(Int(width))
            for column in 0..<width {
                guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else {
                    values.append(.null)
                    continue
                }
                let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
                guard let value = value(bytes, types[Int(column)]) else {
                    throw .unreadable(column: "\(columns[Int(column)]) of PostgreSQL's type \(types[Int(column)])")
                }
                values.append(value)
            }
            rows.append(Row(columns: columns, values: values))
        }
        return rows
    }

    private static func value(_ bytes: UnsafeRawBufferPointer, _ type: Oid) -> SQLValue? {
        switch type {
        case TypeID.int8: integer(bytes, Int64.self).map(SQLValue.integer)
        case TypeID.int4: integer(bytes, Int32.self).map { .integer(Int64($0)) }
        case TypeID.int2: integer(bytes, Int16.self).map { .integer(Int64($0)) }
        // SQLite has no truth values but 1 and 0.
        case TypeID.bool: .integer(bytes.first == 1 ? 1 : 0)
        case TypeID.text, TypeID.varchar, TypeID.name, TypeID.unknown, TypeID.bpchar:
            .text(String(decoding: bytes, as: UTF8.self))
        case TypeID.bytea: .blob([UInt8](bytes))
        case TypeID.float8: integer(bytes, UInt64.self).map { .real(Double(bitPattern: $0)) }
        case TypeID.float4: integer(bytes, UInt32.self).map { .real(Double(Float(bitPattern: $0))) }
        case TypeID.numeric: numeric(bytes)
        default: nil
        }
    }

    private static func integer<Integer: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, _ type: Integer.Type
    ) -> Integer? {
        guard bytes.count == MemoryLayout<Integer>.size else { return nil }
        return Integer(bigEndian: bytes.loadUnaligned(as: Integer.self))
    }

    /// What `sum` of integers answers with, and `avg`: an integer where there are no decimals, as on SQLite.
    ///
    /// Source: PostgreSQL 15, src/backend/utils/adt/numeric.c, numeric_send, read 2026-11-27: four 16-bit words
    /// (digits, weight, sign, decimals) and then digits to base 10,000.
    private static func numeric(_ bytes: UnsafeRawBufferPointer) -> SQLValue? {
        guard bytes.count >= 8, bytes.count % 2 == 0 else { return nil }
        let words = stride(from: 0, to: bytes.count, by: 2).map { index in
            UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt16.self))
        }
        let (count, weight, sign, decimals) = (Int(words[0]), Int(Int16(bitPattern: words[1])), words[2], words[3])
        guard words.count == 4 + count, sign == 0 || sign == 0x4000 else { return nil }
        let digits = words.dropFirst(4)
        guard decimals == 0 else {
            var value = 0.0
            var scale = power(10_000, weight)
            for digit in digits {
                value += Double(digit) * scale
                scale /= 10_000
            }
            return .real(sign == 0 ? value : -value)
        }
        var value: Int64 = 0
        for position in 0...max(weight, 0) {
            let digit = position < count ? Int64(digits[digits.startIndex + position]) : 0
            let (product, overflows) = value.multipliedReportingOverflow(by: 10_000)
            let (sum, overflowsToo) = product.subtractingReportingOverflow(digit)
            guard !overflows, !overflowsToo else { return nil }
            value = sum
        }
        if count == 0 { value = 0 }
        guard sign == 0 else { return .integer(value) }
        return value == .min ? nil : .integer(-value)
    }

    private static func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<abs(exponent)).reduce(1) { value, _ in exponent < 0 ? value / base : value * base }
    }
}
