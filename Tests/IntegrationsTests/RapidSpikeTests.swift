import Alerting
import Integrations
import Testing

@Suite struct RapidSpikeTests {
    private let uuid = "67f71e26-6d76-4d6b-9b6b-944c28e32c9d"

    @Test func `given a failing monitor, when read, then it is an alert with all its facts`() throws {
        let events = try RapidSpike.read(Fixture.request("rapidspike/firing.json"))

        let event = try #require(events.first)
        #expect(events.count == 1)
        #expect(event.kind == .alert)
        #expect(event.alertKey == uuid)
        #expect(event.summary == "Shop - Home is failing")
        #expect(event.details.contains("Target: https://shop.example.com/\nMonitor type: http"))
        #expect(event.links == [AlertLink(href: "https://shop.example.com/", text: "Target")])
        #expect(event.occurredAt == Timestamp(iso8601: "2026-01-01T10:00:00Z"))
        #expect(event.customDetails?["monitor"]?["label"] == .string("Home"))
        #expect(event.priority == nil)
    }

    @Test(arguments: [
        ("rapidspike/firing.json", "rapidspike/resolved.json"),
        ("rapidspike/flat-firing.json", "rapidspike/flat-resolved.json"),
    ])
    func `given a monitor that fails and passes, when read, then the resolve has the alert's key`(
        firing: String, resolved: String
    ) throws {
        let alert = try #require(try RapidSpike.read(Fixture.request(firing)).first)
        let resolve = try #require(try RapidSpike.read(Fixture.request(resolved)).first)

        #expect(alert.kind == .alert)
        #expect(resolve.kind == .resolve)
        #expect(alert.alertKey == uuid)
        #expect(resolve.alertKey == alert.alertKey)
        #expect(alert.occurredAt == Timestamp(iso8601: "2026-01-01 10:00:00"))
        #expect(resolve.occurredAt == Timestamp(iso8601: "2026-01-01 10:05:00"))
    }

    @Test(arguments: [
        "passing", "Passing", "PASSED", "pass", "up", "OK", "resolved", "recovered", "all_passing", "All passing",
    ])
    func `given a passing word in any case, when read, then it resolves`(word: String) throws {
        let event = try #require(try RapidSpike.read(Fixture.json(#"{"uuid":"1","status":"\#(word)"}"#)).first)

        #expect(event.kind == .resolve)
    }

    @Test(arguments: ["failing", "FAILED", "fail", "Down", "error", "critical", "has_failing", " failing "])
    func `given a failing word in any case, when read, then it is an alert`(word: String) throws {
        let event = try #require(try RapidSpike.read(Fixture.json(#"{"uuid":"1","status":"\#(word)"}"#)).first)

        #expect(event.kind == .alert)
        #expect(event.priority == nil)
    }

    @Test(arguments: ["warning", "Degraded"])
    func `given a warning, when read, then it is an alert of low priority`(word: String) throws {
        let event = try #require(try RapidSpike.read(Fixture.json(#"{"label":"Home","status":"\#(word)"}"#)).first)

        #expect(event.kind == .alert)
        #expect(event.priority == .low)
        #expect(event.summary == "Home is degraded")
    }

    @Test(arguments: ["paused", "Pending"])
    func `given a pause, when read, then nothing is raised`(word: String) throws {
        #expect(try RapidSpike.read(Fixture.json(#"{"uuid":"1","status":"\#(word)"}"#)).isEmpty)
    }

    @Test(arguments: [
        "status", "current_status", "new_status", "monitor_status", "state", "current_state", "event", "event_type",
        "alert_type", "type", "Status", "currentStatus", "Monitor Status",
    ])
    func `given any name for the state, when read bare or wrapped, then it is found`(name: String) throws {
        for body in [
            #"{"\#(name)":"failing","uuid":"1"}"#, #"{"data":{"\#(name)":"failing"},"uuid":"1"}"#,
            #"{"monitor":{"\#(name)":"failing","uuid":"1"}}"#, #"{"alert":{"\#(name)":"failing"},"uuid":"1"}"#,
            #"{"notification":{"\#(name)":"failing"},"uuid":"1"}"#, #"{"event":{"\#(name)":"failing"},"uuid":"1"}"#,
        ] {
            let event = try #require(try RapidSpike.read(Fixture.json(body)).first)
            #expect(event.kind == .alert)
            #expect(event.alertKey == "1")
        }
    }

    @Test func `given a first state field with an unknown word, when another has a known one, then that counts`() throws
    {
        let body = #"{"status":"200","type":"http","state":"passing","uuid":"1"}"#

        #expect(try RapidSpike.read(Fixture.json(body)).first?.kind == .resolve)
    }

