import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

@Suite struct ServiceAPITests {
    private static func body(_ change: [String: JSONValue] = [:]) -> JSONValue {
        let usual: [String: JSONValue] = [
            "id": .integer(0), "name": .string("Check / out"), "alias": .string("checkout"),
            "status": .string("DEGRADED"),
            "description": .string("Carts become orders"), "oneOpenIncidentOnly": .bool(true),
            "showUptimeHistory": .bool(false), "iconUrl": .string("https://icons.example/cart.svg"),
            "labels": .array([.object(["key": .string("tier"), "value": .string("1")])]),
            "links": .array([.object(["href": .string("x")])]),
        ]
        return .object(usual.merging(change) { $1 })
    }

    @Test func `given a body, when a service is created, read, replaced and read, then all is echoed`() async throws {
        try await APIServer.run { server in
            let created = try await server.post("/api/services", Self.body())
            let location = try #require(created.headers[.location])
            let answers = try await [
                created, server.get(location), server.put(location, Self.body()),
                server.get("/api/services/name/Check%20/%20out"), server.get("/api/v1/services/name/Check%20/%20out"),
            ]

            #expect(created.status == 201)
            for answer in answers {
                for (name, value) in Self.body().object ?? [:] where name != "id" {
                    #expect(answer.json?[name] == value)
                }
                #expect(answer.json?["teams"] == .array([]) && answer.json?["uptime"] == nil)
            }
            #expect(try await server.delete(location).status == 204)
            #expect(try await server.get(location).status == 404)
        }
    }

