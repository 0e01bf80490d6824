import Alerting
import Engine
import Foundation
import Hummingbird

/// The first owner's page, behind the one-time link that the server prints.
struct SetUpPages: Sendable {
    let site: Site

    func addPublic(to group: RouterGroup<WebContext>) {
        group.get("/setup/:token", use: show)
        group.post("/setup/:token", use: redeem)
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let token = try context.parameters.require("token")
        guard try await site.services.administration.setUp.accepts(token: token) else {
            throw Failure(.notFound, "This set-up link does not count any more. Take the one that was printed last.")
        }
        return site.response(page(token, Form(), problem: nil, context))
    }

    @Sendable private func redeem(_ request: Request, _ context: WebContext) async throws -> Response {
        let token = try context.parameters.require("token")
        let form = context.page.form
        let owner = SetUp.Owner(
            firstName: form["firstName"], lastName: form["lastName"], email: form["email"],
            password: form.raw("password"), timeZone: form["timeZone"], accountName: form.optional("accountName"))
        do {
            _ = try await site.services.administration.setUp.redeem(token, for: owner)
        } catch let failure as Failure where failure.isForTheForm {
            return site.response(page(token, form, problem: failure.sentence, context), status: failure.code.status)
        }
        let signedIn = try await site.services.administration.signIn.signIn(
            email: owner.email, password: owner.password, address: context.clientAddress)
        var response = site.seeOther(
            Links.alerts, .done("Welcome, \(owner.firstName). Nightbell is yours; connect a monitoring tool next."))
        response.setCookie(site.sessionCookie(signedIn.token))
        return response
    }

    private func page(_ token: String, _ form: Form, problem: String?, _ context: WebContext) -> SetUpPage {
        SetUpPage(
            frame: site.frame("Set up", .none, context), link: Links.setUp(token), problem: problem,
            firstName: form["firstName"], lastName: form["lastName"], email: form["email"],
            accountName: form["accountName"], zones: TimeZones.choices(form.optional("timeZone") ?? "Europe/Berlin"))
    }
}

struct SetUpPage: HTMLPage {
    static let template = "set-up"
    let frame: Frame
    let link: String
    let problem: String?
    let firstName: String
    let lastName: String
    let email: String
    let accountName: String
    let zones: [Choice]
}

/// The zones that a person may live in.
enum TimeZones {
    private static let names = TimeZone.knownTimeZoneIdentifiers.filter { $0.contains("/") }.sorted() + ["UTC"]

    static func choices(_ chosen: String) -> [Choice] {
        let all = names.contains(chosen) ? names : [chosen] + names
        return all.map { Choice($0, $0.replacing("_", with: " "), isChosen: $0 == chosen) }
    }
}
