import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

struct OnCallPagesTests {
    /// "Shop rota", by day from midnight, which a policy calls first.
    private func rota(
        _ server: PageServer, _ users: [User.ID], zone: String = "Europe/Berlin"
    ) async throws -> ScheduleRecord {
        let record = try await server.administration.schedules.create(
            ScheduleDraft(
                name: "Shop rota", timeZone: zone,
                layers: [.init(startsOn: "2026-01-01T00:00", users: users, rotation: "P1D")]), by: server.caller)
        _ = try await server.administration.policies.create(
            EscalationPolicyDraft(
                name: "Shop policy",
                levels: [
                    EscalationLevel(targets: [.schedule(record.id.rawValue)], timeout: .minutes(5)),
                    EscalationLevel(targets: [.user(server.alice.id)], timeout: .minutes(5)),
                ]), by: server.caller)
        return record
    }

    @Test func `given a policy that calls a schedule, then the page says whom each level would page now`() async throws
    {
        let server = try await PageServer()
        let bob = try await server.addUser("Bob", role: .user)
        try await server.browse { visitor in
            let before = try await visitor.signIn().get("/on-call")
            let record = try await rota(server, [bob.id, server.alice.id])
            let page = try await visitor.get("/on-call")
            let mine = try await visitor.get("/on-call/mine")
            let schedule = try await visitor.get("/on-call-schedules/\(record.id)")

            #expect(before.text.contains("No escalation policies yet"))
            #expect(page.text.contains("<strong>Bob Baker</strong>") && page.text.contains(">Shop rota</a>"))
            #expect(page.text.contains("You are on call.") && page.text.contains("at all times"))
            #expect(mine.text.contains("Shop rota") && mine.text.contains("Hand over"))
            #expect(schedule.text.contains(">Shop policy</a>"))
        }
    }

    @Test func `given calendars, when they get new addresses, then the old ones lead nowhere`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let record = try await rota(server, [server.alice.id])
            let link = "/on-call-schedules/\(record.id)"
            func address(_ page: String) async throws -> String {
                let text = try await visitor.get(page).text
                let start = try #require(text.firstRange(of: "https://nightbell.example.com/calendar/")).lowerBound
                return String(text[start...].prefix { $0 != "\"" }.dropFirst("https://nightbell.example.com".count))
            }

