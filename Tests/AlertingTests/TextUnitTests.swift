import Alerting
import Testing

struct TextUnitTests {
    private static let family = "👨‍👩‍👧‍👦"

    @Test(arguments: [TextUnit.bytes, .utf16, .scalars])
    func `given a text of exactly its limit, then it stays, and one more is cut with an ellipsis`(unit: TextUnit) {
        #expect(Limits.cut("abcdefgh", to: 8, of: unit) == "abcdefgh")
        #expect(Limits.cut("abcdefghi", to: 8, of: unit) == (unit == .bytes ? "abcde…" : "abcdefg…"))
        #expect(Limits.cut("", to: 8, of: unit) == "")
    }

    @Test func `given Chinese, joined emoji and letters with marks, then none is taken apart, and the limit holds`() {
        let marked = "e\u{301}\u{323}"
        for (text, unit, limit) in [
            ("漢字漢字漢字漢字", TextUnit.bytes, 14), (String(repeating: Self.family, count: 3), .utf16, 30),
            (String(repeating: marked, count: 9), .scalars, 10),
        ] {
            let cut = Limits.cut(text, to: limit, of: unit)
            let count = unit == .bytes ? cut.utf8.count : unit == .utf16 ? cut.utf16.count : cut.unicodeScalars.count
            #expect(count <= limit && cut.hasSuffix("…"))
            #expect(text.hasPrefix(cut.dropLast()) && !cut.dropLast().isEmpty)
        }
        #expect(Limits.cut("漢字漢字漢字漢字", to: 14, of: .bytes) == "漢字漢…")
        #expect(
            Limits.cut(String(repeating: Self.family, count: 3), to: 30, of: .utf16) == "\(Self.family)\(Self.family)…")
    }

    @Test func `given one character that is longer than the limit, then the beginning of it is left`() {
        let pile = "a" + String(repeating: "\u{301}", count: 100)
        let cut = Limits.cut(pile, to: 20, of: .bytes)

        #expect(cut.utf8.count <= 20 && cut.unicodeScalars.first == "a")
        #expect(Limits.cut("漢字", to: 2, of: .bytes) == "")
    }
}
