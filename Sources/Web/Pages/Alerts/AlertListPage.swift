import Alerting
import Engine
import Hummingbird
import Storage

/// The alerts that somebody may see, newest first.
struct AlertListPage: HTMLPage {
    static let template = "alert-list"
    let frame: Frame
    let tabs: [Tab]
    let state: String
    let text: String
    let sources: [Choice]
    let rows: [Row]
    let hasRows: Bool
    let isFiltered: Bool
    let hasSources: Bool
    let mayAnswer: Bool
    let mayConfigure: Bool
    let pager: Pager
    /// Told to those who cannot see it change.
    let announcement: String
    let stateInWords: String

    struct Tab {
        let label: String
        let count: String
        let link: String
        let isCurrent: Bool
    }

    struct Row {
        let link: String
        let number: String
        let summary: String
        let status: String
        let statusInWords: String
        let isHigh: Bool
        let priority: String
        let source: String
        let sourceLink: String
        let raisedAt: Moment
        let who: String
        let events: String?
    }
}

/// The tabs of the list.
enum AlertTab: String, CaseIterable {
    case open, pending, accepted, resolved, all

    var words: String {
        switch self {
        case .open: "Open"
        case .pending: "Pending"
        case .accepted: "Accepted"
        case .resolved: "Resolved"
        case .all: "All"
        }
    }

    var statuses: [AlertStatus] {
        switch self {
        case .open: [.pending, .accepted]
        case .pending: [.pending]
        case .accepted: [.accepted]
        case .resolved: [.resolved]
        case .all: []
        }
    }
}

/// Reads what the list shows.
struct AlertListQuery: Sendable {
    let tab: AlertTab
    let source: AlertSource.ID?
    let text: String
    let page: Int

    /// How many resolved ones are counted: a long history would cost more than all the rest of the page.
    static let mostResolved = 10_000

    struct Result: Sendable {
        var alerts: [AlertRecord] = []
        var counts: [AlertTab: Int] = [:]
        /// Whether there may be more resolved ones than were counted.
        var isCutShort = false
        var sources: [AlertSourceRecord] = []
        var people: [User.ID: String] = [:]
        var policies: [EscalationPolicy.ID: String] = [:]
    }

    init(_ query: Form) {
        tab = AlertTab(rawValue: query["state"]) ?? .open
        source = AlertSource.ID(query["source"])
        text = Limits.cut(query["text"], to: 200)
        page = Pager.number(query)
    }

    func run(scope: Scope, in transaction: any Transaction) throws -> Result {
        var result = Result()
        var filter = AlertFilter(sources: source.map { [$0] } ?? [], text: text.isEmpty ? nil : text)
        for status in [AlertStatus.pending, .accepted, .resolved] {
            filter.statuses = [status]
            let most = status == .resolved ? Self.mostResolved : nil
            let count = try AlertList.count(filter, scope: scope, most: most, in: transaction)
            if count == most { result.isCutShort = true }
            for tab in AlertTab.allCases where tab.statuses.isEmpty || tab.statuses.contains(status) {
                result.counts[tab, default: 0] += count
            }
        }
        filter.statuses = tab.statuses
        result.alerts = try AlertList.list(
            filter, scope: scope, page: Page(offset: page * Pager.size, limit: Pager.size), in: transaction)
        result.sources = try AlertSources.list(scope: scope, page: Page(limit: 500), in: transaction)
        let people = result.alerts.flatMap { [$0.alert.acceptedBy?.user, $0.alert.resolvedBy?.user, $0.assigned] }
        result.people = try Users.names(of: Set(people.compactMap(\.self)), in: transaction)
        for policy in try EscalationPolicies.list(scope: scope, page: Page(limit: 500), in: transaction) {
            result.policies[policy.id] = policy.name
        }
        return result
    }

    func link(tab: AlertTab? = nil, page: Int = 0) -> String {
        var query = Form()
        query.add("state", (tab ?? self.tab).rawValue)
        if let source { query.add("source", "\(source)") }
        if !text.isEmpty { query.add("text", text) }
        if page > 0 { query.add("page", "\(page)") }
        return Links.alerts + query.query
    }
}

extension AlertListQuery.Result {
    /// Whether the tab's count is only as far as was counted.
    fileprivate func isCutShort(_ tab: AlertTab) -> Bool { isCutShort && (tab == .resolved || tab == .all) }
}

extension AlertListPage {
    init(_ result: AlertListQuery.Result, query: AlertListQuery, visit: Visit, frame: Frame) {
        self.frame = frame
        tabs = AlertTab.allCases.map { tab in
            Tab(
                label: tab.words, count: "\(result.counts[tab] ?? 0)\(result.isCutShort(tab) ? "+" : "")",
                link: query.link(tab: tab), isCurrent: tab == query.tab)
        }
        state = query.tab.rawValue
        text = query.text
        sources =
            [Choice("", "All alert sources", isChosen: query.source == nil)]
            + result.sources.map { Choice("\($0.id)", $0.name, isChosen: $0.id == query.source) }
        let names = Dictionary(uniqueKeysWithValues: result.sources.map { ($0.id, $0.name) })
        rows = result.alerts.map { Row($0, sources: names, result: result, moments: visit.moments) }
        hasRows = !rows.isEmpty
        isFiltered = !query.text.isEmpty || query.source != nil
        hasSources = !result.sources.isEmpty
        mayAnswer = visit.mayAnswer
        mayConfigure = visit.mayConfigure
        pager = Pager(
            total: result.counts[query.tab] ?? 0, hasMore: result.isCutShort(query.tab), shown: rows.count,
            number: query.page
        ) { query.link(page: $0) }
        announcement = "\(result.counts[.pending] ?? 0) pending, \(result.counts[.accepted] ?? 0) accepted alerts"
        stateInWords = query.tab == .all ? "" : query.tab.words.lowercased()
    }
}

extension AlertListPage.Row {
    fileprivate init(
        _ record: AlertRecord, sources: [AlertSource.ID: String], result: AlertListQuery.Result, moments: Moments
    ) {
        let alert = record.alert
        link = Links.alert(alert.id)
        number = "\(alert.id)"
        summary = alert.summary
        status = alert.status.rawValue
        statusInWords = alert.status.words
        isHigh = alert.priority == .high
        priority = alert.priority.words
        source = sources[alert.source] ?? "Alert source \(alert.source)"
        sourceLink = Links.source(alert.source)
        raisedAt = moments.moment(alert.raisedAt)
        events = alert.eventCount > 1 ? "\(alert.eventCount) events" : nil
        who =
            switch alert.status {
            case .resolved: alert.resolvedBy.map { "by " + $0.name { result.people[$0] } } ?? ""
            case .accepted: alert.acceptedBy.map { "by " + $0.name { result.people[$0] } } ?? ""
            case .pending:
                record.assigned.flatMap { result.people[$0] }.map { "assigned to \($0)" } ?? alert.policy.flatMap {
                    result.policies[$0]
                } ?? "nobody"
            }
    }
}
