import Alerting
import Engine
import Hummingbird
import Integrations

/// Short instructions inside the product, one page an integration that has any.
struct GuidePages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/guide", use: index)
        group.get("/guide/:name", use: show)
    }

    /// `nil` when there is no page about it.
    static func link(for entry: IntegrationCatalog.Entry) -> String? {
        if entry.type == RapidSpike.kind.type { return Links.guide("rapidspike") }
        return entry.isGenericEvent ? Links.guide("events-api") : nil
    }

    @Sendable private func index(_ request: Request, _ context: WebContext) async throws -> Response {
        let others = IntegrationCatalog.entries.filter { Self.link(for: $0) == nil }.map(\.name)
        return site.response(
            GuideIndexPage(
                frame: site.frame("Guide", .none, context), otherIntegrations: others.joined(separator: ", ")))
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let crumbs = [Frame.Crumb(label: "Guide", link: Links.guide)]
        let publicURL = site.services.settings.publicURL
        switch context.parameters.get("name") {
        case "rapidspike":
            let frame = site.frame("RapidSpike", .none, crumbs: crumbs, context)
            return site.response(RapidSpikeGuidePage(frame: frame, publicURL: publicURL))
        case "events-api":
            let frame = site.frame("Events API", .none, crumbs: crumbs, context)
            return site.response(EventsGuidePage(frame: frame, publicURL: publicURL))
        default: throw Failure(.notFound, "There is no such page in the guide.")
        }
    }
}

struct GuideIndexPage: HTMLPage {
    static let template = "guide"
    let frame: Frame
    let otherIntegrations: String
}

struct RapidSpikeGuidePage: HTMLPage {
    static let template = "guide-rapidspike"
    let frame: Frame
    let publicURL: String
}

struct EventsGuidePage: HTMLPage {
    static let template = "guide-events"
    let frame: Frame
    let publicURL: String
}
