internal import Alerting

/// A path as look-ups spell it, with a hash that is worked out once.
struct LookupName: Hashable, Sendable {
    let text: String
    /// FNV-1a of the text. Somebody may make names collide; with `Limits.payloadFields` of them that costs little.
    private let sum: UInt64

    init(_ path: String) {
        var text = Self.spelled(path)
        sum = text.withUTF8 { bytes in
            var sum: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            return sum
        }
        self.text = text
    }

    static func == (left: Self, right: Self) -> Bool {
        left.sum == right.sum && left.text == right.text
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(sum)
    }

    /// Lower case, dots for brackets, `_` for blanks, hyphens and before a hump (`monitorId`).
    private static func spelled(_ path: String) -> String {
        let isPlain = path.allBytes {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2E
        }
        if isPlain { return path }
        var name: [UInt8] = []
        name.reserveCapacity(path.utf8.count + 8)
        var previous: UInt8 = 0
        for byte in path.trimmed.utf8 {
            defer { previous = byte }
            switch byte {
            case UInt8(ascii: "["): name.append(UInt8(ascii: "."))
            case UInt8(ascii: "]"): continue
            case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "+"): name.append(UInt8(ascii: "_"))
            case 0x41...0x5A:
                if (0x61...0x7A).contains(previous) { name.append(UInt8(ascii: "_")) }
                name.append(byte | 0x20)
            default: name.append(byte)
            }
        }
        return String(decoding: name, as: UTF8.self)
    }
}
