/// Texts of bytes whose encoding nobody promised.
enum BodyText {
    /// UTF-8 when the bytes are that, UTF-16 when a mark or zero bytes say so, else Latin-1, which always fits.
    static func decoded(_ bytes: some Collection<UInt8>) -> String {
        if let units = utf16Units(of: bytes) { return String(decoding: units, as: UTF16.self) }
        let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        let unmarked = bytes.dropFirst(isMarked ? 3 : 0)
        if let text = String(validating: unmarked, as: UTF8.self) { return text }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: unmarked.lazy.map { Unicode.Scalar($0) })
        return String(text)
    }

    /// The bytes in UTF-8, without a byte order mark.
    static func utf8(_ bytes: [UInt8]) -> [UInt8] {
        // UTF-16 of ASCII has zero bytes; nearly every body is ASCII without them.
        if bytes.allSatisfy({ $0 < 0x80 && $0 != 0 }) { return bytes }
        let isPlain =
            bytes.first != 0xEF && utf16Units(of: bytes) == nil && String(validating: bytes, as: UTF8.self) != nil
        return isPlain ? bytes : Array(decoded(bytes).utf8)
    }

    private static func utf16Units(of bytes: some Collection<UInt8>) -> [UInt16]? {
        let start = Array(bytes.prefix(2))
        guard start.count == 2, bytes.count.isMultiple(of: 2) else { return nil }
        switch (start[0], start[1]) {
        case (0xFF, 0xFE): return units(of: bytes.dropFirst(2), isBigEndian: false)
        case (0xFE, 0xFF): return units(of: bytes.dropFirst(2), isBigEndian: true)
        case (0x21...0x7E, 0): return units(of: bytes, isBigEndian: false)
        case (0, 0x21...0x7E): return units(of: bytes, isBigEndian: true)
        default: return nil
        }
    }

    private static func units(of bytes: some Collection<UInt8>, isBigEndian: Bool) -> [UInt16] {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        var first: UInt8?
        for byte in bytes {
            guard let pending = first else {
                first = byte
                continue
            }
            units.append(isBigEndian ? UInt16(pending) << 8 | UInt16(byte) : UInt16(byte) << 8 | UInt16(pending))
            first = nil
        }
        return units
    }
}
