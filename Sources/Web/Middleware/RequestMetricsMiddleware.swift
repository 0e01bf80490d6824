import Dispatch
import HTTPTypes
import Hummingbird
import Metrics
import Synchronization

/// Counts answers by route and class of status, and measures how long they took, of one area.
///
/// The route is the pattern that matched, never the path that was sent, so labels stay few.
final class RequestMetrics: Sendable {
    /// Which part of the server answers.
    enum Area: String { case ingest, api, pages, operations }

    private struct Series: Hashable {
        var route: String
        var statusClass: Int
    }

    private let area: Area
    private let duration: Metrics.Timer
    private let counters = Mutex<[Series: Counter]>([:])

    init(area: Area) {
        self.area = area
        duration = Metrics.Timer(label: "nightbell_http_request_seconds", dimensions: [("area", area.rawValue)])
    }

    /// - Parameter started: by `DispatchTime.uptimeNanoseconds`.
    func record(route: String?, status: HTTPResponse.Status, since started: UInt64) {
        duration.recordNanoseconds(Int64(DispatchTime.now().uptimeNanoseconds - started))
        let series = Series(route: route ?? "none", statusClass: status.code / 100)
        let counter = counters.withLock { counters in
            if let counter = counters[series] { return counter }
            let counter = Counter(
                label: "nightbell_http_requests_total",
                dimensions: [
                    ("area", area.rawValue), ("route", series.route), ("status", "\(series.statusClass)xx"),
                ])
            counters[series] = counter
            return counter
        }
        counter.increment()
    }
}

/// Has every answer of a group of routes counted.
struct RequestMetricsMiddleware: RouterMiddleware {
    let metrics: RequestMetrics

    init(area: RequestMetrics.Area) { metrics = RequestMetrics(area: area) }

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let started = DispatchTime.now().uptimeNanoseconds
        do {
            let response = try await next(request, context)
            metrics.record(route: context.endpointPath, status: response.status, since: started)
            return response
        } catch {
            let status = (error as? any HTTPResponseError)?.status ?? .internalServerError
            metrics.record(route: context.endpointPath, status: status, since: started)
            throw error
        }
    }
}
