/// The quoted-printable encoding of RFC 2045 §6.7: ASCII in lines of at most 76 characters.
enum QuotedPrintable {
    private static let hex = Array("0123456789ABCDEF".utf8)

    /// `text` encoded, every kind of line end as CRLF, ending in one.
    ///
    /// A point that begins a line and the `F` of a `From ` that does are encoded too, because relays change those.
    /// An `=` is always followed by two digits or a line end, so no line of the result contains `=_`.
    static func encode(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count * 9 / 8 + 16)
        let lines = normalized(text).split(separator: 10, omittingEmptySubsequences: false)
        for line in lines.last?.isEmpty == true ? lines.dropLast() : lines[...] {
            encode(line, into: &result)
            result += [13, 10]
        }
        return result
    }

    private static func encode(_ line: ArraySlice<UInt8>, into result: inout [UInt8]) {
        var column = 0
        for (index, byte) in zip(line.indices, line) {
            let isLast = index == line.endIndex - 1
            let isFirst = index == line.startIndex
            let isBlank = byte == 32 || byte == 9
            let isPlain = (33...126).contains(byte) && byte != 61 || isBlank && !isLast
            let isTouchy = isFirst && (byte == 46 || byte == 70 && line.starts(with: "From ".utf8))
            let width = isPlain && !isTouchy ? 1 : 3
            // The last character of a line may use the column of the soft break it does not need.
            if column + width > (isLast ? 76 : 75) {
                result += [61, 13, 10]
                column = 0
            }
            if width == 1 {
                result.append(byte)
            } else {
                result += [61, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
            column += width
        }
    }

    /// The bytes with CRLF and lone CR as LF.
    private static func normalized(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        var wasReturn = false
        for byte in text.utf8 {
            if byte == 10, wasReturn {
                wasReturn = false
                continue
            }
            wasReturn = byte == 13
            result.append(wasReturn ? 10 : byte)
        }
        return result
    }
}
