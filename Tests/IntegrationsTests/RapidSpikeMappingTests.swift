import Alerting
import Integrations
import Testing

@Suite struct RapidSpikeMappingTests {
    private let unknown =
        #"{"a":{"verdict":"Kaputt","ref":"r-9"},"caption":"Checkout kaputt","u":"https://x.example.com/1"}"#

    @Test func `given an unknown payload, when a mapping points at its fields, then it is read`() throws {
        let mapping = PayloadMapping(
            stateField: "a.verdict", keyField: "a.ref", summaryField: "caption", linkField: "u",
            failingWords: ["kaputt"], passingWords: ["heil"])

        let event = try #require(try RapidSpike.read(Fixture.json(unknown), .init(mapping: mapping)).first)

        #expect(throws: IntegrationError.self) { try RapidSpike.read(Fixture.json(unknown)) }
        #expect(event.kind == .alert)
        #expect(event.alertKey == "r-9")
        #expect(event.summary == "Checkout kaputt")
        #expect(event.links.first?.href == "https://x.example.com/1")
    }

    @Test func `given a field's last name, when mapped, then it is found wherever it is`() throws {
        let mapping = PayloadMapping(stateField: "verdict", keyField: "REF", failingWords: ["kaputt"])

        #expect(try RapidSpike.read(Fixture.json(unknown), .init(mapping: mapping)).first?.alertKey == "r-9")
    }

    @Test func `given the owner's words, when they contradict the known ones, then the owner's count`() throws {
        let mapping = PayloadMapping(failingWords: ["warning"], ignoredWords: ["error"])
        let settings = IntegrationSettings(mapping: mapping)

        #expect(try RapidSpike.read(Fixture.json(#"{"status":"Warning"}"#), settings).first?.priority == nil)
        #expect(try RapidSpike.read(Fixture.json(#"{"status":"error"}"#), settings).isEmpty)
        #expect(try RapidSpike.read(Fixture.json(#"{"status":"passing"}"#), settings).first?.kind == .resolve)
    }

    @Test func `given the owner's phrase, when it stands in a sentence, then it counts`() throws {
        let settings = IntegrationSettings(
            mapping: PayloadMapping(stateField: "text", failingWords: ["went dark"], passingWords: ["lit up"]))

        #expect(try RapidSpike.read(Fixture.json(#"{"text":"Home went dark!"}"#), settings).first?.kind == .alert)
        #expect(try RapidSpike.read(Fixture.json(#"{"text":"Home lit-up"}"#), settings).first?.kind == .resolve)
    }

    @Test func `given a low-priority word, when read, then the alert is of low priority`() throws {
        let settings = IntegrationSettings(mapping: PayloadMapping(lowPriorityWords: ["slow"]))

        #expect(try RapidSpike.read(Fixture.json(#"{"status":"slow"}"#), settings).first?.priority == .low)
    }

    @Test func `given a mapped state with an unknown word, when read, then other fields are not asked`() {
        let settings = IntegrationSettings(mapping: PayloadMapping(stateField: "verdict"))

        #expect(
            throws: IntegrationError.malformed(
                reason: "The field \"verdict\" holds \"odd\", which is no known state.")
        ) { try RapidSpike.read(Fixture.json(#"{"verdict":"odd","status":"passing"}"#), settings) }
    }

    @Test func `given a mapped field that a request lacks, when read, then the reader finds its own`() throws {
        let settings = IntegrationSettings(mapping: PayloadMapping(stateField: "verdict", keyField: "ref"))

        let event = try RapidSpike.read(Fixture.json(#"{"status":"failing","uuid":"1"}"#), settings).first

        #expect(event?.kind == .alert)
        #expect(event?.alertKey == "1")
    }

    @Test func `given a request, when previewed, then each fact names its field`() throws {
        let reading = RapidSpike.read(try Fixture.request("rapidspike/firing.json"), mapping: nil)

        #expect(reading.fields.first?.path == "created_date")
        #expect(reading.fields.contains(.init(path: "monitor.label", value: "Home")))
        #expect(reading.state?.fields == ["status"])
        #expect(reading.state?.value == "failing")
        #expect(reading.key?.fields == ["monitor.uuid"])
        #expect(reading.summary?.fields == ["website.label", "monitor.label"])
        #expect(reading.link?.fields == ["website.domain_name", "monitor.target"])
        guard case .event(let event) = reading.outcome else { return #expect(Bool(false)) }
        #expect(event.kind == .alert)
    }

    @Test func `given an unreadable request, when previewed, then what was found is there with the reason`() {
        let reading = RapidSpike.read(Fixture.json(unknown), mapping: nil)

        #expect(reading.fields.map(\.path) == ["caption", "u", "a.ref", "a.verdict"])
        #expect(reading.state == nil)
        #expect(
            reading.outcome == .unreadable(reason: "No field says whether the monitor is failing or passing."))
    }

    @Test func `given a mapping, when written and read, then it is the same`() throws {
        let mapping = PayloadMapping(
            stateField: "a.b", keyField: "c", summaryField: "d", linkField: "e", failingWords: ["x"],
            passingWords: ["y"], lowPriorityWords: ["z"], ignoredWords: ["w"])

        #expect(try PayloadMapping(json: mapping.json) == mapping)
        #expect(try PayloadMapping(json: .object([:])) == PayloadMapping())
        #expect(PayloadMapping().json == .object([:]))
        #expect(PayloadMapping().isEmpty)
    }

    @Test(arguments: [
        ("[]", "The mapping must be a JSON object."), (#"{"keyField":1}"#, "keyField must be a text."),
        (#"{"failingWords":"x"}"#, "failingWords must be a list of texts."),
        (#"{"passingWords":[{}]}"#, "passingWords must be a list of texts."),
        (#"{"failingWords":["Go"],"passingWords":["go"]}"#, "The word \"go\" is in failingWords and in passingWords."),
    ])
    func `given a wrong mapping, when read, then a sentence names the member`(json: String, message: String) throws {
        let value = try JSONValue.parse(json)

        #expect(throws: Failure(.invalid, message)) { try PayloadMapping(json: value) }
    }

    @Test func `given a mapping beyond its limits, when read, then it is refused`() {
        let long = JSONValue.string(String(repeating: "x", count: 600))
        let many = JSONValue.array((0...50).map { .string("w\($0)") })

        for json in [["stateField": long], ["failingWords": .array([long])], ["passingWords": many]] {
            #expect(throws: Failure.self) { try PayloadMapping(json: .object(json)) }
        }
    }
}
