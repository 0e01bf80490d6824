import Alerting
import Testing

@Suite struct JSONWriterTests {
    @Test func `given a tree, when written, then it is compact and sorted by name`() {
        let value = JSONValue.object([
            "b": .array([.null, .bool(true), .integer(-1), .number(2.5)]), "a": .string("x"), "c": .object([:]),
        ])

        #expect(value.text == #"{"a":"x","b":[null,true,-1,2.5],"c":{}}"#)
    }

    @Test func `given special characters, when written, then they are escaped and read back the same`() throws {
        let text = "\"quote\" \\ / \n\r\t \u{0}\u{1F}\u{7F} é 😀 \u{2028} \u{FFFD}"

        let written = JSONValue.string(text).text

        #expect(written.hasPrefix(#""\"quote\" \\ / \n\r\t \u0000\u001f\u007f é"#))
        #expect(try JSONValue.parse(written) == .string(text))
    }

    @Test(arguments: [Double.infinity, -.infinity, .nan])
    func `given a number that JSON has no word for, when written, then it is null`(number: Double) {
        #expect(JSONValue.number(number).text == "null")
    }

    @Test(arguments: [
        ("1e400", "1e400"), ("12345678901234567890", "12345678901234567890"), ("1,\"x\":2", #""1,\"x\":2""#),
        ("", "\"\""), (" 1", "\" 1\""), ("0x10", "\"0x10\""), ("1 ", "\"1 \""),
    ])
    func `given a literal made by hand, when it is no number, then it is written as a text`(
        literal: String, expected: String
    ) {
        #expect(JSONValue.literal(literal).text == expected)
    }

    @Test func `given whole and broken numbers, when written and read, then they keep their kind`() throws {
        for value in [
            JSONValue.integer(3), .number(3), .number(1e300), .number(.leastNonzeroMagnitude), .integer(.min),
        ] {
            #expect(try JSONValue.parse(value.text) == value)
        }
    }

    @Test func `given values, when asked as something else, then the helpers say so`() throws {
        #expect(JSONValue.number(3).integer == 3)
        #expect(JSONValue.number(3.5).integer == nil)
        #expect(JSONValue.literal("12345678901234567890").integer == nil)
        #expect(JSONValue.literal("12345678901234567890").double == 1.2345678901234567e19)
        #expect(JSONValue.literal("1e400").double == nil)
        #expect(JSONValue.bool(true).scalarText == "true")
        #expect(JSONValue.null.scalarText == nil)
    }
}
