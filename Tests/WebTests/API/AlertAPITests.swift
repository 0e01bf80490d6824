import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

@Suite struct AlertAPITests {
    @Test func `given an alert, when it is read, then it says what clients look for`() async throws {
        try await APIServer.run { server in
            let alice = try await server.user("Alice").record
            let source = try await server.source(policy: server.policy([alice.id, server.carol.id]).id)
            let id = try #require(try await server.event(source))
            try await server.settle()

            let plain = try #require(try await server.get("/api/alerts/\(id)").json)
            let full = try await server.get(
                "/api/alerts/\(id)?include=escalationRules&include=nextEscalationUser&include=customDetails")

            #expect(plain["status"]?.string == "PENDING")
            #expect(plain["summary"]?.string == "Disk full")
            #expect(plain["alertKey"]?.string == "disk")
            #expect(plain["priority"]?.string == "HIGH")
            #expect(plain["reportTime"]?.string == "2026-01-01T00:00:00.000Z")
            #expect(plain["alertSource"]?["name"]?.string == "Shop")
            #expect(plain["escalationPolicy"]?["id"]?.integer == source.policy.rawValue)
            #expect(plain["responders"]?[0]?["user"]?["id"]?.integer == alice.id.rawValue)
            #expect(plain["responders"]?[0]?["status"]?.string == "PENDING")
            #expect(plain["nextEscalation"]?.string == "2026-01-01T00:05:00.000Z")
            #expect(plain["nextEscalationRuleIndex"]?.integer == 1)
            #expect(plain["escalationRules"] == nil)
            #expect(plain["customDetails"] == nil)
            #expect(full.json?["escalationRules"]?.array?.count == 2)
            #expect(full.json?["nextEscalationUser"]?["id"]?.integer == server.carol.id.rawValue)
            #expect(full.json?["customDetails"] == .object([:]))
        }
    }

    @Test
    func `given alerts, when they are listed with filters in either spelling, then the right ones come, newest first`()
        async throws
    {
        try await APIServer.run { server in
            let alice = try await server.user("Alice").record
            let policy = try await server.policy([alice.id])
            let (shop, blog) = try await (
                server.source(policy: policy.id),
                server.source("Blog", policy: server.policy([server.carol.id], name: "Other").id)
            )
            let first = try #require(try await server.event(shop, key: "a"))
            server.clock.advance(by: .seconds(60))
            let second = try #require(try await server.event(blog, key: "b"))
            try await server.event(blog, key: "b", type: "RESOLVE")
            try await server.settle()
            func ids(_ query: String) async throws -> [Int64?]? {
                let answer = try await server.get("/api/alerts?\(query)")
                #expect(answer.status == 200, "\(query) \(answer.text)")
                let count = try await server.get("/api/alerts/count?\(query)")
                #expect(count.json?["count"]?.integer == answer.json?.array.map { Int64($0.count) })
                return answer.json?.array?.map { $0["id"]?.integer }
            }
            let both = [second.rawValue, first.rawValue]

            #expect(try await ids("") == both)
            #expect(try await ids("states=PENDING&states=RESOLVED") == both)
            #expect(try await ids("state=PENDING") == [first.rawValue])
            #expect(try await ids("states=PENDING,ACCEPTED,NEW") == [first.rawValue])
            #expect(try await ids("sources=\(blog.id)") == [second.rawValue])
            #expect(try await ids("alert-source=\(shop.id)&alert-source=\(blog.id)") == both)
            #expect(try await ids("policies=\(policy.id)") == [first.rawValue])
            #expect(try await ids("responders=\(alice.id)") == [first.rawValue])
            #expect(try await ids("assigned-to=alice") == [first.rawValue])
            #expect(try await ids("assigned-to=nobody") == [])
            #expect(try await ids("from=2026-01-01T00:00:30Z") == [second.rawValue])
            #expect(try await ids("until=2026-01-01T01:00:30%2B01:00") == [first.rawValue])
            let page = try await server.get("/api/alerts?max-results=1&start-index=1&include=nextEscalationUser")
            #expect(page.json?.array?.map { $0["id"]?.integer } == [first.rawValue])
        }
    }

    @Test(arguments: ["states=OPEN", "from=yesterday", "sources=x", "policies=0"])
    func `given a filter that means nothing, when alerts are listed, then the answer is 400`(
        query: String
    ) async throws {
        try await APIServer.run { server in
            let list = try await server.get("/api/alerts?\(query)")
            let count = try await server.get("/api/alerts/count?\(query)")

            #expect(list.status == 400)
            #expect(count.status == 400)
        }
    }

