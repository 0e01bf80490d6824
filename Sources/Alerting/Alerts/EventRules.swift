/// What an alert source makes of an event before anything is looked up: its filter, its event types and its templates,
/// ready to be used. Made once for every change of the source.
public struct EventRules: Equatable, Sendable {
    public var filter: Condition?
    public var raiseWhen: Condition?
    public var acceptWhen: Condition?
    public var resolveWhen: Condition?
    public var summary: Template?
    public var details: Template?
    public var key: Template?
    public var routing: Template?
    public var links: [LinkTemplate] = []
    public var priority: TemplateMapping<Priority>?
    public var severity: TemplateMapping<Int>?
    public var services: [Template] = []
    /// Fields that were stored and cannot be read by this version, as on the wire.
    public var unreadable: [String] = []

    public init() {}

    /// Whether every event stays as it is.
    public var isEmpty: Bool { self == EventRules() }

    private var conditions: [Condition] { [filter, raiseWhen, acceptWhen, resolveWhen].compactMap(\.self) }

    /// Whether a condition counts how often it was asked.
    public var usesCounters: Bool { conditions.contains(where: \.usesCounters) }

    /// The support hours and schedules that a condition asks about.
    public var periods: Set<PeriodReference> {
        conditions.reduce(into: []) { $0.formUnion($1.periods) }
    }
}

/// A link whose address and text are filled in.
public struct LinkTemplate: Equatable, Sendable {
    public var text: Template?
    public var href: Template

    public init(text: Template?, href: Template) {
        self.text = text
        self.href = href
    }
}

/// A template whose text stands for something.
public struct TemplateMapping<Value: Equatable & Sendable>: Equatable, Sendable {
    public var template: Template
    /// By text, trimmed and in lower case.
    public var values: [String: Value]

    public init(template: Template, values: [String: Value]) {
        self.template = template
        self.values = values
    }
}

/// An event as its source wants it.
public struct ShapedEvent: Equatable, Sendable {
    public var event: AlertEvent
    /// Whether the event's priority is the source's mapping's, which goes before its rule.
    public var isPriorityMapped = false
    /// Why the event goes no further.
    public var drop: IntakeReason?
    public var trace = IntakeTrace()

    public init(_ event: AlertEvent) {
        self.event = event
        trace.filter = FilterStep.none
        trace.type = .native
        trace.key = event.alertKey == nil ? .generated : .native
    }
}

extension EventRules {
    /// Filters the event, decides its type and fills the templates in.
    ///
    /// - Parameter counters: of the source's conditions; changed by asking.
    public func shape(
        _ event: AlertEvent, in environment: ConditionEnvironment, counters: inout ConditionCounters
    ) -> ShapedEvent {
        var shaped = ShapedEvent(event)
        let scope = EventScope(event)
        let ask = { (condition: Condition, name: String, counters: inout ConditionCounters) -> Bool in
            var own = counters.named(name)
            defer { if condition.usesCounters { counters.take(own, named: name) } }
            return condition.isTrue(of: scope, in: environment, counters: &own)
        }
        if let filter {
            let passes = ask(filter, "eventFilter", &counters)
            shaped.trace.filter = passes ? .passed : .dropped
            guard passes else { return shaped.dropped(.filtered) }
        }
        let typed: [(Condition?, String, AlertEvent.Kind)] = [
            (resolveWhen, "eventTypeFilterResolve", .resolve), (acceptWhen, "eventTypeFilterAccept", .accept),
            (raiseWhen, "eventTypeFilterCreate", .alert),
        ]
        if let match = typed.first(where: { rule in rule.0.map { ask($0, rule.1, &counters) } ?? false }) {
            shaped.event.kind = match.2
            shaped.trace.type = .condition
        } else if typed.contains(where: { $0.2 == event.kind && $0.0 != nil }) {
            shaped.trace.type = .notMatched
            return shaped.dropped(.noEventType)
        }
        fill(&shaped, scope)
        return shaped
    }

