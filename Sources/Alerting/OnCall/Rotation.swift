/// How often a layer hands over, in wall-clock time, such as `P7D`, `PT8H`, `P1M`.
public struct Rotation: Hashable, Sendable {
    private enum Step: Hashable, Sendable {
        case seconds(Int64)
        case months(Int64)
    }

    /// As it was written; answered unchanged.
    public let text: String
    private let step: Step

    /// Reads an ISO 8601 duration of an hour to a year: hours, days and weeks, or months and years alone; `nil` for
    /// anything else.
    public init?(_ text: String) {
        guard text.utf8.count <= 20 else { return nil }
        self.text = text
        if let duration = Duration(iso8601: text) {
            let seconds = duration.components.seconds
            guard (3600...31_622_400).contains(seconds), seconds % 60 == 0 else { return nil }
            step = .seconds(seconds)
            return
        }
        let digits = text.dropFirst().dropLast()
        guard text.first == "P", let unit = text.last, "MY".contains(unit), let count = Int64(digits),
            digits.utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        guard (1...12).contains(count * (unit == "Y" ? 12 : 1)) else { return nil }
        step = .months(count * (unit == "Y" ? 12 : 1))
    }

    /// The wall-clock time of the hand-over number `index`, counted from `start`, which is number 0.
    func handOver(_ index: Int64, from start: Int64) -> Int64 {
        switch step {
        case .seconds(let seconds): start + index * seconds
        case .months(let months): Self.adding(index * months, to: start)
        }
    }

    /// The number of the last hand-over that is not after `local`; negative before `start`.
    func index(at local: Int64, from start: Int64) -> Int64 {
        switch step {
        case .seconds(let seconds):
            return LocalTime.floor(local - start, seconds)
        case .months(let months):
            let (from, to) = (Self.civil(start), Self.civil(local))
            var index = LocalTime.floor((to.year - from.year) * 12 + to.month - from.month, months)
            while handOver(index, from: start) > local { index -= 1 }
            while handOver(index + 1, from: start) <= local { index += 1 }
            return index
        }
    }

    /// The same day and time so many months later; the last day of a month that is too short.
    static func adding(_ months: Int64, to start: Int64) -> Int64 {
        let date = civil(start)
        let count = date.year * 12 + date.month - 1 + months
        let year = LocalTime.floor(count, 12)
        let month = count - year * 12 + 1
        let day = min(date.day, Timestamp.daysIn(month, of: year))
        let timeOfDay = start - LocalTime.floor(start, 86_400) * 86_400
        return Timestamp.days(fromYear: year, month: month, day: day) * 86_400 + timeOfDay
    }

    private static func civil(_ local: Int64) -> (year: Int64, month: Int64, day: Int64) {
        Timestamp.civil(fromDays: LocalTime.floor(local, 86_400))
    }
}