    @Test func `given an alert, when it is accepted and resolved, then each answers the alert and a second one 409`()
        async throws
    {
        try await APIServer.run { server in
            let alice = try await server.user("Alice")
            let source = try await server.source(policy: server.policy([alice.record.id]).id)
            let id = try #require(try await server.event(source))

            let accepted = try await server.put("/api/alerts/\(id)/accept", key: alice.key)
            let second = try await server.put("/api/alerts/\(id)/accept")
            let resolved = try await server.put("/api/v1/alerts/\(id)/resolve")
            let late = try await server.put("/api/alerts/\(id)/resolve")

            #expect(accepted.status == 200)
            #expect(accepted.json?["status"]?.string == "ACCEPTED")
            #expect(accepted.json?["responders"]?[0]?["status"]?.string == "ACCEPTED")
            #expect(accepted.json?["acknowledgedBy"]?["id"]?.integer == alice.record.id.rawValue)
            #expect(accepted.json?["nextEscalation"] == nil)
            #expect(second.status == 409)
            #expect(second.json?["message"]?.string?.contains("Alice") == true)
            #expect(resolved.json?["status"]?.string == "RESOLVED")
            #expect(resolved.json?["resolvedByType"]?.string == "USER")
            #expect(resolved.json?["resolvedOn"] != nil)
            #expect(late.status == 409)
        }
    }

    @Test func `given an alert, when it is assigned in either spelling, then it is with that person or policy`()
        async throws
    {
        try await APIServer.run { server in
            let alice = try await server.user("Alice").record
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let other = try await server.policy([alice.id], name: "Other")
            let id = try #require(try await server.event(source))

            for query in ["user=alice", "user-id=\(alice.id)", "user=\(alice.id)"] {
                let answer = try await server.put("/api/alerts/\(id)/assign?\(query)")
                #expect(answer.status == 200)
                #expect(answer.json?["assignedTo"]?["id"]?.integer == alice.id.rawValue)
            }
            let moved = try await server.put("/api/alerts/\(id)/assign?policy-id=\(other.id)")
            #expect(moved.json?["escalationPolicy"]?["name"]?.string == "Other")
            #expect(moved.json?["assignedTo"] == nil)
            let made = try await server.post("/api/schedules", ScheduleAPITests.body([alice.id]))
            let schedule = try #require(made.json?["id"]?.scalarText)
            let handed = try await server.put("/api/alerts/\(id)/assign?schedule-id=\(schedule)")
            #expect(handed.status == 200)
            let log = try await server.get("/api/alerts/\(id)/log-entries").json?.array ?? []
            #expect(log.last?["text"]?.string?.contains("Assigned to on-call schedule Shop rota") == true)
            for query in ["", "user=1&policy=2", "schedule=5", "policy=424242", "policy=x"] {
                #expect(try await server.put("/api/alerts/\(id)/assign?\(query)").status == 400, "\(query)")
            }
            #expect(try await server.put("/api/alerts/\(id)/assign?user=nobody").status == 404)
        }
    }

