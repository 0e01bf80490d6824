import Alerting
import Foundation
import Integrations
import Testing

/// What is particular to one vendor.
@Suite struct VendorDetailTests {
    // MARK: - Uptime Kuma

    @Test func `given Uptime Kuma's test message, when read, then nothing is raised`() throws {
        #expect(try UptimeKuma.read(Fixture.request("uptimekuma/test.json")).isEmpty)
    }

    @Test(arguments: [2, 3])
    func `given Uptime Kuma's pending or maintenance, when read, then nothing is raised`(status: Int) throws {
        let body = #"{"heartbeat":{"status":\#(status)},"monitor":{"id":1},"msg":"x"}"#

        #expect(try UptimeKuma.read(Fixture.json(body)).isEmpty)
    }

    @Test func `given Uptime Kuma by GET or form data, when read, then it is the same`() throws {
        let json = String(decoding: try Fixture.bytes("uptimekuma/firing.json"), as: UTF8.self)
        let value = try JSONValue.parse(json)
        let parts = try ["heartbeat", "monitor"].map { "\($0)=\(encoded(try #require(value[$0]).text))" }
        let query = WebhookRequest(method: "GET", query: parts.joined(separator: "&") + "&msg=Down", body: [])
        let multipart = WebhookRequest(
            headers: [.init("Content-Type", "multipart/form-data; boundary=B")],
            body: Array("--B\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n\(json)\r\n--B--\r\n".utf8))

        let expected = try #require(try UptimeKuma.read(Fixture.request("uptimekuma/firing.json")).first)
        #expect(try UptimeKuma.read(query).first?.alertKey == expected.alertKey)
        #expect(try UptimeKuma.read(query).first?.occurredAt == expected.occurredAt)
        #expect(try UptimeKuma.read(multipart) == [expected])
    }

    @Test func `given Uptime Kuma's certificate warnings, when read, then they share a key and have low priority`()
        throws
    {
        func body(_ days: Int) -> String {
            #"{"heartbeat":null,"monitor":null,"msg":"[Shop][https://a] server certificate a will expire in "#
                + "\(days) days\"}"
        }

        let first = try #require(try UptimeKuma.read(Fixture.json(body(14))).first)
        let second = try #require(try UptimeKuma.read(Fixture.json(body(7))).first)

        #expect(first.priority == .low)
        #expect(first.alertKey == "[Shop][https://a] server certificate a")
        #expect(second.alertKey == first.alertKey)
    }

    // MARK: - Alertmanager and Grafana

    @Test func `given several alerts in one notification, when read, then each is an event`() throws {
        let events = try PrometheusAlertmanager.read(Fixture.request("prometheus/firing.json"))

        #expect(events.map(\.alertKey) == ["aaaaaaaaaaaaaaa1", "aaaaaaaaaaaaaaa2"])
        #expect(events.first?.labels["severity"] == "critical")
        #expect(events.first?.occurredAt == Timestamp(iso8601: "2026-01-01T10:00:00Z"))
        #expect(events.first?.details.hasPrefix("web-1:9100 of job node has been down") == true)
    }

    @Test func `given firing and resolved alerts together, when read, then each has its own kind`() throws {
        let body =
            #"{"status":"firing","alerts":[{"status":"firing","fingerprint":"a"},{"status":"resolved","fingerprint":"b"}]}"#

        #expect(try PrometheusAlertmanager.read(Fixture.json(body)).map(\.kind) == [.alert, .resolve])
    }

    @Test func `given an alert without fingerprint, when read, then its labels are the key`() throws {
        let body = #"{"alerts":[{"status":"firing","labels":{"b":"2","alertname":"X"}}]}"#

        #expect(try PrometheusAlertmanager.read(Fixture.json(body)).first?.alertKey == "alertname=X,b=2")
    }

