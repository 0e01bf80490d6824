/// The wire's form of support hours, shared by the API, the tables and the legacy form inside an alert source.
extension SupportHours {
    /// Reads `{"MONDAY":{"start":"08:00","end":"17:00"},"TUESDAY":null,…}`.
    ///
    /// - Throws: `Failure.invalid` that names the field.
    public static func days(from json: JSONValue?) throws(Failure) -> [Weekday: Hours] {
        guard let json, !json.isNull else { return [:] }
        guard let members = json.object else {
            throw wrong("supportDays", "must be an object with the days MONDAY to SUNDAY.")
        }
        var days: [Weekday: Hours] = [:]
        for (name, value) in members where !value.isNull {
            guard let day = Weekday(rawValue: name.lowercased()) else {
                throw wrong("supportDays", "there is no day “\(Limits.cut(name, to: 40))”.")
            }
            guard value.object != nil else {
                throw wrong("supportDays.\(name)", "must be {\"start\", \"end\"} or null.")
            }
            guard let start = minute(value["start"]), start < 1440 else {
                throw wrong("supportDays.\(name).start", "must be a time such as 08:00.")
            }
            guard let end = minute(value["end"]) else {
                throw wrong("supportDays.\(name).end", "must be a time such as 17:00, or 24:00.")
            }
            days[day] = Hours(start: start, end: end)
        }
        return days
    }

    /// All seven days; `null` for those without hours.
    public static func json(of days: [Weekday: Hours]) -> JSONValue {
        .object(
            Dictionary(
                uniqueKeysWithValues: Weekday.allCases.map { day in
                    let hours = days[day].map { hours in
                        JSONValue.object(["start": .string(text(hours.start)), "end": .string(text(hours.end))])
                    }
                    return (day.rawValue.uppercased(), hours ?? .null)
                }))
    }

    /// Reads `[{"name","start","end","supportStatus"}]`; dates such as `2026-12-24`, the end included.
    ///
    /// - Throws: `Failure.invalid` that names the field.
    public static func exceptions(from json: JSONValue?) throws(Failure) -> [Exception] {
        guard let json, !json.isNull else { return [] }
        guard let items = json.array else { throw wrong("exceptions", "must be a list.") }
        guard items.count <= Limits.supportExceptions else {
            throw wrong("exceptions", "there may be at most \(Limits.supportExceptions).")
        }
        var exceptions: [Exception] = []
        for (index, item) in items.enumerated() { exceptions.append(try exception(from: item, "exceptions[\(index)]")) }
        return exceptions
    }

    public static func json(of exceptions: [Exception]) -> JSONValue {
        .array(
            exceptions.map { exception in
                .object([
                    "name": .string(exception.name), "start": .string(exception.first.text),
                    "end": .string(exception.last.text),
                    "supportStatus": .string(exception.status.rawValue.uppercased()),
                ])
            })
    }

    /// The older form inside an alert source: `{"timezone","supportDays","autoRaiseAlerts"}`; `nil` when it is none.
    public init?(inline json: JSONValue) throws(Failure) {
        guard let name = json["timezone"]?.string, json["supportDays"] != nil else { return nil }
        guard let zone = Zone(name) else { throw Self.wrong("supportHours.timezone", "is no known time zone.") }
        self.init(zone: zone, days: try Self.days(from: json["supportDays"]))
    }

    /// Minutes since midnight of `08:00`, `8:00` or `08:00:00`; up to `24:00`.
    public static func minute(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }), parts.count < 3 || parts[2] == "00",
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour < 24 || hour == 24 && minute == 0
        else { return nil }
        return hour * 60 + minute
    }

    /// `08:00`.
    public static func text(_ minute: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return two(minute / 60) + ":" + two(minute % 60)
    }

    private static func minute(_ json: JSONValue?) -> Int? {
        json?.string.flatMap { minute($0) }
    }

    private static func exception(from json: JSONValue, _ field: String) throws(Failure) -> Exception {
        guard json.object != nil else { throw wrong(field, "must be an object.") }
        let name = json["name"]?.string ?? ""
        guard name.count <= Limits.name else {
            throw wrong("\(field).name", "may have at most \(Limits.name) characters.")
        }
        guard let first = json["start"]?.string.flatMap({ CalendarDay($0) }) else {
            throw wrong("\(field).start", "must be a date such as 2026-12-24.")
        }
        let end = json["end"].flatMap { $0.isNull ? nil : $0 }
        guard let last = end.map({ $0.string.flatMap { CalendarDay($0) } }) ?? first, last >= first else {
            throw wrong("\(field).end", "must be a date such as 2026-12-24, not before the start.")
        }
        guard last - first <= 366 else { throw wrong("\(field).end", "an exception may last a year at most.") }
        let status = json["supportStatus"]?.string ?? "OUTSIDE"
        guard let status = Exception.Status(rawValue: status.lowercased()) else {
            throw wrong("\(field).supportStatus", "must be DURING, OUTSIDE or NONE.")
        }
        return Exception(name: name, first: first, last: last, status: status)
    }

    private static func wrong(_ field: String, _ sentence: String) -> Failure {
        Failure(.invalid, "\(field): \(sentence)")
    }
}
