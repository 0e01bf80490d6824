import Alerting
import Engine
import Foundation
import HTTPTypes
import Hummingbird

/// Where jobs say that they are alive: `/api/pings/{key}`, the older `/api/heartbeats/{key}`, and below both `start`,
/// `fail`, `log` or an exit status.
enum HeartbeatRoutes {
    static func add(to router: Router<WebContext>, _ services: WebServices) {
        let group = router.group()
            .add(middleware: RequestMetricsMiddleware(area: .ingest))
            .add(middleware: EnvelopeMiddleware(logger: services.logger))
        for base in ["/api/pings", "/api/v1/pings", "/api/heartbeats", "/api/v1/heartbeats"] {
            for path in [RouterPath("\(base)/{key}"), RouterPath("\(base)/{key}/{signal}")] {
                for method in methods {
                    group.on(path, method: method) { request, context in
                        try await receive(request, context, services.engine.heartbeats)
                    }
                }
                OtherMethods.refuse(on: path, except: methods, in: group)
            }
        }
    }

    private static let methods: [HTTPRequest.Method] = [.get, .head, .post]

    private static func receive(
        _ request: Request, _ context: WebContext, _ heartbeats: HeartbeatReception
    ) async throws -> Response {
        let raw = try context.parameters.require("key")
        guard let key = raw.removingPercentEncoding else { throw unknown }
        guard let signal = Heartbeat.Signal(context.parameters.get("signal") ?? "") else {
            throw Failure(.notFound, "After the key there may be start, fail, log or an exit status from 0 to 255.")
        }
        var body = ""
        if request.method == .post {
            let bytes = try await request.body.collect(upTo: Limits.ingestBody)
            body = String(decoding: bytes.readableBytesView, as: UTF8.self)
        }
        switch try await heartbeats.receive(signal, key: key, body: body) {
        case .taken: return JSONAnswer.response(Array("{}".utf8), status: .accepted)
        case .tooMany:
            throw APIError(
                .tooManyRequests, "TOO_MANY_REQUESTS",
                "A key may send \(HeartbeatReception.perMinute) signals a minute; this one was not counted.")
        case .notAMonitor:
            throw Failure(.invalid, "This is the key of an alert source that takes events, not heartbeats.")
        case .unknown: throw unknown
        }
    }

    private static let unknown = Failure(.notFound, "There is no heartbeat monitor with this key.")
}

/// The URL that a monitor's job calls.
enum HeartbeatURL {
    static func of(_ key: String, publicURL: String) -> String { "\(publicURL)/api/pings/\(key)" }
}
