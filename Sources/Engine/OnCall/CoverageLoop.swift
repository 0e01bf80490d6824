public import Alerting
public import Logging
public import ServiceLifecycle
import Storage

/// Tells the owners of on-call schedules, by mail, when nobody will be on call: each gap of the next 30 days once.
public final class CoverageLoop: Service {
    /// How far is looked ahead.
    public static let ahead = Duration.days(30)
    /// A schedule that was changed this shortly ago may still be edited; it is looked at later.
    public static let calm = Duration.minutes(10)
    /// How often is looked.
    private static let interval = Duration.seconds(300)
    private static let batch = 100
    private static let mostLines = 20

    private let store: Store
    private let wakeups: Wakeups
    private let links: ActionLinks
    private let logger: Logger
    private let waker = Waker()

    public init(store: Store, wakeups: Wakeups, links: ActionLinks, logger: Logger) {
        self.store = store
        self.wakeups = wakeups
        self.links = links
        self.logger = logger
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                do {
                    try await runOnce()
                } catch {
                    logger.error("loop failed", metadata: ["loop": "coverage", "reason": "\(error)"])
                }
                await waker.wait(atMost: Self.interval)
            }
        } onGracefulShutdown: {
            self.waker.signal()
        }
    }

    /// Looks at every schedule.
    ///
    /// - Returns: how many owners were told.
    @discardableResult
    public func runOnce() async throws -> Int {
        var (last, told) = (OnCallSchedule.ID(0), 0)
        while true {
            let after = last
            let records = try await store.read { transaction in
                try OnCallSchedules.all(after: after, limit: Self.batch, in: transaction)
            }
            for record in records where try await look(at: record) { told += 1 }
            guard let final = records.last, records.count == Self.batch else { break }
            last = final.id
        }
        if told > 0 { wakeups.notices.signal() }
        return told
    }

    /// - Returns: whether its owner was told of something.
    private func look(at record: ScheduleRecord) async throws -> Bool {
        let now = store.clock.now
        guard record.showsGaps, record.updatedAt <= now - Self.calm else { return false }
        let (seen, known) = try await store.read { transaction in
            (
                Self.gaps(of: try OnCallDuty.calculator(record.id, since: now, in: transaction), at: now),
                try OnCallSchedules.toldGaps(of: record.id, in: transaction)
            )
        }
        let told = known.flatMap { CoverageGaps(text: $0) }
        let news = seen.news(since: told)
        let isClosed = told?.gaps.contains { gap in gap.end > now && !seen.gaps.contains { $0.overlaps(gap) } } ?? false
        guard !news.isEmpty || isClosed else { return false }
        return try await store.write { change in
            // Another node may have been first.
            guard try OnCallSchedules.toldGaps(of: record.id, in: change.transaction) == known else { return false }
            try OnCallSchedules.setToldGaps(seen.text, of: record.id, in: change.transaction)
            guard !news.isEmpty, let owner = try Self.owner(of: record, in: change.transaction) else { return false }
            try change.notify(
                owner.email, account: record.account, subject: Self.subject(record, news, seen.horizon),
                body: self.body(record, news, seen.horizon))
            return true
        }
    }

    /// The gaps that begin in the next 30 days, whole as far as they end in the week after.
    public static func gaps(of calculator: OnCallCalculator, at now: Timestamp) -> CoverageGaps {
        let horizon = now + ahead + .days(7)
        let gaps = calculator.gaps(in: TimeSpan(start: now, end: horizon))
        return CoverageGaps(horizon: horizon, gaps: gaps.filter { $0.start < now + ahead })
    }

    /// The schedule's own, or else the account's.
    private static func owner(of record: ScheduleRecord, in transaction: any Transaction) throws -> UserRecord? {
        if let id = record.owner, let user = try Users.find(id, in: transaction) { return user }
        guard let id = try Accounts.find(record.account, in: transaction)?.owner else { return nil }
        return try Users.find(id, in: transaction)
    }

    private static func subject(_ record: ScheduleRecord, _ news: [TimeSpan], _ horizon: Timestamp) -> String {
        let first = news.first.map { SpanWords.text($0, in: ZoneTables.known(record.timeZone), horizon: horizon) } ?? ""
        let more = news.count > 1 ? " and \(news.count - 1) more" : ""
        return "[On call] \(record.name): nobody on \(first)\(more)"
    }

    private func body(_ record: ScheduleRecord, _ news: [TimeSpan], _ horizon: Timestamp) -> String {
        let zone = ZoneTables.known(record.timeZone)
        var lines = news.prefix(Self.mostLines).map { "- " + SpanWords.text($0, in: zone, horizon: horizon) }
        if news.count > Self.mostLines { lines.append("- and \(news.count - Self.mostLines) more") }
        return """
            Nobody will be on call for \(record.name) in these times of the next 30 days (\(record.timeZone)):

            \(lines.joined(separator: "\n"))

            \(links.publicURL)/on-call-schedules/\(record.id)

            You are told because you own this on-call schedule. If these times are meant to be free, switch its warnings
            off.
            """
    }
}
