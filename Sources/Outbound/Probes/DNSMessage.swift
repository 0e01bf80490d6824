import Alerting

/// Questions and answers of DNS (RFC 1035), as far as a check needs them.
enum DNSMessage {
    /// A question for the records of one type; `nil` for a name that cannot be asked for.
    static func question(_ name: String, _ type: DNSCheck.RecordType, id: UInt16) -> [UInt8]? {
        var bytes: [UInt8] = [UInt8(id >> 8), UInt8(truncatingIfNeeded: id), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in name.split(separator: ".") {
            guard (1...63).contains(label.utf8.count) else { return nil }
            bytes.append(UInt8(label.utf8.count))
            bytes += Array(label.utf8)
        }
        bytes += [0, UInt8(type.code >> 8), UInt8(truncatingIfNeeded: type.code), 0, 1]
        return bytes.count <= 300 ? bytes : nil
    }

    enum Answer: Equatable {
        case records([String])
        case nameUnknown
        /// The server could not or would not say.
        case refused
    }

    /// - Returns: `nil` for what is no answer to the question with this id.
    static func answer(_ bytes: [UInt8], id: UInt16, _ type: DNSCheck.RecordType) -> Answer? {
        timed(bytes, id: id, type)?.answer
    }

    /// An answer, and for how many seconds its records are good: as long as the one that ends first.
    ///
    /// - Returns: `nil` for what is no answer to the question with this id; no seconds without records.
    static func timed(
        _ bytes: [UInt8], id: UInt16, _ type: DNSCheck.RecordType
    ) -> (answer: Answer, seconds: UInt32?)? {
        var reader = Reader(bytes: bytes)
        guard reader.number() == id, let flags = reader.number(), flags & 0x8000 != 0, let questions = reader.number(),
            let answers = reader.number(), reader.skip(4)
        else { return nil }
        switch flags & 0xF {
        case 0: break
        case 3: return (.nameUnknown, nil)
        default: return (.refused, nil)
        }
        for _ in 0..<questions { guard reader.name() != nil, reader.skip(4) else { return nil } }
        var records: [String] = []
        var seconds: UInt32?
        for _ in 0..<min(answers, 100) {
            guard reader.name() != nil, let code = reader.number(), reader.skip(2), let high = reader.number(),
                let low = reader.number(), let length = reader.number(), reader.place + Int(length) <= bytes.count
            else { break }
            let end = reader.place + Int(length)
            seconds = min(seconds ?? .max, UInt32(high) << 16 | UInt32(low))
            if code == type.code, let record = record(type, &reader, end) { records.append(record) }
            reader.place = end
        }
        return (.records(records), seconds)
    }

    private static func record(_ type: DNSCheck.RecordType, _ reader: inout Reader, _ end: Int) -> String? {
        let data = Array(reader.bytes[reader.place..<end])
        switch type {
        case .a: return data.count == 4 ? IPAddress(bytes: data).description : nil
        case .aaaa: return data.count == 16 ? IPAddress(bytes: data).description : nil
        case .cname, .ns: return reader.name()
        case .mx:
            guard let rank = reader.number(), let name = reader.name() else { return nil }
            return "\(rank) \(name)"
        case .txt:
            var (text, place): ([UInt8], Int) = ([], 0)
            while place < data.count {
                let count = Int(data[place])
                text += data[(place + 1)...].prefix(count)
                place += 1 + count
            }
            return String(decoding: text, as: UTF8.self)
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        var place = 0

        mutating func number() -> UInt16? {
            guard place + 2 <= bytes.count else { return nil }
            defer { place += 2 }
            return UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
        }

        mutating func skip(_ count: Int) -> Bool {
            guard place + count <= bytes.count else { return false }
            place += count
            return true
        }

        /// A name, which may go on elsewhere in the message; jumps are counted, so that no loop holds us.
        mutating func name() -> String? {
            var labels: [String] = []
            var (at, jumps) = (place, 0)
            var after: Int?
            while at < bytes.count, labels.count < 128 {
                let length = bytes[at]
                if length == 0 {
                    place = after ?? at + 1
                    return labels.joined(separator: ".")
                }
                if length & 0xC0 == 0xC0 {
                    guard at + 1 < bytes.count, jumps < 20 else { return nil }
                    after = after ?? at + 2
                    at = Int(length & 0x3F) << 8 | Int(bytes[at + 1])
                    jumps += 1
                    continue
                }
                guard length < 64, at + 1 + Int(length) <= bytes.count else { return nil }
                labels.append(String(decoding: bytes[(at + 1)..<(at + 1 + Int(length))], as: UTF8.self))
                at += 1 + Int(length)
            }
            return nil
        }
    }
}