    @Test func `given more alerts than allowed, when read, then the notification is refused as a whole`() {
        let alerts = (0...Limits.eventsPerRequest).map { #"{"status":"firing","fingerprint":"\#($0)"}"# }
        let body = #"{"alerts":[\#(alerts.joined(separator: ","))]}"#

        #expect(throws: IntegrationError.self) { try PrometheusAlertmanager.read(Fixture.json(body)) }
    }

    @Test func `given Grafana's addresses, when read, then they are links`() throws {
        let event = try #require(try Grafana.read(Fixture.request("grafana/firing.json")).first)

        #expect(event.links.contains(.init(href: "https://runbook.example.com/", text: "Runbook")))
        #expect(event.links.first?.text == "Source")
    }

    // MARK: - Website monitors

    @Test func `given UptimeRobot's expiry, when read, then it is a matter of its own`() throws {
        let query = "monitorID=7&monitorFriendlyName=Shop&alertType=3&alertDetails=*alertDetails*"
        let event = try #require(try UptimeRobot.read(WebhookRequest(method: "GET", query: query, body: [])).first)

        #expect(event.alertKey == "7/expiry")
        #expect(event.priority == .low)
        #expect(event.details == "")
    }

    @Test func `given Pingdom's transaction check of low importance, when read, then it is known`() throws {
        let body = #"{"check_id":1,"check_name":"Buy","current_state":"FAILING","importance_level":"LOW"}"#
        let event = try #require(try Pingdom.read(Fixture.json(body)).first)

        #expect(event.kind == .alert)
        #expect(event.priority == .low)
    }

    @Test func `given StatusCake, when read, then its token is not kept`() throws {
        let event = try #require(try StatusCake.read(Fixture.request("statuscake/firing.form")).first)

        #expect(event.customDetails?["Token"] == nil)
        #expect(event.customDetails?["Name"] == .string("Shop"))
    }

    @Test func `given StatusCake with an id by GET, when read, then the id is the key`() throws {
        let request = WebhookRequest(method: "GET", query: "TestID=9&Name=Shop&Status=DOWN", body: [])

        #expect(try StatusCake.read(request).first?.alertKey == "9")
    }

    @Test(arguments: [
        ("ALERT_DEGRADED", AlertEvent.Kind.alert, Priority.low as Priority?, "c"),
        ("ALERT_DEGRADED_FAILURE", .alert, nil, "c"), ("ALERT_DEGRADED_RECOVERY", .resolve, nil, "c"),
        ("ALERT_SSL", .alert, .low, "c/ssl"),
    ])
    func `given Checkly's alert types, when read, then priority and key follow`(
        type: String, kind: AlertEvent.Kind, priority: Priority?, key: String
    ) throws {
        let event = try #require(try Checkly.read(Fixture.json(#"{"alert_type":"\#(type)","check_id":"c"}"#)).first)

        #expect(event.kind == kind)
        #expect(event.priority == priority)
        #expect(event.alertKey == key)
    }

    @Test func `given Better Stack's acknowledgement, when read, then it accepts`() throws {
        let body = #"{"event":"acknowledged","data":{"id":"1","type":"incident","attributes":{"name":"Shop"}}}"#

        #expect(try BetterStack.read(Fixture.json(body)).first?.kind == .accept)
    }

    @Test func `given Better Stack's webhook of an edited monitor, when read, then nothing is raised`() throws {
        #expect(try BetterStack.read(Fixture.json(#"{"event":"updated","data":{"id":"4","type":"monitor"}}"#)).isEmpty)
    }

    @Test func `given Gatus's group, when read, then it is part of the key`() throws {
        let body = #"{"name":"shop","group":"web","status":"firing","title":"shop"}"#

        #expect(try Gatus.read(Fixture.json(body)).first?.alertKey == "web/shop")
    }

    @Test func `given HetrixTools' errors, when read, then each place is a line`() throws {
        let event = try #require(try HetrixTools.read(Fixture.request("hetrixtools/firing.json")).first)

        #expect(event.details.contains("\nDallas: timeout\n"))
        #expect(event.occurredAt == Timestamp(iso8601: "2026-01-01T10:00:00Z"))
    }

    // MARK: - Infrastructure and applications

    @Test func `given Zabbix's acknowledgement, when read, then it accepts`() throws {
        let text = String(decoding: try Fixture.bytes("zabbix/firing.json"), as: UTF8.self)
            .replacingOccurrences(of: #""EVENT.ACK.STATUS": "No""#, with: #""EVENT.ACK.STATUS": "Yes""#)
            .replacingOccurrences(of: #""EVENT.UPDATE.STATUS": "0""#, with: #""EVENT.UPDATE.STATUS": "1""#)

        #expect(try Zabbix.read(Fixture.json(text)).first?.kind == .accept)
    }

    @Test func `given Zabbix's macros and tags, when read, then links and labels are made of them`() throws {
        let event = try #require(try Zabbix.read(Fixture.request("zabbix/firing.json")).first)

        #expect(event.labels == ["scope": "availability"])
        #expect(
            event.links == [
                AlertLink(
                    href: "https://zabbix.example.com/tr_events.php?triggerid=14032&eventid=10528", text: "Zabbix")
            ])
        #expect(!event.details.contains("{"))
    }

    @Test func `given Healthchecks' header, when it differs from the body, then the header counts`() throws {
        let body = #"{"name":"Backup","uuid":"u","status":"started"}"#
        let request = WebhookRequest(headers: [.init("Check-Status", "down")], body: Array(body.utf8))

        #expect(try HealthchecksIO.read(request).first?.kind == .alert)
        #expect(throws: IntegrationError.self) { try HealthchecksIO.read(Fixture.json(body)) }
    }

    @Test func `given Healthchecks' API address, when read, then the link is the check's page`() throws {
        let event = try #require(try HealthchecksIO.read(Fixture.request("healthchecksio/firing.json")).first)

        #expect(
            event.links.first?.href
                == "https://healthchecks.io/checks/00000000-0000-4000-8000-0000000000e1/details/")
    }

    @Test(arguments: [("Warn", Priority.low as Priority?), ("No Data", nil), ("Re-Triggered", nil)])
    func `given Datadog's transitions, when read, then warnings have low priority`(
        transition: String, priority: Priority?
    ) throws {
        let body = #"{"alert_transition":"\#(transition)","alert_id":"1","title":"x"}"#
        let event = try #require(try Datadog.read(Fixture.json(body)).first)

        #expect(event.kind == .alert)
        #expect(event.priority == priority)
    }

    @Test func `given Datadog's Markdown marks, when read, then the details are without them`() throws {
        #expect(
            try Datadog.read(Fixture.request("datadog/firing.json")).first?.details == "CPU is over 90 on host:web-1")
    }

