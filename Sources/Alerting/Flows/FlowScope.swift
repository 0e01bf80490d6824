/// What a flow's conditions and templates may look at: `context.event.…`, `context.integrationType`, and what the node
/// that asks has found out (`context.supportHoursState`, `context.branchName`).
///
/// A name without the root `context` is looked up as in an alert source's conditions.
struct FlowScope: ValueScope {
    var event: AlertEvent
    /// As on the wire, such as `PROMETHEUS`.
    var integrationType: String
    /// `DURING` or `OUTSIDE`.
    var supportHoursState: String?
    var branchName: String?

    func value(at path: ValuePath) -> JSONValue? {
        guard path.root == "context" else { return EventScope(event).value(at: path) }
        guard path.steps.count > 1, case .member(let name) = path.steps[1] else { return nil }
        let isLast = path.steps.count == 2
        switch name {
        case "event":
            guard !isLast else { return event.wire }
            return EventScope(event).value(at: ValuePath([.member("event")] + path.steps[2...]))
        case "integrationType": return isLast ? .string(integrationType) : nil
        case "supportHoursState": return isLast ? supportHoursState.map(JSONValue.string) : nil
        case "branchName": return isLast ? branchName.map(JSONValue.string) : nil
        default: return nil
        }
    }
}

extension AlertEvent {
    /// The event as the product's own API takes it, without its integration key.
    public var wire: JSONValue {
        var members: [String: JSONValue] = ["eventType": .string(kind.rawValue.uppercased())]
        members["summary"] = summary.isEmpty ? nil : .string(summary)
        members["details"] = details.isEmpty ? nil : .string(details)
        members["alertKey"] = alertKey.map(JSONValue.string)
        members["priority"] = priority.map { .string($0.rawValue.uppercased()) }
        members["severity"] = severity.map { .integer(Int64($0)) }
        members["links"] = links.isEmpty ? nil : .array(links.map(\.json))
        members["images"] = images.isEmpty ? nil : .array(images.map(\.json))
        members["comments"] = comments.isEmpty ? nil : .array(comments.map(\.json))
        members["labels"] = labels.isEmpty ? nil : .object(labels.mapValues(JSONValue.string))
        members["services"] = services.isEmpty ? nil : .array(services.map { .object(["alias": .string($0)]) })
        members["routingKey"] = routingKeys.isEmpty ? nil : .string(routingKeys.joined(separator: ","))
        members["customDetails"] = customDetails
        return .object(members)
    }
}
