import Alerting
import HTTPTypes
import Storage
import Testing

@testable import Web

/// What ilert's Nagios and Icinga plugins post: XML with the key in it, to an address without one.
@Suite struct PluginDoorTests {
    private static func body(_ key: String, _ prefix: String, _ type: String) -> [UInt8] {
        let entries = [
            ("NOTIFICATIONTYPE", type), ("HOSTNAME", "web-1"), ("SERVICEDESC", "http"), ("SERVICESTATE", "CRITICAL"),
            ("SERVICEOUTPUT", "503 &lt;Unavailable&gt;"),
        ].map { "<entry key=\"\(prefix)\($0)\">\($1)</entry>" }
        return Array("<event><apiKey>\(key)</apiKey><payload>\(entries.joined())</payload></event>".utf8)
    }

    private static func post(
        _ path: String, _ body: [UInt8], _ server: APIServer
    ) async throws -> APIServer.Answer {
        try await server.send(.post, path, body, key: "", headers: [.contentType: "application/xml"])
    }

    @Test(arguments: [("nagios", "NAGIOS", "NAGIOS_"), ("icinga", "ICINGA", "ICINGA_")])
    func `given a plugin, when it posts a problem and its recovery, then an alert comes and goes`(
        path: String, type: String, prefix: String
    ) async throws {
        try await APIServer.run { server in
            let source = try await server.source(type: type, policy: server.policy([server.carol.id]).id)
            let (key, path) = (source.integrationKey, "/api/v1/events/\(path)")

            let problem = try await Self.post(path, Self.body(key, prefix, "PROBLEM"), server)
            let accepted = try await Self.post(path, Self.body(key, prefix, "ACKNOWLEDGEMENT"), server)
            let recovery = try await Self.post(path, Self.body(key, prefix, "RECOVERY"), server)

            #expect(problem.status == 202)
            #expect(problem.json?["alertKey"]?.string == "web-1/http")
            #expect(accepted.json?["responseCode"]?.string == "ACCEPTED_BY_SOURCE")
            #expect(recovery.json?["responseCode"]?.string == "RESOLVED_BY_SOURCE")
        }
    }

    // The plugins delete what is answered by a 4xx and keep what is answered by a 5xx.
    @Test func `given XML without a key, of an unknown one or broken, when it is posted, then the answer is final`()
        async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(type: "NAGIOS", policy: server.policy([server.carol.id]).id)
            let whole = Self.body(source.integrationKey, "NAGIOS_", "PROBLEM")
            let bodies: [([UInt8], Int)] = [
                (Array("<event><payload/></event>".utf8), 400),
                (Self.body("unknown-unknown-unknown", "", "PROBLEM"), 404),
                (Array(whole.prefix(60)), 400), (Array("<!DOCTYPE a [<!ENTITY b \"c\">]><event/>".utf8), 400),
                ([], 400),
            ]
            for (body, status) in bodies {
                #expect(try await Self.post("/api/v1/events/nagios", body, server).status == status)
            }
            #expect(try await server.get("/api/alerts").json?.array?.isEmpty == true)
        }
    }

    @Test(arguments: ["/api/v1/events/nagios", "/api/v1/events/prometheus/KEY", "/api/events", "/v2/alerts"])
    func `given five megabytes, when they are posted anywhere, then the answer is 413`(path: String) async throws {
        try await APIServer.run { server in
            let source = try await server.source(type: "PROMETHEUS", policy: server.policy([server.carol.id]).id)
            let body = [UInt8](repeating: UInt8(ascii: " "), count: 5_000_000)

            let answer = try await Self.post(path.replacing("KEY", with: source.integrationKey), body, server)

            #expect(answer.status == 413)
        }
    }
}
