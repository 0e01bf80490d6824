/// Changes to an event on its way through a flow.
public struct FlowTransform: Equatable, Sendable {
    /// `nil`: always.
    public var condition: Condition?
    /// In order; each sees what those before it did.
    public var rules: [FlowRule]
}

/// One change: a field of the event gets a value.
public struct FlowRule: Equatable, Sendable {
    public enum Operation: Equatable, Sendable {
        case set(JSONValue)
        case copy(ValuePath)
        /// Stands for the value at the path; `otherwise`: for one that is not listed; without it nothing is changed.
        case map(ValuePath, [String: JSONValue], otherwise: JSONValue?)
        case template(Template)
        /// Members are added to the object at the target, or replaced in it.
        case merge(ValuePath?, [String: JSONValue])
        /// Items are added to the list at the target.
        case append(ValuePath?, [JSONValue])
    }

    public var name: String
    /// As it was written, for people.
    public var targetText: String
    /// Below the event.
    public var target: [ValuePath.Step]
    public var operation: Operation

    /// Changes the event.
    ///
    /// - Returns: one sentence about what was done, or why nothing was.
    func apply(to scope: inout FlowScope) -> String {
        let title = name.isEmpty ? targetText : name
        guard let value = value(in: scope) else { return "“\(title)” found nothing to write." }
        guard value.bytes().count <= Limits.flowValue else { return "“\(title)” was left out: its value is too large." }
        guard scope.event.set(value, at: target) else {
            return "“\(title)” was left out: \(targetText) cannot hold that value."
        }
        return "“\(title)” wrote \(targetText)."
    }

    private func value(in scope: FlowScope) -> JSONValue? {
        let current = scope.value(at: ValuePath([.member("context"), .member("event")] + target))
        switch operation {
        case .set(let value): return value
        case .copy(let path): return scope.value(at: path)
        case .map(let path, let mapping, let otherwise):
            let found = scope.value(at: path)?.scalarText.flatMap { mapping[EventRules.folded($0)] }
            return found ?? otherwise
        case .template(let template):
            // What cannot be filled in writes nothing, and the sentence says so.
            return (try? template.render(over: scope)).map(JSONValue.string)
        case .merge(let path, let members):
            let added = path.flatMap { scope.value(at: $0)?.object } ?? [:]
            guard let object = current == nil ? [:] : current?.object else { return nil }
            return .object(object.merging(added) { $1 }.merging(members) { $1 })
        case .append(let path, let items):
            guard let list = current == nil ? [] : current?.array else { return nil }
            let found = path.flatMap { scope.value(at: $0) }
            return .array(list + (found?.array ?? found.map { [$0] } ?? []) + items)
        }
    }
}

extension AlertEvent {
    /// Writes one field, within its limits.
    ///
    /// - Parameter path: below the event, such as `customDetails.host`.
    /// - Returns: `false` when there is no such field, or it cannot hold the value.
    mutating func set(_ value: JSONValue, at path: [ValuePath.Step]) -> Bool {
        guard case .member(let name) = path.first else { return false }
        let rest = path.dropFirst()
        switch name {
        case "customDetails":
            guard let changed = (customDetails ?? .object([:])).setting(value, at: rest) else { return false }
            customDetails = changed
            return true
        case "labels": return setLabel(value, rest)
        default:
            guard rest.isEmpty else { return false }
            return setText(value, name) || setList(value, name)
        }
    }

    private mutating func setLabel(_ value: JSONValue, _ rest: ArraySlice<ValuePath.Step>) -> Bool {
        guard let first = rest.first else {
            guard let members = value.object else { return false }
            labels = members.compactMapValues(\.scalarText)
            return labels.count <= Limits.labels
        }
        guard case .member(let name) = first, rest.count == 1, let text = value.scalarText,
            labels[name] != nil || labels.count < Limits.labels
        else { return false }
        labels[name] = Limits.cut(text, to: Limits.name)
        return true
    }

    private mutating func setText(_ value: JSONValue, _ name: String) -> Bool {
        let text = value.scalarText
        switch (name, text) {
        case ("summary", let text?) where !EventRules.line(text).isEmpty:
            summary = Limits.cut(EventRules.line(text), to: Limits.summary)
        case ("details", let text?): details = Limits.cut(text, to: Limits.details)
        case ("alertKey", let text?): alertKey = text
        case ("alertKey", nil) where value.isNull: alertKey = nil
        case ("priority", let text?):
            guard let known = Priority(rawValue: text.lowercased()) else { return false }
            priority = known
        case ("priority", nil) where value.isNull: priority = nil
        case ("severity", let text?):
            guard let number = Int(text), (1...5).contains(number) else { return false }
            severity = number
        case ("severity", nil) where value.isNull: severity = nil
        case ("eventType", let text?):
            guard let known = Kind(rawValue: text.lowercased()) else { return false }
            kind = known
        case ("routingKey", let text?): routingKeys = [Limits.cut(EventRules.line(text), to: 1000)]
        default: return false
        }
        return true
    }

    private mutating func setList(_ value: JSONValue, _ name: String) -> Bool {
        guard let items = value.array else { return false }
        switch name {
        case "links":
            links = items.prefix(Limits.links).compactMap { item in
                (item["href"]?.string ?? item.string).map { AlertLink(href: $0, text: item["text"]?.scalarText) }
            }
        case "images":
            images = items.prefix(Limits.images).compactMap { item in
                item["src"]?.string.map {
                    AlertImage(source: $0, href: item["href"]?.string, alternative: item["alt"]?.scalarText)
                }
            }
        case "comments":
            comments = items.prefix(Limits.comments).compactMap { item in
                (item["content"]?.scalarText ?? item.scalarText).map {
                    AlertComment(
                        creator: item["creator"]?.scalarText ?? "", content: Limits.cut($0, to: Limits.comment))
                }
            }
        case "services":
            services = items.prefix(Limits.labels).compactMap { $0["alias"]?.scalarText ?? $0.scalarText }
        case "routingKey": routingKeys = items.prefix(20).compactMap(\.scalarText)
        default: return false
        }
        return true
    }
}

extension JSONValue {
    /// The value with `value` at the path; objects are made where there is nothing yet.
    ///
    /// - Returns: `nil` when the path leads through something that is neither object nor list.
    func setting(_ value: JSONValue, at path: ArraySlice<ValuePath.Step>) -> JSONValue? {
        guard let step = path.first else { return value }
        let rest = path.dropFirst()
        switch (self, step) {
        case (.object(var members), .member(let name)):
            guard let changed = (members[name] ?? .object([:])).setting(value, at: rest) else { return nil }
            members[name] = changed
            return .object(members)
        case (.array(var items), .index(let index)):
            guard index <= items.count, index < Limits.payloadFields else { return nil }
            guard let changed = (index < items.count ? items[index] : .object([:])).setting(value, at: rest) else {
                return nil
            }
            if index < items.count { items[index] = changed } else { items.append(changed) }
            return .array(items)
        case (.null, .member): return JSONValue.object([:]).setting(value, at: path)
        default: return nil
        }
    }
}
