public import Alerting

/// Healthchecks.io's webhook with `$JSON` as its body and the header `Check-Status: $STATUS`.
///
/// Source: healthchecks/healthchecks, hc/api/models.py (`get_status`, `to_dict`, `details_url`), read 2026-11-23. The
/// status in the body is that of the moment, the header's is the one that is told of.
public enum HealthchecksIO: Integration {
    public static let kind = IntegrationKind(
        type: "HEALTHCHECKSIO", path: "healthchecksio", name: "Healthchecks.io", category: .applications)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        guard let status = request.header("check-status")?.nonEmpty ?? payload["status"] else {
            throw .missing(field: "status")
        }
        let kind: AlertEvent.Kind
        switch status.lowercased() {
        case "down": kind = .alert
        case "up", "grace": kind = .resolve
        case "new", "paused": return []
        default: throw .unsupported(field: "status", value: status)
        }
        let name = payload["name", "slug"] ?? "A check"
        return [
            AlertEvent(
                kind: kind, alertKey: payload["uuid", "unique_key", "update_url", "name"],
                summary: "\(name) is \(kind == .alert ? "down" : "up")",
                details: payload.lines([
                    ("Description", "desc"), ("Tags", "tags"), ("Last ping", "last_ping"), ("Schedule", "schedule"),
                ]),
                links: page(payload), customDetails: payload.json)
        ]
    }

    /// The check's page stands beside its API address, on self-hosted servers too.
    private static func page(_ payload: VendorPayload) -> [AlertLink] {
        guard let address = payload["update_url"]?.webAddress, let uuid = payload["uuid"] else { return [] }
        let parts = address.split(separator: "/", omittingEmptySubsequences: false)
        guard let api = parts.firstIndex(of: "api"), api >= 3 else { return [] }
        let page = parts[..<api].joined(separator: "/") + "/checks/\(uuid)/details/"
        return page.webAddress.map { [AlertLink(href: $0, text: "Healthchecks.io")] } ?? []
    }
}
