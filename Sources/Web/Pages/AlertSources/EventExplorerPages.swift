import Alerting
import Engine
import Hummingbird
import Integrations
import Storage

/// What an alert source was sent, and what became of it.
struct EventExplorerPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/alert-sources/:id/events", use: list)
        group.get("/alert-sources/:id/events/:event", use: show)
        group.post("/alert-sources/:id/events/:event/replay", use: replay)
    }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: AlertSource.ID = try visit.id()
        let (scope, query) = (visit.caller.scope, visit.query)
        // Nobody looks for what the reader may not see.
        let facts = try await site.engine.store.read { try AlertSourceFacts(id, scope: scope, in: $0) }
        let search = EventSearch(
            source: id, text: query.optional("text").map { Limits.cut($0, to: 200) },
            reason: IntakeReason(rawValue: query["outcome"]),
            times: visit.moments.range(from: query["from"], until: query["until"]),
            before: AlertEvent.ID(query["before"]))
        let found = try await search.found(limit: Pager.size, in: site.engine.store)
        // What is looked for in bodies is not looked for again at every change.
        let frame = site.frame(
            "Event explorer", .sources, crumbs: AlertSourceHead.crumbs(facts.source), isLive: search.text == nil,
            context)
        return site.response(EventListPage(facts, found, visit: visit, frame: frame))
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let (facts, event) = try await find(visit)
        let source = facts.source
        let events = try await site.engine.store.read { transaction in
            try EventLog.list(request: event.id, source: source.id, limit: 50, in: transaction)
        }
        let crumbs =
            AlertSourceHead.crumbs(facts.source)
            + [Frame.Crumb(label: "Event explorer", link: Links.events(facts.source.id))]
        let frame = site.frame("Event \(event.id)", .sources, crumbs: crumbs, context)
        let page = EventPage(
            event, events: events, source: source, publicURL: site.services.settings.publicURL, visit: visit,
            frame: frame)
        return site.response(page)
    }

    @Sendable private func replay(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.responder, to: "replay events")
        let (facts, event) = try await find(visit)
        let answer = try await site.engine.reception.replay(event.webhookRequest, source: facts.source.id)
        let notice = Notice.done("The request was handed in again. \(answer.reason.sentence)")
        return site.seeOther(Links.events(facts.source.id), notice)
    }

    /// The request's first event, which carries the request itself.
    private func find(_ visit: Visit) async throws -> (AlertSourceFacts, StoredEvent) {
        let (id, wanted): (AlertSource.ID, AlertEvent.ID) = (try visit.id(), try visit.id("event"))
        let scope = visit.caller.scope
        return try await site.engine.store.read { transaction in
            let facts = try AlertSourceFacts(id, scope: scope, in: transaction)
            guard let event = try EventLog.find(wanted, source: id, in: transaction),
                let first = try EventLog.find(event.request, source: id, in: transaction)
            else { throw Failure(.notFound, "There is no such event, or it was forgotten because of its age.") }
            return (facts, first)
        }
    }
}

struct EventListPage: HTMLPage {
    static let template = "event-list"
    let frame: Frame
    let head: AlertSourceHead
    let link: String
    let text: String
    let from: String
    let until: String
    let zone: String
    let outcomes: [Choice]
    let rows: [Row]
    let hasRows: Bool
    let isFiltered: Bool
    let older: String?
    let isFirst: Bool
    /// How far back a search has looked, when there may be more.
    let searchedTo: Moment?
    let announcement: String

    struct Row {
        let link: String
        let at: Moment
        let kind: String
        let key: String?
        let summary: String
        let outcome: String
        let isUnreadable: Bool
        let alertLink: String?
        let alert: String?
    }
}

extension EventListPage {
    init(_ facts: AlertSourceFacts, _ found: EventSearch.Found, visit: Visit, frame: Frame) {
        let query = visit.query
        self.frame = frame
        head = AlertSourceHead(facts, at: .explorer, visit)
        link = Links.events(facts.source.id)
        text = query["text"]
        (from, until, zone) = (query["from"], query["until"], visit.moments.zoneName)
        outcomes =
            [Choice("", "Any outcome", isChosen: query["outcome"].isEmpty)]
            + IntakeReason.allCases.filter { $0 != .journaled }.map {
                Choice($0.rawValue, $0.sentence, isChosen: query["outcome"] == $0.rawValue)
            }
        rows = found.events.map { Row($0, moments: visit.moments) }
        hasRows = !rows.isEmpty
        let filters = ["text", "outcome", "from", "until"].filter { !query[$0].isEmpty }
        isFiltered = !filters.isEmpty
        isFirst = query["before"].isEmpty
        var next = Form()
        for name in filters { next.add(name, query[name]) }
        if let last = found.next { next.add("before", "\(last)") }
        older = found.next == nil ? nil : Links.events(facts.source.id) + next.query
        searchedTo = found.searchedTo.map(visit.moments.moment)
        announcement = rows.first.map { "Newest event: \($0.outcome)" } ?? ""
    }
}

