import Alerting
import Engine
import Simulation
import Storage
import Testing

struct MaintenanceWindowAdministrationTests {
    private static func draft(_ office: Office, _ source: AlertSource.ID) -> MaintenanceWindowDraft {
        MaintenanceWindowDraft(
            summary: "New database", start: office.clock.now, end: office.clock.now + .hours(1), sources: [source])
    }

    @Test(arguments: ["summary", "end", "timezone", "alertSources", "services", "description", "over"])
    func `given a wrong field, when planned, then it is named`(field: String) async throws {
        let office = try await Office()
        var draft = Self.draft(office, try await office.source().id)
        switch field {
        case "summary": draft.summary = " "
        case "end": draft.end = draft.start
        case "timezone": draft.timeZone = "Mars/Base"
        case "alertSources": draft.sources = [AlertSource.ID(424_242)]
        case "services": draft.services = (1...51).map(Int64.init)
        case "description": draft.details = String(repeating: "x", count: Limits.comment + 1)
        default: (draft.start, draft.end) = (office.clock.now - .hours(2), office.clock.now)
        }
        let wrong = draft

        let failure = try await office.failure { try await office.maintenance.create(wrong, by: office.bob) }

        #expect(failure?.message.hasPrefix(field == "over" ? "end: " : "\(field): ") == true)
        #expect(try await office.maintenance.list(page: Page(limit: 50), by: office.bob).isEmpty)
    }

    @Test func `given a window with a source of a closed team, when a stranger looks, then it is not there`()
        async throws
    {
        let office = try await Office()
        let source = try await office.source(teams: [try await office.closedTeam().id])
        let window = try await office.maintenance.create(Self.draft(office, source.id), by: office.alice)

        let found = try await office.failure { try await office.maintenance.find(window.id, by: office.bob) }
        let planned = try await office.failure {
            try await office.maintenance.create(Self.draft(office, source.id), by: office.bob)
        }

        #expect(found?.code == .notFound)
        #expect(planned?.message == "alertSources: there is no alert source \(source.id).")
        #expect(try await office.maintenance.list(page: Page(limit: 50), by: office.bob).isEmpty)
        #expect(try await office.maintenance.find(window.id, by: office.carol) == window)
    }

    @Test func `given a responder, when they plan, then it is forbidden`() async throws {
        let office = try await Office()
        let source = try await office.source()

        let failure = try await office.failure {
            try await office.maintenance.create(Self.draft(office, source.id), by: office.carol)
        }

        #expect(failure?.code == .forbidden)
    }

    @Test func `given windows before, now and later, when filtered, then each is found by state, source and time`()
        async throws
    {
        let office = try await Office()
        let source = try await office.source()
        let now = office.clock.now
        var draft = Self.draft(office, source.id)
        let running = try await office.maintenance.create(draft, by: office.alice)
        (draft.start, draft.end) = (now + .days(2), now + .days(3))
        let later = try await office.maintenance.create(draft, by: office.alice)
        office.clock.advance(by: .hours(1))

        func ids(_ filter: MaintenanceWindowFilter) async throws -> [MaintenanceWindow.ID] {
            try await office.maintenance.list(filter, page: Page(limit: 50), by: office.carol).map(\.id)
        }

        #expect(try await ids(.init(isOpen: true)) == [later.id])
        #expect(try await ids(.init(isOpen: false)) == [running.id])
        #expect(try await ids(.init(sources: [source.id])) == [running.id, later.id])
        #expect(try await ids(.init(sources: [AlertSource.ID(424_242)])) == [])
        #expect(try await ids(.init(from: now + .hours(1))) == [later.id])
        #expect(try await ids(.init(until: now + .days(2))) == [running.id])
        #expect(try await ids(.init(services: [7])) == [])
        #expect(try await office.audit().suffix(2) == ["maintenance_window.created", "maintenance_window.created"])
    }
}
