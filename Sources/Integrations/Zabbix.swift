public import Alerting

/// Zabbix by ilert's media type: a script that sends Zabbix's macros by name.
///
/// Source: zabbix/zabbix, templates/media/ilert/media_ilert.yaml, read 2026-11-23. The script takes only status 200 for
/// success. That an update with a set `EVENT.ACK.STATUS` is an acceptance is inferred.
public enum Zabbix: Integration {
    public static let kind = IntegrationKind(
        type: "ZABBIX", path: "zabbix", aliases: ["zabbix-mt"], name: "Zabbix", category: .infrastructure,
        features: [.alertResolution, .alertAcknowledgement, .dynamicRouting, .links],
        answers: .zabbix)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        guard let id = macro(payload["EVENT.ID"]) else { throw .missing(field: "EVENT.ID") }
        let name = macro(payload["EVENT.NAME"]) ?? macro(payload["TRIGGER.NAME"]) ?? "A problem"
        return [
            AlertEvent(
                kind: try kind(payload), alertKey: "zabbix-" + id,
                summary: macro(payload[".ILERT.INCIDENT.SUMMARY"]) ?? macro(payload["ALERT.SUBJECT"]) ?? name,
                details: details(payload), links: links(payload, event: id), labels: tags(payload),
                customDetails: payload.json)
        ]
    }

    private static func kind(_ payload: VendorPayload) throws(IntegrationError) -> AlertEvent.Kind {
        let value = macro(payload["EVENT.VALUE"]) ?? macro(payload["TRIGGER.STATUS"])
        switch value {
        case "0", "OK": return .resolve
        case "1", "PROBLEM":
            let isUpdate = macro(payload["EVENT.UPDATE.STATUS"]) == "1"
            let isAcknowledged = macro(payload["EVENT.ACK.STATUS"])?.lowercased() == "yes"
            return isUpdate && isAcknowledged ? .accept : .alert
        case nil: throw .missing(field: "EVENT.VALUE")
        case let value?: throw .unsupported(field: "EVENT.VALUE", value: value)
        }
    }

    /// A macro that Zabbix could not fill in arrives as its own name: `{EVENT.RECOVERY.DATE}`.
    private static func macro(_ value: String?) -> String? {
        guard let value, !(value.hasPrefix("{") && value.hasSuffix("}")) else { return nil }
        return value
    }

    private static func details(_ payload: VendorPayload) -> String {
        let facts = [
            ("Host", payload["HOST.NAME", "HOST.HOST"]), ("IP", payload["HOST.IP"]),
            ("Severity", payload["EVENT.SEVERITY", "TRIGGER.SEVERITY"]),
            ("Operational data", payload["EVENT.OPDATA"]), ("Comment", payload["EVENT.UPDATE.MESSAGE"]),
        ]
        let lines = facts.compactMap { name, value in macro(value).map { "\(name): \($0)" } }
        let texts = [macro(payload["ALERT.MESSAGE"]), macro(payload["TRIGGER.DESCRIPTION"])].compactMap(\.self)
        return (texts + lines).joined(separator: "\n")
    }

    private static func links(_ payload: VendorPayload, event: String) -> [AlertLink] {
        var links: [AlertLink] = []
        if var root = macro(payload["ZABBIX.URL"])?.webAddress, let trigger = macro(payload["TRIGGER.ID"]) {
            while root.hasSuffix("/") { root.removeLast() }
            let address = "\(root)/tr_events.php?triggerid=\(trigger)&eventid=\(event)"
            links = address.webAddress.map { [AlertLink(href: $0, text: "Zabbix")] } ?? []
        }
        return links + payload.link("TRIGGER.URL", text: "Trigger")
    }

    /// `scope:availability, team:web`.
    private static func tags(_ payload: VendorPayload) -> [String: String] {
        let tags = macro(payload["EVENT.TAGS"])?.split(separator: ",") ?? []
        let pairs = tags.prefix(Limits.labels).compactMap { tag -> (String, String)? in
            let parts = tag.split(separator: ":", maxSplits: 1)
            guard let name = parts.first?.nonEmpty else { return nil }
            return (name, parts.count > 1 ? parts[1].trimmed : "")
        }
        return Dictionary(pairs) { first, _ in first }
    }
}
