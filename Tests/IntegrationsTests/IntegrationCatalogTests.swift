import Alerting
import Integrations
import Testing

@Suite struct IntegrationCatalogTests {
    @Test(arguments: ["rapidspike", "RapidSpike", "RAPIDSPIKE"])
    func `given a segment of a URL in any case, when looked up, then its entry is found`(path: String) {
        #expect(IntegrationCatalog.entry(path: path)?.type == "RAPIDSPIKE")
        #expect(IntegrationCatalog.entry(type: path)?.path == "rapidspike")
    }

    @Test(arguments: [
        ("api", "API"), ("push", "API"), ("kubernetes", "KUBERNETES"), ("mqtt", "MQTT"), ("kafka", "KAFKA"),
    ])
    func `given a segment for the generic event, when looked up, then that is read`(path: String, type: String) throws {
        let entry = try #require(IntegrationCatalog.entry(path: path))

        let events = try entry.events(
            from: Fixture.json(#"{"eventType":"ALERT","summary":"x","alertKey":"k"}"#), settings: .init())

        #expect(entry.type == type)
        #expect(events == [AlertEvent(kind: .alert, alertKey: "k", summary: "x")])
    }

    @Test func `given what nobody reads, when looked up, then there is none`() {
        #expect(IntegrationCatalog.entry(path: "nothing")?.type == nil)
        #expect(IntegrationCatalog.entry(path: "")?.type == nil)
        #expect(IntegrationCatalog.entry(type: "SERVICENOW")?.type == nil)
    }

    @Test func `given the entries, when listed, then types and segments are unique and known`() {
        let entries = IntegrationCatalog.entries
        let paths = entries.flatMap { [$0.path] + $0.kind.aliases }

        #expect(Set(entries.map(\.type)).count == entries.count)
        #expect(Set(paths).count == paths.count)
        #expect(paths.allSatisfy { $0 == $0.lowercased() && !$0.isEmpty })
        #expect(entries.allSatisfy { IntegrationCatalog.knownTypes.contains($0.type) })
        #expect(entries.first?.type == "RAPIDSPIKE")
    }

    @Test func `given the known types, when counted, then all of them are there`() {
        #expect(IntegrationCatalog.knownTypes.count == 156)
        #expect(
            IntegrationCatalog.knownTypes.isSuperset(of: ["NAGIOS", "PAGERDUTY", "SEKOIA", "CRN", "EMAIL", "HEARTBEAT"])
        )
    }

    @Test func `given RapidSpike, when its features are listed, then they are those of the guide`() {
        #expect(
            RapidSpike.kind.features
                == [.alertResolution, .dynamicRouting, .images])
        #expect(RapidSpike.kind.isFeatured)
        #expect(RapidSpike.kind.guide == "rapidspike")
    }
}
