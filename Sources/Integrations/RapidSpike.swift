public import Alerting

/// RapidSpike's webhook: any method, any content type, any of the shapes that its words allow.
///
/// Source: RapidSpike publishes no description of the body; state words and field names are those of its public API
/// (rapidspike-oss/integration-otel, dogsbodytech/warboard; facts as of 2026-11-23). What the reader does not find, the
/// alert source's owner can point at with a `PayloadMapping`.
public enum RapidSpike: Integration {
    public static let kind = IntegrationKind(
        type: "RAPIDSPIKE", path: "rapidspike", name: "RapidSpike", category: .websites, isFeatured: true,
        features: [.alertResolution, .dynamicRouting, .images], guide: "rapidspike")

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        switch read(request, mapping: settings.mapping).outcome {
        case .event(let event): return [event]
        case .ignored: return []
        case .unreadable(let reason): throw .malformed(reason: reason)
        }
    }

    /// What was understood of a request, and why: shown to the owner who sets up a mapping.
    public struct Reading: Equatable, Sendable {
        public enum Outcome: Equatable, Sendable {
            case event(AlertEvent)
            /// The monitor is paused or has no result yet.
            case ignored(reason: String)
            case unreadable(reason: String)
        }

        /// Everything the request carries, as a flat list.
        public var fields: [Flattened.Field]
        public var state: Finding?
        public var key: Finding?
        public var summary: Finding?
        public var link: Finding?
        public var outcome: Outcome
    }

    /// One fact and where it comes from.
    public struct Finding: Equatable, Sendable {
        /// Paths of the fields, as the request spells them.
        public var fields: [String]
        public var value: String
        /// A sentence for the owner.
        public var reason: String
    }

    public static func read(_ request: WebhookRequest, mapping: PayloadMapping?) -> Reading {
        RapidSpikeReader(RequestContent(request), mapping).reading()
    }
}

/// One request being read.
private struct RapidSpikeReader {
    let content: RequestContent
    let mapping: PayloadMapping?
    let words: StateWords
    private let facts: RapidSpikeFields

    private var fields: Flattened { content.fields }

    init(_ content: RequestContent, _ mapping: PayloadMapping?) {
        self.content = content
        self.mapping = mapping
        words = StateWords(mapping)
        facts = RapidSpikeFields(content.fields)
    }

    func reading() -> RapidSpike.Reading {
        var reading = RapidSpike.Reading(
            fields: fields.fields, key: key(), link: link(), outcome: .unreadable(reason: unreadableReason))
        guard let (state, finding) = state() else { return reading }
        reading.state = finding
        guard state != .ignored else {
            reading.outcome = .ignored(reason: "The monitor is \(finding.value); that concerns nobody.")
            return reading
        }
        let summary = summary(state)
        reading.summary = summary
        reading.outcome = .event(event(state, reading, summary: summary.value).withinLimits())
        return reading
    }

    private func event(_ state: MonitorState, _ reading: RapidSpike.Reading, summary: String) -> AlertEvent {
        AlertEvent(
            kind: state == .passing ? .resolve : .alert, alertKey: reading.key?.value, summary: summary,
            details: details(), priority: state == .degraded ? .low : nil,
            links: reading.link.map { [AlertLink(href: $0.value, text: linkText($0.value))] } ?? [],
            images: images(), customDetails: content.payload, occurredAt: occurredAt())
    }

    private var unreadableReason: String {
        if let problem = content.problem { return problem.message }
        if fields.fields.isEmpty { return "The request is empty." }
        if let name = mapping?.stateField, let field = fields.field(named: name) {
            let value = Limits.cut(field.value, to: 100)
            return "The field \"\(field.path)\" holds \"\(value)\", which is no known state."
        }
        return "No field says whether the monitor is failing or passing."
    }
}

// MARK: - State

extension RapidSpikeReader {
    private func state() -> (MonitorState, RapidSpike.Finding)? {
        if let name = mapping?.stateField, let field = fields.field(named: name) {
            return (words.state(of: field.value) ?? words.state(inSentence: field.value, labels: labels()))
                .map { ($0, finding(field, "The mapping names this field.")) }
        }
        for field in facts.all(.state) {
            if let state = words.state(of: field.value) {
                return (state, finding(field, "The first state field with a known word."))
            }
        }
        return sentenceState()
    }

    /// A text that says it in words; a state field that holds more than a word comes last.
    private func sentenceState() -> (MonitorState, RapidSpike.Finding)? {
        let labels = labels()
        for field in facts.all(.sentence) + facts.all(.state) {
            if let state = words.state(inSentence: field.value, labels: labels) {
                return (state, finding(field, "No state field has a known word; this text says it."))
            }
        }
        return nil
    }

    /// Names that may stand in a text and look like states.
    private func labels() -> [String] {
        [facts[.websiteLabel], facts[.monitorLabel], facts[.domain]]
            .compactMap { $0?.value }.filter { $0.utf8.count <= Limits.name }
    }

    private func finding(_ field: Flattened.Field, _ reason: String) -> RapidSpike.Finding {
        RapidSpike.Finding(fields: [field.path], value: field.value.line(limit: Limits.summary), reason: reason)
    }
}

// MARK: - Key, summary, link

