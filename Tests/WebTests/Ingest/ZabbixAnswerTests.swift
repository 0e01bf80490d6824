import Alerting
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite struct ZabbixAnswerTests {
    private static func problem(_ value: String, update: String = "0", acknowledged: String = "No") -> JSONValue {
        .object([
            "EVENT.ID": .string("10528"), "EVENT.VALUE": .string(value), "EVENT.NAME": .string("Agent is gone"),
            "EVENT.UPDATE.STATUS": .string(update), "EVENT.ACK.STATUS": .string(acknowledged),
        ])
    }

    @Test func `given Zabbix's media type, when a problem comes, is acknowledged and ends, then its script is content`()
        async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(type: "ZABBIX", policy: server.policy([server.carol.id]).id)
            let path = "/api/v1/events/zabbix-mt/\(source.integrationKey)"

            let failing = try await server.post(path, Self.problem("1"), key: "")
            let acknowledged = try await server.post(path, Self.problem("1", update: "1", acknowledged: "Yes"), key: "")
            let again = try await server.post(path, Self.problem("1", update: "1", acknowledged: "Yes"), key: "")
            let resolved = try await server.post(path, Self.problem("0"), key: "")
            let over = try await server.post(path, Self.problem("0"), key: "")

            #expect(failing.status == 200)
            #expect(failing.json?["alertKey"]?.string == "zabbix-10528")
            #expect(acknowledged.status == 200)
            #expect(again.status == 400)
            #expect(again.json?["code"]?.string == "INCIDENT_ALREADY_ACCEPTED")
            #expect(resolved.status == 200)
            #expect(over.status == 400)
            #expect(over.json?["code"]?.string == "NO_OPEN_INCIDENT_WITH_KEY")
            #expect(over.headers[.contentType] == "application/json")
        }
    }

    @Test func `given an open problem, when Zabbix's link is followed, then it leads to the alert`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(type: "ZABBIX", policy: server.policy([server.carol.id]).id)
            let link = "/api/v1/incidents/resolve-ik/\(source.integrationKey)/zabbix-10528"
            #expect(try await server.get(link, key: "").status == 404)
            let failing = try await server.post(
                "/api/v1/events/zabbix/\(source.integrationKey)", Self.problem("1"), key: "")

            let found = try await server.get(link, key: "")

            #expect(found.status == 302)
            #expect(found.headers[.location] == failing.json?["alertUrl"]?.string)
            #expect(try await server.get(link.replacing("10528", with: "1"), key: "").status == 404)
            #expect(try await server.get("/api/v1/incidents/resolve-ik/unknown/zabbix-1", key: "").status == 404)
        }
    }
}
