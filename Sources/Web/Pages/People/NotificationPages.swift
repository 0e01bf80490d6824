import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// How one person is reached: contacts, and which of them is used when.
struct NotificationPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/users/:id/notifications", use: show)
        group.post("/users/:id/contacts", use: addContact)
        group.post("/users/:id/contacts/:contact/deletion", use: removeContact)
        group.post("/users/:id/contacts/:contact/code") { request, context in
            try await act(request, context, done: "A code is on its way; it counts for 15 minutes.") { visit, id in
                try await contacts.sendCode(to: visit.id("contact"), of: id, by: visit.caller)
            }
        }
        group.post("/users/:id/contacts/:contact/verification") { request, context in
            try await act(request, context, done: "The contact is verified.") { visit, id in
                try await contacts.verify(visit.id("contact"), code: visit.form["code"], of: id, by: visit.caller)
            }
        }
        group.post("/users/:id/contacts/:contact/test") { request, context in
            try await act(request, context, done: "A test is on its way.") { visit, id in
                try await contacts.test(visit.id("contact"), of: id, by: visit.caller)
            }
        }
        group.post("/users/:id/contacts/:contact/start") { request, context in
            try await act(request, context, done: "The contact is turned on again.") { visit, id in
                try await contacts.turnOn(visit.id("contact"), of: id, by: visit.caller)
            }
        }
        group.post("/users/:id/preferences", use: addPreference)
        group.post("/users/:id/preferences/:preference/deletion", use: removePreference)
        group.post("/users/:id/quiet-time", use: mute)
    }

    private var administration: Administration { site.services.administration }
    private var contacts: ContactAdministration { administration.contacts }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let user = try await administration.users.find(visit.id(), by: visit.caller)
        let contacts = try await administration.contacts.list(of: user.id, by: visit.caller)
        let preferences = try await administration.preferences.list(of: user.id, by: visit.caller)
        let readiness = try await site.engine.readiness.readiness(of: user.id, by: visit.caller)
        let crumbs = [Frame.Crumb(label: "Users", link: Links.users)]
        let frame = site.frame("Contacts and notifications", .users, crumbs: crumbs, context)
        return site.response(
            NotificationPage(
                user, contacts: contacts, preferences: preferences, readiness: readiness,
                channels: site.engine.channels,
                subscriptions: user.id == visit.user.id
                    ? try await site.engine.subscriptions.list(by: visit.caller) : [],
                visit: visit, frame: frame))
    }

    @Sendable private func addContact(_ request: Request, _ context: WebContext) async throws -> Response {
        try await act(request, context, done: "The contact was added.") { visit, id in
            let draft = ContactDraft(
                kind: ContactRecord.Kind(rawValue: visit.form["kind"]) ?? .email, target: visit.form["target"],
                secret: visit.form.optional("secret"), regionCode: visit.form.optional("region"))
            _ = try await administration.contacts.create(draft, for: id, by: visit.caller)
        }
    }

    @Sendable private func removeContact(_ request: Request, _ context: WebContext) async throws -> Response {
        try await act(request, context, done: "The contact was removed.") { visit, id in
            let kind = ContactRecord.Kind(rawValue: visit.form["kind"]) ?? .email
            try await administration.contacts.delete(visit.id("contact"), kind: kind, of: id, by: visit.caller)
        }
    }

    @Sendable private func addPreference(_ request: Request, _ context: WebContext) async throws -> Response {
        try await act(request, context, done: "The notification was added.") { visit, id in
            let way = visit.form["way"].split(separator: ":")
            guard way.count == 2, let channel = Channel(rawValue: String(way[0])) else {
                throw Failure(.invalid, "Choose how to be notified.")
            }
            let area = PreferenceRecord.Area(rawValue: visit.form["area"]) ?? .alerts
            guard let delay = Int(visit.form.optional("delay") ?? "0") else {
                throw Failure(.invalid, "Enter the delay in minutes, 0 to 120.")
            }
            let draft = PreferenceDraft(
                area: area, channel: channel, contact: Contact.ID(way[1]), delayMinutes: delay,
                kind: visit.form["kind"])
            _ = try await administration.preferences.create(draft, for: id, by: visit.caller)
        }
    }

    @Sendable private func removePreference(_ request: Request, _ context: WebContext) async throws -> Response {
        try await act(request, context, done: "The notification was removed.") { visit, id in
            let area = PreferenceRecord.Area(rawValue: visit.form["area"]) ?? .alerts
            try await administration.preferences.delete(
                visit.id("preference"), area: area, of: id, by: visit.caller)
        }
    }

    @Sendable private func mute(_ request: Request, _ context: WebContext) async throws -> Response {
        let minutes = min(max(0, Int(context.page.form["minutes"]) ?? 0), 14 * 1440)
        let done = minutes > 0 ? "Nothing is sent until then; other people are called instead." : "Pages go out again."
        return try await act(request, context, done: done) { visit, id in
            let end = minutes > 0 ? visit.moments.now + .minutes(minutes) : nil
            _ = try await administration.users.mute(id, until: end, by: visit.caller)
        }
    }

    private func act(
        _ request: Request, _ context: WebContext, done: String,
        _ action: @Sendable (Visit, User.ID) async throws -> Void
    ) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: User.ID = try visit.id()
        return try await site.act(back: Links.user(id) + "/notifications", done: done) { try await action(visit, id) }
    }
}