    @Test func `given absent members, when a service is replaced, then teams, labels and status stay and links go`()
        async throws
    {
        try await APIServer.run { server in
            let team = try await server.services.administration.teams.create(
                TeamDraft(name: "Shop", visibility: .open), by: Caller(server.carol))
            let teams = JSONValue.array([.object(["id": .integer(team.id.rawValue), "name": .string("")])])
            let created = try await server.post("/api/services", Self.body(["teams": teams]))
            let location = try #require(created.headers[.location])
            let bare = try await server.put(location, .object(["name": .string("Shop")]))
            let empty = try await server.put(
                location, .object(["name": .string("Shop"), "teams": .array([]), "labels": .array([])]))

            #expect(bare.json?["teams"]?.array?.count == 1 && bare.json?["labels"]?.array?.count == 1)
            #expect(
                bare.json?["status"] == .string("DEGRADED") && bare.json?["links"] == nil
                    && bare.json?["iconUrl"] == nil)
            #expect(bare.json?["alias"] == nil && bare.json?["description"] == .string(""))
            #expect(bare.json?["showUptimeHistory"] == .bool(true))
            #expect(empty.json?["teams"]?.array?.isEmpty == true && empty.json?["labels"]?.array?.isEmpty == true)
        }
    }

    @Test func `given changes of its status, when uptime is included, then outages and percentages are told`()
        async throws
    {
        try await APIServer.run { server in
            let created = try await server.post("/api/services", Self.body(["status": .string("OPERATIONAL")]))
            let location = try #require(created.headers[.location])
            let start = server.clock.now
            server.clock.advance(by: .days(9))
            _ = try await server.put(location, Self.body(["status": .string("MAJOR_OUTAGE")]))
            server.clock.advance(by: .days(1))
            let down = try await server.get(location + "?include=uptime&include=subscribed&include=incidents")
            _ = try await server.put(location, Self.body(["status": .string("UNDER_MAINTENANCE")]))
            server.clock.advance(by: .days(30))
            let later = try await server.get("/api/services?include=uptime")

            let uptime = down.json?["uptime"]
            #expect(uptime?["outages"]?.array?.count == 1)
            let outage = uptime?["outages"]?.array?.first
            #expect(outage?["status"] == .string("MAJOR_OUTAGE") && outage?["until"] == nil)
            #expect(outage?["from"] == .string((start + .days(9)).iso8601))
            #expect(uptime?["rangeEnd"] == .string((start + .days(10)).iso8601))
            for name in ["p90", "p60", "p30"] { #expect(uptime?["uptimePercentage"]?[name]?.double == 90) }
            #expect(down.json?["subscribed"] == .bool(false) && down.json?["incidents"] == .array([]))

            let after = later.json?.array?.first?["uptime"]
            #expect(after?["outages"]?.array?.map { $0["status"]?.string } == ["MAJOR_OUTAGE", "UNDER_MAINTENANCE"])
            #expect(after?["uptimePercentage"]?["p90"]?.double == 97.5)
            #expect(after?["uptimePercentage"]?["p30"]?.double == 100)
        }
    }

    @Test func `given many services, when they are listed, then ten come at a time and too many are refused`()
        async throws
    {
        try await APIServer.run { server in
            for number in 10..<22 {
                _ = try await server.post("/api/services", .object(["name": .string("Service \(number)")]))
            }
            let first = try await server.get("/api/services")
            let rest = try await server.get("/api/services?start-index=10&max-results=100")

            #expect(first.json?.array?.count == 10 && rest.json?.array?.count == 2)
            #expect(rest.json?.array?.last?["name"] == .string("Service 21"))
            #expect(try await server.get("/api/services?max-results=101").status == 400)
            #expect(try await server.get("/api/services?max-results=26&include=uptime").status == 400)
            #expect(try await server.get("/api/services?max-results=25&include=uptime").json?.array?.count == 12)
        }
    }

    @Test func `given a service of a closed team, when others ask for it, then there is none, by any way`() async throws
    {
        try await APIServer.run { server in
            let team = try await server.services.administration.teams.create(
                TeamDraft(name: "Vault", visibility: .closed), by: Caller(server.carol))
            let teams = JSONValue.array([.object(["id": .integer(team.id.rawValue)])])
            let created = try await server.post("/api/services", Self.body(["teams": teams]))
            let location = try #require(created.headers[.location])
            let bob = try await server.user("Bob").key
            let viewer = try await server.user("Vera", role: .viewer).key

            #expect(try await server.get(location, key: bob).status == 404)
            #expect(try await server.get("/api/services", key: bob).json?.array?.isEmpty == true)
            #expect(try await server.get("/api/services/name/Check%20/%20out", key: bob).status == 404)
            #expect(try await server.put(location, Self.body(), key: bob).status == 404)
            #expect(try await server.delete(location, key: bob).status == 404)
            #expect(try await server.put(location + "/subscription", key: bob).status == 404)
            #expect(try await server.post("/api/services", .object(["name": .string("x")]), key: viewer).status == 403)
            #expect(try await server.get(location).status == 200)
        }
    }

    @Test(arguments: [
        ("name", JSONValue.string("")), ("status", .string("FINE")),
        ("alias", .string(String(repeating: "x", count: 256))),
        ("alias", .string("TAKEN")), ("labels", .string("x")), ("teams", .array([.object(["id": .integer(424_242)])])),
        ("description", .string(String(repeating: "x", count: 16 * 1024 + 1))), ("oneOpenIncidentOnly", .string("yes")),
    ])
    func `given a wrong field, when a service is created, then the answer is 400 and names it`(
        name: String, value: JSONValue
    ) async throws {
        try await APIServer.run { server in
            _ = try await server.post("/api/services", .object(["name": .string("Other"), "alias": .string("taken")]))

            let answer = try await server.post("/api/services", Self.body([name: value]))

            #expect(answer.status == 400)
            #expect(answer.json?["details"]?["field"]?.string == name)
        }
    }

    @Test func `given an automation rule, when it is made and read in both forms, then its settings are echoed`()
        async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let service = try await server.post("/api/services", .object(["name": .string("Shop")]))
            let params = JSONValue.object([
                "alertType": .string("CREATED"), "serviceStatus": .string("MAJOR_OUTAGE"),
                "resolveIncident": .bool(true),
                "templateId": .integer(7), "serviceIds": .array([try #require(service.json?["id"])]),
            ])
            let old = JSONValue.object([
                "name": .string("Old"), "connectorType": .string("automation_rule"),
                "alertSourceIds": .array([JSONValue(source.id)]),
                "triggerMode": .string("AUTOMATIC"), "params": params,
            ])
            let new = JSONValue.object([
                "name": .string("New"), "connectorType": .string("automation_rule"),
                "alertSources": .array([.object(["id": JSONValue(source.id)])]), "params": params,
            ])
            let made = try await [server.post("/api/alert-actions", old), server.post("/api/alert-actions", new)]
            let first = try #require(made[0].headers[.location])
            let second = try #require(made[1].headers[.location])

            #expect(made.map(\.status) == [201, 201])
            let one = try await server.get(first + "?version=1").json
            #expect(one?["params"] == params && one?["alertSourceIds"] == .array([JSONValue(source.id)]))
            let two = try await server.get(second + "?version=2").json
            #expect(two?["params"] == params && two?["alertSources"]?.array?.first?["id"] == JSONValue(source.id))
            let wrong = try await server.post(
                "/api/alert-actions",
                .object(["name": .string("x"), "connectorType": .string("automation_rule"), "params": .object([:])]))
            #expect(wrong.status == 400 && wrong.json?["details"]?["field"]?.string == "params.alertType")
        }
    }
}
