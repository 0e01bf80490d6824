import Alerting
import Engine
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
                            "features": .texts(
                                IntegrationKind.Feature.allCases.filter(entry.kind.features.contains).map(\.name)),
                            "documentationUrl": .string(base + GuidePages.link(for: entry)),
                            "integrationPath": .string("\(base)/api/v1/events/\(entry.path)/"),
                        ])
                    }))
        },
        // Numbers that calls and messages come from: there are none.
        .open("/numbers") { _ in JSONAnswer.response(.array([])) },
    ]
}
