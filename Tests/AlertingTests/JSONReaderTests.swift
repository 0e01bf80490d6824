import Alerting
import Simulation
import Testing

@Suite struct JSONReaderTests {
    @Test func `given every kind of value, when read, then the tree is the same`() throws {
        let text = #" {"a": [1, -2.5, true, false, null, "x"], "b": {}, "c": []} "#

        let value = try JSONValue.parse(text)

        #expect(
            value
                == .object([
                    "a": .array([.integer(1), .number(-2.5), .bool(true), .bool(false), .null, .string("x")]),
                    "b": .object([:]), "c": .array([]),
                ]))
    }

    @Test(arguments: [
        ("9223372036854775807", JSONValue.integer(.max)),
        ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .literal("9223372036854775808")),
        ("100000000000000000001", .literal("100000000000000000001")),
        ("0", .integer(0)), ("-7", .integer(-7)), ("1.5e3", .number(1500)), ("1e400", .literal("1e400")),
        ("1e-400", .literal("1e-400")), ("0.1", .number(0.1)), ("0.0", .number(0)),
        ("0.12345678901234567890123", .literal("0.12345678901234567890123")),
        ("1.0000000000000000000", .number(1)), ("97.007606", .number(97.007606)),
    ])
    func `given a number, when read, then no digit is lost`(text: String, expected: JSONValue) throws {
        #expect(try JSONValue.parse(text) == expected)
    }

    @Test func `given an id beyond 2^53, when used as a text, then it has all its digits`() throws {
        let ids = try JSONValue.parse("[100000000000000001, 340282366920938463463374607431768211456]")

        #expect(ids[0]?.scalarText == "100000000000000001")
        #expect(ids[1]?.scalarText == "340282366920938463463374607431768211456")
        #expect(ids.text == "[100000000000000001,340282366920938463463374607431768211456]")
    }

    @Test func `given two members of one name, when read, then the last wins`() throws {
        #expect(try JSONValue.parse(#"{"a":1,"a":2}"#) == .object(["a": .integer(2)]))
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\ud83d\ude00""#, "é😀"),
        (#""\ud800x""#, "\u{FFFD}x"), (#""\udc00""#, "\u{FFFD}"), (#""\ud800\u0041""#, "\u{FFFD}A"),
        (#""\ud800\ud83d\ude00""#, "\u{FFFD}😀"), ("\"é😀\"", "é😀"), (#""e\u0301""#, "e\u{301}"),
    ])
    func `given escapes, when read, then the text is decoded`(json: String, expected: String) throws {
        #expect(try JSONValue.parse(json).string.map { Array($0.utf8) } == Array(expected.utf8))
    }

    @Test func `given a byte order mark, when read, then it is skipped`() throws {
        #expect(try JSONValue.parse([0xEF, 0xBB, 0xBF] + Array("[1]".utf8)) == .array([.integer(1)]))
    }

    @Test(arguments: [
        ("", JSONError.Reason.empty, 0), ("  ", .empty, 2), ("{", .endTooEarly, 1), ("[1", .endTooEarly, 2),
        ("[1,", .endTooEarly, 3), (#"{"a""#, .endTooEarly, 4), (#""abc"#, .endTooEarly, 4), ("tru", .endTooEarly, 3),
        ("[1,]", .valueExpected, 3), ("[,]", .valueExpected, 1), (#"{"a":1,}"#, .nameExpected, 7),
        ("{a:1}", .nameExpected, 1), (#"{"a" 1}"#, .colonExpected, 5), ("[1 2]", .commaExpected, 3),
        ("1 2", .textAfterEnd, 2), ("01", .number, 1), ("1.", .endTooEarly, 2), ("1.x", .number, 2),
        ("-x", .number, 1), ("+1", .valueExpected, 0), ("NaN", .valueExpected, 0), ("nulx", .valueExpected, 0),
        (#""\x""#, .escape, 1), (#""\u12g4""#, .escape, 5), ("\"a\nb\"", .controlCharacter, 2),
        ("{]", .nameExpected, 1), ("'a'", .valueExpected, 0),
    ])
    func `given what is no JSON, when read, then the reason and the place are told`(
        text: String, reason: JSONError.Reason, offset: Int
    ) {
        #expect(throws: JSONError(reason, at: offset)) { try JSONValue.parse(text) }
    }

    @Test(arguments: [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE9], [0xF5, 0x80, 0x80, 0x80]] as [[UInt8]])
    func `given a text that is not UTF-8, when read, then it is refused`(bytes: [UInt8]) {
        #expect(throws: JSONError(.encoding, at: 1)) {
            try JSONValue.parse([UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")])
        }
    }

    @Test func `given nesting, when it is as deep as allowed, then it is read, and one deeper is refused`() throws {
        let limit = Limits.jsonDepth
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }

        #expect(throws: Never.self) { try JSONValue.parse(nested(limit)) }
        #expect(throws: JSONError(.tooDeep, at: limit)) { try JSONValue.parse(nested(limit + 1)) }
        #expect(throws: JSONError(.tooDeep, at: limit)) { try JSONValue.parse(nested(100_000)) }
        #expect(throws: Never.self) {
            try JSONValue.parse("[" + [String](repeating: "[]", count: 300).joined(separator: ",") + "]")
        }
    }

    @Test func `given mutated and random bytes, when read, then it never fails but by an error`() async {
        var generator = SeededGenerator(seed: 7)
        let seed = Array(
            #"{"a":[1,-2.5e3,true,"\u00e9\ud83d\ude00\n"],"b":{"c":null,"d":"ünï"},"e":12345678901234567890}"#.utf8)

        for _ in 0..<20_000 {
            await Task.yield()
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                default: bytes.removeSubrange(index...)
                }
                if bytes.isEmpty { bytes = [0x5B] }
            }
            if let value = try? JSONValue.parse(bytes) {  // Most are refused, which is right.
                #expect((try? JSONValue.parse(value.bytes())) == value)
            }
        }
    }
}
