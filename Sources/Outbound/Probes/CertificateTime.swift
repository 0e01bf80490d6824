import Alerting

/// The times of certificates as libcurl tells them.
enum CertificateTime {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// `Jan  1 10:00:00 2027 GMT` (OpenSSL) or `2027-01-01 10:00:00 GMT` (others).
    static func read(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ").map(String.init)
        if parts.count >= 2, let time = Timestamp(iso8601: "\(parts[0])T\(parts[1])Z") { return time }
        guard parts.count >= 4, let month = months.firstIndex(of: parts[0].lowercased()), let day = Int(parts[1]) else {
            return nil
        }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return Timestamp(iso8601: "\(parts[3])-\(two(month + 1))-\(two(day))T\(parts[2])Z")
    }
}
