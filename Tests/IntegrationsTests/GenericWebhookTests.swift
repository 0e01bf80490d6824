import Alerting
import Integrations
import Testing

/// Any tool's webhook, and an owner's mapping over a tool's own reader.
@Suite struct GenericWebhookTests {
    @Test func `given the usual names, when read, then state, key and summary are found`() throws {
        let body = #"{"status":"down","id":"7","name":"Shop","message":"The shop is down"}"#
        let event = try #require(try GenericWebhook.read(Fixture.json(body)).first)

        #expect(event.kind == .alert)
        #expect(event.alertKey == "7")
    }

    @Test func `given a text alone, when read, then RapidSpike is not mentioned`() throws {
        let event = try #require(try GenericWebhook.read(Fixture.json(#"{"state":"failing"}"#)).first)

        #expect(!event.summary.contains("RapidSpike"))
        #expect(!event.summary.isEmpty)
    }

    @Test func `given a mapping, when a tool without a reader for it is read, then the mapping counts`() throws {
        let mapping = PayloadMapping(
            stateField: "verdict", keyField: "thing.no", summaryField: "say", failingWords: ["bad"],
            passingWords: ["good"])
        let settings = IntegrationSettings(mapping: mapping)
        func body(_ verdict: String) -> WebhookRequest {
            Fixture.json(#"{"verdict":"\#(verdict)","thing":{"no":12},"say":"Hello"}"#)
        }

        for type in ["TOOL", "UPTIME", "PINGDOM", "GITHUB"] {
            let entry = try #require(IntegrationCatalog.entry(type: type))
            #expect(entry.mayBeMapped)
            let alert = try #require(try entry.events(from: body("bad"), settings: settings).first)
            let resolve = try #require(try entry.events(from: body("good"), settings: settings).first)
            #expect(alert.kind == .alert && alert.alertKey == "12" && alert.summary == "Hello")
            #expect(resolve.kind == .resolve && resolve.alertKey == "12")
        }
    }

    @Test(arguments: ["API", "KAFKA", "PAGERDUTY", "OPSGENIE"])
    func `given an API of its own, when a mapping is set, then it does not count`(type: String) throws {
        let entry = try #require(IntegrationCatalog.entry(type: type))

        #expect(!entry.mayBeMapped)
    }

    @Test(arguments: [
        ("/v2/enqueue", "PAGERDUTY" as String?), ("/v2/change/enqueue", "PAGERDUTY"), ("/v2/alerts", "OPSGENIE"),
        ("/v2/alerts/x/close", "OPSGENIE"), ("/v2/alertsx", nil), ("/api/events", nil),
    ])
    func `given an address of a paging service's API, when looked up, then its reader is found`(
        path: String, type: String?
    ) {
        #expect(IntegrationCatalog.entry(ofAPIAt: path)?.type == type)
    }
}
