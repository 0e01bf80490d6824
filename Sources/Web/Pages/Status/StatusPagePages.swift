import Alerting
import Engine
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// Status pages: for the public, and for those who make them.
struct StatusPagePages: Sendable {
    let site: Site

    /// For everybody.
    func addPublic(to group: RouterGroup<WebContext>) {
        group.get("/status/:slug", use: show)
        group.get("/status/:slug/feed.atom", use: feed)
        group.get("/status/:slug/logo/:tag", use: logo)
        group.post("/status/:slug/subscription", use: subscribe)
        group.get("/status/subscriptions/:token", use: showSubscription)
        group.post("/status/subscriptions/:token", use: changeSubscription)
    }

    /// For people of the account.
    func add(to group: RouterGroup<WebContext>) {
        group.get("/status-pages", use: list)
        group.get("/status-pages/new", use: new)
        group.post("/status-pages") { try await save(nil, try site.visit($0, $1)) }
        group.get("/status-pages/:id", use: edit)
        group.post("/status-pages/:id") { request, context in
            let visit = try site.visit(request, context)
            return try await save(try await pages.find(visit.id(), by: visit.caller), visit)
        }
        group.post("/status-pages/:id/logo", use: setLogo)
        group.post("/status-pages/:id/deletion") { request, context in
            let visit = try site.visit(request, context)
            return try await site.act(back: Links.statusPages, done: "The status page was deleted.") {
                try await pages.delete(visit.id(), by: visit.caller)
            }
        }
    }

    private var pages: StatusPageAdministration { site.services.administration.statusPages }
    private var desk: StatusDesk { site.engine.status }

    private func slug(_ context: WebContext) -> String { context.parameters.get("slug") ?? "" }

    private func view(_ context: WebContext) async throws -> StatusDesk.View {
        try await desk.view(slug(context), for: context.caller?.account)
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        try await show(context, notice: nil, problem: nil)
    }

    private func show(_ context: WebContext, notice: String?, problem: String?) async throws -> Response {
        let view = try await view(context)
        let moments = Moments(zoneName: context.page.user?.timeZone ?? "UTC", now: site.engine.store.clock.now)
        let page = StatusPublicPage(
            view, notice: notice, problem: problem, moments: moments,
            frame: site.frame(view.page.name, .none, context))
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    @Sendable private func feed(_ request: Request, _ context: WebContext) async throws -> Response {
        let view = try await view(context)
        let text = StatusFeed.atom(
            view, publicURL: site.services.settings.publicURL, now: site.engine.store.clock.now)
        return Response(
            status: .ok, headers: [.contentType: "application/atom+xml; charset=utf-8", .cacheControl: "max-age=60"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// Never as anything but a picture, whatever somebody managed to upload.
    @Sendable private func logo(_ request: Request, _ context: WebContext) async throws -> Response {
        let tag = context.parameters.get("tag") ?? ""
        let logo = try await desk.logo(slug(context), tag: tag, for: context.caller?.account)
        return Response(
            status: .ok,
            headers: [
                .contentType: logo.mediaType, .cacheControl: "private, max-age=86400", .eTag: "\"\(tag)\"",
                .contentSecurityPolicy: "default-src 'none'; sandbox",
            ], body: .init(byteBuffer: ByteBuffer(bytes: logo.image)))
    }

    @Sendable private func setLogo(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: StatusPage.ID = try visit.id()
        let isRemoval = visit.form["do"] == "remove"
        let done = isRemoval ? "The logo is gone." : "The logo is saved."
        return try await site.act(back: Links.statusPage(id), done: done) {
            let file = context.page.files["logo"] ?? []
            guard isRemoval || !file.isEmpty else { throw Failure(.invalid, "Choose a picture.") }
            try await pages.setLogo(isRemoval ? nil : file, of: id, by: visit.caller)
        }
    }

    @Sendable private func subscribe(_ request: Request, _ context: WebContext) async throws -> Response {
        do {
            try await desk.subscribe(context.page.form["email"], to: slug(context))
            return try await show(
                context, notice: "We have sent you a mail: open its link to confirm your subscription.", problem: nil)
        } catch let failure as Failure where failure.isForTheForm && failure.code != .notFound {
            return try await show(context, notice: nil, problem: failure.sentence)
        }
    }

    @Sendable private func showSubscription(_ request: Request, _ context: WebContext) async throws -> Response {
        try await subscription(context, done: nil)
    }

    @Sendable private func changeSubscription(_ request: Request, _ context: WebContext) async throws -> Response {
        let token = try context.parameters.require("token")
        let (page, _) = try await desk.subscription(token)
        if context.page.form["do"] == "end" {
            try await desk.end(token)
            return site.response(
                StatusSubscriptionPage(
                    frame: site.frame(page, .none, context), name: page, link: nil, isConfirmed: false,
                    done: "You get no more mails of this page; your address is forgotten."))
        }
        try await desk.confirm(token)
        return try await subscription(context, done: "Confirmed: you are told when something fails and works again.")
    }

    private func subscription(_ context: WebContext, done: String?) async throws -> Response {
        let token = try context.parameters.require("token")
        let (page, isConfirmed) = try await desk.subscription(token)
        return site.response(
            StatusSubscriptionPage(
                frame: site.frame(page, .none, context), name: page, link: "/status/subscriptions/\(token)",
                isConfirmed: isConfirmed, done: done))
    }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let found = try await pages.list(by: visit.caller)
        return site.response(
            StatusPageListPage(
                frame: site.frame("Status pages", .statusPages, context),
                rows: found.map { page in
                    StatusPageListPage.Row(
                        name: page.name, link: Links.statusPage(page.id), address: Links.status(page.slug),
                        services: "\(page.services.count)", count: "\(page.monitors.count)",
                        visibility: page.isPublic ? "Public" : "Only signed in")
                }, hasRows: !found.isEmpty, mayAdd: visit.isAdministrator))
    }

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.admin, to: "publish status pages")
        return try await form(.init(slug: "", name: ""), nil, problem: nil, visit)
    }

    @Sendable private func edit(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.admin, to: "change status pages")
        let page = try await pages.find(visit.id(), by: visit.caller)
        let draft = StatusPageAdministration.Draft(
            slug: page.slug, name: page.name, intro: page.intro, colour: page.colour, isPublic: page.isPublic,
            monitors: page.monitors, services: page.services, showsAlerts: page.showsAlerts)
        return try await form(draft, page, problem: nil, visit)
    }

