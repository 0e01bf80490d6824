import Alerting
import Simulation
import Testing

@Suite struct JSONOutlineTests {
    @Test func `given an object, when its members are listed, then they stand in the order of their names`() throws {
        let outline = try JSONOutline(Array(#" {"b": {"x": [1, "two"]}, "a": "é\n", "c": null, "a": "last"} "#.utf8))

        let members = outline.members(at: JSONOutline.outermost, limit: 10)

        #expect(members.map(\.name) == ["a", "b", "c"])
        #expect(members.map { outline.scalarText(at: $0.place) } == ["last", nil, nil])
        #expect(outline.isNull(at: members[2].place))
        let inner = outline.members(at: members[1].place, limit: 10)
        #expect(outline.members(at: inner[0].place, limit: 10).map(\.name) == ["0", "1"])
        #expect(outline.members(at: inner[0].place, limit: 1).count == 1)
        #expect(outline.value(at: inner[0].place) == .array([.integer(1), .string("two")]))
    }

    @Test(arguments: [("\"é\"", "é"), (#""a\u0062""#, "ab"), ("7", nil), (#"{"a":"b"}"#, nil)])
    func `given a value, when it is asked for its text, then only a text has one`(json: String, text: String?) throws {
        #expect(try JSONOutline(Array(json.utf8)).text == text)
    }

    @Test func `given a document of a text, when it is written, then it is the text as it came`() throws {
        let text = #"{ "b" : 1.50, "a" : "\u00e9" }"#
        let document = JSONDocument(try JSONOutline([0xEF, 0xBB, 0xBF] + Array(text.utf8)))

        var bytes: [UInt8] = []
        document.append(to: &bytes)

        #expect(String(decoding: bytes, as: UTF8.self) == text)
        #expect(document == JSONDocument(.object(["a": .string("é"), "b": .number(1.5)])))
        #expect(document != JSONDocument(.object([:])))
    }

    @Test func `given texts of every kind, when one is added to bytes, then it is read back as it was`() throws {
        var bytes: [UInt8] = Array("[".utf8)
        JSONValue.append(text: "a\"\\\n\u{1}é😀", to: &bytes)
        bytes.append(UInt8(ascii: ","))
        JSONValue.object(["k": .null]).append(to: &bytes)
        bytes.append(UInt8(ascii: "]"))

        #expect(try JSONValue.parse(bytes) == .array([.string("a\"\\\n\u{1}é😀"), .object(["k": .null])]))
    }

    @Test func `given nesting, when another limit is named, then that one counts`() throws {
        #expect(throws: JSONError(.tooDeep, at: 2)) { try JSONValue.parse(Array("[[[]]]".utf8), depthLimit: 2) }
        #expect(throws: Never.self) { try JSONValue.parse(Array("[[[]]]".utf8), depthLimit: 3) }
    }
}
