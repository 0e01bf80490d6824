import Alerting
import Engine
import Foundation
import Hummingbird

/// Signing in and out.
struct SessionPages: Sendable {
    let site: Site

    func addPublic(to group: RouterGroup<WebContext>) {
        group.get("/sign-in", use: show)
        group.post("/sign-in", use: signIn)
    }

    func addSignedIn(to group: RouterGroup<WebContext>) {
        group.post("/sign-out", use: signOut)
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = Form(urlEncoded: request.uri.query ?? "")
        let next = Links.inside(query["next"], else: Links.alerts)
        guard context.caller == nil else { return site.seeOther(next) }
        return try await site.response(page(email: "", next: next, problem: nil, context))
    }

    @Sendable private func signIn(_ request: Request, _ context: WebContext) async throws -> Response {
        let form = context.page.form
        let next = Links.inside(form["next"], else: Links.alerts)
        do {
            let signedIn = try await site.services.administration.signIn.signIn(
                email: form["email"], password: form.raw("password"), address: context.clientAddress)
            var response = site.seeOther(next)
            response.setCookie(site.sessionCookie(signedIn.token))
            return response
        } catch let failure as Failure where failure.code == .unauthenticated || failure.code == .unavailable {
            let page = try await page(email: form["email"], next: next, problem: failure.sentence, context)
            return site.response(page, status: failure.code.status)
        }
    }

    @Sendable private func signOut(_ request: Request, _ context: WebContext) async throws -> Response {
        let name = PageCookies.session(isSecure: site.isSecure)
        if let cookie = request.cookies[name] {
            try await site.services.administration.signIn.signOut(token: cookie.value)
        }
        var response = site.seeOther(Links.signIn, .done("You are signed out."))
        response.setCookie(site.cookie(name, "", seconds: 0))
        return response
    }

    private func page(
        email: String, next: String, problem: String?, _ context: WebContext
    ) async throws -> SignInPage {
        SignInPage(
            frame: site.frame("Sign in", .none, context), email: email.isEmpty ? nil : email, next: next,
            problem: problem,
            needsSetUp: try await site.services.administration.setUp.isNeeded())
    }
}

struct SignInPage: HTMLPage {
    static let template = "sign-in"
    let frame: Frame
    let email: String?
    let next: String
    let problem: String?
    let needsSetUp: Bool
}

extension Site {
    func sessionCookie(_ token: String) -> Cookie {
        let seconds = Int(SignIn.lifetime.wholeMilliseconds / 1000)
        return cookie(PageCookies.session(isSecure: isSecure), token, seconds: seconds)
    }
}

extension WebContext {
    /// For limits by address.
    var clientAddress: String { remoteAddress?.ipAddress ?? "unknown" }
}
