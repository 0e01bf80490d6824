/// An alert event as text, for one that has to wait.
extension AlertEvent {
    public var json: JSONValue {
        var members: [String: JSONValue] = ["kind": .string(kind.rawValue), "summary": .string(summary)]
        members["alertKey"] = alertKey.map(JSONValue.string)
        if !details.isEmpty { members["details"] = .string(details) }
        members["priority"] = priority.map { .string($0.rawValue) }
        members["severity"] = severity.map { .integer(Int64($0)) }
        members["links"] = Self.list(links) { ["href": $0.href, "text": $0.text] }
        members["images"] = Self.list(images) { ["src": $0.source, "href": $0.href, "alt": $0.alternative] }
        members["comments"] = Self.list(comments) { ["creator": $0.creator, "content": $0.content] }
        if !labels.isEmpty { members["labels"] = .object(labels.mapValues(JSONValue.string)) }
        if !services.isEmpty { members["services"] = .array(services.map(JSONValue.string)) }
        members["customDetails"] = customDetails
        if !routingKeys.isEmpty { members["routingKeys"] = .array(routingKeys.map(JSONValue.string)) }
        members["occurredAt"] = occurredAt.map { .integer($0.milliseconds) }
        return .object(members)
    }

    /// `nil` for what `json` never writes.
    public init?(json: JSONValue) {
        guard let kind = json["kind"]?.string.flatMap({ Kind(rawValue: $0) }), let summary = json["summary"]?.string
        else { return nil }
        func items(_ name: String) -> [JSONValue] { json[name]?.array ?? [] }
        self.init(
            kind: kind, alertKey: json["alertKey"]?.string, summary: summary, details: json["details"]?.string ?? "",
            priority: json["priority"]?.string.flatMap { Priority(rawValue: $0) },
            severity: json["severity"]?.integer.map(Int.init),
            links: items("links").compactMap { item in
                item["href"]?.string.map { AlertLink(href: $0, text: item["text"]?.string) }
            },
            images: items("images").compactMap { item in
                item["src"]?.string.map {
                    AlertImage(source: $0, href: item["href"]?.string, alternative: item["alt"]?.string)
                }
            },
            comments: items("comments").compactMap { item in
                item["content"]?.string.map { AlertComment(creator: item["creator"]?.string ?? "", content: $0) }
            },
            labels: (json["labels"]?.object ?? [:]).compactMapValues(\.string),
            services: items("services").compactMap(\.string), customDetails: json["customDetails"],
            routingKeys: items("routingKeys").compactMap(\.string),
            occurredAt: json["occurredAt"]?.integer.map(Timestamp.init(milliseconds:)))
    }

    private static func list<Item>(_ items: [Item], _ members: (Item) -> [String: String?]) -> JSONValue? {
        guard !items.isEmpty else { return nil }
        return .array(items.map { .object(members($0).compactMapValues { $0.map(JSONValue.string) }) })
    }
}