    private func fill(_ shaped: inout ShapedEvent, _ scope: EventScope) {
        if let text = shaped.filled(key, "alertKeyTemplate", scope, isNeeded: true) {
            shaped.event.alertKey = text
            shaped.trace.key = .template
        }
        guard shaped.event.kind == .alert else { return }
        shaped.trace.failures += unreadable.map { .init(field: $0, failure: .unreadable) }
        if let text = shaped.filled(summary, "summaryTemplate", scope, isNeeded: true) {
            shaped.event.summary = Limits.cut(Self.line(text), to: Limits.summary)
        }
        if let text = shaped.filled(details, "detailsTemplate", scope) {
            shaped.event.details = Limits.cut(text, to: Limits.details)
        }
        if let text = shaped.filled(routing, "routingTemplate", scope) {
            shaped.event.routingKeys = [Limits.cut(Self.line(text), to: 1000)]
        }
        for link in links { fill(link, &shaped, scope) }
        if let text = shaped.filled(priority?.template, "priorityTemplate", scope),
            let mapped = priority?.values[Self.folded(text)]
        {
            shaped.event.priority = mapped
            shaped.isPriorityMapped = true
        }
        if let text = shaped.filled(severity?.template, "severityTemplate", scope),
            let mapped = severity?.values[Self.folded(text)]
        {
            shaped.event.severity = mapped
        }
        for template in services {
            guard let text = shaped.filled(template, "servicesTemplate", scope) else { continue }
            let names = text.split(separator: ",").map { Limits.cut(Self.line(String($0)), to: Limits.name) }
            shaped.event.services += names.filter { !$0.isEmpty }
        }
        shaped.event.services = Array(shaped.event.services.prefix(Limits.labels))
    }

    /// Only addresses of the web make links.
    private func fill(_ link: LinkTemplate, _ shaped: inout ShapedEvent, _ scope: EventScope) {
        guard shaped.event.links.count < Limits.links,
            let text = shaped.filled(link.href, "linkTemplates", scope), case let href = Self.line(text),
            href.utf8.count <= 2000, href.hasPrefix("https://") || href.hasPrefix("http://")
        else { return }
        let words = shaped.filled(link.text, "linkTemplates", scope).map {
            Limits.cut(Self.line($0), to: Limits.name)
        }
        let made = AlertLink(href: href, text: words)
        if !shaped.event.links.contains(made) { shaped.event.links.append(made) }
    }

    /// On one line and trimmed.
    static func line(_ text: String) -> String {
        let needsWork = text.utf8.contains { $0 < 0x20 } || text.utf8.first == 0x20 || text.utf8.last == 0x20
        guard needsWork else { return text }
        return text.split { $0.isWhitespace || $0.unicodeScalars.allSatisfy { $0.value < 0x20 } }
            .joined(separator: " ")
    }

    static func folded(_ text: String) -> String { line(text).lowercased() }
}

extension ShapedEvent {
    fileprivate func dropped(_ reason: IntakeReason) -> ShapedEvent {
        var event = self
        event.drop = reason
        return event
    }

    /// The template's text; `nil` when there is none, when it is blank, and when it failed, which is noted.
    ///
    /// - Parameter isNeeded: whether a blank text is a failure too.
    fileprivate mutating func filled(
        _ template: Template?, _ field: String, _ scope: EventScope, isNeeded: Bool = false
    ) -> String? {
        guard let template else { return nil }
        do throws(TemplateFailure) {
            let text = try template.render(over: scope)
            if text.utf8.contains(where: { $0 > 0x20 }) { return text }
            if isNeeded { trace.failures.append(.init(field: field, failure: .blank)) }
        } catch {
            trace.failures.append(.init(field: field, failure: error))
        }
        return nil
    }
}

extension ConditionCounters {
    /// Those of one of a source's conditions.
    fileprivate func named(_ condition: String) -> ConditionCounters {
        guard !windows.isEmpty else { return self }
        var own = ConditionCounters()
        for (name, window) in windows where name.hasPrefix(condition + ".") {
            own.windows[String(name.dropFirst(condition.count + 1))] = window
        }
        return own
    }

    fileprivate mutating func take(_ own: ConditionCounters, named condition: String) {
        windows = windows.filter { !$0.key.hasPrefix(condition + ".") }
        for (name, window) in own.windows { windows[condition + "." + name] = window }
    }
}
