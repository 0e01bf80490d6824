import Alerting
import Foundation
import Integrations
import Testing

/// What holds for every vendor: its fixtures, and one each that is truncated, empty and of a status never seen.
@Suite struct VendorTests {
    struct Vendor: CustomTestStringConvertible {
        var type: String
        /// Below `Fixtures/`, without the ending of the pair.
        var firing: String
        var resolved: String
        var key: String
        var summary: String
        /// What stands in the firing body for its state.
        var state: String
        /// The same with a word nobody knows; `nil`: made of `state`.
        var unknown: String?

        var testDescription: String { firing }
    }

    static let vendors = monitors + MoreVendors.all

    private static let monitors = [
        Vendor(
            type: "UPTIMEKUMA", firing: "uptimekuma/firing.json", resolved: "uptimekuma/resolved.json", key: "42",
            summary: "[Shop] [🔴 Down] Request failed with status code 503", state: #""status": 0"#),
        Vendor(
            type: "PROMETHEUS", firing: "prometheus/firing.json", resolved: "prometheus/resolved.json",
            key: "aaaaaaaaaaaaaaa1", summary: "Instance web-1:9100 down", state: #""status": "firing""#),
        Vendor(
            type: "GRAFANA", firing: "grafana/firing.json", resolved: "grafana/resolved.json", key: "bbbbbbbbbbbbbbb1",
            summary: "Queue length high on web-1", state: #""status": "firing""#),
        Vendor(
            type: "GRAFANA", firing: "grafana/legacy-firing.json", resolved: "grafana/legacy-resolved.json", key: "7",
            summary: "[Alerting] CPU alert", state: #""state": "alerting""#),
        Vendor(
            type: "UPTIMEROBOT", firing: "uptimerobot/firing.query", resolved: "uptimerobot/resolved.query",
            key: "770000001", summary: "Shop is down", state: "alertType=1"),
        Vendor(
            type: "PINGDOM", firing: "pingdom/firing.json", resolved: "pingdom/resolved.json", key: "4711",
            summary: "Shop API is down", state: #""current_state": "DOWN""#),
        Vendor(
            type: "STATUSCAKE", firing: "statuscake/firing.form", resolved: "statuscake/resolved.form",
            key: "Shop/https://shop.example.com", summary: "Shop is down", state: "Status=Down"),
        Vendor(
            type: "ZABBIX", firing: "zabbix/firing.json", resolved: "zabbix/resolved.json", key: "zabbix-10528",
            summary: "Problem: Zabbix agent is not available", state: #""EVENT.VALUE": "1""#),
        Vendor(
            type: "HEALTHCHECKSIO", firing: "healthchecksio/firing.json", resolved: "healthchecksio/resolved.json",
            key: "00000000-0000-4000-8000-0000000000e1", summary: "Nightly backup is down",
            state: #""status": "down""#),
        Vendor(
            type: "GATUS", firing: "gatus/firing.json", resolved: "gatus/resolved.json", key: "shop",
            summary: "shop is failing", state: #""status": "firing""#),
        Vendor(
            type: "SITE24X7", firing: "site24x7/firing.json", resolved: "site24x7/resolved.json",
            key: "100000000000000001", summary: "Shop is down", state: #""STATUS": "DOWN""#),
        Vendor(
            type: "CHECKLY", firing: "checkly/firing.json", resolved: "checkly/resolved.json",
            key: "00000000-0000-4000-8000-0000000000c1", summary: "Shop API has failed",
            state: #""alert_type": "ALERT_FAILURE""#),
        Vendor(
            type: "HETRIXTOOLS", firing: "hetrixtools/firing.json", resolved: "hetrixtools/resolved.json",
            key: "0123456789abcdef0123456789abcdef", summary: "Shop is offline",
            state: #""monitor_status": "offline""#),
        Vendor(
            type: "BETTERSTACK", firing: "betterstack/firing.json", resolved: "betterstack/resolved.json", key: "1",
            summary: "Shop: Error 500", state: #""event": "started""#),
        Vendor(
            type: "DATADOG", firing: "datadog/firing.json", resolved: "datadog/resolved.json", key: "1234",
            summary: "[Triggered on {host:web-1}] CPU is high", state: #""alert_transition": "Triggered""#),
        Vendor(
            type: "SENTRY", firing: "sentry/firing.json", resolved: "sentry/resolved.json", key: "1000000001",
            summary: "ReferenceError: thing is not defined", state: #""action": "created""#),
        Vendor(
            type: "CHECKMK", firing: "checkmk/firing.json", resolved: "checkmk/resolved.json", key: "web-1",
            summary: "CheckMK web-1 - UP -> DOWN", state: #""notification_type": "PROBLEM""#),
    ]

    @Test(arguments: vendors)
    func `given a failure and its end, when read, then the resolve has the alert's key`(vendor: Vendor) throws {
        let alert = try #require(try read(vendor, Fixture.request(vendor.firing)).first)
        let resolve = try #require(try read(vendor, Fixture.request(vendor.resolved)).first)

        #expect(alert.kind == .alert)
        #expect(alert.alertKey == vendor.key)
        #expect(alert.summary == vendor.summary)
        #expect(alert.details.isEmpty == false)
        #expect(alert.customDetails?.object?.isEmpty == false)
        #expect(resolve.kind == .resolve)
        #expect(resolve.alertKey == vendor.key)
        if let failed = alert.occurredAt, let passed = resolve.occurredAt { #expect(failed <= passed) }
    }

    @Test(arguments: vendors)
    func `given a truncated body, when read, then it is refused or read without its end`(vendor: Vendor) throws {
        let bytes = try Fixture.bytes(vendor.firing)

        for count in stride(from: 1, to: bytes.count, by: 37) {
            let request = Fixture.request(vendor.firing, bytes: Array(bytes[..<count]))
            if !vendor.firing.hasSuffix(".form"), !vendor.firing.hasSuffix(".query"), count < bytes.count - 2 {
                #expect(throws: IntegrationError.self) { try read(vendor, request) }
            } else if let events = try? read(vendor, request) {  // A form has no end that could be missed.
                #expect(events.allSatisfy { $0.kind == .alert })
            }
        }
    }

    @Test(arguments: vendors)
    func `given an empty request, when read, then it is refused`(vendor: Vendor) {
        for body in ["", "{}", "[]", "null", "\"x\"", "hello", "a=b"] {
            #expect(throws: IntegrationError.self) { try read(vendor, Fixture.json(body)) }
        }
    }

    @Test(arguments: vendors)
    func `given a status never seen, when read, then the error names it`(vendor: Vendor) throws {
        let text = String(decoding: try Fixture.bytes(vendor.firing), as: UTF8.self)
        let unknown = vendor.unknown ?? vendor.unknownState
        let changed = text.replacingOccurrences(of: vendor.state, with: unknown)
        try #require(changed != text)

        let request = Fixture.request(vendor.firing, bytes: Array(changed.utf8))

        #expect {
            try read(vendor, request)
        } throws: { error in
            guard case .unsupported(_, let value) = error as? IntegrationError else { return false }
            return value.lowercased() == "sideways"
        }
    }

    @Test func `given the fixtures, when listed, then every reader of the catalog has its own`() {
        // These read what others read, under another name; two have files of their own here.
        let tested = Set(Self.vendors.map(\.type)).union([
            "EMAIL", "EMAIL2",
            "RAPIDSPIKE", "SPLUNK", "TOOL", "UPTIME", "CLOUDWATCH", "CORTEX", "LOKI", "MIMIR", "SIGNOZ",
            "VICTORIAMETRICS",
        ])
        let readers = IntegrationCatalog.entries.filter { !$0.isGenericEvent }.map(\.type)

        #expect(Set(readers) == tested)
    }

    private func read(_ vendor: Vendor, _ request: WebhookRequest) throws -> [AlertEvent] {
        let entry = try #require(IntegrationCatalog.entry(type: vendor.type))
        return try entry.events(from: request, settings: .init())
    }
}

extension VendorTests.Vendor {
    /// The state's field with a word nobody knows.
    var unknownState: String {
        guard let separator = state.firstIndex(where: { ":=".contains($0) }) else { return state }
        return state[...separator] + (state[separator] == ":" ? " \"sideways\"" : "sideways")
    }
}
