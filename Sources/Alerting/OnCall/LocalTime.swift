/// A wall-clock time without a zone, such as `2026-12-01T09:00`, as somebody wrote it.
public struct LocalTime: Hashable, Sendable {
    /// As it was written; answered unchanged.
    public let text: String
    /// Since 1970-01-01T00:00 on the same wall clock.
    public let seconds: Int64

    /// The times that schedules may name: 1970 to 2099.
    public static let range: Range<Int64> = 0..<4_102_444_800

    /// Reads `2026-12-01T09:00`, also with seconds and fractions, which are cut off; `nil` for anything else, a zone
    /// or an offset included.
    public init?(_ text: String) {
        guard (16...40).contains(text.utf8.count),
            !text.utf8.dropFirst(10).contains(where: { "Zz+-".utf8.contains($0) }),
            let time = Timestamp(iso8601: text)
        else { return nil }
        self.text = text
        seconds = Self.floor(time.milliseconds, 1000)
    }

    /// Written with minutes, and with seconds where there are some.
    public init(seconds: Int64) {
        let iso = Timestamp(milliseconds: seconds * 1000).iso8601
        text = String(iso.prefix(seconds % 60 == 0 ? 16 : 19))
        self.seconds = seconds
    }

    /// Days since 1970-01-01.
    public var day: Int64 { Self.floor(seconds, 86_400) }

    static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }
}
