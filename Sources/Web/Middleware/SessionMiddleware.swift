import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

enum PageCookies {
    static let notice = "nightbell_notice"
    /// The form token of browsers that are not signed in.
    static let anonymous = "nightbell_form"

    /// The session's; with a prefix that makes browsers refuse it from other hosts and over plain HTTP.
    static func session(isSecure: Bool) -> String { isSecure ? "__Host-nightbell_session" : "nightbell_session" }
}

/// Finds out who sits at the browser, and gives every browser a token for its forms.
struct SessionMiddleware: RouterMiddleware {
    let site: Site

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.page.notice = request.cookies[PageCookies.notice].flatMap { Notice(encoded: $0.value) }
        var newToken: String?
        let cookie = request.cookies[PageCookies.session(isSecure: site.isSecure)]
        if let cookie, let found = try await site.services.administration.signIn.find(token: cookie.value) {
            context.caller = Caller(found.user)
            context.session = found.session
            context.page.user = found.user
            context.page.formToken = found.session.csrfToken
        } else if let known = request.cookies[PageCookies.anonymous]?.value, (20...100).contains(known.utf8.count) {
            context.page.formToken = known
        } else {
            let token = Tokens.random(40)
            context.page.formToken = token
            newToken = token
        }
        var response = try await next(request, context)
        if let newToken { response.setCookie(site.cookie(PageCookies.anonymous, newToken, seconds: nil)) }
        if context.page.notice != nil, response.status != .seeOther {
            response.setCookie(site.cookie(PageCookies.notice, "", seconds: 0))
        }
        return response
    }
}

/// Sends whoever is not signed in to the page where they can.
struct SignedInMiddleware: RouterMiddleware {
    let site: Site

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard context.caller == nil else { return try await next(request, context) }
        guard request.method == .get, request.uri.path != Links.changes else {
            if request.method == .get { return Response(status: .unauthorized) }
            return site.seeOther(Links.signIn, .problem("You are not signed in any more. Sign in, then try again."))
        }
        let path = request.uri.description
        return site.seeOther(path == "/" ? Links.signIn : "\(Links.signIn)?next=\(Form.encode(path))")
    }
}
