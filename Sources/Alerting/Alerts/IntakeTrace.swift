/// What each stage of the intake said about an event, in their order; a stage that was not reached says nothing.
public struct IntakeTrace: Equatable, Sendable {
    public var filter: FilterStep?
    public var type: TypeStep?
    public var maintenance: MaintenanceStep?
    public var key: KeyStep?
    /// Why the event joined an alert, or raised one.
    public var grouping: IntakeReason?
    public var priority: PriorityStep?
    /// What `priority` came to.
    public var priorityResult: Priority?
    public var policy: PolicyStep?
    /// Templates that were not used, and why.
    public var failures: [Failed] = []

    public struct Failed: Equatable, Sendable {
        /// As on the wire, such as `summaryTemplate`.
        public var field: String
        public var failure: TemplateFailure

        public init(field: String, failure: TemplateFailure) {
            self.field = field
            self.failure = failure
        }

        /// One sentence without its period.
        public var words: String { "\(field) was not used: \(failure.words)" }
    }

    public init() {}
}

public enum FilterStep: String, Sendable, CaseIterable {
    case none, passed, dropped

    public var sentence: String {
        switch self {
        case .none: "There is no event filter."
        case .passed: "The event filter let it pass."
        case .dropped: "The event filter dropped it."
        }
    }
}

public enum TypeStep: String, Sendable, CaseIterable {
    case native, condition
    case notMatched = "not_matched"

    public var sentence: String {
        switch self {
        case .native: "As the integration says."
        case .condition: "By the source's condition for this type."
        case .notMatched: "No condition for a type fits."
        }
    }
}

public enum MaintenanceStep: String, Sendable, CaseIterable {
    case none, held, discarded

    public var sentence: String {
        switch self {
        case .none: "No maintenance window is open."
        case .held: "A maintenance window is open; the event is kept until it ends."
        case .discarded: "A maintenance window is open; the event raises nothing."
        }
    }
}

public enum KeyStep: String, Sendable, CaseIterable {
    case native, template, generated

    public var sentence: String {
        switch self {
        case .native: "The event's own key."
        case .template: "Made by the alert key template."
        case .generated: "The event has none, so it got one of its own."
        }
    }
}

public enum PriorityStep: String, Sendable, CaseIterable {
    case rule, event, template, flow
    case duringSupportHours = "during_support_hours"
    case outsideSupportHours = "outside_support_hours"
    case noSupportHours = "no_support_hours"

    public var sentence: String {
        switch self {
        case .rule: "By the source's rule."
        case .event: "The event's own."
        case .template: "By the source's priority mapping."
        case .flow: "By the event flow."
        case .duringSupportHours: "By the source's rule: it is within support hours."
        case .outsideSupportHours: "By the source's rule: it is outside support hours."
        case .noSupportHours: "The source's rule follows support hours and there are none, so it is urgent."
        }
    }
}

public enum PolicyStep: String, Sendable, CaseIterable {
    case source, routed, flow
    case notRouted = "not_routed"

    public var sentence: String {
        switch self {
        case .source: "The alert source's own."
        case .routed: "By routing key."
        case .flow: "By the event flow."
        case .notRouted: "No routing key fits, so the alert source's own."
        }
    }
}

// MARK: - As JSON

extension IntakeTrace {
    /// Compact JSON; written by hand because every event has one.
    public var text: String {
        var json: [UInt8] = []
        json.reserveCapacity(256)
        func append(_ text: StaticString) {
            json.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }
        func add(_ name: StaticString, _ value: String?) {
            guard var value else { return }
            append(json.isEmpty ? "{\"" : ",\"")
            append(name)
            append("\":\"")
            value.withUTF8 { json.append(contentsOf: $0) }
            append("\"")
        }
        add("filter", filter?.rawValue)
        add("type", type?.rawValue)
        add("maintenance", maintenance?.rawValue)
        add("key", key?.rawValue)
        add("grouping", grouping?.rawValue)
        add("priority", priority?.rawValue)
        add("priorityResult", priorityResult?.rawValue)
        add("policy", policy?.rawValue)
        if !failures.isEmpty {
            let list = JSONValue.array(failures.map { .array([.string($0.field), .string($0.failure.rawValue)]) })
            append(json.isEmpty ? "{\"failures\":" : ",\"failures\":")
            list.append(to: &json)
        }
        append(json.isEmpty ? "{}" : "}")
        return String(decoding: json, as: UTF8.self)
    }

    /// Reads `text`; what this version does not know is left out.
    public init(_ value: JSONValue) {
        filter = Self.step(value, "filter")
        type = Self.step(value, "type")
        maintenance = Self.step(value, "maintenance")
        key = Self.step(value, "key")
        grouping = Self.step(value, "grouping")
        priority = Self.step(value, "priority")
        priorityResult = Self.step(value, "priorityResult")
        policy = Self.step(value, "policy")
        failures = (value["failures"]?.array ?? []).compactMap { item in
            guard let field = item[0]?.string, let failure = item[1]?.string.flatMap(TemplateFailure.init) else {
                return nil
            }
            return Failed(field: field, failure: failure)
        }
    }

    private static func step<Step: RawRepresentable>(
        _ value: JSONValue, _ name: String
    ) -> Step? where Step.RawValue == String {
        (value[name]?.string).flatMap(Step.init)
    }
}
