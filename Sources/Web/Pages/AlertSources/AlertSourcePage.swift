import Alerting
import Engine
import Integrations
import Storage

/// An alert source's settings, with all that is needed to connect its tool.
struct AlertSourcePage: HTMLPage {
    static let template = "source"
    let frame: Frame
    let head: AlertSourceHead
    let secrets: Secrets?
    let isRapidSpike: Bool
    let isGeneric: Bool
    let isOther: Bool
    /// Whether mails are its events; otherwise requests are.
    let isMail: Bool
    /// Whether it takes mails on a server that takes none.
    let lacksMailServer: Bool
    let mailRulesLink: String
    let mayConfigure: Bool
    let mayAnswer: Bool
    let isActive: Bool
    let test: Test?
    let hasTest: Bool
    let lastEvent: LastEvent?
    let features: [Feature]
    let policy: String
    let policyLink: String
    let teams: [String]
    let hasTeams: Bool
    let grouping: String
    let autoResolution: String
    let priority: String
    let supportHours: String?
    let supportHoursLink: String?
    let createdAt: Moment
    let link: String
    let mappingLink: String
    let isMapped: Bool
    let mayBeMapped: Bool
    let eventsLink: String
    let maintenance: AlertSourceMaintenance
    let subscription: SubscriptionCard

    /// Only for those who may change the source.
    struct Secrets {
        let key: String
        let maskedKey: String
        let url: String
        let urlName: String
        let urlHint: String
        let steps: [IntegrationStep]
    }

    struct Test {
        let sentence: String
        let alertLink: String?
        let isFailing: Bool
    }

    struct LastEvent {
        let at: Moment
        let outcome: String
        let link: String
    }

    struct Feature {
        let name: String
        let isThere: Bool
    }
}

/// What the page is made of, read in one transaction.
struct AlertSourceFacts: Sendable {
    var source: AlertSourceRecord
    var open: [AlertStatus: Int]
    var policy: PolicyRecord?
    /// Those that its priority goes by and that have a name.
    var supportHours: SupportHoursRecord?
    var teams: [String]
    var lastEvent: StoredEvent?
    /// Windows that are not over.
    var maintenance: [MaintenanceWindowRecord]
    var held: [HeldKey]
    /// Whether the reader hears of its alerts without being paged.
    var isSubscribed: Bool

    /// - Throws: `Failure.notFound` when there is none that the reader may see.
    init(_ id: AlertSource.ID, scope: Scope, in transaction: any Transaction) throws {
        guard let source = try AlertSources.find(id, scope: scope, in: transaction) else {
            throw Failure(.notFound, "There is no alert source \(id).")
        }
        self.source = source
        open = try AlertSources.openCounts(account: scope.account, in: transaction)[id] ?? [:]
        policy = try EscalationPolicies.find(source.policy, in: transaction)
        supportHours = try source.supportHours.flatMap {
            try SupportHoursList.find(.init($0.id), account: source.account, in: transaction)
        }
        teams = try Teams.names(of: source.teams, account: scope.account, in: transaction).map(\.name)
        maintenance = try MaintenanceWindows.list(of: id, in: transaction)
        held = try HeldKeys.list(source: id, limit: 10, in: transaction)
        isSubscribed = try Subscriptions.contains(.source(id), of: scope.user, in: transaction)
        lastEvent = try EventLog.list(source: id, limit: 1, in: transaction).first
    }
}

