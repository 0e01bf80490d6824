import Alerting
import Engine
import Hummingbird
import Storage

/// How fast people are told: for the whole team to see.
struct PagingTimesPage: HTMLPage {
    static let template = "paging-times"
    let frame: Frame
    let rows: [Row]

    struct Row {
        let period: String
        let count: String
        let hasAny: Bool
        let total: Percentiles
        let late: Percentiles
    }

    struct Percentiles {
        let half: String
        let most: String
        let nearlyAll: String

        /// - Parameter milliseconds: in any order.
        init(_ milliseconds: [Int64]) {
            let sorted = milliseconds.map { max(0, $0) }.sorted()
            half = Self.text(50, sorted)
            most = Self.text(95, sorted)
            nearlyAll = Self.text(99, sorted)
        }

        private static func text(_ percent: Int, _ sorted: [Int64]) -> String {
            Percentile.nearestRank(percent, of: sorted).map { TraceScale.words($0) } ?? "–"
        }
    }
}

extension PagingTimesPage {
    static let periods: [(name: String, length: Duration)] = [
        ("The last day", .days(1)), ("The last week", .days(7)), ("The last month", .days(30)),
    ]

    /// - Parameter times: of the longest period.
    init(_ times: [PagingTime], at now: Timestamp, frame: Frame) {
        self.frame = frame
        rows = Self.periods.map { period in
            let within = times.filter { $0.received >= now - period.length }
            return Row(
                period: period.name, count: "\(within.count)", hasAny: !within.isEmpty,
                total: Percentiles(within.map { ($0.sent - $0.received).wholeMilliseconds }),
                late: Percentiles(within.map { ($0.sent - $0.intended).wholeMilliseconds }))
        }
    }
}

struct PagingTimesPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/paging-times") { request, context in
            let visit = try site.visit(request, context)
            let (scope, now) = (visit.caller.scope, visit.moments.now)
            let longest = PagingTimesPage.periods.map(\.length).max() ?? .zero
            let times = try await site.engine.store.read { transaction in
                try PagingTimes.list(since: now - longest, scope: scope, in: transaction)
            }
            let frame = site.frame("Paging times", .times, context)
            return site.response(PagingTimesPage(times, at: now, frame: frame))
        }
    }
}
