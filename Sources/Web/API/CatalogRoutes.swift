import Alerting
import Engine
import Hummingbird
import Integrations
import Storage

/// What the product can do, for clients without credentials.
enum CatalogRoutes {
    static let all: [APIRoute] = [
        .open("/integrations") { services in
            let base = services.settings.publicURL
            return JSONAnswer.response(
                .array(
                    IntegrationCatalog.entries.map { entry in
                        .members([
                            "id": .string(entry.path), "name": .string(entry.name), "type": .string(entry.type),
                            "category": .string(entry.kind.category.rawValue),
                            "integrationPath": .string("\(base)/api/v1/events/\(entry.path)/"),
                        ])
                    }))
        },
        // Numbers that calls and messages come from: there are none.
        .open("/numbers") { _ in JSONAnswer.response(.array([])) },
    ]
}

/// The description of the API that clients build themselves from.
enum OpenAPIDocument {
    /// - Parameter settings: the server that the document names.
    static func response(_ settings: WebSettings) -> Response {
        JSONAnswer.response(document(settings))
    }

    static func document(_ settings: WebSettings) -> JSONValue {
        var members = parsed.object ?? [:]
        members["servers"] = .array([.object(["url": .string("\(settings.publicURL)/api")])])
        var info = members["info"]?.object ?? [:]
        info["version"] = .string(settings.version)
        members["info"] = .object(info)
        return .object(members)
    }

    private static let parsed: JSONValue = {
        do throws(JSONError) {
            return try JSONValue.parse(PackageResources.openapi_json)
        } catch {
            preconditionFailure("openapi.json: \(error.message)")
        }
    }()
}
