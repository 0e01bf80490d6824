public import Alerting
import Storage

/// The support hours and schedules that one alert source's rules ask about, read when the source is.
public struct SourcePeriods: Sendable {
    /// Whether they are on at a time; `nil` when there are no such hours.
    public let isIn: @Sendable (PeriodReference, Timestamp) -> Bool?

    public static let none = SourcePeriods { _, _ in nil }

    /// A schedule is on while somebody is on call.
    static func load(
        for record: AlertSourceRecord, _ rules: EventRules, in transaction: any Transaction
    ) throws -> SourcePeriods {
        try load(
            rules.periods.union(record.supportHours.map { [$0] } ?? []), account: record.account,
            since: record.createdAt, in: transaction)
    }

    static func load(
        _ periods: Set<PeriodReference>, account: Account.ID, since: Timestamp, in transaction: any Transaction
    ) throws -> SourcePeriods {
        var hours: [PeriodReference: SupportHours] = [:]
        var duties: [PeriodReference: OnCallCalculator] = [:]
        for period in periods {
            switch period.kind {
            case .supportHours:
                hours[period] = try SupportHoursList.find(.init(period.id), account: account, in: transaction)?.hours
            case .schedule:
                let id = OnCallSchedule.ID(period.id)
                guard try OnCallSchedules.find(id, in: transaction)?.account == account else { continue }
                duties[period] = try OnCallDuty.calculator(id, since: since, in: transaction)
            }
        }
        guard !(hours.isEmpty && duties.isEmpty) else { return .none }
        return SourcePeriods { [hours, duties] period, time in
            hours[period]?.isDuring(time) ?? duties[period].map { $0.onCall(at: time) != nil }
        }
    }

    public init(isIn: @escaping @Sendable (PeriodReference, Timestamp) -> Bool?) {
        self.isIn = isIn
    }
}
