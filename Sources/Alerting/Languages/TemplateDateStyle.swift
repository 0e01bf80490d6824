/// How a template writes a time, in UTC and English.
enum TemplateDateStyle: String {
    /// `Sunday, January 29, 2023 at 12:05:37 AM Coordinated Universal Time`
    case full = "F"
    /// `January 29, 2023 at 12:05:37 AM UTC`
    case long = "L"
    /// `Jan 29, 2023, 12:05:37 AM`
    case medium = "M"
    /// `1/29/23, 12:05 AM`
    case short = "S"

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    /// 1970-01-01 was a Thursday.
    private static let days = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"]

    func text(of time: Timestamp) -> String {
        let civil = CivilTime(time)
        let month = Self.months[Int(civil.month) - 1]
        let half = civil.hour < 12 ? "AM" : "PM"
        let hour = civil.hour % 12 == 0 ? 12 : civil.hour % 12
        let clock = "\(hour):\(Self.two(civil.minute))"
        let exact = "\(clock):\(Self.two(civil.second)) \(half)"
        switch self {
        case .full:
            let day = Self.days[Int(((civil.days % 7) + 7) % 7)]
            return "\(day), \(month) \(civil.day), \(civil.year) at \(exact) Coordinated Universal Time"
        case .long: return "\(month) \(civil.day), \(civil.year) at \(exact) UTC"
        case .medium: return "\(month.prefix(3)) \(civil.day), \(civil.year), \(exact)"
        case .short:
            return "\(civil.month)/\(civil.day)/\(Self.two(((civil.year % 100) + 100) % 100)), \(clock) \(half)"
        }
    }

    private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}

/// A time of the calendar in UTC.
struct CivilTime: Equatable {
    /// Since 1970-01-01.
    let days: Int64
    let year, month, day, hour, minute, second: Int64

    init(_ time: Timestamp) {
        var inDay = time.milliseconds % 86_400_000
        if inDay < 0 { inDay += 86_400_000 }
        days = (time.milliseconds - inDay) / 86_400_000
        (year, month, day) = Timestamp.civil(fromDays: days)
        (hour, minute, second) = (inDay / 3_600_000, inDay / 60_000 % 60, inDay / 1000 % 60)
    }
}
