import Alerting
import Engine
import Storage

/// An alert source on the wire. Fields without an effect of ours are kept as they were sent and echoed.
enum AlertSourceBody {
    /// Members that are only told when they are asked for, and never in lists.
    static let onRequest: Set<String> = [
        "summaryTemplate", "detailsTemplate", "routingTemplate", "alertKeyTemplate", "linkTemplates",
        "priorityTemplate", "severityTemplate", "servicesTemplate", "eventFilter", "eventTypeFilterCreate",
        "eventTypeFilterAccept", "eventTypeFilterResolve",
    ]

    static func draft(_ fields: JSONFields) throws(Failure) -> AlertSourceDraft {
        guard let policy: EscalationPolicy.ID = try fields.reference("escalationPolicy") else {
            throw fields.invalid("escalationPolicy", "is needed: {\"id\": …}.")
        }
        var draft = AlertSourceDraft(
            name: try fields.text("name") ?? "", integrationType: try fields.text("integrationType") ?? "",
            policy: policy)
        draft.isActive = try fields.bool("active") ?? true
        // The names of older clients.
        draft.alertCreation = try fields.firstText("alertCreation", "incidentCreation") ?? draft.alertCreation
        draft.priorityRule = try fields.firstText("alertPriorityRule", "incidentPriorityRule") ?? draft.priorityRule
        draft.groupingWindow = try fields.duration("alertGroupingWindow")
        draft.autoResolution = try fields.duration("autoResolutionTimeout")
        draft.severity = try fields.int("severity").flatMap { $0 == 0 ? nil : $0 }
        draft.integrationKey = try fields.text("integrationKey")
        draft.webhookSecret = try fields.text("webhookSecret")
        draft.teams = try fields.references("teams")
        draft.fields = fields.json
        return draft
    }

    /// - Parameter open: how many alerts of it are open, by status.
    static func json(
        _ source: AlertSourceRecord, open: [AlertStatus: Int], isInMaintenance: Bool, includes: Set<String>,
        _ rendering: Rendering
    ) throws -> JSONValue {
        var members = source.fields.object ?? [:]
        for name in onRequest where !includes.contains(name) { members[name] = nil }
        if includes.contains("textTemplate") {
            for name in onRequest { members[name] = members[name].map(TemplateForm.withText) }
        }
        members["id"] = JSONValue(source.id)
        members["name"] = .string(source.name)
        members["teams"] = try rendering.teamReferences(source.teams)
        members["escalationPolicy"] = try rendering.policyReference(source.policy)
        members["integrationType"] = .string(source.integrationType)
        members["integrationKey"] = .string(source.integrationKey)
        members["integrationUrl"] = .string(IngestURL.of(source, publicURL: rendering.settings.publicURL))
        members["active"] = .bool(source.isActive)
        members["status"] = .string(status(of: source, open: open, isInMaintenance: isInMaintenance))
        members["alertCreation"] = .string(source.alertCreation)
        members["alertPriorityRule"] = .string(source.priorityRule)
        members["severity"] = source.severity.json
        members["bidirectional"] = .bool(false)
        members["autoResolutionTimeout"] = text(of: source.autoResolution, sent: members["autoResolutionTimeout"])
        members["alertGroupingWindow"] = text(of: source.groupingWindow, sent: members["alertGroupingWindow"])
        members["heartbeat"] = try heartbeat(of: source, rendering) ?? members["heartbeat"]
        members["createdAt"] = JSONValue(source.createdAt)
        members["updatedAt"] = JSONValue(source.updatedAt)
        return .object(members)
    }

    /// The field of a source that is a heartbeat monitor, with what has become of it; `nil` for other sources.
    private static func heartbeat(of source: AlertSourceRecord, _ rendering: Rendering) throws -> JSONValue? {
        guard let monitor = try HeartbeatMonitors.find(owner: source.id, in: rendering.transaction) else { return nil }
        var members = source.fields["heartbeat"]?.object ?? [:]
        members["intervalSec"] = .integer(monitor.heartbeat.interval.components.seconds)
        members["status"] = .string(monitor.heartbeat.state.rawValue.uppercased())
        return .object(members)
    }

    private static func status(
        of source: AlertSourceRecord, open: [AlertStatus: Int], isInMaintenance: Bool
    ) -> String {
        if !source.isActive { return "DISABLED" }
        if isInMaintenance { return "IN_MAINTENANCE" }
        if open[.pending] ?? 0 > 0 { return "PENDING" }
        return open[.accepted] ?? 0 > 0 ? "ALL_ACCEPTED" : "ALL_RESOLVED"
    }

    /// A duration as it was sent (`PT60M` stays `PT60M`), unless it was changed elsewhere since.
    private static func text(of duration: Duration?, sent: JSONValue?) -> JSONValue? {
        guard let duration else { return nil }
        if let sent, let text = sent.string, Duration(iso8601: text) == duration { return sent }
        return .string(duration.iso8601)
    }
}
