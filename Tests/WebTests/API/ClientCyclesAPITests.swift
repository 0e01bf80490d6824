import Alerting
import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

/// Whole cycles as ilert's public Go client and Terraform provider go through them, with bodies in the form in which Go
/// writes its structs: ids of zero, nulls for empty lists, names left empty in references.
///
/// Source: iLert/ilert-go (v3 and v4: client.go and one file a resource, what each call accepts as a status) and
/// iLert/terraform-provider-ilert (resource_*.go: create, exists, read, update, read, delete; fields that are not
/// echoed show up as a difference), read 2026-11-27.
@Suite struct ClientCyclesAPITests {
    /// One kind of thing; `{user}` and the like stand for ids.
    struct Resource: CustomTestStringConvertible, Sendable {
        var path: String
        var body: String
        /// After a question mark, for all calls with an answer.
        var query = ""
        var hasNameLookup = true
        /// Members that nobody gets to see again.
        var secrets: Set<String> = []

        var testDescription: String { path }
    }

    private static let resources = [
        Resource(
            path: "/api/teams",
            body: """
                {"id":0,"name":"Night crew","visibility":"PRIVATE",
                "members":[{"user":{"id":{user}},"role":"RESPONDER"}]}
                """),
        Resource(
            path: "/api/v1/users",
            body: """
                {"firstName":"Dora","lastName":"Example","email":"dora@example.com","timezone":"Europe/Berlin",
                "position":"SRE","department":"Operations","language":"de","role":"USER","region":"DE",
                "shiftColor":"#112233"}
                """, hasNameLookup: false),
        Resource(
            path: "/api/escalation-policies",
            body: """
                {"name":"Night crew","escalationRules":[{"users":[{"id":{user}}],"escalationTimeout":15},
                {"users":[],"schedules":[],"teams":[{"id":{team}}],"escalationTimeout":0}],"repeating":true,
                "frequency":3,"delayMin":5,"routingKey":"night","teams":[{"id":{team},"name":"Ops"}]}
                """),
        Resource(
            path: "/api/support-hours",
            body: """
                {"id":0,"name":"Night crew","teams":[{"id":{team}}],"timezone":"America/New_York","supportDays":{
                "MONDAY":{"start":"08:00","end":"17:00"},"TUESDAY":null,"WEDNESDAY":null,"THURSDAY":null,
                "FRIDAY":{"start":"08:00","end":"12:30"},"SATURDAY":null,"SUNDAY":null}}
                """),
        Resource(
            path: "/api/v1/alert-sources",
            body: """
                {"name":"Night crew","integrationType":"API","alertCreation":"ONE_ALERT_GROUPED_PER_WINDOW",
                "alertGroupingWindow":"PT5M","active":true,"autoResolutionTimeout":"PT4H",
                "alertPriorityRule":"HIGH_DURING_SUPPORT_HOURS","supportHours":{"id":{hours},"name":"",
                "supportDays":null},"escalationPolicy":{"id":{policy},"name":"","escalationRules":null},
                "teams":[{"id":{team}}],"severity":4,"summaryTemplate":{"textTemplate":"{{ event.summary }}!"},
                "linkTemplates":[{"text":"Runbook","hrefTemplate":{
                "textTemplate":"https://r.example/{{ event.alertKey }}"}}],
                "priorityTemplate":{"valueTemplate":{"textTemplate":"{{ event.customDetails.sev }}"},
                "mappings":[{"value":"1","priority":"HIGH"}]},"eventFilter":"event.summary != 'test'",
                "setupStatus":"FINISHED"}
                """,
            query: "include=summaryTemplate&include=linkTemplates&include=priorityTemplate&include=eventFilter"
                + "&include=textTemplate"),
        Resource(
            path: "/api/heartbeat-monitors",
            body: """
                {"name":"Night crew","intervalSec":3600,"alertSummary":"The backup is late",
                "alertSource":{"id":{source},"name":"","integrationType":""},"teams":null}
                """, query: "include=integrationUrl"),
        Resource(
            path: "/api/v1/connectors",
            body: """
                {"name":"Night crew","type":"jira","params":{"url":"https://shop.atlassian.net",
                "email":"bot@example.com","password":"secret"}}
                """, secrets: ["password"]),
        Resource(
            path: "/api/alert-actions",
            body: """
                {"name":"Night crew","alertSourceIds":[{source}],"connectorType":"webhook","triggerMode":"AUTOMATIC",
                "triggerTypes":["alert-created","alert-resolved"],"params":{"webhookUrl":"https://hook.example/x",
                "bodyTemplate":"{{ alertSummary }}"},"alertFilter":{"operator":"AND","predicates":[
                {"field":"ALERT_SUMMARY","criteria":"CONTAINS_STRING","value":"disk"}]}}
                """, query: "version=1"),
        Resource(
            path: "/api/event-flows",
            body: """
                {"name":"Night crew","root":{"nodeType":"ROOT","branches":[{"branchType":"ACCEPTED","target":{
                "name":"By day","nodeType":"SUPPORT_HOURS","metadata":{"supportHoursId":{hours}},"branches":[
                {"branchType":"CATCH_ALL","target":{"name":"Shop","nodeType":"ROUTE_EVENT","metadata":{
                "alertSourceId":{source},"overwritePriority":"HIGH","escalationPolicyId":{policy}},
                "branches":null}}]}}]}}
                """),
    ]

