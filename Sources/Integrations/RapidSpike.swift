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
        switch RapidSpikeReader(RequestContent(request), settings.mapping).reading().outcome {
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
        var reading = RapidSpikeReader(RequestContent(request), mapping).reading()
        if case .event(let event) = reading.outcome { reading.outcome = .event(event.withinLimits()) }
        return reading
    }
}

/// One request being read.
private struct RapidSpikeReader {
    let content: RequestContent
    let mapping: PayloadMapping?
    let words: StateWords
    private let findings: RapidSpikeFindings
    private let addresses: [Address]

    /// A field that holds a web address.
    private struct Address {
        var field: Int
        var text: String
    }

    private var fields: Flattened { content.fields }

    init(_ content: RequestContent, _ mapping: PayloadMapping?) {
        self.content = content
        self.mapping = mapping
        words = StateWords(mapping)
        findings = RapidSpikeFindings(content.fields)
        let fields = content.fields.fields
        addresses = fields.indices.compactMap { index in
            guard fields[index].value.utf8.count <= 2000 else { return nil }
            return fields[index].value.webAddress.map { Address(field: index, text: $0) }
        }
    }

    func reading() -> RapidSpike.Reading {
        let target = target()
        let key = key()
        let link = link(target)
        guard let (state, finding) = state() else {
            return RapidSpike.Reading(
                fields: fields.fields, key: key, link: link, outcome: .unreadable(reason: unreadableReason))
        }
        guard state != .ignored else {
            return RapidSpike.Reading(
                fields: fields.fields, state: finding, key: key, link: link,
                outcome: .ignored(reason: "The monitor is \(finding.value); that concerns nobody."))
        }
        let summary = summary(state)
        var event = AlertEvent(
            kind: state == .passing ? .resolve : .alert, alertKey: key?.value, summary: summary.value,
            details: details(target), priority: state == .degraded ? .low : nil,
            links: link.map { [AlertLink(href: $0.value, text: linkText($0.value))] } ?? [],
            images: images(), occurredAt: occurredAt())
        event.customDocument = content.payload
        return RapidSpike.Reading(
            fields: fields.fields, state: finding, key: key, summary: summary, link: link,
            outcome: .event(event))
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
        for field in findings.all(.state) {
            if let state = words.state(of: field.value) {
                return (state, finding(field, "The first state field with a known word."))
            }
        }
        return sentenceState()
    }

    /// A text that says it in words; a state field that holds more than a word comes last.
    private func sentenceState() -> (MonitorState, RapidSpike.Finding)? {
        let labels = labels()
        for meaning in [RapidSpikeFields.Meaning.sentence, .state] {
            for field in findings.all(meaning) {
                if let state = words.state(inSentence: field.value, labels: labels) {
                    return (state, finding(field, "No state field has a known word; this text says it."))
                }
            }
        }
        return nil
    }

