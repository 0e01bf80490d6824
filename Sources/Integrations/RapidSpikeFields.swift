internal import Alerting

/// Where RapidSpike's payload may say what, most likely place first.
///
/// The words are those of RapidSpike's API (monitor, website, page; uuid, label, target, domain_name); what a webhook
/// really carries is published nowhere (searched 2026-11-23), so each is looked for bare and in the usual wrappers.
enum RapidSpikeFields {
    static let state = paths(
        [
            "status", "current_status", "new_status", "monitor_status", "state", "current_state", "event",
            "event_type", "alert_type", "type",
        ], in: ["", "monitor.", "data.", "alert.", "notification.", "event.", "payload.", "data.monitor."])

    static let sentences = paths(
        ["message", "text", "title", "subject", "summary", "description", "msg", "body", "content"],
        in: ["", "data.", "alert.", "notification.", "event.", "payload.", "monitor.", "attachments.0."])

    static let monitorID =
        paths(["monitor.uuid", "monitor_uuid", "monitor_id", "monitor.id"], in: wrappers)
        + paths(["uuid", "id"], in: ["", "data.", "payload."])

    static let websiteID = paths(["website.uuid", "website_uuid", "website_id", "website.id"], in: wrappers)

    static let target = paths(
        [
            "monitor.target", "target", "monitor_target", "target_url", "monitor.url", "monitor_url", "page.url", "url",
            "page.path", "path", "monitor.path",
        ], in: wrappers)

    static let monitorLabel = paths(
        ["monitor.label", "monitor_label", "monitor.name", "monitor_name", "label", "page.label", "name", "monitor"],
        in: wrappers)

    static let websiteLabel = paths(
        ["website.label", "website_label", "website.name", "website_name", "website", "site", "asset_title"],
        in: wrappers)

    static let domain = paths(["website.domain_name", "domain_name", "domain", "website.domain"], in: wrappers)

    static let kind = paths(["monitor.type", "monitor_type"], in: wrappers)

    static let region = paths(
        ["region", "test_region", "monitor.region", "test.region", "monitor.test_regions.0.id", "location"],
        in: wrappers)

    static let error = paths(
        [
            "error", "error_message", "error.message", "reason", "failure_reason", "response.error", "latest_response",
            "response.message",
        ], in: wrappers)

    static let responseCode = paths(["http_code", "response_code", "status_code", "response.code"], in: wrappers)

    static let time = paths(
        ["unix_created_date", "created_date", "timestamp", "date", "time", "created_at", "occurred_at"],
        in: wrappers)

    private static let wrappers = ["", "data.", "alert.", "notification.", "event.", "payload."]

    private static func paths(_ names: [String], in wrappers: [String]) -> [String] {
        names.flatMap { name in wrappers.map { $0 + name } }
    }
}

/// The times tools write: ISO 8601 (UTC when no zone is given) and Unix seconds, milliseconds or more.
enum ToolTime {
    /// `nil` for what is no time and for times before 2000 or after 2100, which are mistakes.
    static func read(_ text: String) -> Timestamp? {
        let text = text.trimmed
        guard text.utf8.count <= 40 else { return nil }
        let time = Timestamp(iso8601: text) ?? Double(text).flatMap(unix)
        return time.flatMap { plausible.contains($0) ? $0 : nil }
    }

    private static let plausible =
        Timestamp(milliseconds: 946_684_800_000)..<Timestamp(milliseconds: 4_102_444_800_000)

    private static func unix(_ number: Double) -> Timestamp? {
        guard number.isFinite, number > 0 else { return nil }
        let milliseconds =
            switch number {
            case ..<1e11: number * 1000
            case ..<1e14: number
            case ..<1e17: number / 1000
            default: number / 1_000_000
            }
        return milliseconds < 1e15 ? Timestamp(milliseconds: Int64(milliseconds)) : nil
    }
}
