public import Alerting

/// GitHub's webhooks: workflow and check runs, issues, and the three kinds of security alerts.
///
/// Source: docs.github.com/webhooks/webhook-events-and-payloads (workflow_run, check_run, issues, dependabot_alert,
/// code_scanning_alert, secret_scanning_alert) and "Validating webhook deliveries", read 2026-11-27.
public enum GitHub: Integration {
    public static let kind = IntegrationKind(
        type: "GITHUB", path: "github", name: "GitHub", category: .development,
        signature: WebhookSignature(header: "X-Hub-Signature-256", proof: .hexadecimal(prefix: "sha256=")))

    /// The events that are read; the member of each carries the same name but for alerts.
    private static let runs = ["workflow_run", "check_run"]
    private static let alerts = ["dependabot_alert", "code_scanning_alert", "secret_scanning_alert"]

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let event = request.header("x-github-event") ?? event(in: payload)
        let read: AlertEvent?
        switch event {
        case "issues": read = try issue(payload)
        case let name? where runs.contains(name): read = try run(name, payload)
        case let name? where alerts.contains(name): read = try alert(name, payload)
        case nil: throw .missing(field: "X-GitHub-Event")
        // Pushes, stars, pings: whoever subscribed to everything gets them.
        case .some: read = nil
        }
        return read.map { [$0] } ?? []
    }

    /// Without the header, the members tell.
    private static func event(in payload: VendorPayload) -> String? {
        if payload.json["issue"] != nil { return "issues" }
        if payload.json["alert"] != nil { return "code_scanning_alert" }
        if payload.json["zen"] != nil { return "ping" }
        return runs.first { payload.json[$0] != nil }
    }

    private static func run(_ name: String, _ payload: VendorPayload) throws(IntegrationError) -> AlertEvent? {
        guard payload["action"] == "completed" else { return nil }
        let kind = try payload.kind(
            at: name + ".conclusion", alert: ["failure", "timed_out", "startup_failure", "action_required"],
            resolve: ["success"], ignored: ["cancelled", "skipped", "neutral", "stale"])
        guard let kind else { return nil }
        let repository = try payload.required("repository.full_name")
        let title = payload[name + ".name"] ?? "A run"
        let branch = payload[name + ".head_branch", name + ".check_suite.head_branch"]
        // A branch that passes again closes what failed on it, whichever run it was.
        let key = [name, repository, payload[name + ".workflow_id"] ?? title, branch ?? ""].joined(separator: "/")
        var event = AlertEvent(
            kind: kind, alertKey: key,
            summary: "\(repository): \(title)\(branch.map { " on " + $0 } ?? "") "
                + (kind == .alert ? "failed" : "passed"),
            links: payload.link(name + ".html_url", text: "GitHub"), customDetails: payload.json,
            occurredAt: payload.time(name + ".updated_at") ?? payload.time(name + ".completed_at"))
        event.details = payload.lines([
            ("Conclusion", name + ".conclusion"), ("Commit", name + ".head_sha"), ("Event", name + ".event"),
            ("Message", name + ".head_commit.message"), ("By", name + ".actor.login"),
            ("Output", name + ".output.title"),
        ])
        return event
    }

    private static func issue(_ payload: VendorPayload) throws(IntegrationError) -> AlertEvent? {
        let kind = try payload.kind(
            at: "action", alert: ["opened", "reopened"], resolve: ["closed", "deleted", "transferred"],
            ignored: [
                "edited", "assigned", "unassigned", "labeled", "unlabeled", "locked", "unlocked", "milestoned",
                "demilestoned", "pinned", "unpinned", "typed", "untyped",
            ])
        guard let kind else { return nil }
        let key = try payload.required("repository.full_name") + "#" + (try payload.required("issue.number"))
        return AlertEvent(
            kind: kind, alertKey: key, summary: "\(key): \(payload["issue.title"] ?? "An issue")",
            details: payload["issue.body"] ?? "", links: payload.link("issue.html_url", text: "GitHub"),
            customDetails: payload.json, occurredAt: payload.time("issue.updated_at"))
    }

    private static func alert(_ name: String, _ payload: VendorPayload) throws(IntegrationError) -> AlertEvent? {
        let kind = try payload.kind(
            at: "action",
            alert: [
                "created", "reopened", "reopened_by_user", "appeared_in_branch", "auto_reopened", "reintroduced",
                "publicly_leaked",
            ],
            resolve: ["fixed", "dismissed", "auto_dismissed", "closed_by_user", "resolved", "revoked"],
            ignored: ["assignees_changed", "updated_assignment", "validated", "assigned", "unassigned"])
        guard let kind else { return nil }
        let repository = try payload.required("repository.full_name")
        let title = payload[
            "alert.security_advisory.summary", "alert.rule.description", "alert.secret_type_display_name"]
        return AlertEvent(
            kind: kind, alertKey: "\(name)/\(repository)/\(try payload.required("alert.number"))",
            summary: "\(repository): \(title ?? "A security alert")",
            details: payload.lines([
                ("Severity", "alert.security_advisory.severity"), ("Rule severity", "alert.rule.severity"),
                ("Package", "alert.dependency.package.name"), ("Tool", "alert.tool.name"),
                ("State", "alert.state"),
            ]),
            links: payload.link("alert.html_url", text: "GitHub"), customDetails: payload.json)
    }
}
