public import Alerting

/// Spans in words, as wall clocks of a schedule's zone show them.
public enum SpanWords {
    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Such as `Sun 4 Jan 2026 03:00–07:00` or `Sat 3 Jan 2026 22:00 – Mon 5 Jan 2026 06:00`.
    ///
    /// - Parameter horizon: how far was looked; a span that reaches it is only said to go on.
    public static func text(_ span: TimeSpan, in zone: ZoneTable, horizon: Timestamp? = nil) -> String {
        if let horizon, span.end >= horizon { return "from \(moment(span.start, in: zone)) on" }
        let (start, end) = (zone.localTime(at: span.start), zone.localTime(at: span.end))
        let isOneDay = start.day == end.day || (end.day == start.day + 1 && end.seconds % 86_400 == 0)
        if isOneDay {
            let last = start.day == end.day ? clock(span.end, in: zone) : "24:00"
            return "\(moment(span.start, in: zone))–\(last)"
        }
        return "\(moment(span.start, in: zone)) – \(moment(span.end, in: zone))"
    }

    /// Such as `Sun 4 Jan 2026 03:00`.
    public static func moment(_ time: Timestamp, in zone: ZoneTable) -> String {
        "\(day(CalendarDay(number: zone.localTime(at: time).day))) \(clock(time, in: zone))"
    }

    /// Such as `Sun 4 Jan 2026`.
    public static func day(_ day: CalendarDay) -> String {
        let text = day.text
        let month = months[max(0, min(11, (Int(text.dropFirst(5).prefix(2)) ?? 1) - 1))]
        return "\(weekdays[day.weekday.index]) \(Int(text.suffix(2)) ?? 0) \(month) \(text.prefix(4))"
    }

    /// Such as `03:00`; with the offset where wall clocks show that time twice: `02:30 (UTC+1)`.
    public static func clock(_ time: Timestamp, in zone: ZoneTable) -> String {
        let local = zone.localTime(at: time)
        let text = String(LocalTime(seconds: local.seconds / 60 * 60).text.suffix(5))
        guard zone.start(of: local.seconds) != zone.end(of: local.seconds) else { return text }
        return "\(text) (\(offset(zone.offset(at: time))))"
    }

    /// Such as `UTC+2` or `UTC+5:45`.
    public static func offset(_ seconds: Int64) -> String {
        let minutes = abs(seconds) / 60
        let rest = minutes % 60
        let tail = rest == 0 ? "" : rest < 10 ? ":0\(rest)" : ":\(rest)"
        return "UTC\(seconds < 0 ? "−" : "+")\(minutes / 60)\(tail)"
    }
}
