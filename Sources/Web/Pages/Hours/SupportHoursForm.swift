import Alerting
import Engine
import Storage

/// What people type about support hours.
struct SupportHoursForm {
    struct Day {
        var isOn: Bool
        var start: String
        var end: String
    }

    struct Exception {
        var name: String
        var first: String
        var last: String
        var status: String
    }

    var name: String
    var zone: String
    var days: [Weekday: Day]
    var exceptions: [Exception]
    var teams: Set<Team.ID>

    private static let spareRows = 3

    /// For new hours: working days from 9 to 17.
    init(zone: String) {
        name = ""
        self.zone = zone
        days = Dictionary(
            uniqueKeysWithValues: Weekday.allCases.map { day in
                (day, Day(isOn: day != .saturday && day != .sunday, start: "09:00", end: "17:00"))
            })
        exceptions = []
        teams = []
    }

    init(_ record: SupportHoursRecord) {
        name = record.name
        zone = record.hours.zone.name
        days = Dictionary(
            uniqueKeysWithValues: Weekday.allCases.map { day in
                let hours = record.hours.days[day]
                // A browser's field for times knows no 24:00; midnight as the end says the same.
                return (
                    day,
                    Day(
                        isOn: hours != nil, start: SupportHours.text(hours?.start ?? 540),
                        end: SupportHours.text((hours?.end ?? 1020) % 1440))
                )
            })
        exceptions = record.hours.exceptions.map { exception in
            Exception(
                name: exception.name, first: exception.first.text, last: exception.last.text,
                status: exception.status.rawValue)
        }
        teams = Set(record.teams)
    }

    init(_ form: Form) {
        name = form["name"]
        zone = form["zone"]
        let chosen = form.all("day")
        days = Dictionary(
            uniqueKeysWithValues: Weekday.allCases.map { day in
                let name = day.rawValue
                return (
                    day, Day(isOn: chosen.contains(name), start: form["start-\(name)"], end: form["end-\(name)"])
                )
            })
        let (firsts, lasts) = (form.all("exception-first"), form.all("exception-last"))
        let (names, statuses) = (form.all("exception-name"), form.all("exception-status"))
        exceptions = firsts.indices.map { index in
            func text(_ list: [String]) -> String { index < list.count ? list[index] : "" }
            return Exception(name: text(names), first: firsts[index], last: text(lasts), status: text(statuses))
        }
        exceptions.removeAll { $0.first.isEmpty && $0.last.isEmpty }
        teams = Set(form.all("team").compactMap { Team.ID($0) })
    }

    /// - Throws: `Failure.invalid` with the day or the exception at fault.
    func draft() throws(Failure) -> SupportHoursDraft {
        guard let zone = Zone(zone) else { throw Failure(.invalid, "Choose a time zone.") }
        var hours: [Weekday: SupportHours.Hours] = [:]
        for day in Weekday.allCases {
            guard let typed = days[day], typed.isOn else { continue }
            guard let start = SupportHours.minute(typed.start), let end = SupportHours.minute(typed.end), start < 1440
            else { throw Failure(.invalid, "Enter both times of \(SupportHoursWords.name(day)), such as 09:00.") }
            hours[day] = SupportHours.Hours(start: start, end: end)
        }
        let json = JSONValue.array(
            exceptions.map { exception in
                .object([
                    "name": .string(exception.name), "start": .string(exception.first),
                    "end": exception.last.isEmpty ? .null : .string(exception.last),
                    "supportStatus": .string(exception.status),
                ])
            })
        return SupportHoursDraft(
            name: name,
            hours: SupportHours(zone: zone, days: hours, exceptions: try SupportHours.exceptions(from: json)),
            teams: teams.sorted())
    }

    var dayRows: [SupportHoursEditPage.Day] {
        Weekday.allCases.map { day in
            let typed = days[day] ?? Day(isOn: false, start: "", end: "")
            return SupportHoursEditPage.Day(
                value: day.rawValue, label: SupportHoursWords.name(day), isOn: typed.isOn, start: typed.start,
                end: typed.end)
        }
    }

    var exceptionRows: [SupportHoursEditPage.Exception] {
        let blank = Exception(name: "", first: "", last: "", status: SupportHours.Exception.Status.outside.rawValue)
        return (exceptions + Array(repeating: blank, count: Self.spareRows)).enumerated().map { index, exception in
            SupportHoursEditPage.Exception(
                number: "\(index + 1)", name: exception.name, first: exception.first, last: exception.last,
                statuses: [.outside, .during, .none].map { status in
                    Choice(
                        status.rawValue, SupportHoursWords.status(status),
                        isChosen: exception.status == status.rawValue)
                })
        }
    }
}
