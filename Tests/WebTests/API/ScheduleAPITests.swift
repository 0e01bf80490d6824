import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

@Suite struct ScheduleAPITests {
    /// As Terraform's provider sends a schedule: whole structs, ids of zero, names left empty.
    static func body(_ users: [User.ID], _ extra: [String: JSONValue] = [:]) -> JSONValue {
        let layer: JSONValue = .object([
            "name": .string("Primary"), "startsOn": .string("2026-01-05T09:00"), "endsOn": .string(""),
            "rotation": .string("P7D"),
            "users": .array(
                users.map {
                    .object(["id": .integer($0.rawValue), "firstName": .string(""), "lastName": .string("")])
                }),
            "restrictionType": .string("TIMES_OF_WEEK"),
            "restrictions": .array([
                .object([
                    "from": .object(["dayOfWeek": .string("MONDAY"), "time": .string("09:00")]),
                    "to": .object(["dayOfWeek": .string("SATURDAY"), "time": .string("17:30")]),
                ])
            ]),
        ])
        return .object(
            [
                "id": .integer(0), "name": .string("Shop rota"), "timezone": .string("Europe/Berlin"),
                "type": .string("RECURRING"), "scheduleLayers": .array([layer]), "showGaps": .bool(false),
                "defaultShiftDuration": .string("PT8H"),
            ].merging(extra) { $1 })
    }

    static func shift(_ user: User.ID, _ start: String, _ end: String) -> JSONValue {
        .object([
            "user": .object(["id": .integer(user.rawValue)]), "start": .string(start), "end": .string(end),
        ])
    }

    static func fixed(_ shifts: [JSONValue]) -> JSONValue {
        .object([
            "name": .string("By hand"), "timezone": .string("Europe/Berlin"), "type": .string("STATIC"),
            "shifts": .array(shifts),
        ])
    }

