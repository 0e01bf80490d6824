import Alerting
import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

struct SupportHoursPagesTests {
    private static let fields = [
        ("name", "Office"), ("zone", "Europe/Berlin"), ("day", "monday"), ("start-monday", "09:00"),
        ("end-monday", "17:00"), ("exception-name", "Eve"), ("exception-first", "2026-12-24"),
        ("exception-last", ""), ("exception-status", "outside"),
    ]

    @Test func `given the form, when hours are made, shown and changed, then pages say what was typed`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let empty = try await visitor.signIn().get("/support-hours")
            let form = try await visitor.get("/support-hours/new")
            let saved = try await visitor.post("/support-hours", Self.fields)
            let page = try await visitor.follow(saved)
            let edit = try await visitor.get(saved.location + "/edit")
            let list = try await visitor.get("/support-hours")

            #expect(empty.text.contains("No support hours yet"))
            #expect(form.text.contains("value=\"monday\" checked") && form.text.contains("value=\"09:00\""))
            #expect(page.text.contains("The support hours are saved."))
            #expect(page.text.contains("09:00–17:00") && page.text.contains("Eve") && page.text.contains("<rect"))
            #expect(edit.text.contains("value=\"2026-12-24\""))
            #expect(list.text.contains("Mon 09:00–17:00"))
        }
    }

    @Test func `given a time that is none, when saved, then the form comes back with all that was typed`() async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            var fields = Self.fields
            fields[3].1 = ""
            let answer = try await visitor.signIn().post("/support-hours", fields)
            fields[3].1 = "09:00"
            fields[6].1 = "2026-02-30"
            let wrongDate = try await visitor.post("/support-hours", fields)

            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains("Enter both times of Monday") && answer.text.contains("value=\"Eve\""))
            #expect(wrongDate.status == .unprocessableContent)
        }
    }

    @Test func `given a calendar file, when it is imported twice, then its days are exceptions once`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let link = try await visitor.signIn().post("/support-hours", Self.fields).location
            let calendar = """
                BEGIN:VCALENDAR
                BEGIN:VEVENT
                SUMMARY:New Year <b>
                DTSTART;VALUE=DATE:20300101
                DTEND;VALUE=DATE:20300102
                END:VEVENT
                END:VCALENDAR
                """
            let first = try await visitor.upload(link + "/holidays", ("calendar", calendar))
            let page = try await visitor.follow(first)
            let second = try await visitor.follow(try await visitor.upload(link + "/holidays", ("calendar", calendar)))
            let wrong = try await visitor.follow(try await visitor.upload(link + "/holidays", ("calendar", "hello")))

            #expect(first.status == .seeOther)
            #expect(page.text.contains("1 exceptions were added.") && page.text.contains("New Year &lt;b&gt;"))
            #expect(second.text.contains("0 exceptions were added."))
            #expect(wrong.text.contains("This is no calendar file"))
        }
    }

    @Test func `given a responder, when they look, then they see hours and change nothing`() async throws {
        let server = try await PageServer()
        _ = try await server.addUser("Bob", role: .responder)
        try await server.browse { visitor in
            let link = try await visitor.signIn().post("/support-hours", Self.fields).location
            let bob = try await visitor.another().signIn("bob@example.com")
            let page = try await bob.get(link)

            #expect(page.status == .ok && !page.text.contains("/edit"))
            #expect(try await bob.post(link, Self.fields).status == .forbidden)
            #expect(try await bob.post(link + "/deletion", [("name", "Office")]).status == .forbidden)
            #expect(try await bob.get("/support-hours/new").status == .forbidden)
        }
    }

    @Test func `given the deletion page, when the name is typed, then the hours are gone`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let link = try await visitor.signIn().post("/support-hours", Self.fields).location
            let wrong = try await visitor.post(link + "/deletion", [("name", "office")])
            let right = try await visitor.post(link + "/deletion", [("name", "Office")])

            #expect(wrong.status != .seeOther)
            #expect(right.status == .seeOther)
            #expect(try await visitor.get(link).status == .notFound)
        }
    }
}
