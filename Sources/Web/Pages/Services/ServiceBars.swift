import Alerting
import Storage

/// How a service was on each of 90 days, the oldest first.
struct ServiceBars {
    /// Such as `99.95 %`.
    let uptime: String
    let bars: [Bar]
    let width: String

    struct Bar {
        let x: String
        /// `up`, `work`, `partly`, `down` or `none`.
        let style: String
        /// For a person.
        let title: String
    }

    static let days = 90

    /// - Parameter periods: that reach into the days, the oldest first.
    init(_ service: ServiceRecord, _ periods: [ServicePeriod], moments: Moments) {
        let outages = periods.compactMap(\.outage)
        uptime = Self.percentage(service, outages, days: Self.days, at: moments.now)
        width = "\(Self.days * 8)"
        let days = ServiceUptime.days(
            of: outages, count: Self.days, until: moments.now, birth: service.createdAt)
        bars = days.enumerated().map { place, day in
            let date = String(moments.moment(day.start).text.prefix { $0 != "," })
            let down = day.down > .zero ? ", down for \(Moments.words(seconds: day.down.components.seconds))" : ""
            return Bar(
                x: "\(place * 8)", style: day.worst?.barStyle ?? "none",
                title: "\(date): \(day.worst.map { $0.words + down } ?? "not there yet")")
        }
    }

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

    var barStyle: String {
        switch self {
        case .operational: "up"
        case .underMaintenance: "work"
        case .degraded, .partialOutage: "partly"
        case .majorOutage: "down"
        }
    }
}
