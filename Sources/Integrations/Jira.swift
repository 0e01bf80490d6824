public import Alerting

/// Jira's webhooks of issues.
///
/// Source: developer.atlassian.com/cloud/jira/platform/webhooks (events, `X-Hub-Signature`), read 2026-11-27. An issue
/// that goes to a status of the category "In progress" accepts, one that goes to "Done" resolves.
public enum Jira: Integration {
    public static let kind = IntegrationKind(
        type: "JIRA", path: "jira", name: "Jira", category: .development,
        features: [.alertResolution, .alertAcknowledgement, .dynamicRouting, .links, .comments],
        signature: WebhookSignature(header: "X-Hub-Signature", proof: .hexadecimal(prefix: "sha256=")))

    /// Beginnings of the events that concern nobody.
    private static let others = [
        "comment_", "issue_property", "issuelink_", "worklog_", "attachment_", "option_", "sprint_", "board_",
        "version_", "project_", "user_", "filter_", "jira:version", "jira:worklog", "jira_expression",
    ]

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let name = try payload.required("webhookEvent")
        let kind: AlertEvent.Kind
        switch name {
        case "jira:issue_created": kind = .alert
        case "jira:issue_deleted": kind = .resolve
        case "jira:issue_updated":
            // Edits of other fields are no news.
            guard changesStatus(payload), let change = try category(payload) else { return [] }
            kind = change
        case "comment_created": kind = .comment
        case _ where others.contains(where: { name.hasPrefix($0) }): return []
        default: throw .unsupported(field: "webhookEvent", value: Limits.cut(name, to: 100))
        }
        let key = try payload.required("issue.key")
        var event = AlertEvent(
            kind: kind, alertKey: key, summary: "\(key): \(payload["issue.fields.summary"] ?? "An issue")",
            details: payload["issue.fields.description"] ?? "", links: links(payload, key),
            customDetails: payload.json)
        for (title, path) in [
            ("Project", "issue.fields.project.name"), ("Priority", "issue.fields.priority.name"),
            ("Status", "issue.fields.status.name"), ("By", "user.displayName"),
        ] { event.details.appendFact(title, payload[path]) }
        if kind == .comment, let text = payload["comment.body"] {
            event.comments = [AlertComment(creator: payload["comment.author.displayName"] ?? "", content: text)]
        }
        return kind == .comment && event.comments.isEmpty ? [] : [event]
    }

    private static func changesStatus(_ payload: VendorPayload) -> Bool {
        payload.json["changelog"]?["items"]?.array?.prefix(200).contains { $0["field"]?.string == "status" } ?? false
    }

    private static func category(_ payload: VendorPayload) throws(IntegrationError) -> AlertEvent.Kind? {
        try payload.kind(
            at: "issue.fields.status.statusCategory.key", alert: ["new"], resolve: ["done"],
            accept: ["indeterminate"], ignored: ["undefined"])
    }

    /// The issue's page, on the host of its API address.
    private static func links(_ payload: VendorPayload, _ key: String) -> [AlertLink] {
        guard let address = payload["issue.self"]?.webAddress, let end = address.firstRange(of: "/rest/") else {
            return []
        }
        return (String(address[..<end.lowerBound]) + "/browse/" + key).webAddress.map {
            [AlertLink(href: $0, text: "Jira")]
        } ?? []
    }
}
