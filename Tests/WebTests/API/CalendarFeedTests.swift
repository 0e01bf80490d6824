import Alerting
import Engine
import Foundation
import HTTPTypes
import Simulation
import Storage
import TestSupport
import Testing

@testable import Web

/// Calendars as an independent reader, PyPI's icalendar, understands them.
struct CalendarFeedTests {
    private struct Event: Equatable {
        var start: Int64
        var end: Int64
        var title: String
    }

    private func read(_ text: String) async throws -> (name: String, events: [Event], uids: Set<String>) {
        let (exit, output, error) = try await ChildProcess.run(
            TestTools.python(), [TestTools.script("read_calendar.py")], input: Data(text.utf8))
        try #require(exit == .status(0), "\(error.suffix(3))")
        var (name, events, uids) = ("", [Event](), Set<String>())
        for line in output {
            let parts = line.components(separatedBy: "\t")
            if parts.count == 2 { name = parts[1] }
            guard parts.count == 4, let start = Int64(parts[0]), let end = Int64(parts[1]) else { continue }
            events.append(Event(start: start, end: end, title: parts[2]))
            uids.insert(parts[3])
        }
        return (name, events, uids)
    }

    private func feed(_ server: APIServer, _ path: String, key: String? = nil) async throws -> String {
        let url = try #require(
            try await server.send(.post, path, key: key).json?["url"]?.string)
        return try await server.get(url.replacing("https://bell.example", with: ""), key: "").text
    }

    /// Seconds since 1970 of a local time in the API's answer.
    private func second(_ text: String?, _ zone: ZoneTable, isEnd: Bool = false) throws -> Int64 {
        let local = try #require(text.flatMap { LocalTime($0) })
        return (isEnd ? zone.end(of: local.seconds) : zone.start(of: local.seconds)).milliseconds / 1000
    }

    @Test func `given a year over two clock changes, then the calendar, the API and paging say the same`() async throws
    {
        try await APIServer.run { server in
            let alice = try await server.user("Alice").record.id
            let bob = try await server.user("Bob", "O'Neill; \"Bobby\", Jr. 🌙").record.id
            let layers = [("P1D", "Day"), ("P7D", "Week")].map { rotation, name -> JSONValue in
                .object([
                    "name": .string(name), "startsOn": .string("2026-01-01T02:30"), "rotation": .string(rotation),
                    "users": .array([alice, bob].map { .object(["id": .integer($0.rawValue)]) }),
                    "restrictionType": .string("TIMES_OF_WEEK"),
                    "restrictions": .array([
                        .object([
                            "from": .object([
                                "dayOfWeek": .string(name == "Day" ? "MONDAY" : "FRIDAY"), "time": .string("02:30"),
                            ]), "to": .object(["dayOfWeek": .string("SUNDAY"), "time": .string("21:00")]),
                        ])
                    ]),
                ])
            }
            let created = try await server.post(
                "/api/schedules",
                ScheduleAPITests.body(
                    [alice], ["scheduleLayers": .array(layers), "name": .string("Größe, Shop; \\ rota")]))
            let id = try #require(created.json?["id"]?.integer.map { OnCallSchedule.ID($0) })
            _ = try await server.put(
                "/api/schedules/\(id)/overrides",
                ScheduleAPITests.shift(server.carol.id, "2026-10-25T01:00", "2026-10-25T04:00"))
            let zone = try #require(ZoneTable("Europe/Berlin"))

            let calendar = try await read(feed(server, "/api/schedules/\(id)/calendar"))
            let answer = try await server.get(
                "/api/schedules/\(id)/shifts?from=2025-12-01T00:00&until=2027-01-02T01:00")
            let shifts = try #require(answer.json?.array)

            // The library leaves the escapes of names that are no standard's.
            #expect(calendar.name == "Größe\\, Shop\\; \\\\ rota")
            #expect(calendar.events.count == shifts.count && shifts.count > 150)
            #expect(calendar.uids.count == calendar.events.count)
            for (event, shift) in zip(calendar.events, shifts) {
                let name = ["firstName", "lastName"].compactMap { shift["user"]?[$0]?.string }.joined(separator: " ")
                #expect(event.title == "\(name) (Größe, Shop; \\ rota)")
                #expect(event.start == (try second(shift["start"]?.string, zone)))
                // Where a shift ends at the first of two equal times, another begins there.
                let end = try second(shift["end"]?.string, zone, isEnd: true)
                #expect(event.end == end || calendar.events.contains { $0.start == event.end }, "\(shift.text)")
                for time in [event.start, event.end - 1, (event.start + event.end) / 2] {
                    let at = Timestamp(milliseconds: time * 1000)
                    let paged = try await server.engine.store.read { try OnCallDuty.user(of: id, at: at, in: $0) }
                    #expect(paged?.rawValue == shift["user"]?["id"]?.integer, "\(at.iso8601)")
                }
            }
        }
    }

    @Test func `given several schedules, then a person's calendar has their own shifts only, and old addresses end`()
        async throws
    {
        try await APIServer.run { server in
            let alice = try await server.user("Alice")
            let bob = try await server.user("Bob")
            for (name, users) in [("Shop", [alice.record.id, bob.record.id]), ("Blog", [bob.record.id])] {
                _ = try await server.post(
                    "/api/schedules", ScheduleAPITests.body(users, ["name": .string(name)]))
            }

            let mine = try await read(feed(server, "/api/on-calls/calendar", key: alice.key))
            let his = try await read(feed(server, "/api/on-calls/calendar", key: bob.key))

            #expect(mine.name == "On call: Alice Example")
            #expect(Set(mine.events.map(\.title)) == ["On call: Shop"])
            #expect(Set(his.events.map(\.title)) == ["On call: Shop", "On call: Blog"])
            let first = try await server.get("/api/on-calls/calendar", key: alice.key).json?["url"]?.string
            _ = try await server.send(.post, "/api/on-calls/calendar", key: alice.key)
            let path = try #require(first).replacing("https://bell.example", with: "")
            #expect(try await server.get(path, key: "").status == 404)
        }
    }

    @Test func `given Python's own zones, when every change of forty years is compared, then ours are the same`()
        async throws
    {
        let zones = [
            "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca",
            "Asia/Kathmandu", "America/Sao_Paulo", "Asia/Tehran", "Pacific/Chatham", "Europe/London",
        ]
        // Later ones depend on how new each side's data is.
        let (exit, output, error) = try await ChildProcess.run(
            TestTools.python(), [TestTools.script("zone_changes.py"), "1985", "2025"] + zones)
        try #require(exit == .status(0), "\(error.suffix(3))")
        let from = try #require(Timestamp(iso8601: "1985-01-01T00:00:00Z"))
        let to = try #require(Timestamp(iso8601: "2025-01-01T00:00:00Z"))

        let ours = try zones.flatMap { name in
            try #require(ZoneTable(name)).changes(from: from, to: to).map {
                "\(name)\t\($0.at.milliseconds / 1000)\t\($0.after)"
            }
        }

        #expect(ours.count > 500)
        #expect(Set(ours).symmetricDifference(output) == [])
    }
}
