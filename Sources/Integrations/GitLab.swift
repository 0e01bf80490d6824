public import Alerting

/// GitLab's webhooks: pipelines, jobs, deployments, issues and vulnerabilities.
///
/// Source: docs.gitlab.com/user/project/integrations/webhook_events and "Webhooks" (X-Gitlab-Token), read 2026-11-27.
public enum GitLab: Integration {
    public static let kind = IntegrationKind(
        type: "GITLAB", path: "gitlab", name: "GitLab", category: .development,
        signature: WebhookSignature(header: "X-Gitlab-Token", proof: .secret))

    private static let running: Set<String> = [
        "created", "waiting_for_resource", "preparing", "pending", "running", "canceled", "canceling", "skipped",
        "manual", "scheduled", "waiting_for_callback", "blocked",
    ]

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let event =
            switch try payload.required("object_kind") {
            case "pipeline": try pipeline(payload)
            case "build": try job(payload)
            case "deployment": try deployment(payload)
            case "issue", "work_item", "incident": try issue(payload)
            case "vulnerability": try vulnerability(payload)
            // Pushes, notes, merge requests: whoever ticked every box gets them.
            default: AlertEvent?.none
            }
        return event.map { [$0] } ?? []
    }

    private static func pipeline(_ payload: VendorPayload) throws(IntegrationError) -> AlertEvent? {
        let kind = try payload.kind(
            at: "object_attributes.status", alert: ["failed"], resolve: ["success"], ignored: running)
        guard let kind else { return nil }
        let project = try payload.required("project.path_with_namespace")
        let branch = payload["object_attributes.ref"] ?? ""
        return AlertEvent(
            kind: kind, alertKey: "pipeline/\(project)/\(branch)",
            summary: "\(project): pipeline on \(branch) \(kind == .alert ? "failed" : "passed")",
            details: payload.lines([
                ("Commit", "commit.id"), ("Message", "commit.title"), ("By", "user.username"),
                ("Source", "object_attributes.source"), ("Seconds", "object_attributes.duration"),
            ]),
            links: payload.link("object_attributes.url", text: "GitLab")
                + payload.link("commit.url", text: "Commit"), customDetails: payload.json,
            occurredAt: payload.time("object_attributes.finished_at"))
    }

    private static func job(_ payload: VendorPayload) throws(IntegrationError) -> AlertEvent? {
        let kind = try payload.kind(at: "build_status", alert: ["failed"], resolve: ["success"], ignored: running)
        guard let kind, payload["build_allow_failure"] != "true" else { return nil }
        let place = payload.joined("project_name", "ref", "build_name") ?? "A job"
        return AlertEvent(
            kind: kind, alertKey: "job/" + place, summary: "\(place) \(kind == .alert ? "failed" : "passed")",
            details: payload.lines([("Reason", "build_failure_reason"), ("Stage", "build_stage"), ("Commit", "sha")]),
            links: payload.link("repository.homepage", text: "GitLab"), customDetails: payload.json)
    }

    private static func deployment(_ payload: VendorPayload) throws(IntegrationError) -> AlertEvent? {
        let kind = try payload.kind(at: "status", alert: ["failed"], resolve: ["success"], ignored: running)
        guard let kind else { return nil }
        let project = try payload.required("project.path_with_namespace")
        let environment = payload["environment"] ?? ""
        return AlertEvent(
            kind: kind, alertKey: "deployment/\(project)/\(environment)",
            summary: "\(project): deployment to \(environment) \(kind == .alert ? "failed" : "succeeded")",
            details: payload.lines([("Commit", "commit_title"), ("By", "user.username")]),
            links: payload.link("deployable_url", text: "GitLab"), customDetails: payload.json)
    }

    private static func issue(_ payload: VendorPayload) throws(IntegrationError) -> AlertEvent? {
        let kind = try payload.kind(
            at: "object_attributes.action", alert: ["open", "reopen"], resolve: ["close"], ignored: ["update"])
        guard let kind else { return nil }
        let project = try payload.required("project.path_with_namespace")
        let number = try payload.required("object_attributes.iid")
        return AlertEvent(
            kind: kind, alertKey: "\(project)#\(number)",
            summary: "\(project)#\(number): \(payload["object_attributes.title"] ?? "An issue")",
            details: payload["object_attributes.description"] ?? "",
            links: payload.link("object_attributes.url", text: "GitLab"), customDetails: payload.json)
    }

    private static func vulnerability(_ payload: VendorPayload) throws(IntegrationError) -> AlertEvent? {
        let kind = try payload.kind(
            at: "object_attributes.state", alert: ["detected", "confirmed"], resolve: ["resolved", "dismissed"])
        guard let kind else { return nil }
        return AlertEvent(
            kind: kind, alertKey: "vulnerability/" + (try payload.required("object_attributes.url")),
            summary: payload["object_attributes.title"] ?? "A vulnerability",
            details: payload.lines([
                ("Severity", "object_attributes.severity"), ("Report", "object_attributes.report_type"),
                ("Where", "object_attributes.location.file"),
            ]),
            links: payload.link("object_attributes.url", text: "GitLab"), customDetails: payload.json)
    }
}
