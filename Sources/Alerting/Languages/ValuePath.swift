/// The way to a value: `event.customDetails.hosts[0].name`.
public struct ValuePath: Hashable, Sendable {
    public enum Step: Hashable, Sendable {
        case member(String)
        case index(Int)
    }

    public var steps: [Step]

    public init(_ steps: [Step]) {
        self.steps = steps
    }

    /// The name that it begins with; `nil` for an empty path and one that begins with an index.
    public var root: String? {
        guard case .member(let name) = steps.first else { return nil }
        return name
    }
}

/// Something that paths lead into: an event, an alert, any JSON.
public protocol ValueScope {
    /// - Returns: `nil` when the path leads nowhere.
    func value(at path: ValuePath) -> JSONValue?

    /// The same, without building more of it than is asked for later.
    func place(at path: ValuePath) -> JSONPlace?
}

extension ValueScope {
    public func place(at path: ValuePath) -> JSONPlace? { value(at: path).map(JSONPlace.value) }
}

extension JSONValue: ValueScope {
    public func value(at path: ValuePath) -> JSONValue? { value(at: path.steps[...]) }

    func value(at steps: ArraySlice<ValuePath.Step>) -> JSONValue? {
        var found = self
        for step in steps {
            guard let next = found.value(at: step) else { return nil }
            found = next
        }
        return found
    }

    /// An index may name a member and a name may be an index: `hosts.0`, `codes[500]`.
    private func value(at step: ValuePath.Step) -> JSONValue? {
        switch (self, step) {
        case (.object(let members), .member(let name)): members[name]
        case (.array(let items), .index(let index)): items.indices.contains(index) ? items[index] : nil
        case (.array(let items), .member(let name)):
            Int(name).flatMap { items.indices.contains($0) ? items[$0] : nil }
        case (.object(let members), .index(let index)): members[String(index)]
        case (.null, _), (.bool, _), (.integer, _), (.number, _), (.literal, _), (.string, _): nil
        }
    }
}
