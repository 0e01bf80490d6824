import Alerting
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Answers errors with a page that says what is wrong and where to go from here.
struct PageErrorsMiddleware: RouterMiddleware {
    let site: Site

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch is ExpiredForm {
            return page(.forbidden, "This form has expired", Self.expired, context)
        } catch let failure as Failure {
            if failure.code == .unauthenticated { return site.seeOther(Links.signIn) }
            if failure.code == .internal { log(failure.cause ?? "none", request) }
            return page(failure.code.status, failure.code.heading, failure.sentence, context)
        } catch let error as HTTPError where error.status == .contentTooLarge {
            return page(.contentTooLarge, "This is too large", "What you sent is larger than 1 MB.", context)
        } catch let error as HTTPError where error.status == .notFound {
            return page(.notFound, Failure.Code.notFound.heading, "There is nothing at this address.", context)
        } catch let error as any HTTPResponseError where error.status.code < 500 {
            return page(error.status, "This did not work", "The request could not be understood.", context)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            log("\(error)", request)
            return page(.internalServerError, Failure.Code.internal.heading, Self.unknown, context)
        }
    }

    private static let expired = "Nothing was changed. Go back, reload the page and send the form again."
    private static let unknown = "It was logged; try again, or tell whoever runs this server."

    private func page(
        _ status: HTTPResponse.Status, _ heading: String, _ text: String, _ context: WebContext
    ) -> Response {
        site.response(
            ErrorPage(frame: site.frame(heading, .none, context), code: "\(status.code)", heading: heading, text: text),
            status: status)
    }

    private func log(_ reason: String, _ request: Request) {
        site.services.logger.error(
            "page failed", metadata: ["method": "\(request.method)", "reason": "\(Limits.cut(reason, to: 500))"])
    }
}

/// Leaves unknown addresses of the API, which programs ask for, to the API's own answer.
struct UnknownPathMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard !request.uri.path.hasPrefix("/api/") else { throw HTTPError(.notFound) }
        return try await next(request, context)
    }
}

struct ErrorPage: HTMLPage {
    static let template = "error"
    let frame: Frame
    let code: String
    let heading: String
    let text: String
}

extension Failure.Code {
    var status: HTTPResponse.Status {
        switch self {
        case .invalid: .unprocessableContent
        case .notFound: .notFound
        case .conflict: .conflict
        case .unauthenticated: .unauthorized
        case .forbidden: .forbidden
        case .unavailable: .serviceUnavailable
        case .tooLarge: .contentTooLarge
        case .internal: .internalServerError
        }
    }

    fileprivate var heading: String {
        switch self {
        case .invalid: "This did not work"
        case .notFound: "Not found"
        case .conflict: "Somebody else was first"
        case .unauthenticated: "Please sign in"
        case .forbidden: "You may not do this"
        case .unavailable: "Not now"
        case .tooLarge: "This is too large"
        case .internal: "Something went wrong"
        }
    }
}
