public import Alerting
public import Storage

/// Static schedules out of calendar files.
extension ScheduleAdministration {
    private static let mostPeople = 10_000

    /// What a calendar's events would become; nothing is kept.
    ///
    /// - Parameter zone: an IANA name; where events name no zone, it is theirs.
    /// - Throws: `Failure.invalid` for what is no calendar.
    public func mapping(of calendar: [UInt8], zone: String, by caller: Caller) async throws -> CalendarImport {
        let now = clock.now
        let read = try Self.read(calendar)
        guard let table = ZoneTables.table(zone) else { throw Failure.invalid("timezone", "is no known time zone.") }
        return try await configuration.read { transaction in
            let users = try Users.list(
                account: caller.account, page: Page(limit: Self.mostPeople), in: transaction)
            let people = users.map { user in
                CalendarImport.Person(id: user.id, names: [user.fullName, user.username], email: user.email)
            }
            return CalendarMapping.shifts(in: read, zone: table, people: people, at: now)
        }
    }

    /// Makes a static schedule of a calendar's events, or replaces what a static one has ahead of it.
    ///
    /// - Parameters:
    ///   - name: of a new one; empty: as the calendar is called.
    ///   - id: of the schedule to be replaced; `nil`: a new one.
    public func importCalendar(
        _ calendar: [UInt8], name: String, zone: String, into id: OnCallSchedule.ID? = nil, by caller: Caller
    ) async throws -> (schedule: ScheduleRecord, mapped: CalendarImport) {
        try caller.require(.user, to: "import calendars")
        let old = try await checkedTarget(id, by: caller)
        let zone = old?.timeZone ?? zone
        let mapped = try await mapping(of: calendar, zone: zone, by: caller)
        guard !mapped.shifts.isEmpty else {
            throw Failure.invalid("calendar", "none of its events could become a shift.")
        }
        let shifts = mapped.shifts.map {
            ScheduleDraft.Shift(user: $0.user, start: $0.start.text, end: $0.end.text)
        }
        guard let old else {
            let title = name.allSatisfy(\.isWhitespace) ? try Self.read(calendar).name ?? "Imported calendar" : name
            let draft = ScheduleDraft(
                name: Limits.cut(title, to: Limits.name), kind: .static, timeZone: zone, shifts: shifts)
            return (try await create(draft, by: caller), mapped)
        }
        var draft = ScheduleDraft(old)
        draft.shifts = draft.endedShifts(at: clock.now, before: mapped.shifts.first?.start) + shifts
        return (try await update(old.id, with: draft, by: caller), mapped)
    }

    private func checkedTarget(_ id: OnCallSchedule.ID?, by caller: Caller) async throws -> ScheduleRecord? {
        guard let id else { return nil }
        let schedule = try await find(id, by: caller)
        guard schedule.kind == .static else {
            throw Failure.invalid("schedule", "is not static; shifts can be imported into a static one only.")
        }
        return schedule
    }

    private static func read(_ bytes: [UInt8]) throws(Failure) -> ICalendar {
        do throws(ICalendarError) {
            return try ICalendarReader.read(bytes)
        } catch {
            throw .invalid("calendar", error.message)
        }
    }
}

extension ScheduleDraft {
    /// The entered shifts that are over and end before `first` begins.
    public func endedShifts(at now: Timestamp, before first: LocalTime? = nil) -> [Shift] {
        let zone = ZoneTables.known(timeZone)
        return shifts.filter { shift in
            guard let end = LocalTime(shift.end) else { return false }
            return zone.end(of: end.seconds) <= now && (first.map { end.seconds <= $0.seconds } ?? true)
        }
    }
}
