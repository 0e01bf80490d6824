import Storage

/// A statement's text as PostgreSQL wants it: `$1`, `$2`, … for `:name`, numbered as the names first appear.
struct NumberedParameters: Equatable {
    let sql: String
    /// Without their colon, in the order of their numbers.
    let names: [String]

    /// Leaves quoted text and comments alone.
    ///
    /// - Throws: `StorageError.failed` for `::`, which SQLite does not know; write `CAST(x AS type)`.
    init(_ text: String) throws(StorageError) {
        var names: [String] = []
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "'"), UInt8(ascii: "\""):
                let end = Self.endOfQuote(bytes, from: index)
                result += bytes[index..<end]
                index = end
            case UInt8(ascii: "-") where index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "-"):
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
            case UInt8(ascii: ":"):
                let name = bytes[(index + 1)...].prefix(while: Self.isName)
                guard !name.isEmpty else {
                    throw .failed(message: "A colon without a parameter's name in \"\(text)\"; casts are CAST(x AS y).")
                }
                let parameter = String(decoding: name, as: UTF8.self)
                let number = names.firstIndex(of: parameter) ?? names.count
                if number == names.count { names.append(parameter) }
                result += Array("$\(number + 1)".utf8)
                index = name.endIndex
            case let byte:
                result.append(byte)
                index += 1
            }
        }
        sql = String(decoding: result, as: UTF8.self)
        self.names = names
    }

    /// Behind the quotation mark that ends the text which begins at `start`; a doubled one begins another text.
    private static func endOfQuote(_ bytes: [UInt8], from start: Int) -> Int {
        let rest = bytes[(start + 1)...]
        return rest.firstIndex(of: bytes[start]).map { $0 + 1 } ?? bytes.count
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
