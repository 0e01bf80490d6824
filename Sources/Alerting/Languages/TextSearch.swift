/// Compares and searches texts by their UTF-8, with and without case, without making new ones where it can.
public struct TextSearch: Equatable, Sendable {
    /// What is looked for; in lower case when case does not count.
    private let needle: [UInt8]
    private let ignoresCase: Bool
    /// Letters beyond ASCII have to be put into lower case by the book.
    private let isASCII: Bool

    public init(_ needle: String, ignoresCase: Bool) {
        self.needle = Array((ignoresCase ? needle.lowercased() : needle).utf8)
        self.ignoresCase = ignoresCase
        isASCII = self.needle.allSatisfy { $0 < 0x80 }
    }

    func equals(_ text: String) -> Bool {
        search(text) { $0.count == needle.count && matches($0, at: 0) }
    }

    func starts(_ text: String) -> Bool {
        search(text) { $0.count >= needle.count && matches($0, at: 0) }
    }

    func ends(_ text: String) -> Bool {
        search(text) { $0.count >= needle.count && matches($0, at: $0.count - needle.count) }
    }

    public func isContained(in text: String) -> Bool {
        search(text, isContained)
    }

    /// For a body of any kind; what is no UTF-8 in it is skipped.
    public func isContained(in body: [UInt8]) -> Bool {
        guard isASCII || !ignoresCase else { return isContained(in: String(decoding: body, as: UTF8.self)) }
        return body.withUnsafeBufferPointer(isContained)
    }

    private func isContained(in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = needle.first else { return true }
        guard bytes.count >= needle.count else { return false }
        for start in 0...(bytes.count - needle.count)
        where fold(bytes[start]) == first && matches(bytes, at: start) {
            return true
        }
        return false
    }

    private func search(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        var text = ignoresCase && !isASCII ? text.lowercased() : text
        return text.withUTF8(body)
    }

    private func matches(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        for index in needle.indices where fold(bytes[start + index]) != needle[index] { return false }
        return true
    }

    private func fold(_ byte: UInt8) -> UInt8 {
        ignoresCase && (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}
