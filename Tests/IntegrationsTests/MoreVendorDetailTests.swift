import Alerting
import Integrations
import Testing

/// What is particular to one vendor, of those in `MoreVendors`.
@Suite struct MoreVendorDetailTests {
    // MARK: - Paging services

    @Test func `given PagerDuty's event, when read, then links, images, severity and time are its own`() throws {
        let event = try #require(try PagerDuty.read(Fixture.request("pagerduty/firing.json")).first)

        #expect(event.links.map(\.text) == ["Runbook", "Shop monitoring"])
        #expect(event.images == [AlertImage(source: "https://shop.example.com/graph.png", alternative: "Errors")])
        #expect(event.severity == 1)
        #expect(event.priority == nil)
        #expect(event.labels["region"] == "eu-west-1")
        #expect(event.occurredAt == Timestamp(iso8601: "2026-01-01T10:00:00Z"))
        #expect(PagerDuty.integrationKey(in: try Fixture.request("pagerduty/firing.json")) == "example-routing-key")
    }

    @Test func `given PagerDuty's acknowledgement, when read, then it accepts and needs its key`() throws {
        let body = #"{"routing_key":"k","event_action":"acknowledge","dedup_key":"d"}"#

        #expect(try PagerDuty.read(Fixture.json(body)).first?.kind == .accept)
        #expect(throws: IntegrationError.missing(field: "dedup_key")) {
            try PagerDuty.read(Fixture.json(#"{"event_action":"resolve"}"#))
        }
        #expect(throws: IntegrationError.missing(field: "payload.summary")) {
            try PagerDuty.read(Fixture.json(#"{"event_action":"trigger","payload":{}}"#))
        }
    }

    @Test func `given PagerDuty's change event, when read, then nothing is raised`() throws {
        let bytes = try Fixture.bytes("pagerduty/change.json")

        #expect(try PagerDuty.read(WebhookRequest(path: "/v2/change/enqueue", body: bytes)).isEmpty)
        #expect(throws: IntegrationError.self) { try PagerDuty.read(WebhookRequest(path: "/v2/enqueue", body: bytes)) }
    }

    @Test func `given PagerDuty's own webhook, when read, then its incident is the alert`() throws {
        let event = try #require(try PagerDuty.read(Fixture.request("pagerduty/webhook.json")).first)

        #expect(event.alertKey == "PINC1")
        #expect(event.summary == "Checkout is down")
    }

    @Test func `given Opsgenie's create, when read, then it is an alert with its note`() throws {
        let request = WebhookRequest(path: "/v2/alerts", body: try Fixture.bytes("opsgenie/create.json"))
        let event = try #require(try Opsgenie.read(request).first)

        #expect(event.kind == .alert)
        #expect(event.alertKey == "shop/checkout")
        #expect(event.severity == 2)
        #expect(event.priority == .high)
        #expect(event.labels == ["region": "eu-west-1"])
        #expect(event.comments == [AlertComment(creator: "Alice", content: "Since the last release")])
        #expect(event.details.contains("Tags: shop, critical"))
    }

    @Test(arguments: [
        ("close", AlertEvent.Kind.resolve), ("acknowledge", .accept), ("notes", .comment),
    ])
    func `given Opsgenie's action on an alias, when read, then it concerns that key`(
        action: String, kind: AlertEvent.Kind
    ) throws {
        let request = WebhookRequest(
            path: "/v2/alerts/shop%2Fcheckout/\(action)", query: "identifierType=alias",
            body: Array(#"{"note":"Done","user":"Bob"}"#.utf8))
        let event = try #require(try Opsgenie.read(request).first)

        #expect(event.kind == kind)
        #expect(event.alertKey == "shop/checkout")
        #expect(event.comments == [AlertComment(creator: "Bob", content: "Done")])
    }

    @Test func `given Opsgenie's other actions, when read, then they are taken and do nothing`() throws {
        #expect(try Opsgenie.read(WebhookRequest(path: "/v2/alerts/a/snooze", body: Array("{\"a\":1}".utf8))).isEmpty)
        #expect(throws: IntegrationError.self) {
            try Opsgenie.read(WebhookRequest(path: "/v2/alerts/a/dance", body: []))
        }
        #expect(throws: IntegrationError.missing(field: "note")) {
            try Opsgenie.read(WebhookRequest(path: "/v2/alerts/a/notes", body: []))
        }
    }

    @Test(arguments: ["P0", "P6", "1", "high"])
    func `given a priority that Opsgenie does not have, when read, then the error names it`(priority: String) {
        #expect(throws: IntegrationError.unsupported(field: "priority", value: priority)) {
            try Opsgenie.read(Fixture.json(#"{"message":"x","priority":"\#(priority)"}"#))
        }
    }

    // MARK: - Cloud

    @Test func `given SNS's confirmations, when read, then nothing is raised`() throws {
        #expect(try AmazonSNS.read(Fixture.request("amazonsns/subscription.json")).isEmpty)
    }

    @Test func `given SNS's signed members, when joined, then they are as documented`() throws {
        let body = #"{"Type":"Notification","MessageId":"m","TopicArn":"t","Message":"x","Timestamp":"n","Other":"o"}"#

        #expect(
            AmazonSNS.signedText(of: try JSONValue.parse(body))
                == "Message\nx\nMessageId\nm\nTimestamp\nn\nTopicArn\nt\nType\nNotification\n")
    }

    @Test func `given SNS with text or a generic event, when read, then either is an alert`() throws {
        let text = #"{"Type":"Notification","Message":"The disk is full","TopicArn":"t","Subject":"Disk"}"#
        let event =
            #"{"Type":"Notification","Message":"{\"eventType\":\"RESOLVE\",\"alertKey\":\"k\"}","TopicArn":"t"}"#

        #expect(try AmazonSNS.read(Fixture.json(text)).first?.summary == "Disk")
        #expect(try AmazonSNS.read(Fixture.json(event)).first == AlertEvent(kind: .resolve, alertKey: "k"))
    }

    @Test func `given Azure's severities and budget, when read, then priority follows`() throws {
        let alert = try #require(try AzureAlerts.read(Fixture.request("azurealerts/firing.json")).first)
        let budget = try #require(try AzureAlerts.read(Fixture.request("azurealerts/budget.json")).first)

        #expect(alert.severity == 2)
        #expect(alert.priority == .high)
        #expect(alert.labels == ["team": "shop"])
        #expect(budget.alertKey == "00000000/Monthly")
        #expect(budget.priority == .low)
    }

    @Test func `given Google's test notification, when read, then nothing is raised`() throws {
        let body = #"{"version":"test","incident":{"incident_id":"12345","state":"open"}}"#

        #expect(try GoogleCloudMonitoring.read(Fixture.json(body)).isEmpty)
    }

    @Test func `given Cloudflare's set-up message, when read, then nothing is raised`() throws {
        let body = #"{"text":"Hello World! This is a test message sent from https://cloudflare.com."}"#

        #expect(try Cloudflare.read(Fixture.json(body)).isEmpty)
    }

    // MARK: - Development and tickets

    @Test func `given GitHub's issue and alert, when read, then each has a key of its own`() throws {
        let issue = try #require(try GitHub.read(Fixture.request("github/issue.json")).first)
        let alert = try #require(try GitHub.read(Fixture.request("github/alert.json")).first)

        #expect(issue.alertKey == "example/shop#12")
        #expect(alert.alertKey == "code_scanning_alert/example/shop/3")
        #expect(alert.summary == "example/shop: Cross-site scripting")
    }

    @Test(arguments: ["ping", "push", "star"])
    func `given GitHub's other events, when read, then nothing is raised`(event: String) throws {
        let request = WebhookRequest(
            headers: [.init("X-GitHub-Event", event)], body: Array(#"{"zen":"x"}"#.utf8))

        #expect(try GitHub.read(request).isEmpty)
    }

    @Test func `given GitHub's form, when read, then its payload counts`() throws {
        let json = String(decoding: try Fixture.bytes("github/firing.json"), as: UTF8.self)
        let encoded = json.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()

        #expect(try GitHub.read(Fixture.form("payload=" + encoded)).first?.kind == .alert)
    }

    @Test func `given Jira's issue in progress, when read, then it accepts`() throws {
        let event = try #require(try Jira.read(Fixture.request("jira/started.json")).first)

        #expect(event.kind == .accept)
        #expect(event.links == [AlertLink(href: "https://jira.example.com/browse/SHOP-7", text: "Jira")])
    }

    @Test func `given Jira's edit of another field, when read, then nothing is raised`() throws {
        let body =
            #"{"webhookEvent":"jira:issue_updated","issue":{"key":"A-1"},"changelog":{"items":[{"field":"labels"}]}}"#

        #expect(try Jira.read(Fixture.json(body)).isEmpty)
    }

    @Test func `given Jira's comment, when read, then it is a comment`() throws {
        let body =
            #"{"webhookEvent":"comment_created","issue":{"key":"A-1"},"comment":{"body":"x","author":{"displayName":"Bob"}}}"#

        #expect(try Jira.read(Fixture.json(body)).first?.comments == [AlertComment(creator: "Bob", content: "x")])
    }

    @Test func `given GitLab's job that may fail, when read, then nothing is raised`() throws {
        let body = #"{"object_kind":"build","build_status":"failed","build_allow_failure":true,"project_name":"x"}"#

        #expect(try GitLab.read(Fixture.json(body)).isEmpty)
    }

    @Test(arguments: [
        #"{"object_kind":"issue","object_attributes":{"action":"open","iid":3,"title":"x"},"project":{"path_with_namespace":"a/b"}}"#,
        #"{"object_kind":"deployment","status":"failed","environment":"live","project":{"path_with_namespace":"a/b"}}"#,
        #"{"object_kind":"build","build_status":"failed","project_name":"a/b","build_name":"test"}"#,
        #"{"object_kind":"vulnerability","object_attributes":{"state":"detected","url":"https://a/1","title":"x"}}"#,
    ])
    func `given GitLab's other failures, when read, then each raises`(body: String) throws {
        #expect(try GitLab.read(Fixture.json(body)).first?.kind == .alert)
        #expect(try GitLab.read(Fixture.json(body)).first?.alertKey != nil)
    }

    // MARK: - Infrastructure and applications

    @Test func `given Splunk's search, when read, then it raises under the search's name`() throws {
        let event = try #require(try Splunk.read(Fixture.request("splunk/firing.json")).first)

        #expect(event.alertKey == "search/Errors of the shop")
        #expect(event.summary == "Errors of the shop")
        #expect(event.details == "count: 42\nhost: web-1\nsourcetype: access_combined")
        #expect(throws: IntegrationError.missing(field: "sid")) { try Splunk.read(Fixture.json("{\"a\":1}")) }
    }

    @Test(arguments: [
        ("Down+%28Acknowledged%29", AlertEvent.Kind.alert as AlertEvent.Kind?), ("Warning", .alert),
        ("Warning+ended+%28now%3A+Up%29", .resolve), ("Up", .resolve), ("Paused+by+User", nil), ("Unknown", nil),
    ])
    func `given PRTG's states, when read, then the state now counts`(status: String, kind: AlertEvent.Kind?) throws {
        let events = try PRTG.read(Fixture.form("sensorid=1&device=web-1&sensor=Ping&status=\(status)"))

        #expect(events.first?.kind == kind)
    }

    @Test(arguments: [("2", AlertEvent.Kind.accept), ("3", .alert), ("4", .alert), ("0", .resolve)])
    func `given LibreNMS' states, when read, then each has its kind`(state: String, kind: AlertEvent.Kind) throws {
        #expect(try LibreNMS.read(Fixture.json(#"{"title":"x","alert_id":1,"state":\#(state)}"#)).first?.kind == kind)
    }

    @Test func `given LibreNMS' ilert transport, when read, then it is the generic event`() throws {
        let event = try #require(try LibreNMS.read(Fixture.request("librenms/transport.json")).first)

        #expect(event.alertKey == "4711")
        #expect(event.priority == .high)
        #expect(LibreNMS.integrationKey(in: try Fixture.request("librenms/transport.json")) == "example-api-key")
    }

    @Test func `given Netdata's warning of the agent, when read, then priority is low`() throws {
        let body = #"{"host":"web-1","status":"WARNING","name":"ram","chart":"system.ram","when":1767261600}"#
        let event = try #require(try Netdata.read(Fixture.json(body)).first)

        #expect(event.priority == .low)
        #expect(event.alertKey == "web-1/system.ram/ram")
        #expect(try Netdata.read(Fixture.json(#"{"host":"a","status":"REMOVED"}"#)).isEmpty)
    }

    @Test func `given Sensu Core's event and a silenced one, when read, then both are understood`() throws {
        let core = #"{"client":{"name":"web-1"},"check":{"name":"http","status":1,"output":"slow"},"action":"create"}"#
        let silenced =
            #"{"entity":{"metadata":{"name":"a"}},"check":{"metadata":{"name":"b"},"status":2,"is_silenced":true}}"#

        #expect(try Sensu.read(Fixture.json(core)).first?.alertKey == "web-1/http")
        #expect(try Sensu.read(Fixture.json(core)).first?.priority == .low)
        #expect(try Sensu.read(Fixture.json(silenced)).isEmpty)
    }

    @Test func `given New Relic's acknowledgement, when read, then it accepts`() throws {
        #expect(try NewRelic.read(Fixture.json(#"{"id":"1","state":"ACKNOWLEDGED"}"#)).first?.kind == .accept)
    }

    @Test func `given Honeybadger's certificate, when read, then the site going up does not close it`() throws {
        let body = #"{"event":"cert_will_expire","site":{"id":"c"},"message":"x"}"#
        let event = try #require(try Honeybadger.read(Fixture.json(body)).first)

        #expect(event.alertKey == "site/c/certificate")
        #expect(event.priority == .low)
    }

    @Test(arguments: ["CORTEX", "LOKI", "MIMIR", "SIGNOZ", "VICTORIAMETRICS"])
    func `given a tool that speaks Alertmanager's words, when read, then it is the same`(type: String) throws {
        let entry = try #require(IntegrationCatalog.entry(type: type))
        let request = try Fixture.request("prometheus/firing.json")

        #expect(try entry.events(from: request, settings: .init()) == PrometheusAlertmanager.read(request))
    }
}
