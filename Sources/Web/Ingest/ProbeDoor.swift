import Alerting
import Engine
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Where probes in other places fetch their work and bring what they found; their token proves them.
enum ProbeDoor {
    static func add(to router: Router<WebContext>, _ services: WebServices) {
        let group = router.group()
            .add(middleware: RequestMetricsMiddleware(area: .api))
            .add(middleware: EnvelopeMiddleware(logger: services.logger))
        let (checks, results) = (RouterPath("/api/probe/checks"), RouterPath("/api/probe/results"))
        group.on(checks, method: .post) { request, _ in
            let body = try JSONValue.parse([UInt8](buffer: try await request.body.collect(upTo: 16 * 1024)))
            let orders = try await services.engine.probes.orders(
                token: token(request), version: body["version"]?.string ?? "",
                limit: Int(min(max(body["limit"]?.integer ?? 100, 0), 1000)),
                busy: (body["busy"]?.array ?? []).prefix(ProbeDesk.mostBusy).compactMap { $0.integer }
                    .map { Monitor.ID($0) })
            return JSONAnswer.response(.object(["checks": .array(orders.map(ProbeMessages.json))]))
        }
        group.on(results, method: .post) { request, _ in
            let body = try JSONValue.parse([UInt8](buffer: try await request.body.collect(upTo: Limits.probeResults)))
            // One more than there may be is enough to see that there are too many.
            let all = (body["results"]?.array ?? []).prefix(Limits.probeResultCount + 1)
            let count = try await services.engine.probes.take(
                all.compactMap(ProbeMessages.result), token: token(request))
            return JSONAnswer.response(.object(["taken": .integer(Int64(count))]))
        }
        OtherMethods.refuse(on: checks, except: [.post], in: group)
        OtherMethods.refuse(on: results, except: [.post], in: group)
    }

    private static func token(_ request: Request) throws(Failure) -> String {
        let parts = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw Failure(.unauthenticated, "Send the probe's token: Authorization: Bearer <token>.")
        }
        return String(parts[1])
    }
}
