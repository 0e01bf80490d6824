internal import Alerting

/// What Nagios, Icinga and Checkmk hand to a notification script: variables of one set of names, behind a prefix that
/// tells whose they are, in the plugins' XML, as JSON or as a form.
///
/// Source: the requests of ilert's Nagios and Icinga plugins, read 2026-11-23; the macros' meaning by
/// assets.nagios.com/downloads/nagioscore/docs (standard macros), icinga.com/docs (notification commands), read
/// 2026-11-27.
struct PluginNotification {
    private let payload: VendorPayload
    private static let prefixes = ["NAGIOS_", "ICINGA_", "NOTIFY_", ""]

    init(_ request: WebhookRequest) throws(IntegrationError) {
        if PluginXML.looksLikeXML(request.body) {
            let entries = try PluginXML(request.body).entries
            guard !entries.isEmpty else { throw .missing(field: "entry") }
            payload = VendorPayload(.object(entries.mapValues(JSONValue.string)))
        } else {
            payload = try VendorPayload(request)
        }
    }

    static func integrationKey(in request: WebhookRequest) -> String? {
        // JSON of newer plugins names the key as the generic event does.
        guard PluginXML.looksLikeXML(request.body) else { return EventsAPI.integrationKey(in: request) }
        return (try? PluginXML(request.body))?.integrationKey  // What is not well-formed has no key.
    }

    func events() throws(IntegrationError) -> [AlertEvent] {
        guard let host = text("HOSTNAME") ?? text("HOSTALIAS") else { throw .missing(field: "HOSTNAME") }
        let service = text("SERVICEDESC")
        guard let kind = try kind(isService: service != nil) else { return [] }
        let place = [host, service].compactMap(\.self).joined(separator: "/")
        let state = service == nil ? text("HOSTSTATE") : text("SERVICESTATE")
        let output = service == nil ? text("HOSTOUTPUT") : text("SERVICEOUTPUT")
        var event = AlertEvent(
            kind: kind, alertKey: place,
            summary: [place + (state.map { " is " + $0 } ?? ""), output].compactMap(\.self).joined(separator: ": "),
            details: details(service: service, output: output), links: links(), customDetails: payload.json,
            occurredAt: text("LONGDATETIME").flatMap(ToolTime.read))
        if kind == .accept, let comment = comment() { event.comments = [comment] }
        return [event]
    }

    private func text(_ name: String) -> String? {
        Self.prefixes.lazy.compactMap { payload[$0 + name] }.first { !($0.hasPrefix("$") && $0.hasSuffix("$")) }
    }

    private func kind(isService: Bool) throws(IntegrationError) -> AlertEvent.Kind? {
        let type = text("NOTIFICATIONTYPE")?.uppercased()
        switch type {
        case "PROBLEM": return .alert
        case "RECOVERY": return .resolve
        case "ACKNOWLEDGEMENT": return .accept
        case let type? where type.hasPrefix("DOWNTIME") || type.hasPrefix("FLAPPING"): return nil
        case nil, "CUSTOM": return try stateKind(isService ? "SERVICESTATE" : "HOSTSTATE")
        case let type?: throw .unsupported(field: "NOTIFICATIONTYPE", value: type)
        }
    }

    /// Without a type, the state tells.
    private func stateKind(_ name: String) throws(IntegrationError) -> AlertEvent.Kind {
        switch text(name)?.uppercased() {
        case "CRITICAL", "CRIT", "WARNING", "WARN", "UNKNOWN", "DOWN", "UNREACHABLE": return .alert
        case "OK", "UP": return .resolve
        case nil: throw .missing(field: "NOTIFICATIONTYPE")
        case let state?: throw .unsupported(field: name, value: state)
        }
    }

    private func details(service: String?, output: String?) -> String {
        var details = ""
        details.appendFact("Host", text("HOSTALIAS") ?? text("HOSTNAME"))
        details.appendFact("Address", text("HOSTADDRESS"))
        details.appendFact("Service", service)
        details.appendFact("Output", output)
        details.appendFact("More", text("LONGSERVICEOUTPUT") ?? text("LONGHOSTOUTPUT"))
        details.appendFact("Notes", text("SERVICENOTES") ?? text("HOSTNOTES"))
        return details
    }

    private func links() -> [AlertLink] {
        let named = [
            ("Action", text("SERVICEACTIONURL") ?? text("HOSTACTIONURL")),
            ("Notes", text("SERVICENOTESURL") ?? text("HOSTNOTESURL")),
        ]
        return named.compactMap { name, address in
            address?.webAddress.map { AlertLink(href: $0, text: name) }
        }
    }

    private func comment() -> AlertComment? {
        let content = text("SERVICEACKCOMMENT") ?? text("HOSTACKCOMMENT") ?? text("NOTIFICATIONCOMMENT")
        return content.map { AlertComment(creator: text("NOTIFICATIONAUTHOR") ?? "", content: $0) }
    }
}
