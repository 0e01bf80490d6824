import Alerting
import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite struct StatusPageAPITests {
    @Test func `given a body with services, when a page is made, read and replaced, then they are echoed by id`()
        async throws
    {
        try await APIServer.run { server in
            let services = server.services.administration.services
            let first = try await services.create(ServiceDraft(name: "Z first"), by: Caller(server.carol))
            let second = try await services.create(ServiceDraft(name: "A second"), by: Caller(server.carol))
            let body = JSONValue.object([
                "name": .string("Shop"), "subdomain": .string("shop"), "showAlerts": .bool(true),
                "services": .array([second, first].map { .object(["id": JSONValue($0.id), "name": .string("")]) }),
            ])
            let made = try await server.post("/api/status-pages", body)
            let location = try #require(made.headers[.location])
            let read = try await server.get(location)
            let list = try await server.get("/api/status-pages")
            let bare = try await server.put(
                location, .object(["name": .string("Shop"), "subdomain": .string("shop")]))

            let wanted = JSONValue.array(
                [first, second].sorted { $0.id < $1.id }.map {
                    .object(["id": JSONValue($0.id), "name": .string($0.name)])
                })
            for json in [made.json, read.json, list.json?.array?.first] {
                #expect(json?["services"] == wanted && json?["showAlerts"] == .bool(true) && json?["logoUrl"] == nil)
            }
            #expect(made.status == 201 && bare.json?["services"]?.array?.isEmpty == true)
            let wrong = try await server.post(
                "/api/status-pages",
                .object([
                    "name": .string("x"), "subdomain": .string("x"),
                    "services": .array([.object(["id": .integer(424_242)])]),
                ]))
            #expect(wrong.status == 400 && wrong.json?["details"]?["field"]?.string == "services")
        }
    }
}