struct NotificationPage: HTMLPage {
    static let template = "user-notifications"
    let frame: Frame
    let head: UserHead
    let link: String
    let readiness: ReadinessLine
    let contacts: [ContactRow]
    let hasContacts: Bool
    let priorities: [Priorities]
    let mutedUntil: Moment?
    let hasTelegram: Bool
    let subscriptions: [SubscriptionRow]
    let hasSubscriptions: Bool

    struct SubscriptionRow {
        let name: String
        let kind: String
        let link: String
        let back: String

        init(_ target: SubscriptionTarget, _ name: String, back: String) {
            self.name = name
            self.back = back
            switch target {
            case .alert(let id): (kind, link) = ("alert", Links.alert(id))
            case .source(let id): (kind, link) = ("alert source", Links.source(id))
            case .service(let id): (kind, link) = ("service", Links.service(id))
            }
        }
    }

    struct ContactRow {
        let kind: String
        let kindInWords: String
        let target: String
        let isVerified: Bool
        let isPrimary: Bool
        let isStopped: Bool
        let base: String
    }

    /// The notifications of one priority, or of another kind.
    struct Priorities {
        /// The kind of its notifications; empty: there is only one.
        let id: String
        /// Names its inputs.
        let field: String
        let area: String
        let kinds: [Choice]
        let hasKinds: Bool
        let hasDelay: Bool
        let hasLead: Bool
        let ways: [Choice]
        let hasWays: Bool
        let heading: String
        let explanation: String
        let rows: [PreferenceRow]
        let hasRows: Bool
    }

    struct PreferenceRow {
        let words: String
        let when: String
        let area: String
        let deletion: String
    }
}

extension NotificationPage {
    init(
        _ user: UserRecord, contacts: [ContactRecord], preferences: [PreferenceRecord], readiness: Readiness,
        channels: Set<Channel>, subscriptions: [(target: SubscriptionTarget, name: String)], visit: Visit,
        frame: Frame
    ) {
        self.frame = frame
        head = UserHead(user, at: .notifications, visit)
        let link = Links.user(user.id)
        self.link = link
        self.readiness = ReadinessLine(readiness, visit.moments)
        self.contacts = contacts.map { contact in
            ContactRow(
                kind: contact.kind.rawValue, kindInWords: contact.kind.words, target: contact.shownTarget,
                isVerified: contact.verifiedAt != nil, isPrimary: contact.isPrimary,
                isStopped: contact.stoppedAt != nil, base: "\(link)/contacts/\(contact.id)")
        }
        hasContacts = !contacts.isEmpty
        priorities = Topic.all.map { Priorities($0, preferences, contacts, channels: channels, link: link) }
        mutedUntil = user.mutedUntil.flatMap { $0 > visit.moments.now ? visit.moments.moment($0) : nil }
        hasTelegram = channels.contains(.telegram)
        self.subscriptions = subscriptions.map { SubscriptionRow($0.target, $0.name, back: "\(link)/notifications") }
        hasSubscriptions = !subscriptions.isEmpty
    }

