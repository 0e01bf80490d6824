import Alerting
import HTTPTypes
import Hummingbird
import Logging

/// Answers every error with the API's envelope; what is our own fault is logged and not shown.
struct EnvelopeMiddleware: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return answer(error, method: request.method, route: context.endpointPath).response
        }
    }

    func answer(_ error: any Error, method: HTTPRequest.Method, route: String?) -> FinishedAnswer {
        let answer = APIError(error)
        if let cause = answer.cause {
            logger.error(
                "request failed",
                metadata: [
                    "method": "\(method)", "route": "\(route ?? "none")", "reason": "\(Limits.cut(cause, to: 500))",
                ])
        }
        return answer.finished
    }
}
