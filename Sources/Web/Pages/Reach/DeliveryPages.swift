import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// What waits to be sent, what failed and why; an administrator tries it again or takes it out.
struct DeliveryPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/deliveries", use: list)
        group.post("/deliveries/:id/retry") { request, context in
            try await act(request, context, done: "It is tried now.") { visit, id in
                try await site.engine.deliveries.retry(id, by: visit.caller)
            }
        }
        group.post("/deliveries/:id/cancellation") { request, context in
            try await act(request, context, done: "It is not sent any more.") { visit, id in
                try await site.engine.deliveries.cancel(id, by: visit.caller)
            }
        }
    }

    private func act(
        _ request: Request, _ context: WebContext, done: String,
        _ action: @Sendable (Visit, MessageRecord.ID) async throws -> Void
    ) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: MessageRecord.ID = try visit.id()
        return try await site.act(back: Links.deliveries, done: done) { try await action(visit, id) }
    }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let view = Messages.View(rawValue: visit.query["view"]) ?? .open
        let number = Pager.number(visit.query)
        let window = Page(offset: number * Pager.size, limit: Pager.size + 1)
        let entries = try await site.engine.deliveries.list(view, page: window, by: visit.caller)
        let total = number * Pager.size + entries.count
        let tabs = Messages.View.allCases.map { one in
            DeliveryListPage.Tab(
                label: one.words, link: "\(Links.deliveries)?view=\(one.rawValue)", isCurrent: one == view)
        }
        let rows = entries.prefix(Pager.size).map { DeliveryListPage.Row($0, visit) }
        return site.response(
            DeliveryListPage(
                frame: site.frame("Deliveries", .deliveries, context), tabs: tabs, rows: Array(rows),
                hasRows: !rows.isEmpty,
                pager: Pager(total: total, number: number) { "\(Links.deliveries)?view=\(view.rawValue)&page=\($0)" }))
    }
}

struct DeliveryListPage: HTMLPage {
    static let template = "delivery-list"
    let frame: Frame
    let tabs: [Tab]
    let rows: [Row]
    let hasRows: Bool
    let pager: Pager

    struct Tab {
        let label: String
        let link: String
        let isCurrent: Bool
    }

    struct Row {
        let summary: String
        let alertLink: String?
        let reader: String
        let channel: String
        let purpose: String
        let status: String
        let statusInWords: String
        let reason: String?
        let attempts: String
        let times: [Time]
        let link: String
        let hasActions: Bool
        let mayRetry: Bool
        let mayCancel: Bool
    }

    /// An instant, and what happened or will happen then.
    struct Time {
        let label: String
        let moment: Moment
    }
}

extension DeliveryListPage.Row {
    init(_ entry: DeliveryAdministration.Entry, _ visit: Visit) {
        let message = entry.message
        summary = entry.summary
        alertLink = message.alert.map(Links.alert)
        reader = entry.reader ?? "the last-resort contact"
        channel = message.channel.name
        purpose = Self.words(message.purpose.rawValue)
        status =
            switch message.status {
            case .waiting, .sending: "accepted"
            case .delivered: "resolved"
            case .failed: "pending"
            case .cancelled: "disabled"
            }
        let state = message.status == .delivered ? "handed over" : message.status.rawValue
        statusInWords = message.receiptState.map { "\(state), reported \($0.rawValue)" } ?? state
        reason = message.reason.map(Self.words)
        attempts = message.attempts == 1 ? "1 attempt" : "\(message.attempts) attempts"
        times = Self.times(of: message).map { DeliveryListPage.Time(label: $0, moment: visit.moments.moment($1)) }
        link = "\(Links.deliveries)/\(message.id)"
        mayRetry = [.waiting, .failed].contains(message.status) || message.status == .sending && message.reason != nil
        mayCancel = message.status == .waiting || message.status == .sending && message.reason != nil
        hasActions = mayRetry || mayCancel
    }

    private static func times(of message: MessageRecord) -> [(String, Timestamp)] {
        let tried = message.triedAt.map { ("last tried", $0) }
        let queued = ("queued", message.createdAt)
        switch message.status {
        case .waiting: return [("tried next", message.due), tried ?? queued]
        // With no try under way it waits behind another message to the same contact.
        case .sending: return message.triedAt.map { [("on its way since", $0)] } ?? [("tried next", message.due)]
        case .delivered: return [("handed over", message.sentAt ?? message.triedAt ?? message.createdAt)]
        case .failed: return [tried ?? queued]
        case .cancelled: return tried.map { [$0, queued] } ?? [queued]
        }
    }

    private static func words(_ name: String) -> String { name.replacing("_", with: " ") }
}

extension Messages.View {
    fileprivate var words: String {
        switch self {
        case .open: "Waiting"
        case .failed: "Failed"
        case .all: "All"
        }
    }
}
