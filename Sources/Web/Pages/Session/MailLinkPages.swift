import Alerting
import Engine
import Hummingbird
import Storage

/// The links in mails: opening one shows what it would do, and only its button does it.
struct MailLinkPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/m/:token", use: show)
        group.post("/m/:token", use: perform)
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let token = try context.parameters.require("token")
        if try await site.engine.linkAnswers.isDrill(token) { return drill(token, isAnswered: false, context) }
        let wanted = LinkAnswers.Action(rawValue: Form(urlEncoded: request.uri.query ?? "")["do"]) ?? .accept
        let offer = try await site.engine.linkAnswers.offer(token)
        return site.response(page(offer, token, wanted: wanted, context))
    }

    @Sendable private func perform(_ request: Request, _ context: WebContext) async throws -> Response {
        let token = try context.parameters.require("token")
        if try await site.engine.linkAnswers.answerDrill(token) { return drill(token, isAnswered: true, context) }
        guard let action = LinkAnswers.Action(rawValue: context.page.form["do"]) else {
            throw Failure(.invalid, "The form does not say what to do.")
        }
        do {
            let sentence = try await site.engine.linkAnswers.perform(action, token)
            let offer = try await site.engine.linkAnswers.offer(token)
            return site.response(page(offer, token, wanted: .resolve, done: sentence, context))
        } catch let failure as Failure where failure.isForTheForm {
            let offer = try await site.engine.linkAnswers.offer(token)
            let page = page(offer, token, wanted: .resolve, problem: failure.sentence, context)
            return site.response(page, status: failure.code.status)
        }
    }

    private func drill(_ token: String, isAnswered: Bool, _ context: WebContext) -> Response {
        site.response(
            DrillAnswerPage(
                frame: site.frame("Fire drill", .none, context), link: Links.mail(token), isAnswered: isAnswered))
    }

    private func page(
        _ offer: LinkAnswers.Offer, _ token: String, wanted: LinkAnswers.Action, done: String? = nil,
        problem: String? = nil, _ context: WebContext
    ) -> MailLinkPage {
        let alert = offer.alert
        let possible: [LinkAnswers.Action] =
            switch alert.status {
            case .pending: [.accept, .resolve, .escalate]
            case .accepted: [.resolve]
            case .resolved: []
            }
        let actions = possible.filter { $0 == wanted } + possible.filter { $0 != wanted }
        let moments = Moments(zoneName: context.page.user?.timeZone ?? "UTC", now: site.engine.store.clock.now)
        return MailLinkPage(
            frame: site.frame("Answer an alert", .none, context), summary: alert.summary, status: alert.status.rawValue,
            statusInWords: alert.status.words, raisedAt: moments.moment(alert.raisedAt),
            reader: offer.reader ?? "the last-resort contact", link: Links.mail(token),
            alertLink: Links.alert(alert.id), hasActions: !actions.isEmpty,
            actions: actions.map { Choice($0.rawValue, $0.words, isChosen: $0 == actions.first) }, done: done,
            problem: problem)
    }
}

struct MailLinkPage: HTMLPage {
    static let template = "mail-link"
    let frame: Frame
    let summary: String
    let status: String
    let statusInWords: String
    let raisedAt: Moment
    let reader: String
    let link: String
    let alertLink: String
    let hasActions: Bool
    let actions: [Choice]
    let done: String?
    let problem: String?
}

struct DrillAnswerPage: HTMLPage {
    static let template = "drill-answer"
    let frame: Frame
    let link: String
    let isAnswered: Bool
}

extension LinkAnswers.Action {
    fileprivate var words: String {
        switch self {
        case .accept: "Accept this alert"
        case .resolve: "Resolve this alert"
        case .escalate: "Escalate to the next level"
        }
    }
}

extension AlertStatus {
    var words: String {
        switch self {
        case .pending: "Pending"
        case .accepted: "Accepted"
        case .resolved: "Resolved"
        }
    }
}

extension Priority {
    var words: String {
        switch self {
        case .high: "High"
        case .low: "Low"
        }
    }
}