    @Test(arguments: ["previous_status", "old_status", "previous_state", "old_state", "previousStatus"])
    func `given only the previous state, when read, then it is not taken for the present one`(name: String) {
        #expect(throws: IntegrationError.self) {
            try RapidSpike.read(Fixture.json(#"{"uuid":"1","\#(name)":"passing"}"#))
        }
    }

    @Test(arguments: ["monitor.uuid", "monitor_uuid", "monitor_id", "uuid", "id", "data.monitor.uuid", "monitorUuid"])
    func `given any name for the monitor's id, when read, then it is the key`(path: String) throws {
        let event = try #require(try RapidSpike.read(Fixture.form("status=failing&label=Home&\(path)=m-1")).first)

        #expect(event.alertKey == "m-1")
    }

    @Test(arguments: [
        (#"{"website":{"uuid":"w"},"target":"/a","status":"failing"}"#, "w//a"),
        (#"{"website":{"uuid":"w"},"label":"Home","status":"failing"}"#, "w/Home"),
        (#"{"website_uuid":"w","status":"failing"}"#, "w"),
        (#"{"target":"https://shop.example.com/","label":"Home","status":"failing"}"#, "https://shop.example.com/"),
        (#"{"website":"Shop","label":"Home","status":"failing"}"#, "Shop/Home"),
        (#"{"label":"Home","status":"failing","timestamp":1,"message":"x"}"#, "Home"),
    ])
    func `given no monitor id, when read, then the key comes from what is monitored`(body: String, key: String) throws {
        #expect(try RapidSpike.read(Fixture.json(body)).first?.alertKey == key)
    }

    @Test func `given only a state, when read, then there is an alert without a key`() throws {
        let event = try #require(try RapidSpike.read(Fixture.json(#"{"status":"failing"}"#)).first)

        #expect(event.alertKey == nil)
        #expect(event.summary == "A RapidSpike monitor is failing")
    }

    @Test func `given an address on rapidspike, when read, then it is the link`() throws {
        let body = #"{"status":"failing","target":"https://a.example.com","x":{"u":"https://my.rapidspike.com/#/m/1"}}"#

        #expect(
            try RapidSpike.read(Fixture.json(body)).first?.links
                == [AlertLink(href: "https://my.rapidspike.com/#/m/1", text: "RapidSpike")])
    }

    @Test func `given an address that only looks like rapidspike, when read, then the target is the link`() throws {
        let body = #"{"status":"failing","target":"https://a.example.com","u":"https://notrapidspike.com/x"}"#

        #expect(try RapidSpike.read(Fixture.json(body)).first?.links.first?.href == "https://a.example.com")
    }

    @Test func `given a script address, when read, then it is no link`() throws {
        let body = #"{"status":"failing","target":"javascript:alert(1)"}"#

        #expect(try RapidSpike.read(Fixture.json(body)).first?.links.isEmpty == true)
    }

    @Test(arguments: [
        ("1767261600", "2026-01-01T10:00:00Z"), ("1767261600000", "2026-01-01T10:00:00Z"),
        ("2026-01-01 10:00:00", "2026-01-01T10:00:00Z"), ("2026-01-01T11:00:00+01:00", "2026-01-01T10:00:00Z"),
    ])
    func `given the tool's own time, when read, then it is the event's`(text: String, expected: String) throws {
        let event = try #require(try RapidSpike.read(Fixture.form("status=failing&timestamp=\(encoded(text))")).first)

        #expect(event.occurredAt == Timestamp(iso8601: expected))
    }

    @Test(arguments: [
        "0", "1", "-5", "1e300", "tomorrow", "1999-12-31 23:59:59", "2100-01-01 00:00:00", "99999999999999999999",
    ])
    func `given a time that cannot be, when read, then there is none`(text: String) throws {
        let event = try #require(try RapidSpike.read(Fixture.form("status=failing&timestamp=\(encoded(text))")).first)

        #expect(event.occurredAt == nil)
    }

    @Test func `given a picture, when read, then the alert has it`() throws {
        let body = #"{"status":"failing","screenshot":"https://cdn.example.com/shot.png?x=1"}"#

        #expect(
            try RapidSpike.read(Fixture.json(body)).first?.images
                == [AlertImage(source: "https://cdn.example.com/shot.png?x=1")])
    }

    @Test(arguments: [0, 28, 29, 30, 31, 32, 33, 200])
    func `given many other fields, when read, then those that matter are found and the first of a name wins`(
        others: Int
    ) throws {
        let fillers = (0..<others).map { #""a\#($0)":"x","# }.joined()
        let body = "{" + fillers + #""Status":"failing","status":"passing","monitor":{"uuid":"m-1"}}"#

        let event = try #require(try RapidSpike.read(Fixture.json(body)).first)

        #expect(event.kind == .alert)
        #expect(event.alertKey == "m-1")
    }

    private func encoded(_ text: String) -> String {
        text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
