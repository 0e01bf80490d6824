import Alerting
import Engine

/// The members of an object that a client sent. What is not asked for is ignored; null is as good as absent.
struct JSONFields: Sendable {
    let members: [String: JSONValue]
    /// Where the object is, for messages, such as `escalationRules[0].`; empty for the body itself.
    private let path: String

    init(_ members: [String: JSONValue], path: String = "") {
        self.members = members
        self.path = path
    }

    /// - Throws: `Failure.invalid` for a body that is no JSON object.
    init(body: [UInt8]) throws(Failure) {
        guard !body.isEmpty else { throw Failure(.invalid, "The body is empty; send a JSON object.") }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(body)
        } catch {
            throw Failure(.invalid, error.message)
        }
        guard case .object(let members) = value else {
            throw Failure(.invalid, "The body must be a JSON object.")
        }
        self.init(members)
    }

    var json: JSONValue { .object(members) }

    /// Whether the member is there, be it null.
    func has(_ name: String) -> Bool { members[name] != nil }

    func text(_ name: String) throws(Failure) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else { throw invalid(name, "must be a text.") }
        return text
    }

    /// `nil` for an empty text too: clients write out what they leave empty.
    func filledText(_ name: String) throws(Failure) -> String? {
        try text(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The first of several members that is not empty.
    func firstText(_ names: String...) throws(Failure) -> String? {
        for name in names {
            if let text = try filledText(name) { return text }
        }
        return nil
    }

    func bool(_ name: String) throws(Failure) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let isTrue = value.bool else { throw invalid(name, "must be true or false.") }
        return isTrue
    }

    func int(_ name: String) throws(Failure) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.integer, (-1_000_000_000...1_000_000_000).contains(number) else {
            throw invalid(name, "must be a whole number.")
        }
        return Int(number)
    }

    func time(_ name: String) throws(Failure) -> Timestamp? {
        guard let text = try filledText(name) else { return nil }
        guard let time = Timestamp(iso8601: text) else {
            throw invalid(name, "must be a time such as 2026-01-31T12:00:00Z.")
        }
        return time
    }

    func duration(_ name: String) throws(Failure) -> Duration? {
        guard let text = try filledText(name) else { return nil }
        guard let duration = Duration(iso8601: text) else {
            throw invalid(name, "must be a duration such as PT5M.")
        }
        return duration
    }

    /// One of our own names, in upper case on the wire.
    func name<Name: RawRepresentable & CaseIterable>(
        _ name: String, as type: Name.Type = Name.self
    ) throws(Failure) -> Name? where Name.RawValue == String {
        guard let text = try filledText(name) else { return nil }
        guard let found = Name(rawValue: text.lowercased()) else {
            throw invalid(
                name, "must be one of \(Name.allCases.map { $0.rawValue.uppercased() }.joined(separator: ", ")).")
        }
        return found
    }

    func object(_ name: String) throws(Failure) -> JSONFields? {
        guard let value = value(name) else { return nil }
        guard let members = value.object else { throw invalid(name, "must be an object.") }
        return JSONFields(members, path: "\(path)\(name).")
    }

    func objects(_ name: String) throws(Failure) -> [JSONFields]? {
        guard let value = value(name) else { return nil }
        guard let items = value.array else { throw invalid(name, "must be a list.") }
        var objects: [JSONFields] = []
        for (index, item) in items.enumerated() {
            guard let members = item.object else { throw invalid("\(name)[\(index)]", "must be an object.") }
            objects.append(JSONFields(members, path: "\(path)\(name)[\(index)]."))
        }
        return objects
    }

    /// What a nested object refers to: its `id` alone counts, zero means nothing.
    func reference<Entity>(_ name: String) throws(Failure) -> Identifier<Entity>? {
        try object(name)?.id()
    }

    /// What a list of nested objects refers to.
    func references<Entity>(_ name: String) throws(Failure) -> [Identifier<Entity>]? {
        guard let objects = try objects(name) else { return nil }
        var ids: [Identifier<Entity>] = []
        for object in objects {
            guard let id: Identifier<Entity> = try object.id() else { throw object.invalid("id", "is missing.") }
            ids.append(id)
        }
        return ids
    }

    private func id<Entity>() throws(Failure) -> Identifier<Entity>? {
        guard let value = value("id") else { return nil }
        if value.integer == 0 { return nil }
        guard let text = value.scalarText, let id = Identifier<Entity>(text) else {
            throw invalid("id", "must be an id.")
        }
        return id
    }

    func invalid(_ name: String, _ sentence: String) -> Failure {
        .invalid(path + name, sentence)
    }

    private func value(_ name: String) -> JSONValue? {
        members[name].flatMap { $0.isNull ? nil : $0 }
    }
}
