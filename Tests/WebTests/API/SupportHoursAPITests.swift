import Alerting
import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite struct SupportHoursAPITests {
    private static let body = #"""
        {"id":0,"name":"Office / Berlin","timezone":"Europe/Berlin",
         "supportDays":{"MONDAY":{"start":"08:00","end":"17:00"},"TUESDAY":null,"FRIDAY":{"start":"22:00","end":"06:00"}},
         "exceptions":[{"name":"Eve","start":"2026-12-24","end":"2026-12-26","supportStatus":"OUTSIDE"}]}
        """#

    @Test func `given a body, when created, read, replaced and read, then every field is echoed`() async throws {
        try await APIServer.run { server in
            let body = try JSONValue.parse(Self.body)
            let created = try await server.post("/api/support-hours", body)
            let location = try #require(created.headers[.location])
            let answers = try await [
                created, server.get(location), server.put(location, body),
                server.get("/api/support-hours/name/Office%20/%20Berlin"),
                server.get("/api/v1\(location.dropFirst(4))"),
            ]
            let list = try await server.get("/api/support-hours")

            #expect(created.status == 201)
            for answer in answers {
                #expect(answer.json?["name"] == body["name"])
                #expect(answer.json?["timezone"] == body["timezone"])
                #expect(answer.json?["supportDays"]?["MONDAY"] == body["supportDays"]?["MONDAY"])
                #expect(answer.json?["supportDays"]?["TUESDAY"] == .null)
                #expect(answer.json?["supportDays"]?["FRIDAY"] == body["supportDays"]?["FRIDAY"])
                #expect(answer.json?["exceptions"] == body["exceptions"])
                #expect(answer.json?["teams"] == .array([]))
            }
            #expect(list.json?.array?.count == 1)
            #expect(list.json?[0]?["exceptions"] == nil)
            #expect(try await server.get("/api/support-hours?max-results=51").status == 400)
            #expect(try await server.delete(location).status == 204)
            #expect(try await server.get(location).status == 404)
        }
    }

    @Test func `given teams, when they are left out of an update, then they stay, and an empty list clears them`()
        async throws
    {
        try await APIServer.run { server in
            let team = try await server.services.administration.teams.create(
                TeamDraft(name: "Web"), by: Caller(server.carol))
            var members = try #require(try JSONValue.parse(Self.body).object)
            members["teams"] = .array([.object(["id": .integer(team.id.rawValue), "name": .string("")])])
            let created = try await server.post("/api/support-hours", .object(members))
            let location = try #require(created.headers[.location])
            members["teams"] = nil
            let kept = try await server.put(location, .object(members))
            members["teams"] = .array([])
            let cleared = try await server.put(location, .object(members))

            #expect(created.json?["teams"]?[0]?["name"]?.string == "Web")
            #expect(kept.json?["teams"]?.array?.count == 1)
            #expect(cleared.json?["teams"] == .array([]))
        }
    }

    @Test(arguments: [
        ("name", JSONValue.string("")), ("timezone", .string("Mars/Base")), ("timezone", .null),
        ("supportDays", .object([:])), ("supportDays", .integer(7)), ("exceptions", .string("none")),
        ("teams", .array([.object(["id": .integer(424_242)])])),
    ])
    func `given a wrong field, when created, then the answer is 400 and names it`(
        name: String, value: JSONValue
    ) async throws {
        try await APIServer.run { server in
            var members = try #require(try JSONValue.parse(Self.body).object)
            members[name] = value

            let answer = try await server.post("/api/support-hours", .object(members))

            #expect(answer.status == 400)
            #expect(answer.json?["details"]?["field"]?.string == name)
        }
    }

    @Test func `given a source with support hours, when it is read, then they are echoed, and in use they stay`()
        async throws
    {
        try await APIServer.run { server in
            let made = try await server.post("/api/support-hours", JSONValue.parse(Self.body))
            let id = try #require(made.json?["id"])
            let policy = try await server.policy([server.carol.id])
            let body: JSONValue = .object([
                "name": .string("Shop"), "integrationType": .string("API"),
                "escalationPolicy": .object(["id": .integer(policy.id.rawValue)]),
                "alertPriorityRule": .string("HIGH_DURING_SUPPORT_HOURS"), "supportHours": .object(["id": id]),
            ])
            let source = try await server.post("/api/alert-sources", body)
            let location = try #require(source.headers[.location])

            #expect(source.status == 201)
            #expect(try await server.get(location).json?["supportHours"]?["id"] == id)
            #expect(try await server.delete("/api/support-hours/\(id.integer ?? 0)").status == 409)
            #expect(try await server.delete(location).status == 204)
            #expect(try await server.delete("/api/support-hours/\(id.integer ?? 0)").status == 204)
        }
    }
}