extension RapidSpikeReader {
    /// Equal for failing and passing: nothing in it changes with the state.
    private func key() -> RapidSpike.Finding? {
        if let field = mapping?.keyField.flatMap({ fields.field(named: $0) }) {
            return RapidSpike.Finding(
                fields: [field.path], value: field.value.trimmed, reason: "The mapping names this field.")
        }
        if let field = facts[.monitorID] {
            return RapidSpike.Finding(fields: [field.path], value: field.value.trimmed, reason: "The monitor's id.")
        }
        let part = facts[.target] ?? facts[.monitorLabel]
        if let site = facts[.websiteID] {
            return composedKey([site, part].compactMap(\.self), "The website's id and what is monitored on it.")
        }
        if let target = facts[.target], target.value.webAddress != nil {
            return composedKey([target], "The monitored address.")
        }
        let names = [
            facts[.websiteLabel] ?? facts[.domain],
            facts[.monitorLabel] ?? part,
        ].compactMap(\.self)
        return names.isEmpty ? nil : composedKey(names, "The names of what is monitored.")
    }

    private func composedKey(_ parts: [Flattened.Field], _ reason: String) -> RapidSpike.Finding {
        RapidSpike.Finding(
            fields: parts.map(\.path), value: parts.map(\.value.trimmed).joined(separator: "/"), reason: reason)
    }

    private func summary(_ state: MonitorState) -> RapidSpike.Finding {
        if let field = mapping?.summaryField.flatMap({ fields.field(named: $0) }) {
            return finding(field, "The mapping names this field.")
        }
        let site = facts[.websiteLabel] ?? facts[.domain]
        let monitor = facts[.monitorLabel] ?? facts[.target]
        let names = [site, monitor].compactMap(\.self)
        guard !names.isEmpty else { return textSummary(state) }
        let subject = names.map { $0.value.line(limit: 100) }.joined(separator: " - ")
        return RapidSpike.Finding(
            fields: names.map(\.path), value: "\(subject) is \(word(state))",
            reason: "Made from the names and the state.")
    }

    private func textSummary(_ state: MonitorState) -> RapidSpike.Finding {
        if let field = facts[.sentence], field.value.line(limit: 10) != "" {
            return finding(field, "No field names the website or the monitor; this text stands for them.")
        }
        return RapidSpike.Finding(
            fields: [], value: "A RapidSpike monitor is \(word(state))",
            reason: "No field names the website or the monitor.")
    }

    private func word(_ state: MonitorState) -> String {
        switch state {
        case .failing: "failing"
        case .degraded: "degraded"
        case .passing: "passing"
        case .ignored: "paused"
        }
    }

    private func link() -> RapidSpike.Finding? {
        if let field = mapping?.linkField.flatMap({ fields.field(named: $0) }), let address = field.value.webAddress {
            return RapidSpike.Finding(fields: [field.path], value: address, reason: "The mapping names this field.")
        }
        for field in fields.fields {
            guard let host = field.value.webHost, host == "rapidspike.com" || host.hasSuffix(".rapidspike.com"),
                let address = field.value.webAddress
            else { continue }
            return RapidSpike.Finding(fields: [field.path], value: address, reason: "An address on rapidspike.com.")
        }
        return target().map {
            RapidSpike.Finding(fields: $0.fields, value: $0.address, reason: "The monitored address.")
        }
    }

    private func linkText(_ address: String) -> String {
        guard let host = address.webHost else { return "Target" }
        return host == "rapidspike.com" || host.hasSuffix(".rapidspike.com") ? "RapidSpike" : "Target"
    }

    /// The monitored address: the target itself, or a path on the website's domain.
    private func target() -> (fields: [String], address: String)? {
        let target = facts[.target]
        if let target, let address = target.value.webAddress { return ([target.path], address) }
        guard let domain = facts[.domain] else { return nil }
        let root = domain.value.webAddress ?? ("https://" + domain.value.trimmed).webAddress
        guard var root else { return nil }
        guard let target, target.value.hasPrefix("/") else { return ([domain.path], root) }
        while root.hasSuffix("/") { root.removeLast() }
        return (root + target.value.trimmed).webAddress.map { ([domain.path, target.path], $0) }
    }
}

// MARK: - Details, images, time

extension RapidSpikeReader {
    private func details() -> String {
        let target = target()?.address ?? facts[.target]?.value
        let facts = [
            ("Target", target), ("Monitor type", facts[.kind]?.value),
            ("Region", facts[.region]?.value),
            ("Response code", facts[.responseCode]?.value),
            ("Error", facts[.error]?.value),
            ("Message", facts[.sentence]?.value),
        ]
        return facts.compactMap { name, value in
            value.map { "\(name): \($0.line(limit: 2000))" }
        }.joined(separator: "\n")
    }

    private func images() -> [AlertImage] {
        var images: [AlertImage] = []
        for field in fields.fields where images.count < Limits.images {
            guard let address = field.value.webAddress else { continue }
            let path = address.prefix { $0 != "?" && $0 != "#" }.lowercased()
            if [".png", ".jpg", ".jpeg", ".gif", ".webp"].contains(where: { path.hasSuffix($0) }) {
                images.append(AlertImage(source: address))
            }
        }
        return images
    }

    private func occurredAt() -> Timestamp? {
        facts.all(.time).lazy.compactMap { ToolTime.read($0.value) }.first
    }
}