    /// What bodies refer to.
    private static func fill(_ text: String, _ server: APIServer) async throws -> String {
        let team = try await server.post(
            "/api/teams", .object(["name": .string("Ops"), "visibility": .string("PUBLIC"), "members": .array([])]))
        let hours = try await server.post(
            "/api/support-hours",
            JSONValue.parse(
                #"{"name":"Day","timezone":"UTC","supportDays":{"MONDAY":{"start":"08:00","end":"17:00"}}}"#))
        let policy = try await server.policy([server.carol.id], name: "Usual")
        let source = try await server.source(policy: policy.id)
        let ids = [
            "user": "\(server.carol.id)", "team": "\(try #require(team.json?["id"]?.integer))",
            "hours": "\(try #require(hours.json?["id"]?.integer))", "policy": "\(policy.id)",
            "source": "\(source.id)",
        ]
        return ids.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) }
    }

    /// The members of `sent` that `echoed` does not say again. What Go writes for nothing (zero, null, empty) may be
    /// left out, and of a reference only the id is compared.
    private static func drift(_ sent: JSONValue, _ echoed: JSONValue?, at path: String, except: Set<String>) -> [String]
    {
        switch sent {
        case .object(let members):
            if members["id"] != nil, members["id"] != .integer(0) {
                return members["id"] == echoed?["id"] ? [] : ["\(path).id"]
            }
            return members.filter { !except.contains($0.key) }.flatMap {
                drift($0.value, echoed?[$0.key], at: "\(path).\($0.key)", except: except)
            }
        case .array(let items):
            if items.isEmpty { return [] }
            guard let others = echoed?.array, others.count == items.count else { return [path] }
            return zip(items, others).enumerated().flatMap {
                drift($1.0, $1.1, at: "\(path)[\($0)]", except: except)
            }
        case .null, .integer(0), .string(""): return []
        default: return sent == echoed ? [] : ["\(path): \(echoed?.text ?? "nothing")"]
        }
    }

