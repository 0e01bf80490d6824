import Alerting
import Engine
import Foundation
import HTTPTypes
import Hummingbird

/// Where tools post: an alert source's own URLs, and the generic event with its key in the body.
enum IngestRoutes {
    static func add(to router: Router<WebContext>, _ services: WebServices) {
        let group = router.group()
            .add(middleware: RequestMetricsMiddleware(area: .ingest))
            .add(middleware: EnvelopeMiddleware(logger: services.logger))
        addDoors(to: group, IngestDoor(services))
        addAlertLinks(to: group, services)
    }

    /// Every address that events are posted to.
    static func addDoors(to group: RouterGroup<WebContext>, _ door: IngestDoor) {
        for base in ["/api/events", "/api/v1/events"] {
            on("\(base)", [.post], group) { request, _ in try await door.receiveGeneric(request) }
            // One segment is a key, or an integration whose requests carry their key in the body.
            on("\(base)/{segment}", [.post, .get], group) { request, context in
                let segment = try key(context, "segment")
                guard segment.utf8.count >= IngestDoor.shortestKey else {
                    guard request.method == .post else { throw unknownKey }
                    return try await door.receiveKeyed(request, integration: segment)
                }
                return try await door.receive(request, key: segment)
            }
            on("\(base)/{segment}/{key}", [.post, .get], group) { request, context in
                try await door.receive(request, key: key(context, "key"))
            }
        }
        addPagingAPIs(to: group, door)
    }

    /// The addresses at which senders of other paging services expect their APIs.
    private static func addPagingAPIs(to group: RouterGroup<WebContext>, _ door: IngestDoor) {
        let pagerDuty = PagerDutyDoor(door: door)
        on("/v2/enqueue", [.post], group, use: pagerDuty.enqueue)
        on("/v2/change/enqueue", [.post], group, use: pagerDuty.enqueue)
        let opsgenie = OpsgenieDoor(door: door)
        on("/v2/alerts", [.post], group, use: opsgenie.create)
        on("/v2/alerts/requests/{id}", [.get], group, use: opsgenie.status)
        on("/v2/alerts/{identifier}/{action}", [.post], group, use: opsgenie.act)
    }

    /// Where Zabbix's media type links to: the alert of an integration key and an alert key.
    private static func addAlertLinks(to group: RouterGroup<WebContext>, _ services: WebServices) {
        let reception = services.engine.reception
        on("/api/v1/incidents/resolve-ik/{key}/{alertKey}", [.get], group) { _, context in
            let alert = try await reception.openAlert(
                withKey: key(context, "alertKey"), source: key(context, "key"))
            guard let alert else { throw Failure(.notFound, "There is no open alert with this key.") }
            return Response(
                status: .found, headers: [.location: "\(services.settings.publicURL)\(Links.alert(alert))"])
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