extension AlertSourcePage {
    init(
        _ facts: AlertSourceFacts, publicURL: String, takesMail: Bool, test: Test?, visit: Visit, frame: Frame
    ) {
        let (source, entry) = (facts.source, IntegrationCatalog.entry(type: facts.source.integrationType))
        self.frame = frame
        head = AlertSourceHead(facts, at: .settings, visit)
        secrets = visit.mayConfigure ? Secrets(source, entry: entry, publicURL: publicURL) : nil
        isRapidSpike = source.integrationType == RapidSpike.kind.type
        isGeneric = entry?.isGenericEvent ?? false
        isOther = !isRapidSpike && !isGeneric
        isMail = entry?.kind.isMail ?? false
        lacksMailServer = isMail && !takesMail
        mailRulesLink = Links.mailRules(source.id)
        mayConfigure = visit.mayConfigure
        mayAnswer = visit.mayAnswer
        isActive = source.isActive
        self.test = test
        hasTest = TestEvent(source) != nil
        lastEvent = facts.lastEvent.map { event in
            LastEvent(
                at: visit.moments.moment(event.receivedAt), outcome: event.reason.sentence,
                link: Links.event(event.request, of: source.id))
        }
        features = IntegrationKind.Feature.allCases.map { feature in
            Feature(
                name: feature.name,
                isThere: feature == .templates || entry?.kind.features.contains(feature) ?? false)
        }
        subscription = SubscriptionCard(
            isSubscribed: facts.isSubscribed, what: "all its alerts",
            action: "\(Links.source(source.id))/subscription")
        policy = facts.policy?.name ?? "Escalation policy \(source.policy)"
        policyLink = Links.policy(source.policy)
        teams = facts.teams
        hasTeams = !facts.teams.isEmpty
        grouping = Self.words(source.rules.grouping)
        autoResolution = source.autoResolution.map { "After \(Moments.words($0))" } ?? "Never"
        priority = PriorityChoices.label(of: source.priorityRule)
        supportHours = facts.supportHours?.name
        supportHoursLink = facts.supportHours.map { Links.supportHours($0.id) }
        createdAt = visit.moments.moment(source.createdAt)
        link = Links.source(source.id)
        mappingLink = Links.mapping(source.id)
        isMapped = source.mapping != nil
        mayBeMapped = entry?.mayBeMapped ?? false
        eventsLink = Links.events(source.id)
        maintenance = AlertSourceMaintenance(facts, visit)
    }

    private static func words(_ rule: GroupingRule) -> String {
        switch rule {
        case .never: "Alerts are not grouped"
        case .summary: "By the same summary"
        case .similar(let threshold, let window):
            "By similar summaries (\(threshold) of 1)"
                + (window.map { ", raised within \(Moments.words($0))" } ?? "")
        case .untilAccepted: "Until accepted"
        case .untilResolved: "Until resolved"
        case .window(let length): "Time-based, \(Moments.words(length))"
        }
    }
}

extension AlertSourcePage.Secrets {
    fileprivate init(_ source: AlertSourceRecord, entry: IntegrationCatalog.Entry?, publicURL: String) {
        let isMail = entry?.kind.isMail ?? false
        key = source.integrationKey
        maskedKey = String(source.integrationKey.prefix(7)) + String(repeating: "•", count: 20)
        url = isMail ? source.integrationKey : AlertSourceAddress.url(of: source, publicURL: publicURL)
        urlName = isMail ? "Email address" : "\(entry?.name ?? "Alert source") URL"
        urlHint =
            isMail
            ? "Whoever knows this address can raise alerts. It can be changed on the edit page."
            : "Whoever knows this URL can raise alerts: treat it as a secret."
        steps = IntegrationStep.steps(
            for: source.integrationType, key: key, name: entry?.name ?? source.integrationType, url: url)
    }
}

/// Where an alert source's tool posts to.
enum AlertSourceAddress {
    static func path(of source: AlertSourceRecord) -> String {
        if IntegrationCatalog.entry(type: source.integrationType)?.kind.isMail == true {
            return "mailto:\(source.integrationKey)"
        }
        let path = IntegrationCatalog.entry(type: source.integrationType)?.path ?? EventsAPI.kind.path
        return "/api/v1/events/\(path)/\(source.integrationKey)"
    }

    static func url(of source: AlertSourceRecord, publicURL: String) -> String {
        let path = path(of: source)
        return path.hasPrefix("/") ? publicURL + path : path
    }
}
