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
        let rapidSpike =
            ["http", "tcp", "ping"].flatMap { kind in
                ["", "/{uuid}", "/{uuid}/statuses"].map { "GET /v1/\(kind)monitors\($0)" }
            } + ["GET /v1/websites", "GET /v1/wallboards/http/websites/availability", "POST /v1/users/login"]

        #expect(Set(routes).count == routes.count)
        #expect(described.subtracting(routes + events + rapidSpike) == [])
        #expect(Set(routes + events + rapidSpike).subtracting(described) == [])
    }

    @Test func `given the description of RapidSpike's API, when each path is asked, then it is there, at the root`()
        async throws
    {
        let document = OpenAPIDocument.document(
            WebSettings(publicURL: "https://bell.example", version: "1", instance: "me"))
        let paths = (document["paths"]?.object ?? [:]).filter { _, methods in
            methods.object?.values.first?["tags"]?[0]?.string == "RapidSpike"
        }
        #expect(paths.count == 12)
        try await APIServer.run { server in
            for (path, methods) in paths {
                for (method, operation) in methods.object ?? [:] {
                    #expect(operation["servers"]?[0]?["url"]?.string == "https://bell.example", "\(path)")
                    let real = path.replacing("{uuid}", with: "67f71e26-6d76-4d6b-9b6b-944c28e32c9d")
                    let answer =
                        method == "get"
                        ? try await server.get(real, key: "") : try await server.post(real, .object([:]), key: "")
                    #expect([400, 401].contains(answer.status), "\(method) \(real): \(answer.status)")
                    #expect(answer.json?["status"]?["messsage"]?.string != nil)
                }
            }
        }
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
