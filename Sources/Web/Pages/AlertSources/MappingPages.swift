import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Integrations
import Storage

/// Where a tool's payload says what: the owner's own words for one alert source, tried on what came last.
struct MappingPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/alert-sources/:id/mapping", use: show)
        group.post("/alert-sources/:id/mapping", use: save)
    }

    private static let previews = 5

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change alert sources")
        let source = try await source(visit)
        return try await response(MappingFields(source.mapping), source, problem: nil, visit)
    }

    @Sendable private func save(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let source = try await source(visit)
        let fields = MappingFields(visit.form)
        do {
            let mapping = try fields.mapping()
            guard visit.form["do"] == "save" else { return try await response(fields, source, problem: nil, visit) }
            _ = try await site.services.administration.sources.setMapping(
                mapping.isEmpty ? nil : mapping.json, of: source.id, by: visit.caller)
            let done = mapping.isEmpty ? "Requests are read automatically again." : "The mapping is saved."
            return site.seeOther(Links.mapping(source.id), .done(done))
        } catch let failure as Failure where failure.isForTheForm {
            return try await response(fields, source, problem: failure.sentence, visit)
        }
    }

    private func source(_ visit: Visit) async throws -> AlertSourceRecord {
        let source = try await site.services.administration.sources.find(visit.id(), by: visit.caller)
        guard IntegrationCatalog.entry(type: source.integrationType)?.mayBeMapped == true else {
            throw Failure(.notFound, "Requests to this alert source are read as they are.")
        }
        return source
    }

    /// Whether the reader looks for what it needs; the others know where their tool puts it, until a mapping says so.
    private static func isFoundByItself(_ source: AlertSourceRecord) -> Bool {
        [RapidSpike.kind.type, GenericWebhook.kind.type, "UPTIME"].contains(source.integrationType)
    }

    private func response(
        _ fields: MappingFields, _ source: AlertSourceRecord, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let events = try await site.engine.store.read { transaction in
            try EventLog.list(source: source.id, limit: 50, in: transaction)
        }
        let requests = events.filter { $0.id == $0.request }.prefix(Self.previews)
        let mapping = problem == nil ? try fields.mapping() : nil
        let page = MappingPage(
            frame: site.frame("Mapping", .sources, crumbs: AlertSourceHead.crumbs(source), visit.context),
            tool: IntegrationCatalog.entry(type: source.integrationType)?.name ?? source.name,
            isFoundByItself: Self.isFoundByItself(source), problem: problem, link: Links.mapping(source.id),
            fields: fields,
            previews: requests.map { MappingPage.Preview($0, mapping: mapping, moments: visit.moments) },
            hasPreviews: !requests.isEmpty, sourceLink: Links.source(source.id))
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }
}

/// The form as it is typed: words are separated by commas or lines.
struct MappingFields {
    let stateField: String
    let keyField: String
    let summaryField: String
    let linkField: String
    let failingWords: String
    let passingWords: String
    let lowPriorityWords: String
    let ignoredWords: String

    init(_ form: Form) {
        stateField = form["stateField"]
        keyField = form["keyField"]
        summaryField = form["summaryField"]
        linkField = form["linkField"]
        failingWords = form["failingWords"]
        passingWords = form["passingWords"]
        lowPriorityWords = form["lowPriorityWords"]
        ignoredWords = form["ignoredWords"]
    }

    init(_ stored: JSONValue?) {
        // A mapping that no longer reads is shown as none.
        let mapping = stored.flatMap { try? PayloadMapping(json: $0) } ?? PayloadMapping()
        stateField = mapping.stateField ?? ""
        keyField = mapping.keyField ?? ""
        summaryField = mapping.summaryField ?? ""
        linkField = mapping.linkField ?? ""
        failingWords = mapping.failingWords.joined(separator: ", ")
        passingWords = mapping.passingWords.joined(separator: ", ")
        lowPriorityWords = mapping.lowPriorityWords.joined(separator: ", ")
        ignoredWords = mapping.ignoredWords.joined(separator: ", ")
    }

    func mapping() throws(Failure) -> PayloadMapping {
        try PayloadMapping(
            json: .object([
                "stateField": .string(stateField), "keyField": .string(keyField),
                "summaryField": .string(summaryField), "linkField": .string(linkField),
                "failingWords": Self.words(failingWords), "passingWords": Self.words(passingWords),
                "lowPriorityWords": Self.words(lowPriorityWords), "ignoredWords": Self.words(ignoredWords),
            ]))
    }

    private static func words(_ text: String) -> JSONValue {
        let words = text.split { $0 == "," || $0.isNewline }.map { word in
            String(String(word.drop { $0.isWhitespace }).reversed().drop { $0.isWhitespace }.reversed())
        }
        return .array(words.filter { !$0.isEmpty }.map(JSONValue.string))
    }
}

struct MappingPage: HTMLPage {
    static let template = "mapping"
    let frame: Frame
    let tool: String
    let isFoundByItself: Bool
    let problem: String?
    let link: String
    let fields: MappingFields
    let previews: [Preview]
    let hasPreviews: Bool
    let sourceLink: String

    /// One stored request, read with the mapping as it is typed.
    struct Preview {
        let at: Moment
        let link: String
        let outcome: String
        let why: String?
        let style: String
        let findings: [Finding]
        let fields: [Field]
    }

    struct Finding {
        let what: String
        let value: String
        let origin: String
    }

    struct Field {
        let path: String
        let value: String
    }
}

extension MappingPage.Preview {
    fileprivate init(_ event: StoredEvent, mapping: PayloadMapping?, moments: Moments) {
        let reading = RapidSpike.read(event.webhookRequest, mapping: mapping)
        at = moments.moment(event.receivedAt)
        link = Links.event(event.id, of: event.source)
        switch reading.outcome {
        case .event(let alertEvent):
            switch alertEvent.kind {
            case .alert: outcome = alertEvent.priority == .low ? "Raises an alert of low priority" : "Raises an alert"
            case .resolve: outcome = "Resolves the alert"
            case .accept: outcome = "Accepts the alert"
            case .comment: outcome = "Comments on the alert"
            }
            style = alertEvent.kind == .resolve ? "resolved" : "pending"
            why = nil
        case .ignored(let reason):
            (outcome, why) = ("Does nothing", reason)
            style = "disabled"
        case .unreadable(let reason):
            (outcome, why) = ("Cannot be read", reason)
            style = "accepted"
        }
        let found = [
            ("State", reading.state), ("Alert key", reading.key), ("Summary", reading.summary), ("Link", reading.link),
        ]
        findings = found.map { what, finding in
            MappingPage.Finding(
                what: what, value: finding?.value ?? "not found",
                origin: finding.map { finding in
                    finding.fields.isEmpty
                        ? finding.reason : "\(finding.fields.joined(separator: ", ")): \(finding.reason)"
                } ?? "")
        }
        fields = reading.fields.prefix(200).map {
            MappingPage.Field(path: $0.path, value: Limits.cut($0.value, to: 200))
        }
    }
}
