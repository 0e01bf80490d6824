/// Times as headers and mails write them.
///
/// Source: RFC 9110, section 5.6.7 (the preferred form), and RFC 5322, section 3.3; read 2026-11-28.
public enum WireTime {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Mon, 23 Nov 2026 07:30:35 +0000`.
    ///
    /// - Parameter zone: how UTC is called, `+0000` in mails and `GMT` in HTTP.
    public static func text(_ time: Timestamp, zone: String) -> String {
        let inDay = Timestamp.remainder(time.milliseconds, 86_400_000)
        let weekday = weekdays[Int(Timestamp.remainder((time.milliseconds - inDay) / 86_400_000, 7))]
        let parts = time.iso8601.split(separator: "T")
        let date = parts[0].split(separator: "-")
        let month = months[(Int(date[1]) ?? 1) - 1]
        return "\(weekday), \(date[2]) \(month) \(date[0]) \(parts[1].prefix(8)) \(zone)"
    }

    /// Reads `Mon, 16 Aug 2010 03:45:01 +0000` and the same with `GMT`; `nil` for anything else.
    public static func read(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, let month = months.firstIndex(of: String(parts[2])), let day = Int(parts[1]) else {
            return nil
        }
        let digits = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        let zone = parts[5].count == 5 ? "\(parts[5].prefix(3)):\(parts[5].suffix(2))" : "Z"
        return Timestamp(iso8601: "\(parts[3])-\(digits(month + 1))-\(digits(day))T\(parts[4])\(zone)")
    }
}
