import Testing

@testable import Alerting

struct PatternTests {
    @Test(arguments: [
        ("a", "xay", "a"), ("a+", "xaaay", "aaa"), ("a+?", "xaaay", "a"), ("a|bc", "xbc", "bc"),
        ("[a-c]+", "xxabcabx", "abcab"), ("[^0-9]+", "12ab34", "ab"), (#"\d{2,3}"#, "1 12 1234", "12"),
        (#"^\w+$"#, "word", "word"), ("(?i)ERROR", "an error", "error"), ("x{2}", "xxx", "xx"),
        (#"(?:ab)+"#, "ababa", "abab"), (#"\bdisk\b"#, "the disk is", "disk"), ("a.c", "a\nc abc", "abc"),
        ("(?s)a.c", "a\nc", "a\nc"), (#"\."#, "1.5", "."), ("ü+", "Süüd", "üü"), (#"\u00fc"#, "ü", "ü"),
        (#"[\w.-]+@[\w.-]+"#, "to bob@example.org now", "bob@example.org"), ("(a*)*", "aab", "aa"), ("", "x", ""),
        ("(?m)^b$", "a\nb\nc", "b"), ("a{,2}", "aaa", "aa"), ("{x}", "{x}", "{x}"), ("a$", "ba\n", "a"),
        ("[]x]+", "x]", "x]"), (#"[\]]"#, "]", "]"), ("[a-]+", "a-", "a-"), (#"\x41"#, "A", "A"),
        ("(?i)[A-Z]+", "abc", "abc"), ("(?i:A)b", "ab", "ab"),
    ])
    func `given a pattern and a text, then the leftmost match is found`(pattern: String, text: String, whole: String)
        throws
    {
        #expect(try Pattern(pattern).firstMatch(in: text)?.whole == whole)
    }

    @Test(arguments: [
        ("a", "b"), ("^b", "ab"), ("a$", "ab"), (#"\d"#, "x"), (#"\bisk"#, "disk"), ("a{3}", "aa"), ("[^a]", "a"),
        ("A", "a"), ("(?-i)A", "a"),
    ])
    func `given a pattern that is not in a text, then nothing is found`(pattern: String, text: String) throws {
        #expect(try Pattern(pattern).firstMatch(in: text) == nil)
    }

    @Test func `given groups, then what they captured is told in their order`() throws {
        let match = try Pattern(#"(\w+)@(?<host>\w+)(\.\w+)?"#).firstMatch(in: "mail bob@shop")

        #expect(match == PatternMatch(whole: "bob@shop", groups: ["bob", "shop", nil]))
    }

    @Test func `given alternatives, then the first that fits wins although a later one is longer`() throws {
        #expect(try Pattern("a|ab").firstMatch(in: "ab")?.whole == "a")
    }

    @Test(arguments: [
        "(", ")", "(a", "[a", "a**+", "*", #"\1"#, "(?=a)", "(?!a)", "(?<=a)", "(?>a)", "a{2,1}", "a{1001}", #"\"#,
        "[z-a]", #"\q"#, "(?x)a", "[[:alpha:]]", "a++", "^*", "(?<1*>a)", #"\xZZ"#, #"\u{110000}"#,
    ])
    func `given what is malformed or not supported, then it is refused with a reason`(text: String) {
        #expect(throws: PatternError.self) { try Pattern(text) }
    }

    @Test(arguments: [
        "((((a{100}){100}){100}){100})", "(a{1000}){1000}", "(?:(?:(?:){1000}){1000}){1000}",
        String(repeating: "(", count: 400) + String(repeating: ")", count: 400), String(repeating: "a", count: 1001),
    ])
    func `given a pattern that would be too large, then it is refused at once`(text: String) {
        #expect(throws: PatternError.self) { try Pattern(text) }
    }

    @Test(arguments: [
        "(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*)*x", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$", "a*a*a*a*a*b",
    ])
    func `given a pattern that makes others take for ever, then it is tried in bounded time`(text: String) throws {
        let hostile = String(repeating: "a", count: 5000) + "!"

        let clock = ContinuousClock()
        let pattern = try Pattern(text)
        // Giving up is as good an end as an answer.
        let taken = clock.measure { _ = try? pattern.matches(hostile) }

        #expect(taken < .seconds(5))
    }

    @Test func `given a text too long for a pattern, then it says so instead of trying`() throws {
        let pattern = try Pattern("(a|b|c|d){50}x")

        #expect(throws: PatternLimit.self) { try pattern.matches(String(repeating: "a", count: 60_000)) }
    }

    @Test func `given ten thousand invented patterns and texts, then none crashes and each ends`() async {
        var random = Random(seed: 7)
        let pieces = [
            "a", "b", ".", "*", "+", "?", "(", ")", "[", "]", "^", "$", "|", "\\", "{", "}", "2", ",", "-", "\\d",
            "(?:",
            "(?i)", "é", "\n",
        ]
        for _ in 0..<10_000 {
            await Task.yield()
            let text = (0..<random.below(14)).map { _ in pieces[random.below(pieces.count)] }.joined()
            let subject = (0..<random.below(30)).map { _ in pieces[random.below(pieces.count)] }.joined()
            // Most of them are no patterns.
            _ = try? Pattern(text).firstMatch(in: subject)
        }
    }
}

/// A small generator of numbers, the same for the same seed.
struct Random {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(max(1, bound)))
    }
}
