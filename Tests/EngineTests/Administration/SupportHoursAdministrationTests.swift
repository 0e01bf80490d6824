import Alerting
import Engine
import Storage
import Testing

struct SupportHoursAdministrationTests {
    private static func draft(_ name: String = "Office") throws -> SupportHoursDraft {
        let hours = SupportHours(
            zone: try #require(Zone("Europe/Berlin")), days: [.monday: .init(start: 540, end: 1020)])
        return SupportHoursDraft(name: name, hours: hours)
    }

    @Test func `given a draft, when created and changed, then it is found as it was left`() async throws {
        let office = try await Office()

        let made = try await office.supportHours.create(Self.draft(), by: office.bob)
        var draft = SupportHoursDraft(made)
        draft.hours.exceptions = [
            .init(
                name: "Eve", first: try #require(CalendarDay("2026-12-24")),
                last: try #require(CalendarDay("2026-12-24")), status: .outside)
        ]
        let changed = try await office.supportHours.update(made.id, with: draft, by: office.bob)

        #expect(try await office.supportHours.find(made.id, by: office.carol) == changed)
        #expect(try await office.supportHours.find(name: "Office", by: office.carol).hours == draft.hours)
        #expect(try await office.supportHours.list(page: Page(limit: 50), by: office.carol) == [changed])
        #expect(office.told.changes.last == .supportHours(made.id))
        #expect(try await office.audit().suffix(2) == ["support_hours.created", "support_hours.updated"])
    }

    @Test func `given wrong fields, when created, then they are named`() async throws {
        let office = try await Office()
        var nameless = try Self.draft("  ")
        let first = try await office.failure { try await office.supportHours.create(nameless, by: office.bob) }
        nameless.name = "Office"
        nameless.hours.days = [:]
        let second = try await office.failure { try await office.supportHours.create(nameless, by: office.bob) }
        nameless = try Self.draft()
        nameless.teams = [Team.ID(424_242)]
        let third = try await office.failure { try await office.supportHours.create(nameless, by: office.bob) }
        let fourth = try await office.failure { try await office.supportHours.create(Self.draft(), by: office.carol) }

        #expect(first?.message.hasPrefix("name: ") == true)
        #expect(second?.message.hasPrefix("supportDays: ") == true)
        #expect(third?.message.hasPrefix("teams: ") == true)
        #expect(fourth?.code == .forbidden)
    }

    @Test func `given hours of a closed team, when a stranger looks or uses them, then they are not there`()
        async throws
    {
        let office = try await Office()
        let team = try await office.closedTeam()
        var draft = try Self.draft()
        draft.teams = [team.id]
        let hours = try await office.supportHours.create(draft, by: office.alice)
        var source = AlertSourceDraft(try await office.source())
        source.fields = .object(["supportHours": .object(["id": .integer(hours.id.rawValue)])])
        let wanted = source

        let looked = try await office.failure { try await office.supportHours.find(hours.id, by: office.bob) }
        let used = try await office.failure { try await office.sources.create(wanted, by: office.bob) }

        #expect(looked?.code == .notFound)
        #expect(used?.message == "supportHours: there are no support hours \(hours.id).")
        #expect(try await office.supportHours.list(page: Page(limit: 50), by: office.bob).isEmpty)
    }

    @Test func `given a source that follows them, when they are deleted, then it is refused and the source named`()
        async throws
    {
        let office = try await Office()
        let hours = try await office.supportHours.create(Self.draft(), by: office.alice)
        let source = try await office.source()
        var draft = AlertSourceDraft(source)
        draft.fields = .object(["supportHours": .object(["id": .integer(hours.id.rawValue)])])
        _ = try await office.sources.update(source.id, with: draft, by: office.alice)
        let directory = AlertSourceDirectory(store: office.store)

        let refused = try await office.failure { try await office.supportHours.delete(hours.id, by: office.alice) }
        #expect(refused?.message == "1 alert source follows them: Shop.")
        #expect(try await directory.entry(for: source.id)?.supportHours == hours.hours)

        draft.fields = .object([:])
        _ = try await office.sources.update(source.id, with: draft, by: office.alice)
        try await office.supportHours.delete(hours.id, by: office.alice)
        #expect(try await directory.entry(for: source.id)?.supportHours == nil)
    }

    @Test func `given hours written out inside a source, when saved, then they count, and wrong ones are refused`()
        async throws
    {
        let office = try await Office()
        var draft = AlertSourceDraft(try await office.source())
        draft.fields = try JSONValue.parse(
            #"{"supportHours":{"timezone":"UTC","supportDays":{"MONDAY":{"start":"08:00","end":"17:00"}}}}"#)
        let source = try await office.sources.create(draft, by: office.alice)
        let hours = try await AlertSourceDirectory(store: office.store).entry(for: source.id)?.supportHours

        #expect(hours?.days == [.monday: .init(start: 480, end: 1020)])
        draft.fields = try JSONValue.parse(#"{"supportHours":{"timezone":"Mars/Base","supportDays":{}}}"#)
        let wrong = draft
        let failure = try await office.failure { try await office.sources.create(wrong, by: office.alice) }
        #expect(failure?.message.hasPrefix("supportHours.timezone: ") == true)
    }
}
