import Alerting
import Simulation

/// Schedules drawn from a seed, with every feature and a liking for awkward hours.
struct RandomSchedules {
    private var chance: SeededGenerator

    struct Draw {
        var zone: String
        var schedule: OnCallSchedule
        var span: TimeSpan
    }

    /// Zones with a year in which something odd happens.
    static let places: [(zone: String, years: ClosedRange<Int64>)] = [
        ("Europe/Berlin", 2019...2040), ("America/New_York", 2005...2040), ("Australia/Lord_Howe", 2010...2030),
        ("Pacific/Apia", 2011...2012), ("Africa/Casablanca", 2012...2025), ("Asia/Kathmandu", 1985...1986),
        ("Asia/Kathmandu", 2020...2030),
    ]

    init(seed: UInt64) {
        chance = SeededGenerator(seed: seed)
    }

    mutating func draw() -> Draw {
        let place = pick(Self.places)
        guard let zone = ZoneTable(place.zone) else { preconditionFailure("no zone \(place.zone)") }
        let start = start(zone, in: place.years)
        let span = TimeSpan(start: start, end: start + .days(number(2...10)))
        let local = zone.local(at: start)
        let duties: Duties =
            number(0...4) == 0
            ? .entered(shifts(from: local))
            : .recurring((0..<number(1...6)).map { _ in layer(from: local) })
        let overrides = (0..<number(0...6)).map { index in
            let begin = start + .minutes(number(-1000...12_000))
            return ScheduleOverride(
                id: .init(Int64(index + 1)), user: user(),
                span: TimeSpan(start: begin, end: begin + .minutes(number(1...3000))))
        }
        return Draw(
            zone: place.zone,
            schedule: OnCallSchedule(revisions: [ScheduleRevision(zone: zone, duties: duties)], overrides: overrides),
            span: span)
    }

    private mutating func start(_ zone: ZoneTable, in years: ClosedRange<Int64>) -> Timestamp {
        let from = Timestamp(milliseconds: (years.lowerBound - 1970) * 31_556_952_000)
        let to = Timestamp(milliseconds: (years.upperBound + 1 - 1970) * 31_556_952_000)
        let changes = zone.changes(from: from, to: to)
        let isAtChange = number(0...3) > 0 && !changes.isEmpty
        let time =
            isAtChange
            ? pick(changes).at - .minutes(number(0...4000))
            : from + .minutes(number(0...Int((to - from).components.seconds / 60)))
        return Timestamp(milliseconds: time.milliseconds / 60_000 * 60_000)
    }

    private mutating func layer(from local: Int64) -> ScheduleLayer {
        let begin = day(local, number(-35...4)) + pick([0, 120, 150, 180, 540, 1050]) * 60
        let isEnding = number(0...3) == 0
        let end = isEnding ? LocalTime(seconds: begin + Int64(number(1...50_000)) * 60) : nil
        let rotation = pick(["PT1H", "PT6H", "PT8H", "PT12H", "P1D", "P2D", "P7D", "P2W", "P1M", "P1DT12H"])
        guard let rotation = Rotation(rotation) else { preconditionFailure(rotation) }
        return ScheduleLayer(
            name: "Layer", startsOn: LocalTime(seconds: begin), endsOn: end,
            users: (0..<number(1...4)).map { _ in user() },
            rotation: rotation, hours: number(0...1) == 0 ? nil : hours(), phase: number(0...3))
    }

    private mutating func hours() -> DutyHours {
        let isDaily = number(0...1) == 0
        let spans = (0..<number(1...3)).map { _ in DutyHours.Span(from: edge(isDaily), to: edge(isDaily)) }
        return DutyHours(kind: isDaily ? .timeOfDay : .timesOfWeek, spans: spans)
    }

    private mutating func edge(_ isDaily: Bool) -> DutyHours.Edge {
        DutyHours.Edge(
            day: isDaily ? nil : pick(Weekday.allCases),
            minute: pick([0, 60, 105, 120, 135, 150, 180, 540, 1020, 1439]))
    }

    private mutating func shifts(from local: Int64) -> [EnteredShift] {
        var cursor = day(local, -3) + pick([0, 120, 150, 180]) * 60
        return (0..<number(0...20)).map { _ in
            let begin = cursor + (number(0...2) == 0 ? Int64(number(1...600)) * 60 : 0)
            cursor = begin + pick([30, 60, 90, 480, 1440]) * 60
            return EnteredShift(
                user: user(), start: LocalTime(seconds: begin), end: LocalTime(seconds: cursor))
        }
    }

    private func day(_ local: Int64, _ offset: Int) -> Int64 {
        (local / 86_400 + Int64(offset)) * 86_400
    }

    private mutating func user() -> User.ID { User.ID(Int64(number(1...5))) }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &chance) }

    private mutating func pick<Value>(_ values: [Value]) -> Value { values[number(0...values.count - 1)] }
}