    /// What somebody may want to be told of.
    struct Topic {
        let area: PreferenceRecord.Area
        let kinds: [String]
        let heading: String
        let explanation: String

        static let all = [
            Topic(
                area: .alerts, kinds: ["HIGH_PRIORITY"], heading: "High priority alerts",
                explanation: "Without an entry: at once, on the first contact that works."),
            Topic(
                area: .alerts, kinds: ["LOW_PRIORITY"], heading: "Low priority alerts",
                explanation: "Without an entry: at once, on the first contact that works."),
            Topic(
                area: .updates, kinds: PreferenceDraft.kinds(of: .updates), heading: "Status updates",
                explanation: "Without an entry nothing is sent when others accept, resolve or escalate an alert."),
            Topic(
                area: .duties, kinds: ["ON_CALL"], heading: "On call",
                explanation: "Without an entry nothing is sent before a shift and at the hand-over."),
            Topic(
                area: .subscriptions, kinds: [""], heading: "Subscriptions",
                explanation: "What you have subscribed to is told by email, without being paged."),
        ]
    }
}

extension NotificationPage.Priorities {
    init(
        _ topic: NotificationPage.Topic, _ preferences: [PreferenceRecord], _ contacts: [ContactRecord],
        channels: Set<Channel>, link: String
    ) {
        id = topic.kinds[0]
        field = topic.kinds[0].isEmpty ? topic.area.rawValue : topic.kinds[0]
        area = topic.area.rawValue
        kinds = topic.kinds.map { Choice($0, Self.words($0), isChosen: false) }
        hasKinds = topic.kinds.count > 1
        hasDelay = topic.area == .alerts
        hasLead = topic.area == .duties
        heading = topic.heading
        explanation = topic.explanation
        let allowed = Set(PreferenceDraft.channels(of: topic.area)).intersection(channels)
        ways = contacts.flatMap { contact in
            Channel.allCases.filter { contact.kind.channels.contains($0) && allowed.contains($0) }.map {
                Choice("\($0.rawValue):\(contact.id)", "\($0.name) to \(contact.shownTarget)", isChosen: false)
            }
        }
        hasWays = !ways.isEmpty
        let targets = Dictionary(uniqueKeysWithValues: contacts.map { ($0.id, $0.shownTarget) })
        let own = preferences.filter { $0.area == topic.area && topic.kinds.contains($0.kind) }
        rows = own.map { preference in
            NotificationPage.PreferenceRow(
                words: "\(preference.channel.name) to \(preference.contact.flatMap { targets[$0] } ?? "you")",
                when: Self.when(preference), area: topic.area.rawValue,
                deletion: "\(link)/preferences/\(preference.id)/deletion")
        }
        hasRows = !rows.isEmpty
    }

    private static func when(_ preference: PreferenceRecord) -> String {
        switch preference.area {
        case .alerts: preference.delayMinutes == 0 ? "at once" : "after \(preference.delayMinutes) min"
        case .duties: preference.delayMinutes == 0 ? "at the start" : "\(preference.delayMinutes) min before a shift"
        case .updates: words(preference.kind).lowercased()
        case .subscriptions: "at once"
        }
    }

    private static func words(_ kind: String) -> String {
        switch kind {
        case "ALERT_ACCEPTED": "When accepted"
        case "ALERT_RESOLVED": "When resolved"
        case "ALERT_ESCALATED": "When escalated"
        default: kind
        }
    }
}

extension ContactRecord.Kind {
    var words: String {
        switch self {
        case .email: "Email"
        case .phone: "Phone"
        case .push: "Push messages"
        case .ntfy: "ntfy topic"
        case .gotify: "Gotify server"
        case .pushover: "Pushover"
        case .telegram: "Telegram chat"
        }
    }
}
