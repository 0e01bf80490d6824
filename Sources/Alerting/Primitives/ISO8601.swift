/// Text forms of times and durations on the wire: ISO 8601 in UTC with milliseconds, and `PT5M`-like durations.
extension Timestamp {
    /// `2026-01-01T10:00:00.000Z`.
    public var iso8601: String {
        let days = (milliseconds - Self.remainder(milliseconds, 86_400_000)) / 86_400_000
        let inDay = Self.remainder(milliseconds, 86_400_000)
        let (year, month, day) = Self.civil(fromDays: days)
        let second = inDay / 1000
        return Self.padded(year, 4) + "-" + Self.padded(Int64(month), 2) + "-" + Self.padded(Int64(day), 2) + "T"
            + Self.padded(second / 3600, 2) + ":" + Self.padded(second / 60 % 60, 2) + ":"
            + Self.padded(second % 60, 2) + "." + Self.padded(inDay % 1000, 3) + "Z"
    }

    /// Reads `2026-01-01T10:00:00Z`, with 0 to 9 fractional digits, a blank for the `T`, an offset such as
    /// `+01:00` or none (UTC). `nil` for anything else, dates that do not exist included.
    public init?(iso8601 text: String) {
        var reader = DigitReader(text)
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), (1...12).contains(month), day >= 1, day <= Self.daysIn(month, of: year)
        else { return nil }
        var milliseconds: Int64 = Self.days(fromYear: year, month: month, day: day) * 86_400_000
        guard reader.take("T") || reader.take("t") || reader.take(" ") else {
            guard reader.isAtEnd else { return nil }
            self.init(milliseconds: milliseconds)
            return
        }
        guard let hour = reader.number(2), hour < 24, reader.take(":"), let minute = reader.number(2), minute < 60
        else { return nil }
        var second: Int64 = 0
        if reader.take(":") {
            guard let value = reader.number(2), value <= 60 else { return nil }
            second = value
        }
        milliseconds += ((hour * 60 + minute) * 60 + second) * 1000
        if reader.take(".") || reader.take(",") {
            guard let fraction = reader.fractionInMilliseconds() else { return nil }
            milliseconds += fraction
        }
        guard let offset = reader.zoneOffsetInMinutes(), reader.isAtEnd else { return nil }
        self.init(milliseconds: milliseconds - offset * 60_000)
    }

    /// Days since 1970-01-01 of a day in the proleptic Gregorian calendar.
    static func days(fromYear year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted - remainder(shifted, 400)) / 400
        let yearOfEra = remainder(shifted, 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The day in the proleptic Gregorian calendar that is `days` after 1970-01-01.
    static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let dayOfEra = remainder(shifted, 146_097)
        let era = (shifted - dayOfEra) / 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        return (yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth, day)
    }

    static func daysIn(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Never negative.
    static func remainder(_ value: Int64, _ divisor: Int64) -> Int64 {
        let rest = value % divisor
        return rest < 0 ? rest + divisor : rest
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return digits.utf8.count >= width ? digits : String(repeating: "0", count: width - digits.utf8.count) + digits
    }
}

/// Reads fixed-width digits from the front of a text.
private struct DigitReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { place == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard place < bytes.count, UInt32(bytes[place]) == character.value else { return false }
        place += 1
        return true
    }

    mutating func number(_ width: Int) -> Int64? {
        guard bytes.count - place >= width else { return nil }
        var number: Int64 = 0
        for byte in bytes[place..<place + width] {
            guard (48...57).contains(byte) else { return nil }
            number = number * 10 + Int64(byte - 48)
        }
        place += width
        return number
    }

    mutating func fractionInMilliseconds() -> Int64? {
        let digits = bytes[place...].prefix { (48...57).contains($0) }
        guard (1...9).contains(digits.count) else { return nil }
        place += digits.count
        let three = (Array(digits) + [48, 48, 48]).prefix(3)
        return three.reduce(0) { $0 * 10 + Int64($1 - 48) }
    }

    mutating func zoneOffsetInMinutes() -> Int64? {
        if isAtEnd || take("Z") || take("z") { return 0 }
        let isWest = take("-")
        guard isWest || take("+"), let hours = number(2), hours < 24 else { return nil }
        _ = take(":")
        let minutes = isAtEnd ? 0 : number(2)
        guard let minutes, minutes < 60 else { return nil }
        return (isWest ? -1 : 1) * (hours * 60 + minutes)
    }
}

extension Duration {
    /// Reads `PT5M`, `PT1H30M`, `P7D`, `P2W`: days, weeks, hours, minutes and whole seconds; `nil` for anything
    /// else, months and years included (they have no fixed length), and for more than 10 years.
    public init?(iso8601 text: String) {
        var rest = Substring(text.uppercased())
        guard rest.popFirst() == "P", !rest.isEmpty else { return nil }
        var seconds: Int64 = 0
        var isTime = false
        while let next = rest.first {
            if next == "T" {
                guard !isTime, rest.count > 1 else { return nil }
                isTime = true
                rest.removeFirst()
                continue
            }
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let count = Int64(digits), count < 1_000_000_000 else { return nil }
            rest.removeFirst(digits.count)
            switch (rest.popFirst(), isTime) {
            case ("W", false): seconds += count * 604_800
            case ("D", false): seconds += count * 86_400
            case ("H", true): seconds += count * 3600
            case ("M", true): seconds += count * 60
            case ("S", true): seconds += count
            default: return nil
            }
            guard seconds <= 315_360_000 else { return nil }
        }
        self = .seconds(seconds)
    }

    /// The shortest form in one or several units: `PT5M`, `PT1H`, `P7D`, `PT1H30M`, `PT0S`.
    public var iso8601: String {
        let seconds = components.seconds
        guard seconds > 0 else { return "PT0S" }
        let days = seconds / 86_400
        var text = days > 0 && seconds > 86_400 || days > 0 && seconds % 86_400 == 0 && days > 1 ? "P\(days)D" : "P"
        let rest = text == "P" ? seconds : seconds % 86_400
        if rest > 0 {
            text += "T"
            if rest / 3600 > 0 { text += "\(rest / 3600)H" }
            if rest / 60 % 60 > 0 { text += "\(rest / 60 % 60)M" }
            if rest % 60 > 0 { text += "\(rest % 60)S" }
        }
        return text
    }
}
