public import Alerting

/// AWX and Ansible Tower: the webhook notification of a job.
///
/// Source: docs.ansible.com/projects/awx, "Supported Attributes for Custom Notifications" (24.6), and bodies
/// recorded at qiita.com/hatchi27/items/74c1b7b7074c30e6f03c, read 2026-11-27. Job ids are new each time: the
/// template is the key.
public enum AWX: Integration {
    public static let kind = IntegrationKind(
        type: "AWX", path: "awx", name: "AWX and Ansible Tower", category: .development)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let kind = try payload.kind(
            at: "status", alert: ["failed", "error"], resolve: ["successful"],
            ignored: ["new", "pending", "waiting", "running", "canceled"])
        guard let kind else { return [] }
        let name = try payload.required("name")
        return [
            AlertEvent(
                kind: kind, alertKey: payload.joined("friendly_name", "project", "name") ?? name,
                summary: "\(name) \(kind == .alert ? "failed" : "succeeded")",
                details: payload.lines([
                    ("Job", "id"), ("Project", "project"), ("Playbook", "playbook"), ("Inventory", "inventory"),
                    ("By", "created_by"), ("Traceback", "traceback"),
                ]),
                links: payload.link("url", text: "AWX"), customDetails: payload.json,
                occurredAt: payload.time("finished"))
        ]
    }
}
