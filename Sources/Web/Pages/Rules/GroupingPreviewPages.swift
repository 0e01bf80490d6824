import Alerting
import Engine
import Hummingbird
import Storage

/// Which of a source's alerts would have been one: its last 60 days, replayed under another way of grouping.
struct GroupingPreviewPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/alert-sources/:id/grouping", use: show)
    }

    private static let days = 60
    private static let batch = 100

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: AlertSource.ID = try visit.id()
        let scope = visit.caller.scope
        let facts = try await site.engine.store.read { try AlertSourceFacts(id, scope: scope, in: $0) }
        var fields = AlertSourceFields(facts.source)
        fields.takeGrouping(from: visit.query)
        var tried = facts.source
        fields.writeGrouping(to: &tried)
        let (requests, isCut) = try await requests(of: id, since: visit.moments.now - .days(Self.days))
        let periods = try await site.engine.directory.periods(of: facts.source)
        let now = try Self.replay(requests, facts.source, periods)
        let then = try Self.replay(requests, tried, periods)
        let page = GroupingPreviewPage(
            fields, now: now, then: then, requests: requests.count, isCut: isCut,
            source: facts.source, moments: visit.moments,
            head: AlertSourceHead(facts, at: .rules, visit),
            frame: site.frame("Grouping preview", .sources, crumbs: AlertSourceHead.crumbs(facts.source), context))
        return site.response(page)
    }

    /// Oldest first; the newest, when there are more than can be replayed. Read in pieces, so that a page never holds
    /// the database for long.
    ///
    /// - Returns: with whether older ones were left out.
    private func requests(
        of id: AlertSource.ID, since: Timestamp
    ) async throws -> (requests: [StoredEvent], isCut: Bool) {
        var found: [StoredEvent] = []
        var before: AlertEvent.ID?
        var bytes = 0
        while true {
            let from = before
            let events = try await site.engine.store.read { transaction in
                try EventLog.list(
                    source: id, before: from, times: since..<Timestamp(milliseconds: .max), limit: Self.batch,
                    in: transaction)
            }
            for event in events where event.id == event.request {
                bytes += event.body.count
                guard found.count < Limits.replayedRequests, bytes <= Limits.replayedBytes else {
                    return (found.reversed(), true)
                }
                found.append(event)
            }
            guard events.count == Self.batch, let last = events.last else { return (found.reversed(), false) }
            before = last.id
        }
    }

    private static func replay(
        _ requests: [StoredEvent], _ source: AlertSourceRecord, _ periods: SourcePeriods
    ) throws -> GroupingReplay {
        var trial = RulesTrial(source, periods: periods)
        return trial.replay(requests.map { ($0.webhookRequest, $0.receivedAt) })
    }
}

struct GroupingPreviewPage: HTMLPage {
    static let template = "grouping-preview"
    let frame: Frame
    let head: AlertSourceHead
    let link: String
    let editLink: String
    let grouping: GroupingChoices
    let hasRequests: Bool
    let summary: String
    let comparison: String
    let cut: String?
    let groups: [Group]
    let hasGroups: Bool

    struct Group {
        let summary: String
        let raised: Moment
        let events: String
        let keys: String
        let more: String?
    }

    private static let mostGroups = 100

    init(
        _ fields: AlertSourceFields, now: GroupingReplay, then: GroupingReplay, requests: Int, isCut: Bool,
        source: AlertSourceRecord, moments: Moments, head: AlertSourceHead, frame: Frame
    ) {
        self.frame = frame
        self.head = head
        link = Links.grouping(source.id)
        editLink = Links.source(source.id) + "/edit"
        grouping = GroupingChoices(fields)
        hasRequests = requests > 0
        summary = "\(then.groups.count) alert\(then.groups.count == 1 ? "" : "s")"
        comparison =
            "of \(requests) request\(requests == 1 ? "" : "s") in the last 60 days; as the source is set now: "
            + "\(now.groups.count)."
        cut = isCut ? "Only the newest \(requests) requests were replayed." : nil
        let joined = then.groups.filter { $0.events > 1 }.sorted {
            ($0.keyCount, $0.events, $0.raisedAt) > ($1.keyCount, $1.events, $1.raisedAt)
        }
        groups = joined.prefix(Self.mostGroups).map { group in
            Group(
                summary: group.summary.isEmpty ? "No summary" : group.summary,
                raised: moments.moment(group.raisedAt), events: "\(group.events)",
                keys: group.keys.joined(separator: ", "),
                more: group.keyCount > group.keys.count ? "and \(group.keyCount - group.keys.count) more" : nil)
        }
        hasGroups = !groups.isEmpty
    }
}
