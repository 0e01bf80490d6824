import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Integrations
import Storage

/// Which mails of an alert source raise alerts, which resolve them, and what names the problem; tried on the last ones.
struct MailRulesPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/alert-sources/:id/mail-rules", use: show)
        group.post("/alert-sources/:id/mail-rules", use: save)
    }

    private static let previews = 10

    private var sources: AlertSourceAdministration { site.services.administration.sources }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change alert sources")
        let source = try await source(visit)
        return try await response(MailRulesForm(source.fields), source, problem: nil, visit)
    }

    @Sendable private func save(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change alert sources")
        let source = try await source(visit)
        let form = MailRulesForm(visit.form)
        do {
            guard visit.form["do"] == "save" else {
                return try await response(form, source, problem: Self.problem(form), visit)
            }
            var draft = AlertSourceDraft(source)
            draft.fields = form.write(over: source.fields)
            _ = try await sources.update(source.id, with: draft, by: visit.caller)
            return site.seeOther(Links.mailRules(source.id), .done("Saved. The next mail follows these rules."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await response(form, source, problem: failure.sentence, visit)
        }
    }

    private func source(_ visit: Visit) async throws -> AlertSourceRecord {
        let source = try await sources.find(visit.id(), by: visit.caller)
        guard IntegrationCatalog.entry(type: source.integrationType)?.kind.isMail == true else {
            throw Failure(.notFound, "This alert source takes no mails.")
        }
        return source
    }

    private static func problem(_ form: MailRulesForm) -> String? {
        do throws(MailRulesFault) {
            _ = try MailRules(checking: form.write(over: .object([:])))
            return nil
        } catch {
            return "\(error.field): \(error.reason)"
        }
    }

    private func response(
        _ form: MailRulesForm, _ source: AlertSourceRecord, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let events = try await site.engine.store.read { transaction in
            try EventLog.list(source: source.id, limit: 50, in: transaction)
        }
        let mails = events.filter { $0.id == $0.request && $0.method == Email.method }.prefix(Self.previews)
        let rules = MailRules(stored: form.write(over: .object([:])))
        let page = MailRulesPage(
            frame: site.frame("Mail rules", .sources, crumbs: AlertSourceHead.crumbs(source), visit.context),
            problem: problem, link: Links.mailRules(source.id), sourceLink: Links.source(source.id),
            address: source.integrationKey, form: form,
            mails: problem == nil
                ? mails.map { MailRulesPage.Mail($0, rules: rules, moments: visit.moments) } : [])
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }
}

struct MailRulesPage: HTMLPage {
    static let template = "mail-rules"
    let frame: Frame
    let problem: String?
    let link: String
    let sourceLink: String
    let address: String
    let isFiltered: Bool
    let operators: [Choice]
    let rows: [MailPredicateRow]
    let resolves: Bool
    let resolveOperators: [Choice]
    let resolveRows: [MailPredicateRow]
    let extractFields: [Choice]
    let extractions: [Choice]
    let extractValue: String
    let mails: [Mail]
    let hasMails: Bool

    struct Mail {
        let at: Moment
        let link: String
        let subject: String
        let from: String
        let outcome: String
        let style: String
        let key: String?
    }

    init(
        frame: Frame, problem: String?, link: String, sourceLink: String, address: String, form: MailRulesForm,
        mails: [Mail]
    ) {
        self.frame = frame
        self.problem = problem
        self.link = link
        self.sourceLink = sourceLink
        self.address = address
        isFiltered = form.isFiltered
        operators = Self.operators(needsAll: form.needsAll)
        rows = MailPredicateRow.rows(form.rows, name: "filter")
        resolves = form.resolves
        resolveOperators = Self.operators(needsAll: form.resolveNeedsAll)
        resolveRows = MailPredicateRow.rows(form.resolveRows, name: "resolve")
        extractFields =
            [Choice("", "The mail itself (each is a matter of its own)", isChosen: form.extractField.isEmpty)]
            + MailWords.fields(chosen: form.extractField)
        extractions = MailWords.extractions(chosen: form.extraction)
        extractValue = form.extractValue
        self.mails = mails
        hasMails = !mails.isEmpty
    }

    private static func operators(needsAll: Bool) -> [Choice] {
        [
            Choice("AND", "all of these hold", isChosen: needsAll),
            Choice("OR", "any of these holds", isChosen: !needsAll),
        ]
    }
}

extension MailRulesPage.Mail {
    fileprivate init(_ event: StoredEvent, rules: MailRules, moments: Moments) {
        let mail = MailMessage(event.body)
        at = moments.moment(event.receivedAt)
        link = Links.event(event.id, of: event.source)
        subject = mail.subject.isEmpty ? "(no subject)" : mail.subject
        from = mail.from
        switch rules.meaning(of: mail) {
        case _ where mail.automatic != nil:
            (outcome, style, key) = ("Is refused", "disabled", nil)
        case .alert(let found): (outcome, style, key) = ("Raises an alert", "pending", found)
        case .resolve(let found):
            (outcome, style) = found == nil ? ("Resolves nothing", "accepted") : ("Resolves", "resolved")
            key = found
        case .dropped: (outcome, style, key) = ("Does nothing", "disabled", nil)
        }
    }
}
