import Alerting
import Integrations
import Testing

/// The XML of the Nagios, Icinga and Checkmk plugins.
@Suite struct PluginNotificationTests {
    @Test func `given the plugin's XML, when asked for the key, then it is the body's`() throws {
        #expect(Nagios.integrationKey(in: try Fixture.request("nagios/firing.xml")) == "example-api-key")
        #expect(Icinga.integrationKey(in: try Fixture.request("icinga/firing.xml")) == "example-api-key")
        #expect(Nagios.integrationKey(in: Fixture.json(#"{"apiKey":"k"}"#)) == "k")
        #expect(Nagios.integrationKey(in: Fixture.json("<event>")) == nil)
        #expect(Nagios.integrationKey(in: Fixture.json("hello")) == nil)
    }

    @Test(arguments: [
        ("PROBLEM", AlertEvent.Kind.alert), ("RECOVERY", .resolve), ("ACKNOWLEDGEMENT", .accept), ("CUSTOM", .alert),
    ])
    func `given a notification type, when read, then the event has its kind`(type: String, kind: AlertEvent.Kind)
        throws
    {
        let events = try Nagios.read(xml(["NOTIFICATIONTYPE": type, "HOSTNAME": "web-1", "HOSTSTATE": "DOWN"]))

        #expect(events.map(\.kind) == [kind])
        #expect(events.first?.alertKey == "web-1")
    }

    @Test(arguments: ["DOWNTIMESTART", "DOWNTIMEEND", "FLAPPINGSTART", "FLAPPINGSTOP"])
    func `given downtime or flapping, when read, then nothing is raised`(type: String) throws {
        #expect(try Nagios.read(xml(["NOTIFICATIONTYPE": type, "HOSTNAME": "web-1"])).isEmpty)
    }

    @Test func `given no notification type, when read, then the state tells`() throws {
        let failing = xml(["HOSTNAME": "web-1", "SERVICEDESC": "http", "SERVICESTATE": "WARNING"])
        let passing = xml(["HOSTNAME": "web-1", "SERVICEDESC": "http", "SERVICESTATE": "OK"])

        #expect(try Icinga.read(failing).first?.kind == .alert)
        #expect(try Icinga.read(passing).first?.kind == .resolve)
    }

    @Test func `given the same variables as JSON, when read, then it is the same`() throws {
        let body = #"{"NOTIFY_NOTIFICATIONTYPE":"PROBLEM","NOTIFY_HOSTNAME":"web-1","NOTIFY_HOSTSTATE":"DOWN"}"#

        #expect(try Checkmk.read(Fixture.json(body)).first?.alertKey == "web-1")
        #expect(try Nagios.read(Fixture.json(body)).first?.summary == "web-1 is DOWN")
    }

    @Test func `given an acknowledgement with a comment, when read, then the comment comes along`() throws {
        let event = try #require(
            try Nagios.read(
                xml([
                    "NOTIFICATIONTYPE": "ACKNOWLEDGEMENT", "HOSTNAME": "web-1", "NOTIFICATIONCOMMENT": "On it",
                    "NOTIFICATIONAUTHOR": "Alice",
                ])
            ).first)

        #expect(event.comments == [AlertComment(creator: "Alice", content: "On it")])
    }

    @Test func `given entities, character numbers and CDATA, when read, then they are their characters`() throws {
        let request = Fixture.json(
            "<?xml version='1.0'?><!-- x --><event><payload><entry key='HOSTNAME'>a&amp;b</entry>"
                + "<entry key=\"NOTIFICATIONTYPE\">PROBLEM</entry><entry key='HOSTSTATE'>DOWN</entry>"
                + "<entry key='HOSTOUTPUT'><![CDATA[x < y & z]]>&#33;&#x21;&unknown;</entry></payload></event>")

        let event = try #require(try Nagios.read(request).first)

        #expect(event.alertKey == "a&b")
        #expect(event.summary == "a&b is DOWN: x < y & z!!&unknown;")
    }

    @Test func `given a macro that was not filled in, when read, then it counts as absent`() throws {
        let event = try #require(
            try Nagios.read(
                xml([
                    "NOTIFICATIONTYPE": "PROBLEM", "HOSTNAME": "web-1", "SERVICEDESC": "$SERVICEDESC$",
                    "HOSTSTATE": "DOWN",
                ])
            ).first)

        #expect(event.alertKey == "web-1")
    }

    @Test(arguments: [
        "<!DOCTYPE event [<!ENTITY x \"y\">]><event/>", "<event><payload></event>", "<event", "<event a=b/>", "<>",
        "<event></event><event></event>", "<event><entry key=\"x></entry></event>", "<![CDATA[", "<!--", "<?xml",
        String(repeating: "<a>", count: 1000),
    ])
    func `given XML that is refused, when read, then the error says so`(text: String) {
        #expect(throws: IntegrationError.self) { try Nagios.read(Fixture.json(text)) }
    }

    @Test func `given Latin-1, when read, then letters are right`() throws {
        let text =
            "<event><payload><entry key=\"HOSTNAME\">K\u{F6}ln</entry>"
            + "<entry key=\"NOTIFICATIONTYPE\">PROBLEM</entry></payload></event>"
        let request = WebhookRequest(body: text.unicodeScalars.map { UInt8($0.value) })

        #expect(try Nagios.read(request).first?.alertKey == "Köln")
    }

    private func xml(_ entries: [String: String]) -> WebhookRequest {
        let lines = entries.map { #"<entry key="NAGIOS_\#($0.key)">\#($0.value)</entry>"# }.joined()
        return Fixture.json("<event><apiKey>k</apiKey><payload>\(lines)</payload></event>")
    }
}
