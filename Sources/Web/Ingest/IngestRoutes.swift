import Alerting
import Foundation
import HTTPTypes
import Hummingbird

/// Where tools post: an alert source's own URLs, and the generic event with its key in the body.
enum IngestRoutes {
    static func add(to router: Router<WebContext>, _ services: WebServices) {
        let group = router.group()
            .add(middleware: RequestMetricsMiddleware(area: .ingest))
            .add(middleware: EnvelopeMiddleware(logger: services.logger))
        let door = IngestDoor(services)
        for base in ["/api/events", "/api/v1/events"] {
            on("\(base)", [.post], group) { request, _ in try await door.receiveGeneric(request) }
            // One segment is a key, or an integration whose requests carry their key in the body.
            on("\(base)/{segment}", [.post, .get], group) { request, context in
                let segment = try key(context, "segment")
                guard segment.utf8.count >= IngestDoor.shortestKey else {
                    guard request.method == .post else { throw unknownKey }
                    return try await door.receiveGeneric(request)
                }
                return try await door.receive(request, key: segment)
            }
            on("\(base)/{segment}/{key}", [.post, .get], group) { request, context in
                try await door.receive(request, key: key(context, "key"))
            }
        }
    }

    private static let unknownKey = Failure(.notFound, "There is no alert source with this integration key.")

    private static func on(
        _ path: RouterPath, _ methods: [HTTPRequest.Method], _ group: RouterGroup<WebContext>,
        use handler: @escaping @Sendable (Request, WebContext) async throws -> Response
    ) {
        for method in methods { group.on(path, method: method, use: handler) }
        OtherMethods.refuse(on: path, except: methods, in: group)
    }

    /// Keys may contain colons and arrive encoded or not.
    private static func key(_ context: WebContext, _ name: String) throws -> String {
        let key = try context.parameters.require(name)
        guard key.utf8.contains(UInt8(ascii: "%")) else { return key }
        guard let decoded = key.removingPercentEncoding else { throw unknownKey }
        return decoded
    }
}
