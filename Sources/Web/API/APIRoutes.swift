import HTTPTypes
import Hummingbird

/// The REST API: ilert's public contract as far as there is something behind it.
enum APIRoutes {
    static let all: [APIRoute] =
        AlertSourceRoutes.all + AlertRoutes.all + ResponderRoutes.all + EscalationPolicyRoutes.all + UserRoutes.all
        + ContactRoutes.all + PreferenceRoutes.all + TeamRoutes.all + AccountRoutes.all + CatalogRoutes.all
        + SupportHoursRoutes.all + MaintenanceWindowRoutes.all + HeartbeatMonitorRoutes.all
        + ScheduleRoutes.all + EventFlowRoutes.all + AlertActionRoutes.all + ConnectorRoutes.all
        + DeviceContactRoutes.all + SubscriptionRoutes.all
        + MonitorRoutes.all + WebhookIntegrationRoutes.all + DeliveryGroupRoutes.all + MonitorRuleRoutes.all
        + ProbeRoutes.all + StatusPageRoutes.all + ServiceRoutes.all

    static func add(to router: Router<WebContext>, _ services: WebServices) {
        let group = router.group()
            .add(middleware: RequestMetricsMiddleware(area: .api))
            .add(middleware: EnvelopeMiddleware(logger: services.logger))
        let credentials = Credentials(services)
        for base in ["/api", "/api/v1"] {
            for (path, routes) in Dictionary(grouping: all, by: \.path) {
                let path = RouterPath(base + path)
                for route in routes { add(route, at: path, to: group, services, credentials) }
                OtherMethods.refuse(on: path, except: routes.map(\.method), in: group)
            }
            OtherMethods.refuseUnknown(below: RouterPath(base), in: group)
        }
        group.get("/api-docs/openapi.json") { _, _ in OpenAPIDocument.response(services.settings) }
    }

    private static func add(
        _ route: APIRoute, at path: RouterPath, to group: RouterGroup<WebContext>, _ services: WebServices,
        _ credentials: Credentials
    ) {
        switch route.handler {
        case .open(let handler):
            group.on(path, method: route.method) { _, _ in try handler(services) }
        case .known(let handler):
            group.on(path, method: route.method) { request, context in
                let caller = try await credentials.caller(request, context)
                return try await handler(APICall(request, context, services: services, caller: caller))
            }
        }
    }
}
