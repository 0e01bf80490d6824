public import Alerting

/// The generic event: the product's own JSON, understood by every client of ilert's events API.
///
/// Source: ilert's public OpenAPI document (v2.2026.5) and the requests of its open-source clients, read 2026-11-23.
public enum EventsAPI: Integration {
    public static let kind = IntegrationKind(
        type: "API", path: "api", aliases: ["push"], name: "Events API", category: .custom, isFeatured: true,
        features: [
            .alertResolution, .alertAcknowledgement, .dynamicRouting, .images, .links, .comments,
        ], guide: "events-api")

    /// A body that is a JSON object, taken apart once.
    public struct Submission: Equatable, Sendable {
        /// Names the alert source when the URL does not; `nil` when the body has none.
        public var integrationKey: String?
        /// The event, or the field at fault.
        public var event: Result<AlertEvent, IntegrationError>
    }

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        [try submission(from: request).event.get()]
    }

    /// Throws only when the body is no JSON object, so that a request with a fault can still be filed under its key.
    public static func submission(from request: WebhookRequest) throws(IntegrationError) -> Submission {
        let body: JSONValue
        do throws(JSONError) {
            body = try JSONValue.parse(request.body)
        } catch {
            throw .malformed(reason: error.message)
        }
        guard case .object = body else { throw .malformed(reason: "The body must be a JSON object.") }
        return submission(from: body)
    }

    public static func submission(from body: JSONValue) -> Submission {
        let fields = EventFields(body: body)
        let event = Result { () throws(IntegrationError) -> AlertEvent in try fields.event().withinLimits() }
        return Submission(integrationKey: integrationKey(in: body), event: event)
    }

    public static func integrationKey(in request: WebhookRequest) -> String? {
        (try? JSONValue.parse(request.body)).flatMap { integrationKey(in: $0) }  // What is no JSON has no key.
    }

    public static func integrationKey(in body: JSONValue) -> String? {
        ["integrationKey", "apiKey"].lazy.compactMap { body[$0]?.scalarText?.nonEmpty }.first
    }
}

/// The fields of one body; a null counts as absent.
private struct EventFields {
    let body: JSONValue

    func event() throws(IntegrationError) -> AlertEvent {
        let kind = try kind()
        var event = AlertEvent(
            kind: kind, alertKey: try firstText("alertKey", "incidentKey"), summary: try text("summary") ?? "",
            details: try text("details") ?? "", priority: try priority(), severity: try severity(),
            links: try links(), images: try images(), comments: try comments(), labels: try labels(),
            services: try services(), customDetails: customDetails(),
            routingKeys: kind == .alert ? try routingKeys() : [])
        if kind == .alert, event.summary.nonEmpty == nil { throw .missing(field: "summary") }
        if kind == .comment, event.comments.isEmpty {
            guard let content = event.details.nonEmpty ?? event.summary.nonEmpty else {
                throw .missing(field: "comments")
            }
            event.comments = [AlertComment(creator: "", content: content)]
        }
        return event
    }

    private func kind() throws(IntegrationError) -> AlertEvent.Kind {
        guard let name = try text("eventType")?.nonEmpty else { throw .missing(field: "eventType") }
        guard let kind = AlertEvent.Kind(rawValue: name.lowercased()) else {
            throw .unsupported("eventType", .string(name))
        }
        return kind
    }

    private func priority() throws(IntegrationError) -> Priority? {
        guard let name = try text("priority")?.nonEmpty else { return nil }
        guard let priority = Priority(rawValue: name.lowercased()) else {
            throw .unsupported("priority", .string(name))
        }
        return priority
    }

    private func severity() throws(IntegrationError) -> Int? {
        guard let value = member("severity") else { return nil }
        guard let number = value.integer, (1...5).contains(number) else { throw .unsupported("severity", value) }
        return Int(number)
    }

    private func links() throws(IntegrationError) -> [AlertLink] {
        try items("links").compactMap { item in
            item["href"]?.string?.nonEmpty.map { AlertLink(href: $0, text: item["text"]?.scalarText) }
        }
    }

    private func images() throws(IntegrationError) -> [AlertImage] {
        try items("images").compactMap { item in
            item["src"]?.string?.nonEmpty.map {
                AlertImage(source: $0, href: item["href"]?.string, alternative: item["alt"]?.scalarText)
            }
        }
    }

    private func comments() throws(IntegrationError) -> [AlertComment] {
        try items("comments").compactMap { item in
            item["content"]?.scalarText?.nonEmpty.map {
                AlertComment(creator: item["creator"]?.scalarText ?? "", content: $0)
            }
        }
    }

    private func labels() throws(IntegrationError) -> [String: String] {
        guard let value = member("labels") else { return [:] }
        guard let members = value.object else { throw .unsupported("labels", value) }
        return members.compactMapValues(\.scalarText)
    }

    private func services() throws(IntegrationError) -> [String] {
        guard let value = member("services") else { return [] }
        guard let items = value.array else { throw .unsupported("services", value) }
        return items.compactMap { item in
            (item.scalarText ?? item["alias"]?.scalarText ?? item["id"]?.scalarText)?.nonEmpty
        }
    }

    private func routingKeys() throws(IntegrationError) -> [String] {
        try text("routingKey")?.split(separator: ",").compactMap(\.nonEmpty) ?? []
    }

    /// Free JSON; log lines have no place of their own and are kept in it.
    private func customDetails() -> JSONValue? {
        let details = member("customDetails")
        guard let logs = member("logs") else { return details }
        var members = details?.object ?? details.map { ["customDetails": $0] } ?? [:]
        if members["logs"] == nil { members["logs"] = logs }
        return .object(members)
    }

    private func member(_ name: String) -> JSONValue? {
        body[name].flatMap { $0.isNull ? nil : $0 }
    }

    private func text(_ name: String) throws(IntegrationError) -> String? {
        guard let value = member(name) else { return nil }
        guard let text = value.scalarText else { throw .unsupported(name, value) }
        return text
    }

    private func firstText(_ names: String...) throws(IntegrationError) -> String? {
        for name in names {
            if let text = try text(name)?.nonEmpty { return text }
        }
        return nil
    }

    /// The objects of a list. An item that says nothing is left out: it must not cost the alert.
    private func items(_ name: String) throws(IntegrationError) -> [JSONValue] {
        guard let value = member(name) else { return [] }
        guard let items = value.array else { throw .unsupported(name, value) }
        return items.filter { $0.object != nil }
    }
}
