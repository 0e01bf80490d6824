internal import Alerting

/// Where RapidSpike's payload may say what, most likely place first.
///
/// The words are those of RapidSpike's API (monitor, website, page; uuid, label, target, domain_name); what a webhook
/// really carries is published nowhere (searched 2026-11-23), so each is looked for bare and in the usual wrappers.
enum RapidSpikeFields {
    /// What a field may say.
    enum Meaning: UInt8, CaseIterable {
        case state, sentence, monitorID, websiteID, target, monitorLabel, websiteLabel, domain, kind, region, error
        case responseCode, time
    }

    /// A place among those that may have one meaning; the lowest rank is the likeliest.
    struct Place {
        var meaning: Meaning
        var rank: UInt16
    }

    /// The hundreds of places by their lookup name. A payload has a dozen fields: each is looked up here, instead of
    /// every place in the payload.
    static let places: [LookupName: [Place]] = {
        var places: [LookupName: [Place]] = [:]
        for meaning in Meaning.allCases {
            for (rank, path) in paths(of: meaning).enumerated()
            where places[LookupName(path)]?.contains(where: { $0.meaning == meaning }) != true {
                places[LookupName(path), default: []].append(Place(meaning: meaning, rank: UInt16(rank)))
            }
        }
        return places
    }()

    private static func paths(of meaning: Meaning) -> [String] {
        switch meaning {
        case .state:
            paths(
                [
                    "status", "current_status", "new_status", "monitor_status", "state", "current_state", "event",
                    "event_type", "alert_type", "type",
                ], in: ["", "monitor.", "data.", "alert.", "notification.", "event.", "payload.", "data.monitor."])
        case .sentence:
            paths(
                ["message", "text", "title", "subject", "summary", "description", "msg", "body", "content"],
                in: ["", "data.", "alert.", "notification.", "event.", "payload.", "monitor.", "attachments.0."])
        case .monitorID:
            paths(["monitor.uuid", "monitor_uuid", "monitor_id", "monitor.id"])
                + paths(["uuid", "id"], in: ["", "data.", "payload."])
        case .websiteID: paths(["website.uuid", "website_uuid", "website_id", "website.id"])
        case .target:
            paths([
                "monitor.target", "target", "monitor_target", "target_url", "monitor.url", "monitor_url", "page.url",
                "url", "page.path", "path", "monitor.path",
            ])
        case .monitorLabel:
            paths([
                "monitor.label", "monitor_label", "monitor.name", "monitor_name", "label", "page.label", "name",
                "monitor",
            ])
        case .websiteLabel:
            paths([
                "website.label", "website_label", "website.name", "website_name", "website", "site", "asset_title",
            ])
        case .domain: paths(["website.domain_name", "domain_name", "domain", "website.domain"])
        case .kind: paths(["monitor.type", "monitor_type"])
        case .region:
            paths(["region", "test_region", "monitor.region", "test.region", "monitor.test_regions.0.id", "location"])
        case .error:
            paths([
                "error", "error_message", "error.message", "reason", "failure_reason", "response.error",
                "latest_response", "response.message",
            ])
        case .responseCode: paths(["http_code", "response_code", "status_code", "response.code"])
        case .time:
            paths(["unix_created_date", "created_date", "timestamp", "date", "time", "created_at", "occurred_at"])
        }
    }

    private static func paths(
        _ names: [String], in wrappers: [String] = ["", "data.", "alert.", "notification.", "event.", "payload."]
    ) -> [String] {
        names.flatMap { name in wrappers.map { $0 + name } }
    }
}

/// The fields of one payload that have a meaning, likeliest first.
struct RapidSpikeFindings {
    private struct Found {
        var place: RapidSpikeFields.Place
        var field: UInt16

        var order: UInt32 { UInt32(place.meaning.rawValue) << 16 | UInt32(place.rank) }
    }

    private let fields: [Flattened.Field]
    private var found: [Found] = []

    init(_ flattened: Flattened) {
        fields = flattened.fields
        found.reserveCapacity(24)
        let known = RapidSpikeFields.places
        for (index, name) in flattened.names.enumerated() {
            guard let places = known[name], !Flattened.saysNothing(fields[index].value)
            else { continue }
            for place in places { found.append(Found(place: place, field: UInt16(index))) }
        }
        found.sort { $0.order < $1.order }
    }

    func first(_ meaning: RapidSpikeFields.Meaning) -> Flattened.Field? {
        found.first { $0.place.meaning == meaning }.map { fields[Int($0.field)] }
    }

    func all(_ meaning: RapidSpikeFields.Meaning) -> some Sequence<Flattened.Field> {
        found.lazy.filter { $0.place.meaning == meaning }.map { fields[Int($0.field)] }
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
