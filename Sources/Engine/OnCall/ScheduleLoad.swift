public import Alerting
import Storage

/// How the load of a schedule was shared in the last months.
public struct ScheduleLoad: Sendable {
    public struct Person: Equatable, Sendable {
        public var user: User.ID
        /// One a month, in the order of `months`.
        public var parts: [Part]

        public var total: DutyLoad {
            parts.reduce(into: DutyLoad(user: user)) { sum, part in
                sum.day += part.load.day
                sum.night += part.load.night
                sum.weekend += part.load.weekend
            }
        }

        public var pages: Int { parts.reduce(0) { $0 + $1.pages } }
        public var unrestfulPages: Int { parts.reduce(0) { $0 + $1.unrestfulPages } }
    }

    public struct Part: Equatable, Sendable {
        public var load: DutyLoad
        /// Alerts that the person was paged for while on call here.
        public var pages: Int
        /// Those of them that came at night or on a weekend.
        public var unrestfulPages: Int
    }

    /// Calendar months of the schedule's zone; the last one ends now.
    public var months: [TimeSpan]
    /// The longest on call first.
    public var people: [Person]
}

extension ScheduleAdministration {
    public static let loadMonths = 1...12

    /// - Parameter count: how many months, the present one included.
    public func load(of id: OnCallSchedule.ID, months count: Int, by caller: Caller) async throws -> ScheduleLoad {
        let now = clock.now
        let count = min(max(count, Self.loadMonths.lowerBound), Self.loadMonths.upperBound)
        return try await configuration.read { transaction in
            let record = try Self.find(id, by: caller, in: transaction)
            let zone = ZoneTables.known(record.timeZone)
            let months = Self.months(count, before: now, in: zone, from: record.createdAt)
            guard let first = months.first else { return ScheduleLoad(months: [], people: []) }
            let whole = TimeSpan(start: first.start, end: now)
            let shifts = try OnCallDuty.calculator(id, since: whole.start, in: transaction).shifts(in: whole)
            let pages = try PageCounts.list(of: Set(shifts.map(\.user)), in: whole, transaction)
            return ScheduleLoad(
                months: months, people: Self.people(shifts, pages: pages, months: months, zone: zone))
        }
    }

    private static func months(
        _ count: Int, before now: Timestamp, in zone: ZoneTable, from created: Timestamp
    ) -> [TimeSpan] {
        let next = zone.start(of: zone.startOfMonth(at: now, adding: 1))
        var months: [TimeSpan] = []
        var end = next
        for back in 0..<count {
            let start = zone.start(of: zone.startOfMonth(at: now, adding: Int64(-back)))
            let span = TimeSpan(start: start, end: end).clamped(to: TimeSpan(start: created, end: now))
            if !span.isEmpty { months.insert(span, at: 0) }
            end = start
        }
        return months
    }

    private static func people(
        _ shifts: [Shift], pages: [PagedPerson], months: [TimeSpan], zone: ZoneTable
    ) -> [ScheduleLoad.Person] {
        let tallies = months.map { month in
            Dictionary(DutyLoad.tally(shifts, in: month, zone: zone).map { ($0.user, $0) }) { $1 }
        }
        // A page counts for whoever was on call here when it came.
        let counted = pages.filter { page in
            var (low, high) = (0, shifts.count)
            while low < high {
                let middle = (low + high) / 2
                if shifts[middle].end <= page.at { low = middle + 1 } else { high = middle }
            }
            return low < shifts.count && shifts[low].user == page.user && shifts[low].span.contains(page.at)
        }
        let people = Set(shifts.map(\.user)).map { user in
            let own = counted.filter { $0.user == user }
            let parts = zip(months, tallies).map { month, tally in
                let inMonth = own.filter { month.contains($0.at) }
                return ScheduleLoad.Part(
                    load: tally[user] ?? DutyLoad(user: user), pages: inMonth.count,
                    unrestfulPages: inMonth.count { DutyLoad.part(at: $0.at, zone: zone) != .day })
            }
            return ScheduleLoad.Person(user: user, parts: parts)
        }
        return people.sorted { ($1.total.total, $0.user) < ($0.total.total, $1.user) }
    }
}
