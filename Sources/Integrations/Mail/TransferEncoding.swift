/// The encodings of RFC 2045 that carry any bytes through mail servers of the past. What is malformed is taken as it
/// is: a mail that is a little broken is still read.
enum TransferEncoding {
    /// - Parameter name: the field's value; anything unknown means that nothing was encoded.
    static func decoded(_ bytes: ArraySlice<UInt8>, by name: String?) -> [UInt8] {
        switch name?.trimmed.lowercased() {
        case "base64": base64(bytes)
        case "quoted-printable": quotedPrintable(bytes)
        default: Array(bytes)
        }
    }

    /// Whatever is not of the alphabet is skipped; bits that make no whole byte are dropped.
    static func base64(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var (bits, count) = (UInt32(0), 0)
        for byte in bytes {
            let value = digits[Int(byte)]
            guard value < 64 else {
                // The end of one text; another may follow.
                if byte == UInt8(ascii: "=") { (bits, count) = (0, 0) }
                continue
            }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        return result
    }

    /// - Parameter escape: what stands before two digits.
    static func quotedPrintable(_ bytes: ArraySlice<UInt8>, escape: UInt8 = UInt8(ascii: "=")) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            guard byte == escape else {
                result.append(byte)
                continue
            }
            if index + 1 < bytes.endIndex, let high = digit(bytes[index]), let low = digit(bytes[index + 1]) {
                result.append(high << 4 | low)
                index += 2
            } else if let next = afterLineEnd(bytes, from: index) {
                index = next
            } else {
                result.append(byte)
            }
        }
        return result
    }

    /// Behind the line end that begins at `start`, with blanks before it; `nil`: there is none.
    private static func afterLineEnd(_ bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
        var index = start
        while index < bytes.endIndex, index < start + 80, [0x20, 0x09, 0x0D].contains(bytes[index]) { index += 1 }
        guard index < bytes.endIndex else { return index }
        return bytes[index] == 0x0A ? index + 1 : nil
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    /// The value of each byte in Base64, the URL alphabet's too; 255: none.
    private static let digits: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, byte) in alphabet.utf8.enumerated() { table[Int(byte)] = UInt8(value) }
        table[Int(UInt8(ascii: "-"))] = 62
        table[Int(UInt8(ascii: "_"))] = 63
        return table
    }()
}
