import Foundation

/// Texts in the charsets that mails name, by the C library's `iconv`, which knows all of them.
enum MailCharset {
    /// What cannot be read in the charset that is named, or in one that nobody knows, is read as UTF-8 or Latin-1.
    static func decoded(_ bytes: [UInt8], charset: String?) -> String {
        guard let name = charset.map({ $0.trimmed.lowercased() }), !utf8Names.contains(name) else {
            return BodyText.decoded(bytes)
        }
        return converted(bytes, from: replaced[name] ?? name) ?? BodyText.decoded(bytes)
    }

    private static let utf8Names: Set<String> = ["", "utf-8", "utf8", "us-ascii", "ascii", "unknown-8bit"]

    /// Names under which senders mean a larger charset (encoding.spec.whatwg.org, read 2026-11-27), and some of their
    /// own.
    private static let replaced = [
        "iso-8859-1": "windows-1252", "latin1": "windows-1252", "iso8859-1": "windows-1252", "gb2312": "gb18030",
        "gbk": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "shift_jis": "cp932", "sjis": "cp932",
        "x-sjis": "cp932", "unicode-1-1-utf-7": "utf-7", "macintosh": "mac", "iso-8859-8-i": "iso-8859-8",
    ]

    private static func converted(_ bytes: [UInt8], from charset: String) -> String? {
        // The name is a stranger's: what could be a path or an option is no charset.
        guard (1...40).contains(charset.utf8.count),
            charset.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || "-_.:".utf8.contains($0)
            }), let handle = iconv_open("UTF-8", charset), Int(bitPattern: handle) != -1
        else { return nil }
        defer { _ = iconv_close(handle) }
        var input = bytes.map { CChar(bitPattern: $0) }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count * 2)
        input.withUnsafeMutableBufferPointer { input in
            var next = input.baseAddress
            var left = input.count
            while left > 0 { step(handle, &next, &left, &result) }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Converts some of what is left, or skips one byte that cannot be.
    private static func step(
        _ handle: iconv_t, _ next: inout UnsafeMutablePointer<CChar>?, _ left: inout Int, _ result: inout [UInt8]
    ) {
        let before = left
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { output in
            var place = output.baseAddress
            var room = output.count
            _ = iconv(handle, &next, &left, &place, &room)
            result += output.prefix(output.count - room).map { UInt8(bitPattern: $0) }
            guard left == before, room == output.count else { return }
            result += "\u{FFFD}".utf8
            next = next.map { $0 + 1 }
            left -= 1
        }
    }
}
