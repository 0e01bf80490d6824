import Alerting
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite struct IngestTests {
    private static func event(_ extra: [String: JSONValue] = [:]) -> JSONValue {
        .object(
            ["eventType": "ALERT", "summary": "Disk full", "alertKey": "disk"].mapValues(JSONValue.string)
                .merging(extra) { $1 })
    }

    @Test func `given a source, when an event with its key in the body arrives, then it is answered as clients expect`()
        async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)

            let answer = try await server.post(
                "/api/events", Self.event(["apiKey": .string(source.integrationKey)]), key: "")

            #expect(answer.status == 202)
            #expect(answer.headers[.contentType] == "application/json")
            #expect(answer.headers[HTTPField.Name("correlation-id")!]?.isEmpty == false)
            #expect(answer.json?["alertKey"]?.string == "disk")
            #expect(answer.json?["alertUrl"]?.string?.hasPrefix("https://bell.example/alerts/") == true)
            #expect(answer.json?["responseCode"]?.string == "NEW_ALERT")
        }
    }

    @Test(arguments: [
        "/api/v1/events/api/KEY", "/api/events/api/KEY", "/api/v1/events/KEY", "/api/events/KEY",
        "/api/v1/events/api/KEY?", "/api/v1/events/prometheus/KEY/",
    ])
    func `given a source, when its URL is posted to, then the event is taken`(path: String) async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let path = path.replacing("KEY", with: source.integrationKey)

            let answer = try await server.post(path, Self.event(), key: "")

            #expect(answer.status == 202)
            #expect(answer.json?["responseCode"]?.string == "NEW_ALERT")
        }
    }

    @Test(arguments: ["/api/v1/events", "/api/v1/events/api", "/api/events/kubernetes", "/api/events"])
    func `given a key in the body, when it is posted to a URL without one, then the event is taken`(
        path: String
    ) async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)

            let answer = try await server.post(
                path, Self.event(["integrationKey": .string(source.integrationKey), "details": .null]), key: "")

            #expect(answer.status == 202)
        }
    }

    @Test func `given RapidSpike, when a failing and then a passing monitor is posted, then one alert comes and goes`()
        async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(type: "RAPIDSPIKE", policy: server.policy([server.carol.id]).id)
            let path = "/api/v1/events/rapidspike/\(source.integrationKey)"
            func body(_ state: String) -> JSONValue {
                .object([
                    "status": .string(state), "message": .string("Shop is \(state)"),
                    "monitor": .object(["uuid": .string("67f71e26"), "label": .string("Shop")]),
                ])
            }

            let failing = try await server.post(path, body("failing"), key: "")
            let passing = try await server.send(
                .post, path, body("passing").bytes(), key: "", headers: [.contentType: "text/plain"])
            let unreadable = try await server.send(.post, path, Array("<html>".utf8), key: "")

            #expect(failing.json?["responseCode"]?.string == "NEW_ALERT")
            #expect(passing.json?["responseCode"]?.string == "RESOLVED_BY_SOURCE")
            #expect(passing.json?["alertUrl"] == failing.json?["alertUrl"])
            #expect(unreadable.status == 202)
            #expect(unreadable.json?["responseCode"]?.string == "UNREADABLE")
        }
    }

    @Test func `given an unknown key, when it is posted to, then the answer is a 404 envelope`() async throws {
        try await APIServer.run { server in
            for path in [
                "/api/v1/events/api/nb1api00000000000000000000000000", "/api/v1/events/ih2:60:tenant:random:0123456789",
                "/api/v1/events/api/x", "/api/v1/events/api/%FF",
            ] {
                let answer = try await server.post(path, Self.event(), key: "")

                #expect(answer.status == 404)
                #expect(answer.json?["status"]?.integer == 404)
                #expect(answer.json?["code"]?.string == "NOT_FOUND")
                #expect(answer.headers[.contentType] == "application/json")
            }
        }
    }

    @Test(arguments: [
        "", "[]", "{", #"{"eventType":"ALERT"}"#, #"{"integrationKey":"KEY"}"#,
        #"{"integrationKey":"KEY","eventType":"ALERT"}"#,
        #"{"integrationKey":"KEY","eventType":"BOOM","summary":"x"}"#,
        #"{"integrationKey":"KEY","eventType":"ALERT","summary":"x","severity":"1"}"#,
    ])
    func `given a generic event with a fault, when it is posted, then the answer is a 400 envelope`(
        body: String
    ) async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let body = body.replacing("KEY", with: source.integrationKey)

            let answer = try await server.send(.post, "/api/events", Array(body.utf8), key: "")

            #expect(answer.status == 400)
            #expect(answer.json?["code"]?.string == "ERROR")
            #expect(answer.json?["message"]?.string?.isEmpty == false)
        }
    }

    @Test func `given a body above the limit, when it is posted, then the answer is 413`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let path = "/api/v1/events/api/\(source.integrationKey)"
            func body(_ size: Int) -> [UInt8] {
                let start = Array(#"{"eventType":"ALERT","summary":"x","details":""#.utf8)
                return start + Array(repeating: UInt8(ascii: "a"), count: size - start.count - 2) + Array(#""}"#.utf8)
            }

            let fits = try await server.send(.post, path, body(Limits.ingestBody), key: "")
            let tooLarge = try await server.send(.post, path, body(Limits.ingestBody + 1), key: "")

            #expect(fits.status == 202)
            #expect(tooLarge.status == 413)
            #expect(tooLarge.json?["status"]?.integer == 413)
        }
    }

    @Test func `given our own webhook or a compressed body, when it arrives, then it is refused`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let path = "/api/v1/events/api/\(source.integrationKey)"
            let instance = HTTPField.Name("X-Nightbell-Instance")!

            let own = try await server.send(.post, path, Self.event().bytes(), key: "", headers: [instance: "me"])
            let other = try await server.send(.post, path, Self.event().bytes(), key: "", headers: [instance: "you"])
            let compressed = try await server.send(
                .post, path, Self.event().bytes(), key: "", headers: [.contentEncoding: "gzip"])

            #expect(own.status == 400)
            #expect(other.status == 202)
            #expect(compressed.status == 415)
        }
    }

    @Test func `given a source's URL, when another method is used, then the answer says which are taken`() async throws
    {
        try await APIServer.run { server in
            let answer = try await server.delete("/api/v1/events/api/nb1api00000000000000000000000000", key: "")

            #expect(answer.status == 405)
            #expect(answer.headers[.allow] == "POST, GET")
        }
    }

    @Test func `given somebody's credentials, when an event carries them too, then they do not matter`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)

            let answer = try await server.post(
                "/api/events", Self.event(["integrationKey": .string(source.integrationKey)]), key: "wrong")

            #expect(answer.status == 202)
        }
    }

    @Test(
        arguments: [
            ("/api/v1/events/rapidspike/nb1rapi", "nb1rapi"), ("/api/v1/events/api/nb1:a", "nb1:a"),
            ("/api/v1/events/nb1rapi", nil), ("/api/v1/events//nb1rapi", nil), ("/api/v1/events/rapidspike/", nil),
            ("/api/v1/events/rapidspike/nb%31", nil), ("/api/v1/events/rapidspike/nb1/x", nil),
            ("/api/events/rapidspike/nb1rapi", nil), ("/", nil),
        ] as [(String, String?)])
    func `given a path, when it is looked at before the routes, then only the busiest address is answered there`(
        path: String, key: String?
    ) {
        #expect(WebResponder.integrationKey(in: path) == key)
    }
}