    @Test func `given Sentry's issue alert, when the issue is resolved, then the keys are equal`() throws {
        let alert = WebhookRequest(
            headers: [.init("Sentry-Hook-Resource", "event_alert")],
            body: Array(#"{"action":"triggered","data":{"event":{"issue_id":"1000000001","title":"x"}}}"#.utf8))
        let resolved = try Sentry.read(Fixture.request("sentry/resolved.json"))

        #expect(try Sentry.read(alert).first?.kind == .alert)
        #expect(try Sentry.read(alert).first?.alertKey == resolved.first?.alertKey)
    }

    @Test(arguments: [("critical", AlertEvent.Kind.alert), ("warning", .alert), ("resolved", .resolve)])
    func `given Sentry's metric alert, when read, then its action is known`(action: String, kind: AlertEvent.Kind)
        throws
    {
        let body = #"{"action":"\#(action)","data":{"metric_alert":{"id":"5"},"description_title":"Too many"}}"#
        let event = try #require(try Sentry.read(Fixture.json(body)).first)

        #expect(event.kind == kind)
        #expect(event.alertKey == "metric-5")
    }

    @Test(arguments: ["installation", "comment"])
    func `given Sentry's other resources, when read, then nothing is raised`(resource: String) throws {
        let request = WebhookRequest(
            headers: [.init("Sentry-Hook-Resource", resource)], body: Array(#"{"action":"created"}"#.utf8))

        #expect(try Sentry.read(request).isEmpty)
    }

    @Test func `given Checkmk's service and acknowledgement, when read, then both count`() throws {
        let body = #"{"host":"web-1","service":"HTTP","notification_type":"ACKNOWLEDGEMENT","summary":"x"}"#
        let event = try #require(try Checkmk.read(Fixture.json(body)).first)

        #expect(event.kind == .accept)
        #expect(event.alertKey == "web-1/HTTP")
    }

    private func encoded(_ text: String) -> String {
        text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