    @Test func `given a whole cycle as Terraform runs it, then every field comes back as it was sent`() async throws {
        try await APIServer.run { server in
            let alice = try await server.user("Alice").record
            let body = Self.body([alice.id, server.carol.id, alice.id])
            let query = "?include=scheduleLayers&include=nextShift&include=currentShift"

            let created = try await server.post("/api/schedules\(query)", body)
            #expect(created.status == 201)
            let location = try #require(created.headers[.location])
            let exists = try await server.get("\(location)?")
            let read = try await server.get("\(location)\(query)")
            let replaced = try await server.put("\(location)\(query)", body)
            let named = try await server.get("/api/schedules/name/Shop%20rota\(query)")

            #expect(exists.status == 200)
            #expect(exists.json?["scheduleLayers"] == nil)
            for answer in [created, read, replaced, named] {
                for name in ["name", "timezone", "type", "showGaps", "defaultShiftDuration"] {
                    #expect(answer.json?[name] == body[name], "\(name)")
                }
                let sent = try #require(body["scheduleLayers"]?[0])
                let layer = try #require(answer.json?["scheduleLayers"]?[0])
                for name in ["name", "startsOn", "rotation", "restrictionType", "restrictions"] {
                    #expect(layer[name] == sent[name], "\(name)")
                }
                #expect(
                    layer["users"]?.array?.map { $0["id"]?.integer } == [
                        alice.id.rawValue, server.carol.id.rawValue, alice.id.rawValue,
                    ])
                #expect(answer.json?["nextShift"] != nil)
            }
            #expect(try await server.delete(location).status == 204)
            #expect(try await server.get(location).status == 404)
        }
    }

    @Test func `given a schedule, when it is asked who is on call, then shift or nothing, as paging sees it`()
        async throws
    {
        try await APIServer.run { server in
            let alice = try await server.user("Alice").record
            let location = try #require(
                try await server.post("/api/schedules", Self.body([alice.id])).headers[.location])
            let id = try #require(location.split(separator: "/").last.flatMap { OnCallSchedule.ID($0) })
            // Simulated time begins on Thursday, 2026-01-01, before the layer does.
            #expect(try await server.get("\(location)/user-on-call").status == 204)

            server.clock.advance(by: .days(5))
            let answer = try await server.get("\(location)/user-on-call")
            let now = server.clock.now
            let paged = try await server.engine.store.read { try OnCallDuty.user(of: id, at: now, in: $0) }

            #expect(answer.status == 200)
            #expect(answer.json?["user"]?["id"]?.integer == alice.id.rawValue)
            #expect(answer.json?["user"]?["firstName"]?.string == "Alice")
            #expect(answer.json?["start"]?.string == "2026-01-05T09:00")
            #expect(answer.json?["end"]?.string == "2026-01-10T17:30")
            #expect(paged == alice.id)
        }
    }

    @Test func `given an override by PUT and one by POST, then shifts follow, and again when they are deleted`()
        async throws
    {
        try await APIServer.run { server in
            let alice = try await server.user("Alice").record
            let bob = try await server.user("Bob").record
            let location = try #require(
                try await server.post("/api/schedules", Self.body([alice.id])).headers[.location])
            let range = "\(location)/shifts?from=2026-01-06T00:00&until=2026-01-07T00:00"
            func users(_ query: String = "") async throws -> [Int64?] {
                try await server.get(range + query).json?.array?.map { $0["user"]?["id"]?.integer } ?? []
            }

            let put = try await server.put(
                "\(location)/overrides", Self.shift(bob.id, "2026-01-06T10:00", "2026-01-06T12:00"))
            let post = try await server.post(
                "\(location)/overrides", Self.shift(server.carol.id, "2026-01-06T10:30", "2026-01-06T11:00"))
            #expect(put.status == 200)
            #expect(put.json?["name"]?.string == "Shop rota")
            #expect(post.status == 200)
            let (a, b, c) = (alice.id.rawValue, bob.id.rawValue, server.carol.id.rawValue)
            #expect(try await users() == [a, b, c, b, a])
            #expect(try await users("&exclude-overrides=true") == [a])

            let overrides = try await server.get("\(location)/overrides").json?.array ?? []
            #expect(overrides.map { $0["start"]?.string } == ["2026-01-06T10:00", "2026-01-06T10:30"])
            let newer = try #require(overrides.last?["id"]?.integer)
            #expect(try await server.delete("\(location)/overrides/\(newer)").status == 204)
            #expect(try await server.delete("\(location)/overrides/\(newer)").status == 404)
            #expect(try await users() == [a, b, a])
        }
    }

    @Test func `given a static schedule, then its shifts come back, past ones when asked, and gaps may be refused`()
        async throws
    {
        try await APIServer.run { server in
            let carol = server.carol.id
            let past = Self.shift(carol, "2025-11-01T00:00:00", "2025-12-01T00:00:00")
            let coming = Self.shift(carol, "2026-02-01T00:00", "2026-03-01T00:00")

            let refused = try await server.post("/api/schedules?abort-on-gaps=true", Self.fixed([past, coming]))
            let created = try await server.post("/api/schedules", Self.fixed([past, coming]))
            let location = try #require(created.headers[.location])
            let read = try await server.get("\(location)?include=shifts")
            let all = try await server.get("\(location)?include=shifts&include=past")

            #expect(refused.status == 400)
            #expect(refused.json?["details"]?["field"]?.string == "shifts")
            #expect(read.json?["shifts"]?.array?.map { $0["start"]?.string } == ["2026-02-01T00:00"])
            #expect(
                all.json?["shifts"]?.array?.map { $0["start"]?.string } == ["2025-11-01T00:00:00", "2026-02-01T00:00"])
        }
    }

    @Test(arguments: [
        ("name", JSONValue.string(""), "name"), ("timezone", .string("Mars/Olympus"), "timezone"),
        ("timezone", .null, "timezone"), ("type", .string("LUNAR"), "type"),
        ("scheduleLayers", .array([]), "scheduleLayers"), ("scheduleLayers", .null, "scheduleLayers"),
        ("defaultShiftDuration", .string("soon"), "defaultShiftDuration"),
        ("teams", .array([.object(["id": .integer(424_242)])]), "teams"),
        ("startsOn", .string("2026-01-05T09:00Z"), "scheduleLayers[0].startsOn"),
        ("startsOn", .string("99999-01-05T09:00"), "scheduleLayers[0].startsOn"),
        ("startsOn", .string("2150-01-05T09:00"), "scheduleLayers[0].startsOn"),
        ("endsOn", .string("2026-01-05T09:00"), "scheduleLayers[0].endsOn"),
        ("rotation", .string("PT0S"), "scheduleLayers[0].rotation"),
        ("rotation", .string("P1000Y"), "scheduleLayers[0].rotation"),
        ("users", .array([]), "scheduleLayers[0].users"),
        ("users", .array([.object(["id": .integer(424_242)])]), "scheduleLayers[0].users"),
        ("restrictionType", .string("SOMETIMES"), "scheduleLayers[0].restrictionType"),
        (
            "restrictions", .array([.object(["from": .object(["time": .string("9")])])]),
            "scheduleLayers[0].restrictions[0].to"
        ),
        (
            "restrictions",
            .array([
                .object([
                    "from": .object(["dayOfWeek": .string("MONDAY"), "time": .string("25:00")]),
                    "to": .object(["dayOfWeek": .string("MONDAY"), "time": .string("10:00")]),
                ])
            ]), "scheduleLayers[0].restrictions[0].from.time"
        ),
        (
            "restrictions",
            .array([
                .object([
                    "from": .object(["time": .string("09:00")]), "to": .object(["time": .string("10:00")]),
                ])
            ]), "scheduleLayers[0].restrictions[0].from.dayOfWeek"
        ),
    ])
    func `given a wrong field, when a schedule is created, then the answer is 400, names it, and nothing is kept`(
        name: String, value: JSONValue, field: String
    ) async throws {
        try await APIServer.run { server in
            var body = Self.body([server.carol.id]).object ?? [:]
            if body[name] != nil || name == "teams" {
                body[name] = value
            } else {
                var layer = body["scheduleLayers"]?[0]?.object ?? [:]
                layer[name] = value
                body["scheduleLayers"] = .array([.object(layer)])
            }

            let answer = try await server.post("/api/schedules", .object(body))

            #expect(answer.status == 400)
            #expect(answer.json?["details"]?["field"]?.string == field, "\(answer.text)")
            #expect(try await server.get("/api/schedules").json == .array([]))
        }
    }

    @Test(arguments: [
        ("2026-01-03T00:00", "2026-01-02T00:00", "end"), ("2025-12-01T00:00", "2025-12-02T00:00", "end"),
        ("2025-12-01T00:00", "2026-12-02T00:00", "start"), ("2026-02-01T00:00", "2036-02-01T00:00", "end"),
        ("tomorrow", "2026-02-01T00:00", "start"), ("2026-02-01T00:00+01:00", "2026-02-02T00:00", "start"),
    ])
    func `given a wrong override, then the answer is 400 and names the field`(
        start: String, end: String, field: String
    ) async throws {
        try await APIServer.run { server in
            let location = try #require(
                try await server.post("/api/schedules", Self.body([server.carol.id])).headers[.location])

            let answer = try await server.put("\(location)/overrides", Self.shift(server.carol.id, start, end))

            #expect(answer.status == 400)
            #expect(answer.json?["details"]?["field"]?.string == field, "\(answer.text)")
            #expect(try await server.get("\(location)/overrides").json == .array([]))
        }
    }

    @Test func `given entered shifts that overlap or end too early, then the answer is 400 and names the shift`()
        async throws
    {
        try await APIServer.run { server in
            let carol = server.carol.id
            let first = Self.shift(carol, "2026-02-01T00:00", "2026-02-02T00:00")

            let overlap = try await server.post(
                "/api/schedules", Self.fixed([first, Self.shift(carol, "2026-02-01T23:59", "2026-02-03T00:00")]))
            let backwards = try await server.post(
                "/api/schedules", Self.fixed([first, Self.shift(carol, "2026-02-03T00:00", "2026-02-03T00:00")]))
            let nobody = try await server.post(
                "/api/schedules", Self.fixed([Self.shift(.init(424_242), "2026-02-03T00:00", "2026-02-04T00:00")]))

            #expect(overlap.json?["details"]?["field"]?.string == "shifts[1].start")
            #expect(backwards.json?["details"]?["field"]?.string == "shifts[1].end")
            #expect(nobody.json?["details"]?["field"]?.string == "shifts[0].user")
        }
    }

    @Test(arguments: [
        ("from=0001-01-01T00:00:00Z&until=999999-01-01T00:00:00Z", "from"),
        ("from=2026-01-01&until=2029-01-01", "until"),
        ("from=2026-01-02&until=2026-01-01", "until"), ("from=never", "from"),
    ])
    func `given a range that is too long or none, when shifts are asked for, then the answer is 400`(
        query: String, field: String
    ) async throws {
        try await APIServer.run { server in
            let location = try #require(
                try await server.post("/api/schedules", Self.body([server.carol.id])).headers[.location])

            let answer = try await server.get("\(location)/shifts?\(query)")

            #expect(answer.status == 400)
            #expect(answer.json?["details"]?["field"]?.string == field, "\(answer.text)")
        }
    }

    @Test func `given many schedules, then a page has 20, more is refused, and teams stay when they are left out`()
        async throws
    {
        try await APIServer.run { server in
            let team = try #require(
                try await server.post("/api/teams", .object(["name": .string("Web")])).json?["id"])
            let body = Self.body([server.carol.id], ["teams": .array([.object(["id": team])])])
            let location = try #require(try await server.post("/api/schedules", body).headers[.location])
            for number in 1...21 {
                _ = try await server.post(
                    "/api/schedules", Self.body([server.carol.id], ["name": .string("Rota \(number)")]))
            }

            #expect(try await server.get("/api/schedules").json?.array?.count == 20)
            #expect(try await server.get("/api/schedules?start-index=20").json?.array?.count == 2)
            #expect(try await server.get("/api/schedules?max-results=21").status == 400)
            let kept = try await server.put(location, Self.body([server.carol.id]))
            #expect(kept.json?["teams"]?[0]?["id"] == team)
            let cleared = try await server.put(location, Self.body([server.carol.id], ["teams": .array([])]))
            #expect(cleared.json?["teams"] == .array([]))
        }
    }

    @Test func `given a closed team's schedule, when somebody else asks, then there is none`() async throws {
        try await APIServer.run { server in
            let outsider = try await server.user("Bob")
            let team = try #require(
                try await server.post(
                    "/api/teams", .object(["name": .string("Vault"), "visibility": .string("PRIVATE")])
                ).json?["id"])
            let location = try #require(
                try await server.post(
                    "/api/schedules", Self.body([server.carol.id], ["teams": .array([.object(["id": team])])])
                ).headers[.location])

            for path in [location, "\(location)/shifts", "\(location)/overrides", "\(location)/user-on-call"] {
                #expect(try await server.get(path, key: outsider.key).status == 404, "\(path)")
            }
            #expect(try await server.get("/api/schedules", key: outsider.key).json == .array([]))
            #expect(try await server.get("/api/on-calls", key: outsider.key).json == .array([]))
            let override = Self.shift(server.carol.id, "2026-01-06T10:00", "2026-01-06T12:00")
            #expect(try await server.put("\(location)/overrides", override, key: outsider.key).status == 404)
        }
    }
}