            try await visitor.signIn()
            #expect(try await visitor.get(link).text.contains("It has no address yet."))
            for (page, action) in [(link, link + "/calendar"), ("/on-call/mine", "/on-call/calendar")] {
                _ = try await visitor.post(action)
                let first = try await address(page)
                let feed = try await visitor.another().get(first)
                _ = try await visitor.post(action)
                let second = try await address(page)

                #expect(feed.status == .ok && feed.text.hasPrefix("BEGIN:VCALENDAR\r\n"))
                #expect(feed.headers[.contentType] == "text/calendar; charset=utf-8")
                #expect(first != second)
                #expect(try await visitor.another().get(first).status == .notFound)
                #expect(try await visitor.another().get(second).status == .ok)
            }
            #expect(try await visitor.get("/calendar/\(String(repeating: "x", count: 5000)).ics").status == .notFound)
        }
    }

    @Test
    func `given a calendar file, when it is checked and imported, then the report tells what could not be mapped`()
        async throws
    {
        let server = try await PageServer()
        let file = [
            "BEGIN:VCALENDAR", "X-WR-CALNAME:Old rota", "BEGIN:VEVENT", "SUMMARY:Alice Archer",
            "DTSTART:20260105T080000Z", "DTEND:20260112T080000Z", "END:VEVENT", "BEGIN:VEVENT", "SUMMARY:<Team day>",
            "DTSTART:20260106T080000Z", "DTEND:20260106T100000Z", "END:VEVENT", "END:VCALENDAR", "",
        ].joined(separator: "\r\n")
        try await server.browse { visitor in
            let form = try await visitor.signIn().get("/on-call-schedules/import")
            let report = try await visitor.upload("/on-call-schedules/import", (name: "calendar", content: file))
            let fields = [("calendar", file), ("zone", "Europe/Berlin"), ("name", ""), ("do", "check")]
            let checked = try await visitor.post("/on-call-schedules/import", fields)
            let nothing = try await visitor.get("/on-call-schedules")
            let imported = try await visitor.post(
                "/on-call-schedules/import", fields.dropLast() + [("do", "import")])
            let page = try await visitor.follow(imported)
            let wrong = try await visitor.post(
                "/on-call-schedules/import", [("calendar", "no calendar"), ("zone", "UTC"), ("do", "check")])

            #expect(form.text.contains("multipart/form-data"))
            #expect(report.status == .ok && report.text.contains("1 shifts, 1 remarks"))
            #expect(checked.text.contains("1 shifts, 1 remarks") && checked.text.contains("&lt;Team day&gt;"))
            #expect(checked.text.contains("Neither its title nor its attendees name a user."))
            #expect(nothing.text.contains("No on-call schedules yet"))
            #expect(
                page.text.contains("Old rota") && page.text.contains("1 shifts were imported. 1 events were reported."))
            #expect(wrong.status == .unprocessableContent && wrong.text.contains("BEGIN:VCALENDAR"))
            let again =
                fields.dropLast() + [("do", "import"), ("target", "\(imported.location.split(separator: "/")[1])")]
            #expect(try await visitor.post("/on-call-schedules/import", Array(again)).location == imported.location)
        }
    }

    @Test func `given shifts in the past, then the load is drawn by month and summed in a table`() async throws {
        let server = try await PageServer()
        let bob = try await server.addUser("Bob", role: .user)
        try await server.browse { visitor in
            let record = try await rota(server, [bob.id, server.alice.id])
            let link = "/on-call-schedules/\(record.id)/load"
            let empty = try await visitor.signIn().get(link)
            server.clock.advance(by: .days(40))
            try await visitor.signIn()
            let page = try await visitor.get(link + "?months=3")

            #expect(empty.text.contains("Nobody was on call yet."))
            #expect(page.text.contains("Jan 2026") && page.text.contains("Feb 2026"))
            for style in ["load-day", "load-night", "load-weekend"] {
                #expect(page.text.contains("<rect class=\"\(style)\""), "\(style)")
            }
            #expect(page.text.contains("480 h") && page.text.contains("0 pages"))
            #expect(try await visitor.get(link + "?months=x").status == .ok)
        }
    }

    @Test(arguments: ["day", "two-weeks", "month"])
    func `given the clocks are changed, then the drawing says so and each range goes there and back`(range: String)
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let record = try await rota(server, [server.alice.id], zone: "America/New_York")
            let link = "/on-call-schedules/\(record.id)"
            let page = try await visitor.signIn().get("\(link)?range=\(range)&from=2026-11-01")
            let before = try #require(page.text.firstRange(of: "rel=\"prev\" href=\"")).upperBound
            let previous = String(page.text[before...].prefix { $0 != "\"" }).replacing("&amp;", with: "&")
            // Alice lives in Berlin.
            let own = try await visitor.get("\(link)?range=\(range)&from=2026-11-01&zone=own")

            #expect(page.text.contains("Clocks back 1 h") && page.text.contains("Show in Europe/Berlin"))
            #expect(try await !visitor.get(previous).text.contains("Clocks back"))
            #expect(!own.text.contains("Clocks back") && own.text.contains("Times in Europe/Berlin."))
            #expect(try await visitor.get("\(link)?range=\(range)&from=2026-03-08").text.contains("Clocks forward 1 h"))
            for day in ["9999-99-99", "1900-01-01", "2150-01-01", "x"] {
                #expect(try await visitor.get("\(link)?range=\(range)&from=\(day)").status == .ok, "\(day)")
            }
        }
    }

    @Test func `given a responder, when they look, then they hand over and offer, and change no schedule`() async throws
    {
        let server = try await PageServer()
        let bob = try await server.addUser("Bob", role: .responder)
        _ = try await server.addUser("Vera", role: .viewer)
        try await server.browse { visitor in
            let record = try await rota(server, [bob.id])
            let link = "/on-call-schedules/\(record.id)"
            let other = try await visitor.signIn("bob@example.com")
            #expect(try await !other.get(link).text.contains("/edit\""))
            #expect(try await other.get(link + "/edit").status == .forbidden)
            #expect(try await other.post(link + "/edit", [("do", "save")]).status == .forbidden)
            #expect(try await other.post(link + "/calendar").status == .forbidden)
            #expect(try await other.get("/on-call-schedules/import").status == .forbidden)
            #expect(try await other.post("/on-call-schedules/new", [("do", "preview")]).status == .forbidden)
            #expect(
                try await other.post(
                    link + "/overrides",
                    [("user", "\(server.alice.id)"), ("start", "2026-01-02T10:00"), ("end", "2026-01-02T12:00")]
                ).status == .seeOther)
            let viewer = try await visitor.another().signIn("vera@example.com")
            #expect(try await viewer.get(link).status == .ok)
            #expect(try await viewer.post(link + "/overrides", [("user", "\(bob.id)")]).status == .forbidden)
            let wrong = try await visitor.another().signIn().post(link + "/deletion", [("name", "x")])
            #expect(wrong.status == .unprocessableContent)
            let used = try await visitor.another().signIn().post(link + "/deletion", [("name", "Shop rota")])
            #expect(used.text.contains("Shop policy"))
        }
    }
}
