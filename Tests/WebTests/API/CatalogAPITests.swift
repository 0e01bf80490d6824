import Alerting
import HTTPTypes
import Testing

@testable import Web

@Suite struct CatalogAPITests {
    @Test func `given the description, when its paths are compared with the routes, then none is missing or made up`()
        throws
    {
        let document = OpenAPIDocument.document(
            WebSettings(publicURL: "https://bell.example", version: "1", instance: "me"))
        let described = Set(
            (document["paths"]?.object ?? [:]).flatMap { path, methods in
                (methods.object ?? [:]).keys.map { "\($0.uppercased()) \(path)" }
            })

        let routes = APIRoutes.all.map { route in
            "\(route.method.rawValue) \(route.path.replacing("name/**", with: "name/{name}"))"
        }
        let events = ["/events", "/v1/events"].flatMap { base in
            ["POST \(base)"]
                + ["GET", "POST"].flatMap { ["\($0) \(base)/{segment}", "\($0) \(base)/{segment}/{key}"] }
        }

        #expect(Set(routes).count == routes.count)
        #expect(described.subtracting(routes + events) == [])
        #expect(Set(routes + events).subtracting(described) == [])
    }

    @Test func `given the description, when it refers to a schema, then that exists and every path has its parameters`()
        throws
    {
        let document = OpenAPIDocument.document(
            WebSettings(publicURL: "https://bell.example", version: "1", instance: "me"))
        let text = document.text
        let schemas = try #require(document["components"]?["schemas"]?.object)

        for part in text.split(separator: "#/components/schemas/").dropFirst() {
            #expect(schemas[String(part.prefix { $0 != "\"" })] != nil)
        }
        for (path, methods) in document["paths"]?.object ?? [:] {
            let names = path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
                String($0.dropFirst().dropLast())
            }
            for (method, operation) in methods.object ?? [:] {
                let declared = (operation["parameters"]?.array ?? []).filter { $0["in"]?.string == "path" }
                #expect(Set(declared.compactMap { $0["name"]?.string }) == Set(names), "\(method) \(path)")
            }
        }
        #expect(document["openapi"]?.string == "3.0.1")
        #expect(document["servers"]?[0]?["url"]?.string == "https://bell.example/api")
    }

    @Test func `given no credentials, when the catalog is read, then it is answered`() async throws {
        try await APIServer.run { server in
            let document = try await server.get("/api-docs/openapi.json", key: "")
            let integrations = try await server.get("/api/integrations", key: "")
            let numbers = try await server.get("/api/v1/numbers", key: "")

            #expect(document.status == 200)
            #expect(document.headers[.contentType] == "application/json")
            #expect(document.json?["info"]?["version"]?.string == "1.2.3")
            #expect(integrations.json?[0]?["type"]?.string == "RAPIDSPIKE")
            #expect(numbers.json == .array([]))
        }
    }

    @Test func `given the account, when its settings are changed, then they are echoed and what is left out stays`()
        async throws
    {
        try await APIServer.run { server in
            let changed = try await server.put(
                "/api/account", .object(["lastResortEmails": .texts(["ops@example.com", "boss@example.com"])]))
            let renamed = try await server.put("/api/account", .object(["name": .string("Shop Ltd")]))
            let read = try await server.get("/api/account")

            #expect(changed.status == 200)
            #expect(renamed.json == read.json)
            #expect(read.json?["name"]?.string == "Shop Ltd")
            #expect(read.json?["lastResortEmails"] == .texts(["ops@example.com", "boss@example.com"]))
            for wrong in [#"{"lastResortEmails":["x"]}"#, #"{"lastResortEmails":"x"}"#, #"{"name":""}"#] {
                let answer = try await server.put("/api/account", JSONValue.parse(wrong))
                #expect(answer.status == 400, "\(wrong)")
            }
            let bob = try await server.user("Bob")
            #expect(try await server.put("/api/account", .object([:]), key: bob.key).status == 403)
        }
    }
}
