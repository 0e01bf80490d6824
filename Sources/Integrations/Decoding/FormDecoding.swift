internal import Alerting

/// A named text of a form, a query or a multipart body.
struct FormField: Equatable {
    var name: String
    var value: String
}

/// Reads `application/x-www-form-urlencoded` texts, bodies and queries alike.
enum FormDecoding {
    /// The fields in their order, at most `Limits.payloadFields`; a broken `%` stands for itself.
    static func fields(_ bytes: some Collection<UInt8>) -> [FormField] {
        var fields: [FormField] = []
        for pair in bytes.split(separator: UInt8(ascii: "&"), maxSplits: Limits.payloadFields) {
            guard fields.count < Limits.payloadFields else { break }
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let name = decoded(pair[..<equals])
            let value = equals < pair.endIndex ? decoded(pair[pair.index(after: equals)...]) : ""
            if !name.isEmpty || !value.isEmpty { fields.append(FormField(name: name, value: value)) }
        }
        return fields
    }

    /// Percent signs and pluses decoded, then read as UTF-8 or else Latin-1.
    static func decoded(_ bytes: some Collection<UInt8>) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            let next = bytes.index(after: index)
            if byte == UInt8(ascii: "%"), let value = hexPair(bytes[next...]) {
                decoded.append(value)
                index = bytes.index(next, offsetBy: 2)
            } else {
                decoded.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                index = next
            }
        }
        return BodyText.decoded(decoded)
    }

    private static func hexPair(_ bytes: some Collection<UInt8>) -> UInt8? {
        let digits = bytes.prefix(2).compactMap(hexValue)
        return digits.count == 2 ? digits[0] << 4 | digits[1] : nil
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
