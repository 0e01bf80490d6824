import NIOCore

/// One answer of RFC 5321: a code, and lines for people, the last of which ends it.
struct SMTPReply: Equatable, Sendable {
    var code: Int
    var lines: [String]

    init(_ code: Int, _ lines: String...) {
        self.init(code, lines: lines)
    }

    init(_ code: Int, lines: [String]) {
        self.code = code
        self.lines = lines
    }

    /// Whether it says that the client did something wrong.
    var isFault: Bool { code >= 500 }

    var text: String {
        lines.indices.map { index in
            "\(code)\(index == lines.count - 1 ? " " : "-")\(Self.plain(lines[index]))\r\n"
        }.joined()
    }

    var buffer: ByteBuffer { ByteBuffer(string: text) }

    /// One line of printable ASCII, whatever went into it.
    private static func plain(_ line: String) -> String {
        String(
            decoding: line.utf8.prefix(400).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
