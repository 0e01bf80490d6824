import Alerting
import Storage

extension UptimeBars {
    /// How a service was on each of 90 days.
    ///
    /// - Parameter periods: that reach into the days, the oldest first.
    init(_ service: ServiceRecord, _ periods: [ServicePeriod], moments: Moments) {
        let outages = periods.compactMap(\.outage)
        let share = ServiceBars.percentage(service, outages, days: ServiceBars.days, at: moments.now)
        (label, uptime, words) = ("\(ServiceBars.days) days", share, "\(share) up")
        width = "\(ServiceBars.days * 8)"
        let days = ServiceUptime.days(
            of: outages, count: ServiceBars.days, until: moments.now, birth: service.createdAt)
        bars = days.enumerated().map { place, day in
            let date = String(moments.moment(day.start).text.prefix { $0 != "," })
            let down = day.down > .zero ? ", down for \(Moments.words(seconds: day.down.components.seconds))" : ""
            return Bar(
                x: "\(place * 8)", style: day.worst?.barStyle ?? "none",
                title: "\(date): \(day.worst.map { $0.words + down } ?? "not there yet")")
        }
    }
}

enum ServiceBars {
    static let days = 90

    /// Rounded down, so that only what was never down has 100 %.
    static func percentage(
        _ service: ServiceRecord, _ outages: [ServiceOutage], days: Int, at now: Timestamp
    ) -> String {
        let start = max(now - .days(days), min(service.createdAt, now))
        return UptimeBars.percent(ServiceUptime.hundredths(of: outages, in: start..<now), of: 10_000)
    }
}

extension ServiceStatus {
    /// The class of its badge.
    var style: String {
        switch self {
        case .operational: "active"
        case .underMaintenance: "disabled"
        case .degraded, .partialOutage: "accepted"
        case .majorOutage: "pending"
        }
    }

    fileprivate var barStyle: String {
        switch self {
        case .operational: "up"
        case .underMaintenance: "work"
        case .degraded, .partialOutage: "partly"
        case .majorOutage: "down"
        }
    }
}
