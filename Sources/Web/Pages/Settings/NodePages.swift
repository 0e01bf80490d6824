import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// The processes that work on this installation, for administrators.
struct NodePages: Sendable {
    let site: Site
    private static let most = 200

    func add(to group: RouterGroup<WebContext>) {
        group.get("/nodes", use: list)
    }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.admin, to: "see the nodes")
        let nodes = try await site.engine.store.read { try Nodes.list(limit: Self.most, in: $0) }
        let now = site.engine.store.clock.now
        let versions = Set(nodes.map(\.version))
        let rows = nodes.map { node in
            let isSilent = now - node.seenAt > NodeLoop.silence
            return NodesPage.Row(
                name: node.name, address: node.address, version: node.version, role: Self.words(node.role),
                started: visit.moments.moment(node.startedAt), seen: visit.moments.moment(node.seenAt),
                status: isSilent ? "pending" : "active", statusInWords: isSilent ? "silent" : "working")
        }
        return site.response(
            NodesPage(
                frame: site.frame("Nodes", .nodes, context), rows: rows, hasNone: rows.isEmpty,
                hasSeveralVersions: versions.count > 1))
    }

    private static func words(_ role: NodeRecord.Role) -> String {
        switch role {
        case .all: "accepts, decides and sends"
        case .api: "accepts requests"
        case .worker: "decides and sends"
        }
    }
}

struct NodesPage: HTMLPage {
    static let template = "nodes"
    let frame: Frame
    let rows: [Row]
    let hasNone: Bool
    let hasSeveralVersions: Bool

    struct Row {
        let name: String
        let address: String
        let version: String
        let role: String
        let started: Moment
        let seen: Moment
        let status: String
        let statusInWords: String
    }
}