    private func save(_ page: StatusPage?, _ visit: Visit) async throws -> Response {
        let form = visit.form
        let draft = StatusPageAdministration.Draft(
            slug: form["slug"], name: form["name"], intro: form.raw("intro"),
            colour: form.optional("colour") ?? DeliveryGroupAdministration.Draft.usualColour,
            isPublic: form["isPublic"] == "true", monitors: form.all("monitor").compactMap { Monitor.ID($0) },
            services: form.all("service").compactMap { ServiceRecord.ID($0) },
            showsAlerts: form["showsAlerts"] == "true")
        do {
            if let page {
                _ = try await pages.update(page.id, with: draft, by: visit.caller)
            } else {
                _ = try await pages.create(draft, by: visit.caller)
            }
            return site.seeOther(Links.statusPages, .done("The status page is saved."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await self.form(draft, page, problem: failure.sentence, visit)
        }
    }

    private func form(
        _ draft: StatusPageAdministration.Draft, _ page: StatusPage?, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let monitors = try await site.services.administration.monitors.list(page: Page(limit: 1000), by: visit.caller)
        let services = try await site.services.administration.services.list(page: Page(limit: 1000), by: visit.caller)
        let link = page.map { Links.statusPage($0.id) } ?? Links.statusPages
        let crumbs = [Frame.Crumb(label: "Status pages", link: Links.statusPages)]
        let view = StatusPageEditPage(
            frame: site.frame(page?.name ?? "Add status page", .statusPages, crumbs: crumbs, visit.context),
            heading: page == nil ? "Add status page" : "Edit status page", problem: problem, action: link,
            back: Links.statusPages, slug: draft.slug, name: draft.name, intro: draft.intro, colour: draft.colour,
            isPublic: draft.isPublic,
            monitors: monitors.map { Choice("\($0.id)", $0.name, isChosen: draft.monitors.contains($0.id)) },
            services: services.map { Choice("\($0.id)", $0.name, isChosen: draft.services.contains($0.id)) },
            hasServices: !services.isEmpty, showsAlerts: draft.showsAlerts, logo: page.flatMap(Links.statusLogo),
            logoAction: page.map { Links.statusPage($0.id) + "/logo" },
            deletion: page.map { Links.statusPage($0.id) + "/deletion" })
        return site.response(view, status: problem == nil ? .ok : .unprocessableContent)
    }
}

struct StatusPageListPage: HTMLPage {
    static let template = "status-page-list"
    let frame: Frame
    let rows: [Row]
    let hasRows: Bool
    let mayAdd: Bool

    struct Row {
        let name: String
        let link: String
        let address: String
        let services: String
        let count: String
        let visibility: String
    }
}

struct StatusPageEditPage: HTMLPage {
    static let template = "status-page-edit"
    let frame: Frame
    let heading: String
    let problem: String?
    let action: String
    let back: String
    let slug: String
    let name: String
    let intro: String
    let colour: String
    let isPublic: Bool
    let monitors: [Choice]
    let services: [Choice]
    let hasServices: Bool
    let showsAlerts: Bool
    /// Where it is; `nil`: there is none.
    let logo: String?
    /// `nil` for a new one.
    let logoAction: String?
    /// `nil` for a new one.
    let deletion: String?
}

struct StatusSubscriptionPage: HTMLPage {
    static let template = "status-subscription"
    let frame: Frame
    let name: String
    /// `nil`: it is over.
    let link: String?
    let isConfirmed: Bool
    let done: String?
}
