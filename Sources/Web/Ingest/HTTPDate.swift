import Alerting
import Glibc
import Synchronization

/// The time as the field `Date` has it (RFC 9110, 5.6.7): `Sat, 28 Nov 2026 13:54:03 GMT`.
enum HTTPDate {
    private static let latest = Mutex<(second: time_t, text: String)>((-1, ""))

    /// Written once a second.
    static func now() -> String {
        let second = time(nil)
        return latest.withLock { latest in
            if latest.second != second { latest = (second, text(of: second)) }
            return latest.text
        }
    }

    /// - Parameter second: since 1970 in UTC.
    static func text(of second: time_t) -> String {
        WireTime.text(Timestamp(milliseconds: Int64(second) * 1000), zone: "GMT")
    }
}
