/// A day of the calendar, wherever it is: a number of days since 1970-01-01.
public struct CalendarDay: Hashable, Comparable, Sendable {
    public var number: Int64

    public init(number: Int64) {
        self.number = number
    }

    /// Reads `2026-12-24`; `nil` for anything else, days that do not exist included.
    public init?(_ text: String) {
        guard text.utf8.count == 10, let midnight = Timestamp(iso8601: text) else { return nil }
        number = midnight.milliseconds / Self.length
    }

    static let length: Int64 = 86_400_000

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    public static func + (day: Self, days: Int) -> Self { Self(number: day.number + Int64(days)) }

    /// How many days later this is; negative when it is before.
    public static func - (later: Self, earlier: Self) -> Int { Int(later.number - earlier.number) }

    /// `2026-12-24`.
    public var text: String { String(Timestamp(milliseconds: number * Self.length).iso8601.prefix(10)) }

    public var weekday: Weekday {
        // 1970-01-01 was a Thursday.
        Weekday.allCases[Int(((number + 3) % 7 + 7) % 7)]
    }
}

/// A day of the week; Monday is the first.
public enum Weekday: String, CaseIterable, Sendable {
    case monday, tuesday, wednesday, thursday, friday, saturday, sunday

    /// 0 for Monday.
    public var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What a clock on the wall shows: a date and a time without a zone.
public struct WallTime: Hashable, Comparable, Sendable {
    /// As if the wall were in UTC.
    public var milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// - Parameter minute: since midnight; 1440 is the next midnight.
    public init(_ day: CalendarDay, minute: Int = 0) {
        milliseconds = day.number * CalendarDay.length + Int64(minute) * 60_000
    }

    /// Reads `2026-12-24T08:00`, with seconds or without, and without an offset; `nil` for anything else.
    public init?(_ text: String) {
        guard text.utf8.count >= 16, !text.utf8.dropFirst(10).contains(where: { "Zz+-".utf8.contains($0) }),
            let time = Timestamp(iso8601: text)
        else { return nil }
        milliseconds = time.milliseconds
    }

    public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    public var day: CalendarDay {
        let length = CalendarDay.length
        return CalendarDay(number: milliseconds >= 0 ? milliseconds / length : (milliseconds + 1) / length - 1)
    }

    /// Since midnight, 0 to 1439.
    public var minute: Int { Int((milliseconds - day.number * CalendarDay.length) / 60_000) }
}