    @Test(arguments: resources)
    func `given what Go's client sends, then each status is the one it wants and each field comes back`(
        resource: Resource
    ) async throws {
        try await APIServer.run { server in
            let text = try await Self.fill(resource.body, server)
            let sent = try JSONValue.parse(text)
            let ask = resource.query.isEmpty ? "" : "?\(resource.query)"

            let created = try await server.post(resource.path + ask, sent)
            #expect(created.status == 201, "\(created.text)")
            #expect(created.headers[.contentType] == "application/json")
            let id = try #require(created.json?["id"]?.integer.map { "\($0)" } ?? created.json?["id"]?.string)
            let one = "\(resource.path)/\(id)"
            for answer in [created, try await server.get(one + (ask.isEmpty ? "?" : ask))] {
                #expect(Self.drift(sent, answer.json, at: "", except: resource.secrets) == [])
            }

            var changed = try #require(sent.object)
            let key = changed["name"] == nil ? "lastName" : "name"
            changed[key] = .string("Ünder the / bridge")
            let replaced = try await server.put(one + ask, .object(changed))
            #expect(replaced.status == 200, "\(replaced.text)")
            let read = try await server.get(one + ask)
            #expect(Self.drift(.object(changed), read.json, at: "", except: resource.secrets) == [])
            #expect(read.json?[key] == changed[key])

            if resource.hasNameLookup {
                let name = "%C3%9Cnder%20the%20/%20bridge"
                let found = try await server.get("\(resource.path)/name/\(name)\(ask)")
                #expect(found.status == 200 && found.json?["id"] == read.json?["id"])
                let missing = try await server.get("\(resource.path)/name/nobody\(ask)")
                #expect(missing.status == 404 && missing.json?["status"] == .integer(404))
            }
            let listed = try await server.get("\(resource.path)?start-index=0&max-results=10")
            #expect(listed.json?.array?.contains { $0["id"] == read.json?["id"] } == true)

            let deleted = try await server.delete(one)
            #expect(deleted.status == 204 && deleted.body.isEmpty)
            let gone = try await server.get(one + ask)
            #expect(gone.status == 404 && gone.json?["status"] == .integer(404) && gone.json?["message"] != nil)
        }
    }

    @Test func `given an event flow's integration, then it is made, listed by its flow, read and deleted`() async throws
    {
        try await APIServer.run { server in
            let flowBody = try #require(Self.resources.first { $0.path == "/api/event-flows" }).body
            let flow = try await server.post(
                "/api/event-flows", try JSONValue.parse(try await Self.fill(flowBody, server)))
            let id = try #require(flow.json?["id"]?.integer)
            let path = "/api/event-flow-integrations"
            let created = try await server.post(
                path, .object(["integrationType": .string("API"), "eventFlowId": .integer(id)]))
            #expect(created.status == 201)
            #expect(created.json?["eventFlowId"] == .integer(id))
            let key = try #require(created.json?["integrationKey"]?.string)
            #expect(created.json?["integrationUrl"]?.string?.contains(key) == true)
            let one = "\(path)/\(try #require(created.json?["id"]?.integer))"
            #expect(try await server.get(one).json?["integrationKey"]?.string == key)
            let listed = try await server.get("\(path)?event-flow=\(id)&max-results=10&start-index=0")
            // A flow has one from its beginning.
            #expect(listed.json?.array?.count == 2)
            #expect(listed.json?.array?.allSatisfy { $0["eventFlowId"] == .integer(id) } == true)
            #expect(try await server.delete(one).status == 204)
            #expect(try await server.get(one).status == 404)
        }
    }

    @Test func `given events as each of ilert's clients writes them, then all are taken`() async throws {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id])
            let key = try await server.source(policy: policy.id).integrationKey
            let bodies = [
                // ilert-go 3.
                #"{"apiKey":"KEY","eventType":"ALERT","summary":"Disk","alertKey":"a","customDetails":{"host":"x"}}"#,
                // ilert-rust and ilagent: every absent option is a null.
                #"""
                {"integrationKey":"KEY","eventType":"ACCEPT","summary":null,"details":null,"alertKey":"a",
                "priority":null,"images":null,"links":null,"customDetails":null,"labels":null,"severity":null}
                """#,
                // ilert-js.
                #"""
                {"apiKey":"KEY","eventType":"COMMENT","summary":"","alertKey":"a",
                "comments":[{"creator":"Eve","content":"on it"}]}
                """#,
                #"{"apiKey":"KEY","eventType":"RESOLVE","alertKey":"A ","priority":"HIGH"}"#,
            ]
            for path in ["/api/events", "/api/v1/events"] {
                for body in bodies {
                    let answer = try await server.send(
                        .post, path, Array(body.replacing("KEY", with: key).utf8), key: "")
                    #expect(answer.status == 202 && answer.json?.object != nil, "\(body)")
                }
            }
            let alerts = try await server.get("/api/alerts").json?.array
            #expect(alerts?.map { $0["status"]?.string } == ["RESOLVED", "RESOLVED"])
        }
    }
}
