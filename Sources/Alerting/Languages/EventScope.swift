/// What conditions and templates of an alert source may look at: the event and the payload that it was read from.
///
/// `event.…` are the event's own fields. A name without that root is the event's field if there is one of that name,
/// else a member of the payload. Nothing is copied into a tree first.
public struct EventScope: ValueScope {
    private let event: AlertEvent

    public init(_ event: AlertEvent) {
        self.event = event
    }

    public func value(at path: ValuePath) -> JSONValue? { place(at: path)?.value }

    public func place(at path: ValuePath) -> JSONPlace? {
        guard let root = path.root else { return nil }
        if root == "event" {
            guard path.steps.count > 1, case .member(let name) = path.steps[1] else { return nil }
            return field(name, path.steps[2...])
        }
        return field(root, path.steps[1...]) ?? event.customDocument?.place(at: path.steps[...])
    }

    private func field(_ name: String, _ rest: ArraySlice<ValuePath.Step>) -> JSONPlace? {
        switch name {
        case "customDetails": return event.customDocument?.place(at: rest)
        case "labels": return label(rest).map(JSONPlace.value)
        default: break
        }
        guard let value = plainField(name) else { return nil }
        return (rest.isEmpty ? value : value.value(at: rest)).map(JSONPlace.value)
    }

    private func plainField(_ name: String) -> JSONValue? {
        switch name {
        case "summary": event.summary.isEmpty ? nil : .string(event.summary)
        case "details": event.details.isEmpty ? nil : .string(event.details)
        case "alertKey": event.alertKey.map(JSONValue.string)
        case "eventType": .string(event.kind.rawValue.uppercased())
        case "priority": event.priority.map { .string($0.rawValue.uppercased()) }
        case "severity": event.severity.map { .integer(Int64($0)) }
        case "routingKey":
            event.routingKeys.isEmpty ? nil : .string(event.routingKeys.joined(separator: ","))
        case "timestamp": event.occurredAt.map { .string($0.iso8601) }
        case "services":
            event.services.isEmpty ? nil : .array(event.services.map { .object(["alias": .string($0)]) })
        case "links": event.links.isEmpty ? nil : .array(event.links.map(\.json))
        case "images": event.images.isEmpty ? nil : .array(event.images.map(\.json))
        case "comments": event.comments.isEmpty ? nil : .array(event.comments.map(\.json))
        default: nil
        }
    }

    private func label(_ rest: ArraySlice<ValuePath.Step>) -> JSONValue? {
        guard let first = rest.first else {
            return event.labels.isEmpty ? nil : .object(event.labels.mapValues(JSONValue.string))
        }
        guard case .member(let name) = first, rest.count == 1 else { return nil }
        return event.labels[name].map(JSONValue.string)
    }
}

extension AlertLink {
    var json: JSONValue { .object(["href": .string(href), "text": text.map(JSONValue.string) ?? .null]) }
}

extension AlertImage {
    var json: JSONValue {
        .object([
            "src": .string(source), "href": href.map(JSONValue.string) ?? .null,
            "alt": alternative.map(JSONValue.string) ?? .null,
        ])
    }
}

extension AlertComment {
    var json: JSONValue { .object(["creator": .string(creator), "content": .string(content)]) }
}