    /// Names that may stand in a text and look like states.
    private func labels() -> [String] {
        [findings.first(.websiteLabel), findings.first(.monitorLabel), findings.first(.domain)]
            .compactMap(\.?.value).filter { $0.utf8.count <= Limits.name }
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
        if let field = findings.first(.monitorID) {
            return RapidSpike.Finding(fields: [field.path], value: field.value.trimmed, reason: "The monitor's id.")
        }
        let part = findings.first(.target) ?? findings.first(.monitorLabel)
        if let site = findings.first(.websiteID) {
            return composedKey([site, part].compactMap(\.self), "The website's id and what is monitored on it.")
        }
        if let target = findings.first(.target), target.value.webAddress != nil {
            return composedKey([target], "The monitored address.")
        }
        let names = [
            findings.first(.websiteLabel) ?? findings.first(.domain),
            findings.first(.monitorLabel) ?? part,
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
        let site = findings.first(.websiteLabel) ?? findings.first(.domain)
        let monitor = findings.first(.monitorLabel) ?? findings.first(.target)
        let names = [site, monitor].compactMap(\.self)
        guard !names.isEmpty else { return textSummary(state) }
        var parts = [names[0].value.line(limit: 100)]
        for name in names.dropFirst() { parts += [" - ", name.value.line(limit: 100)] }
        return RapidSpike.Finding(
            fields: names.map(\.path), value: String(concatenating: parts + [" is ", word(state)]),
            reason: "Made from the names and the state.")
    }

    private func textSummary(_ state: MonitorState) -> RapidSpike.Finding {
        if let field = findings.first(.sentence), field.value.line(limit: 10) != "" {
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

    private func link(_ target: Target?) -> RapidSpike.Finding? {
        if let field = mapping?.linkField.flatMap({ fields.field(named: $0) }), let address = field.value.webAddress {
            return RapidSpike.Finding(fields: [field.path], value: address, reason: "The mapping names this field.")
        }
        if let address = addresses.first(where: { isOnRapidSpike($0.text) }) {
            return RapidSpike.Finding(
                fields: [fields.fields[address.field].path], value: address.text,
                reason: "An address on rapidspike.com.")
        }
        return target.map {
            RapidSpike.Finding(fields: $0.fields, value: $0.address, reason: "The monitored address.")
        }
    }

    private func linkText(_ address: String) -> String {
        isOnRapidSpike(address) ? "RapidSpike" : "Target"
    }

    private func isOnRapidSpike(_ address: String) -> Bool {
        guard let host = address.webHost, host.hasSuffix(folded: "rapidspike.com") else { return false }
        return host.utf8.count == "rapidspike.com".utf8.count || host.hasSuffix(folded: ".rapidspike.com")
    }

    private typealias Target = (fields: [String], address: String)

    /// The monitored address: the target itself, or a path on the website's domain.
    private func target() -> Target? {
        let target = findings.first(.target)
        if let target, let address = target.value.webAddress { return ([target.path], address) }
        guard let domain = findings.first(.domain) else { return nil }
        let root = domain.value.webAddress ?? ("https://" + domain.value.trimmed).webAddress
        guard var root else { return nil }
        guard let target, target.value.utf8.first == UInt8(ascii: "/") else { return ([domain.path], root) }
        while root.utf8.last == UInt8(ascii: "/") { root.unicodeScalars.removeLast() }
        return (root + target.value.trimmed).webAddress.map { ([domain.path, target.path], $0) }
    }
}

// MARK: - Details, images, time

extension RapidSpikeReader {
    private func details(_ target: Target?) -> String {
        var parts: [String] = []
        parts.reserveCapacity(12)
        func add(_ name: String, _ value: String?) {
            guard let value else { return }
            parts.append(name)
            parts.append(value.line(limit: 2000))
        }
        add("\nTarget: ", target?.address ?? findings.first(.target)?.value)
        add("\nMonitor type: ", findings.first(.kind)?.value)
        add("\nRegion: ", findings.first(.region)?.value)
        add("\nResponse code: ", findings.first(.responseCode)?.value)
        add("\nError: ", findings.first(.error)?.value)
        add("\nMessage: ", findings.first(.sentence)?.value)
        // The first line has none before it.
        if !parts.isEmpty { parts[0] = String(parts[0].dropFirst()) }
        return String(concatenating: parts)
    }

    private func images() -> [AlertImage] {
        var pictures: [AlertImage] = []
        for address in addresses where pictures.count < Limits.images && isPicture(address.text) {
            pictures.append(AlertImage(source: address.text))
        }
        return pictures
    }

    private func isPicture(_ address: String) -> Bool {
        let isWhole = address.allBytes { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let path = isWhole ? address[...] : address.prefix { $0 != "?" && $0 != "#" }
        return path.hasSuffix(folded: ".png") || path.hasSuffix(folded: ".jpg") || path.hasSuffix(folded: ".jpeg")
            || path.hasSuffix(folded: ".gif") || path.hasSuffix(folded: ".webp")
    }

    private func occurredAt() -> Timestamp? {
        for field in findings.all(.time) {
            if let time = ToolTime.read(field.value) { return time }
        }
        return nil
    }
}