extension EventListPage.Row {
    fileprivate init(_ event: StoredEvent, moments: Moments) {
        link = Links.event(event.id, of: event.source)
        at = moments.moment(event.receivedAt)
        kind = event.kind?.rawValue.uppercased() ?? "–"
        key = event.key
        summary = event.summary.isEmpty ? event.explanation ?? "No summary" : event.summary
        outcome = event.reason.sentence
        isUnreadable = event.reason == .unreadable
        alertLink = event.alert.map(Links.alert)
        alert = event.alert.map { "Alert #\($0)" }
    }
}

struct EventPage: HTMLPage {
    static let template = "event"
    let frame: Frame
    let at: Moment
    let kind: String
    let key: String?
    let summary: String?
    let outcome: String
    let explanation: String?
    let alertLink: String?
    let alert: String?
    let method: String
    let path: String
    let query: [Pair]
    let hasQuery: Bool
    let headers: [Pair]
    let body: String?
    let size: String
    let replayLink: String
    let mayAnswer: Bool
    let mappingLink: String?
    let traces: [TraceView]
    let curl: String?
    let isKeyMasked: Bool

    struct Pair {
        let name: String
        let value: String
    }

    init(
        _ event: StoredEvent, events: [StoredEvent], source: AlertSourceRecord, publicURL: String, visit: Visit,
        frame: Frame
    ) {
        self.frame = frame
        at = visit.moments.moment(event.receivedAt)
        kind = event.kind?.rawValue.uppercased() ?? "None"
        key = event.key
        summary = event.summary.isEmpty ? nil : event.summary
        outcome = event.reason.sentence
        explanation = event.explanation
        alertLink = event.alert.map(Links.alert)
        alert = event.alert.map { "Alert #\($0)" }
        method = event.method
        isKeyMasked = !visit.mayConfigure
        let secret = isKeyMasked ? source.integrationKey : nil
        path = event.path.replacing(source.integrationKey, with: "…")
        query = Form(urlEncoded: event.query).fields.map { field in
            Pair(name: field.name, value: Self.masked(field.value, secret))
        }
        hasQuery = !query.isEmpty
        headers = event.webhookRequest.headers.map { Pair(name: $0.name, value: $0.value) }
        body = event.body.isEmpty ? nil : Self.masked(PrettyJSON.text(ofBody: event.body), secret)
        size = "\(event.body.count) bytes"
        replayLink = Links.event(event.id, of: source.id) + "/replay"
        mayAnswer = visit.mayAnswer
        let isMappable =
            visit.mayConfigure && IntegrationCatalog.entry(type: source.integrationType)?.mayBeMapped == true
        mappingLink = isMappable ? Links.mapping(source.id) : nil
        traces = events.enumerated().map { TraceView($1, number: events.count > 1 ? $0 + 1 : nil) }
        curl = CurlCommand.text(event, url: AlertSourceAddress.url(of: source, publicURL: publicURL)).map { command in
            Self.masked(command, secret)
        }
    }

    /// Wherever a request carries it, the integration key is for those who may change the source.
    private static func masked(_ text: String, _ secret: String?) -> String {
        secret.map { text.replacing($0, with: "INTEGRATION-KEY") } ?? text
    }
}

extension StoredEvent {
    /// The request as it came; headers that are secrets were not kept.
    var webhookRequest: WebhookRequest {
        let stored = (try? JSONValue.parse(Array(headers.utf8)))?.object ?? [:]  // Damaged headers are left out.
        let fields = stored.sorted { $0.key < $1.key }.map { WebhookRequest.Header($0.key, $0.value.string ?? "") }
        return WebhookRequest(method: method, path: path, headers: fields, query: query, body: body)
    }
}
