import Alerting

/// Times as headers and mails write them.
///
/// Source: RFC 9110, section 5.6.7 (the preferred form), and RFC 5322, section 3.3; read 2026-11-28.
enum WireTime {
    static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads `Mon, 16 Aug 2010 03:45:01 +0000` and the same with `GMT`; `nil` for anything else.
    static func read(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, let month = months.firstIndex(of: String(parts[2])), let day = Int(parts[1]) else {
            return nil
        }
        let digits = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        let zone = parts[5].count == 5 ? "\(parts[5].prefix(3)):\(parts[5].suffix(2))" : "Z"
        return Timestamp(iso8601: "\(parts[3])-\(digits(month + 1))-\(digits(day))T\(parts[4])\(zone)")
    }
}
