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
        group.get("/guide/integrations", use: integrations)
        group.get("/guide/integrations/:path", use: integration)
    }

    /// Where the guide speaks of it.
    static func link(for entry: IntegrationCatalog.Entry) -> String {
        if entry.type == RapidSpike.kind.type { return Links.guide("rapidspike") }
        return entry.type == EventsAPI.kind.type ? Links.guide("events-api") : Links.guide("integrations/" + entry.path)
    }

    @Sendable private func index(_ request: Request, _ context: WebContext) async throws -> Response {
        site.response(
            GuideIndexPage(
                frame: site.frame("Guide", .none, context), integrations: "\(IntegrationCatalog.entries.count)"))
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
        case "conditions":
            let frame = site.frame("Conditions", .none, crumbs: crumbs, context)
            return site.response(ConditionsGuidePage(frame: frame))
        case "templates":
            let frame = site.frame("Templates", .none, crumbs: crumbs, context)
            return site.response(TemplatesGuidePage(frame: frame))
        case "grouping":
            let frame = site.frame("Grouping", .none, crumbs: crumbs, context)
            return site.response(GroupingGuidePage(frame: frame))
        default: throw Failure(.notFound, "There is no such page in the guide.")
        }
    }
}

extension GuidePages {
    @Sendable private func integrations(_ request: Request, _ context: WebContext) async throws -> Response {
        let crumbs = [Frame.Crumb(label: "Guide", link: Links.guide)]
        let frame = site.frame("Integrations", .none, crumbs: crumbs, context)
        return site.response(IntegrationsGuidePage(frame: frame))
    }

    @Sendable private func integration(_ request: Request, _ context: WebContext) async throws -> Response {
        guard let entry = IntegrationCatalog.entry(path: context.parameters.get("path") ?? ""),
            let facts = IntegrationFacts.all[entry.type]
        else { throw Failure(.notFound, "There is no such page in the guide.") }
        let crumbs = [
            Frame.Crumb(label: "Guide", link: Links.guide),
            Frame.Crumb(label: "Integrations", link: Links.guide("integrations")),
        ]
        return site.response(
            IntegrationGuidePage(
                entry, facts, publicURL: site.services.settings.publicURL,
                frame: site.frame(entry.name, .none, crumbs: crumbs, context)))
    }
}

struct GuideIndexPage: HTMLPage {
    static let template = "guide"
    let frame: Frame
    let integrations: String
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

struct ConditionsGuidePage: HTMLPage {
    static let template = "guide-conditions"
    let frame: Frame
}

struct TemplatesGuidePage: HTMLPage {
    static let template = "guide-templates"
    let frame: Frame
}

struct GroupingGuidePage: HTMLPage {
    static let template = "guide-grouping"
    let frame: Frame
}

/// All integrations with what each can do, by name.
struct IntegrationsGuidePage: HTMLPage {
    static let template = "guide-integrations"
    let frame: Frame
    let rows: [Row]

    struct Row {
        let anchor: String
        let link: String
        let name: String
        let category: String
        let path: String
        let features: String
        let signing: String
    }

    init(frame: Frame) {
        self.frame = frame
        rows = IntegrationCatalog.entries.sorted { $0.name.lowercased() < $1.name.lowercased() }.map { entry in
            let features = IntegrationKind.Feature.allCases.filter(entry.kind.features.contains).map(\.name)
            return Row(
                anchor: entry.path, link: GuidePages.link(for: entry), name: entry.name,
                category: entry.kind.category.rawValue,
                path: entry.kind.isMail ? "by mail" : "/api/v1/events/\(entry.path)/…",
                features: features.joined(separator: ", "), signing: entry.signing)
        }
    }
}
