import Alerting
import Engine
import Hummingbird
import Storage

/// Where a person says who they are in a chat; opening the link alone changes nothing.
struct ChatIdentityPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/chat-identity") { request, context in
            let visit = try site.visit(request, context)
            let token = visit.query["token"]
            let found = site.engine.slackClicks.person(in: token)
            return site.response(
                ChatIdentityPage(
                    frame: site.frame("Who you are in a chat", .none, context), name: visit.user.fullName,
                    isGood: found?.account == visit.caller.account, token: token))
        }
        group.post("/chat-identity") { request, context in
            let visit = try site.visit(request, context)
            return try await site.act(back: Links.alerts, done: "Done: your buttons in the chat work from now on.") {
                try await site.engine.slackClicks.identify(visit.form["token"], as: visit.caller)
            }
        }
    }
}

struct ChatIdentityPage: HTMLPage {
    static let template = "chat-identity"
    let frame: Frame
    let name: String
    let isGood: Bool
    let token: String
}
