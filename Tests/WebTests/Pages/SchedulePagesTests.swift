import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

/// Time begins on Thursday, 2026-01-01, 00:00 UTC.
struct SchedulePagesTests {
    private static func fields(_ users: [User.ID], _ extra: [String: String] = [:]) -> [(String, String)] {
        var fields: [(String, String)] = [
            ("kind", "recurring"), ("name", "Shop rota"), ("zone", "Europe/Berlin"), ("owner", ""), ("warns", "yes"),
            ("layers", "1"), ("shifts", "0"), ("name-0", "Primary"), ("start-0", "2025-12-29T09:00"), ("end-0", ""),
            ("every-0", "1"), ("unit-0", "weeks"), ("hours-0", ""), ("spans-0", "0"), ("do", "save"),
        ]
        fields = fields.map { ($0.0, extra[$0.0] ?? $0.1) }
        fields += extra.filter { name, _ in !fields.contains { $0.0 == name } }.map { ($0.key, $0.value) }
        return fields + users.map { ("user-0", "\($0)") }
    }

    private static let gaps = [
        "hours-0": "TIMES_OF_WEEK", "spans-0": "1", "fromDay-0-0": "MONDAY", "fromTime-0-0": "09:00",
        "toDay-0-0": "SUNDAY", "toTime-0-0": "03:00",
    ]

    private func create(_ visitor: PageVisitor, _ users: [User.ID], _ extra: [String: String] = [:]) async throws
        -> String
    {
        let saved = try await visitor.post("/on-call-schedules/new", Self.fields(users, extra))
        #expect(saved.status == .seeOther)
        return saved.location
    }

    @Test func `given the form, when it is saved, then list and page show who is on call, with each layer drawn`()
        async throws
    {
        let server = try await PageServer()
        let bob = try await server.addUser("Bob", role: .user)
        try await server.browse { visitor in
            let empty = try await visitor.signIn().get("/on-call-schedules")
            let form = try await visitor.get("/on-call-schedules/new")
            let link = try await create(visitor, [server.alice.id, bob.id])
            let page = try await visitor.get(link)
            let list = try await visitor.get("/on-call-schedules")
            let edit = try await visitor.get(link + "/edit")

            #expect(empty.text.contains("No on-call schedules yet"))
            #expect(form.text.contains("value=\"2025-12-29T09:00\"") && form.text.contains("Alice Archer"))
            #expect(list.text.contains("<strong>Alice Archer</strong>") && list.text.contains("Covered"))
            #expect(page.text.contains("Alice Archer is on call until Mon 5 Jan 2026 09:00."))
            #expect(page.text.contains("Next: Bob Baker, from Mon 5 Jan 2026 09:00."))
            #expect(page.text.contains("Layer 1: Primary") && page.text.contains("class=\"mark-now\""))
            #expect(!page.text.contains("shift-gap") && !page.text.contains("callout"))
            #expect(edit.text.contains("value=\"1\"") && edit.text.contains("<option value=\"weeks\" selected>"))
        }
    }

    @Test func `given hours that leave gaps, then they are red, said in words, and not when warnings are off`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let link = try await create(visitor.signIn(), [server.alice.id], Self.gaps)
            let page = try await visitor.get(link)
            let list = try await visitor.get("/on-call-schedules")
            var quiet = Self.fields([server.alice.id], Self.gaps)
            quiet.removeAll { $0.0 == "warns" }
            _ = try await visitor.post(link + "/edit", quiet)
            let calm = try await visitor.get(link)