    @Test func `given a body, when an alert is raised, then it is there as sent`() async throws {
        try await APIServer.run { server in
            let alice = try await server.user("Alice").record
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let body = try JSONValue.parse(
                """
                {"id":0,"summary":"Look at this","details":"**now**","priority":"LOW","severity":3,
                 "alertSource":{"id":\(source.id),"name":""},"escalationPolicy":{"id":0},
                 "responders":[{"user":{"id":\(alice.id)}}],"labels":{"env":"prod"},
                 "links":[{"href":"https://shop.example","text":"Shop"}],"images":[{"src":"https://shop.example/a.png"}],
                 "customDetails":{"a":[1,null]}}
                """)

            let created = try await server.post("/api/alerts", body)
            let read = try await server.get(
                try #require(created.headers[.location]) + "?include=customDetails")

            #expect(created.status == 201)
            for name in ["summary", "details", "priority", "severity", "labels", "links", "images", "customDetails"] {
                #expect(read.json?[name] == body[name], "\(name)")
            }
            #expect(read.json?["responders"]?[0]?["user"]?["id"]?.integer == alice.id.rawValue)
        }
    }

    @Test(arguments: [
        #"{"summary":"x"}"#, #"{"summary":"","alertSource":{"id":SOURCE}}"#,
        #"{"summary":"x","alertSource":{"id":424242}}"#,
        #"{"summary":"x","alertSource":{"id":SOURCE},"priority":"MEDIUM"}"#,
        #"{"summary":"x","alertSource":{"id":SOURCE},"severity":6}"#,
        #"{"summary":"x","alertSource":{"id":SOURCE},"links":[{"text":"no address"}]}"#,
        #"{"summary":"x","alertSource":{"id":SOURCE},"assignedTo":{"id":424242}}"#,
        #"{"summary":"x","alertSource":{"id":SOURCE},"responders":[{"user":{"id":424242}}]}"#,
        #"{"summary":"x","alertSource":{"id":SOURCE},"escalationPolicy":{"id":424242}}"#, "[]", "", "{",
    ])
    func `given a wrong body, when an alert is raised, then the answer is 400 and there is none`(
        body: String
    ) async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let body = body.replacing("SOURCE", with: "\(source.id)")

            let answer = try await server.send(.post, "/api/alerts", Array(body.utf8))

            #expect(answer.status == 400)
            #expect(try await server.get("/api/alerts/count").json?["count"]?.integer == 0)
        }
    }

    @Test func `given an alert's life, when its log is read, then every line has a type, a text and a filter`()
        async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let id = try #require(try await server.event(source))
            try await server.settle()
            server.clock.advance(by: .seconds(1))
            try await server.event(source, summary: "Disk still full")
            _ = try await server.put("/api/alerts/\(id)/resolve")

            let all = try #require(try await server.get("/api/alerts/\(id)/log-entries?lang=en").json?.array)
            let some = try await server.get(
                "/api/alerts/\(id)/log-entries?filter-types=NOTIFICATIONS&include=vars")

            #expect(
                all.compactMap { $0["logEntryType"]?.string } == [
                    "AlertReceivedLogEntry", "AlertEscalatedToLevelLogEntry", "NotificationLogEntry",
                    "NotificationLogEntry", "AlertReceivedLogEntry", "UserResponseLogEntry",
                ])
            #expect(all[4]["text"]?.string == "Another event: Disk still full")
            #expect(all.allSatisfy { $0["alertId"]?.integer == id.rawValue && $0["vars"] == nil })
            #expect(all.last?["text"]?.string == "Resolved by Carol Lead.")
            #expect(some.json?.array?.count == 2)
            #expect(some.json?[0]?["vars"]?["user"]?["id"]?.integer == server.carol.id.rawValue)
        }
    }

    @Test func `given a page, when notifications are read, then it is scheduled first and then sent`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let id = try #require(try await server.event(source))
            while try await server.engine.escalation.runOnce() {}
            let before = try await server.get("/api/alerts/\(id)/notifications")
            try await server.settle()
            let after = try await server.get("/api/alerts/\(id)/notifications")

            #expect(before.json?[0]?["status"]?.string == "SCHEDULED")
            #expect(after.json?[0]?["status"]?.string == "SUCCESS")
            #expect(after.json?[0]?["method"]?.string == "EMAIL")
            #expect(after.json?[0]?["target"]?.string == "carol@example.com")
            #expect(after.json?[0]?["user"]?["firstname"]?.string == "Carol")
            #expect(try await server.get("/api/alerts/\(id)/actions").json == .array([]))
        }
    }

    @Test func `given an alert, when somebody is added and taken off, then they are paged once and listed no more`()
        async throws
    {
        try await APIServer.run { server in
            let bob = try await server.user("Bob").record
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let id = try #require(try await server.event(source))
            try await server.settle()
            let path = "/api/alerts/\(id)/responders"
            let body: JSONValue = .object(["user": .object(["id": .integer(bob.id.rawValue)])])

            let suggested = try await server.get("/api/alerts/\(id)/suggested-responders")
            let added = try await server.post(path, body)
            let second = try await server.post(path, body)
            try await server.settle()
            let listed = try await server.get(path)
            server.clock.advance(by: .seconds(1))
            let removed = try await server.delete("\(path)/\(bob.id)")
            let again = try await server.delete("\(path)/bob")

            #expect(suggested.json?[0]?["group"]?.string == "SUGGESTED")
            #expect(suggested.json?[0]?["disabled"]?.bool == true)
            #expect(suggested.json?.array?.contains { $0["id"]?.integer == bob.id.rawValue } == true)
            #expect(added.status == 201)
            #expect(added.json?["status"]?.string == "PENDING")
            #expect(second.status == 405)
            #expect(server.sender.messages.map(\.address) == ["carol@example.com", "bob@example.com"])
            #expect(listed.json?.array?.count == 2)
            #expect(removed.status == 204)
            #expect(again.status == 404)
            #expect(try await server.get("/api/alerts/\(id)").json?["responders"]?.array?.count == 1)
        }
    }

    @Test func `given an accepted alert or an unknown person, when a responder is added, then it is refused`()
        async throws
    {
        try await APIServer.run { server in
            let bob = try await server.user("Bob").record
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let id = try #require(try await server.event(source))
            func add(_ user: Int64) async throws -> Int {
                try await server.post(
                    "/api/alerts/\(id)/responders", .object(["user": .object(["id": .integer(user)])])
                ).status
            }

            #expect(try await add(424_242) == 400)
            #expect(try await add(0) == 400)
            _ = try await server.put("/api/alerts/\(id)/accept")
            #expect(try await add(bob.id.rawValue) == 409)
        }
    }

    @Test func `given an unknown alert, when anything of it is asked for, then the answer is 404`() async throws {
        try await APIServer.run { server in
            for path in [
                "424242", "424242/log-entries", "424242/notifications", "424242/actions",
                "424242/suggested-responders", "424242/responders", "abc", "-5",
            ] {
                let answer = try await server.get("/api/alerts/\(path)")
                #expect(answer.status == 404, "\(path)")
            }
            for path in ["/accept", "/resolve", "/assign?user=\(server.carol.id)"] {
                let answer = try await server.put("/api/alerts/424242\(path)")
                #expect(answer.status == 404, "\(path)")
            }
        }
    }
}