            #expect(page.text.contains("class=\"shift-gap\"") && page.text.contains(">Nobody</text>"))
            #expect(page.text.contains("<li>Sun 4 Jan 2026 03:00 – Mon 5 Jan 2026 09:00</li>"))
            #expect(list.text.contains("4 gaps in 30 days"))
            #expect(!calm.text.contains("shift-gap") && calm.text.contains("shift-free"))
        }
    }

    @Test func `given the buttons of the form, then layers, people and hours come and go without being saved`()
        async throws
    {
        let server = try await PageServer()
        let bob = try await server.addUser("Bob", role: .user)
        try await server.browse { visitor in
            try await visitor.signIn()
            func press(_ button: String, _ extra: [String: String] = [:]) async throws -> String {
                try await visitor.post(
                    "/on-call-schedules/new",
                    Self.fields([server.alice.id, bob.id], ["do": button].merging(extra) { $1 })
                ).text
            }

            #expect(try await press("layer").contains("Layer 2"))
            #expect(try await press("add-0", ["add-0": "\(server.alice.id)"]).contains("leave-0-2"))
            #expect(try await !press("leave-0-1").contains("leave-0-1"))
            let swapped = try await press("earlier-0-1")
            #expect(swapped.contains("value=\"leave-0-0\" aria-label=\"Remove Bob Baker from layer 1\""))
            #expect(try await press("weekly-0").contains("name=\"toDay-0-0\""))
            #expect(try await !press("daily-0").contains("name=\"toDay-0-0\""))
            #expect(try await !press("unspan-0-0", Self.gaps).contains("fromTime-0-0"))
            #expect(try await press("remove-0").contains("Layer 1"))
            for nonsense in ["up-0", "drop", "leave-9-9", "unspan-0-7", "-", "remove--1", "shift-x"] {
                #expect(try await press(nonsense).contains("Shop rota"), "\(nonsense)")
            }
            #expect(try await visitor.get("/on-call-schedules").text.contains("No on-call schedules yet"))
        }
    }

    @Test
    func `given an edit, when it is previewed, then both drawings and the changes are shown, and nothing is saved`()
        async throws
    {
        let server = try await PageServer()
        let bob = try await server.addUser("Bob", role: .user)
        try await server.browse { visitor in
            let link = try await create(visitor.signIn(), [server.alice.id])
            let preview = try await visitor.post(link + "/edit", Self.fields([bob.id], ["do": "preview"]))
            let same = try await visitor.post(link + "/edit", Self.fields([server.alice.id], ["do": "preview"]))
            let page = try await visitor.get(link)

            #expect(preview.status == .ok)
            #expect(preview.text.contains("As it is, ") && preview.text.contains("As it would be, "))
            #expect(preview.text.contains("Bob Baker instead of Alice Archer"))
            #expect(same.text.contains("Nobody&#39;s duty changes") || same.text.contains("Nobody's duty changes"))
            #expect(page.text.contains("Alice Archer is on call"))
        }
    }

    @Test(arguments: [
        (["name": ""], "Name: enter"), (["every-0": "0"], "Layer 1: enter after how many"),
        (["every-0": "400", "unit-0": "days"], "rotation"), (["end-0": "2025-12-01T09:00"], "ends on"),
        (["start-0": ""], "Layer 1: enter when it begins"), (["zone": "Mars/Olympus"], "Timezone"),
        (["unit-0": "written", "every-0": "P1.5D"], "rotation"),
        (["hours-0": "TIME_OF_DAY", "spans-0": "1", "fromTime-0-0": "9", "toTime-0-0": "10:00"], "time"),
    ])
    func `given a wrong field, when it is saved, then the form says which and keeps what was typed`(
        extra: [String: String], words: String
    ) async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let answer = try await visitor.signIn().post(
                "/on-call-schedules/new", Self.fields([server.alice.id], extra))

            #expect(answer.status == .unprocessableContent)
            let notice = try #require(answer.text.firstRange(of: "notice-problem"))
            let text = answer.text[notice.upperBound...].prefix(300).lowercased()
            #expect(text.contains(words.lowercased()), "\(text)")
            #expect(answer.text.contains("Primary"))
            #expect(try await visitor.get("/on-call-schedules").text.contains("No on-call schedules yet"))
        }
    }

    @Test func `given a static schedule, when one shift is changed, then those that are over stay`() async throws {
        let server = try await PageServer()
        let alice = "\(server.alice.id)"
        try await server.browse { visitor in
            let rows: [String: String] = [
                "kind": "static", "layers": "0", "shifts": "3", "who-0": alice, "from-0": "2025-12-01T00:00",
                "until-0": "2025-12-08T00:00", "who-1": alice, "from-1": "2026-01-05T00:00",
                "until-1": "2026-01-12T00:00", "who-2": "", "from-2": "", "until-2": "",
            ]
            let link = try await create(visitor.signIn(), [], rows)
            let edit = try await visitor.get(link + "/edit")
            let changed: [String: String] = [
                "kind": "static", "layers": "0", "shifts": "1", "who-0": alice, "from-0": "2026-01-06T00:00",
                "until-0": "2026-01-07T00:00",
            ]
            _ = try await visitor.post(link + "/edit", Self.fields([], changed))
            let december = try await visitor.get(link + "?range=month&from=2025-12-01")
            let january = try await visitor.get(link + "?range=month&from=2026-01-01")
            let overlap = try await visitor.post(
                link + "/edit",
                Self.fields(
                    [],
                    changed.merging([
                        "shifts": "2", "who-1": alice, "from-1": "2026-01-06T12:00", "until-1": "2026-01-08T00:00",
                    ]) { $1 }))

            #expect(!edit.text.contains("2025-12-01T00:00") && edit.text.contains("2026-01-05T00:00"))
            #expect(december.text.contains("Mon 1 Dec 2025 00:00 – Mon 8 Dec 2025 00:00"))
            #expect(january.text.contains("Tue 6 Jan 2026 00:00–24:00"))
            #expect(!january.text.contains("Mon 5 Jan 2026 00:00 – "))
            #expect(overlap.text.contains("overlaps"))
        }
    }

    @Test func `given a click on a span, when it is handed over, then the page shows the override, until it is ended`()
        async throws
    {
        let server = try await PageServer()
        let bob = try await server.addUser("Bob", role: .user)
        try await server.browse { visitor in
            let link = try await create(visitor.signIn(), [server.alice.id])
            let drawn = try await visitor.get(link)
            let shift = try await visitor.get("\(link)/shift?at=1767261600000")
            let back = try await visitor.post(
                link + "/overrides",
                [
                    ("user", ""), ("start", "2026-01-02T10:00"), ("end", "2026-01-02T12:00"),
                    ("back", "\(link)/shift?at=1"),
                ])
            let done = try await visitor.post(
                link + "/overrides",
                [("user", "\(bob.id)"), ("start", "2026-01-02T10:00"), ("end", "2026-01-02T12:00")])
            let page = try await visitor.follow(done)
            let inside = try await visitor.get("\(link)/shift?at=1767348000000")
            let end = try #require(inside.text.firstRange(of: "\(link)/overrides/")).upperBound
            let override = inside.text[end...].prefix { $0.isNumber }
            let ended = try await visitor.follow(try await visitor.post("\(link)/overrides/\(override)/end"))

            #expect(drawn.text.contains("\(link)/shift?at="))
            #expect(shift.text.contains("Alice Archer is on call"), "\(shift.text)")
            #expect(shift.text.contains("Offer the shift"))
            #expect(back.location == "\(link)/shift?at=1")
            #expect(page.text.contains("shift-override") && page.text.contains("Fri 2 Jan 2026 10:00–12:00"))
            #expect(inside.text.contains("Bob Baker is on call") && inside.text.contains("End this override"))
            #expect(!ended.text.contains("shift-override"))
            for wrong in ["", "x", "-1", "99999999999999999999", "4102444800000"] {
                #expect(try await visitor.get("\(link)/shift?at=\(wrong)").status == .notFound, "\(wrong)")
            }
        }
    }

    @Test func `given an offered shift, when Bob takes it on his page, then it is his`() async throws {
        let server = try await PageServer()
        let bob = try await server.addUser("Bob", role: .responder)
        try await server.browse { visitor in
            let link = try await create(visitor.signIn(), [server.alice.id, bob.id])
            let offered = try await visitor.post(
                link + "/offers",
                [("start", "2026-01-02T10:00"), ("end", "2026-01-03T10:00"), ("note", "<b>Wedding</b>")])
            let own = try await visitor.follow(offered)
            let other = try await visitor.another().signIn("bob@example.com")
            let mine = try await other.get("/on-call/mine")
            let place = try #require(mine.text.firstRange(of: "\(link)/offers/")).upperBound
            let offer = mine.text[place...].prefix { $0.isNumber }
            let taken = try await other.follow(
                try await other.post("\(link)/offers/\(offer)/take", [("next", "/on-call/mine")]))
            let late = try await other.follow(try await other.post("\(link)/offers/\(offer)/take"))

            #expect(
                own.text.contains("Offered shifts") && own.text.contains("Withdraw") && !own.text.contains(">Take<"))
            #expect(mine.text.contains("&lt;b&gt;Wedding") && mine.text.contains("Take"))
            #expect(taken.text.contains("The shift is yours.") && taken.text.contains("Fri 2 Jan 2026 10:00"))
            #expect(late.text.contains("Somebody was first") || late.text.contains("Somebody else is on call"))
        }
    }
}
