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
        group.post("/users/:id/preferences", use: addPreference)
        group.post("/users/:id/preferences/:preference/deletion", use: removePreference)
        group.post("/users/:id/quiet-time", use: mute)
    }

    private var administration: Administration { site.services.administration }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let user = try await administration.users.find(visit.id(), by: visit.caller)
        let contacts = try await administration.contacts.list(of: user.id, by: visit.caller)
        let preferences = try await administration.preferences.list(of: user.id, area: .alerts, by: visit.caller)
        let crumbs = [Frame.Crumb(label: "Users", link: Links.users)]
        let frame = site.frame("Contacts and notifications", .users, crumbs: crumbs, context)
        return site.response(
            NotificationPage(
                user, contacts: contacts, preferences: preferences, channels: site.engine.channels, visit: visit,
                frame: frame))
    }

    @Sendable private func addContact(_ request: Request, _ context: WebContext) async throws -> Response {
        try await act(request, context, done: "The contact was added.") { visit, id in
            let draft = ContactDraft(
                kind: ContactRecord.Kind(rawValue: visit.form["kind"]) ?? .email, target: visit.form["target"],
                regionCode: visit.form.optional("region"))
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
            guard let delay = Int(visit.form["delay"]) else {
                throw Failure(.invalid, "Enter the delay in minutes, 0 to 120.")
            }
            let draft = PreferenceDraft(
                area: .alerts, channel: channel, contact: Contact.ID(way[1]), delayMinutes: delay,
                kind: visit.form["kind"])
            _ = try await administration.preferences.create(draft, for: id, by: visit.caller)
        }
    }

    @Sendable private func removePreference(_ request: Request, _ context: WebContext) async throws -> Response {
        try await act(request, context, done: "The notification was removed.") { visit, id in
            try await administration.preferences.delete(
                visit.id("preference"), area: .alerts, of: id, by: visit.caller)
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
    let contacts: [ContactRow]
    let hasContacts: Bool
    let priorities: [Priorities]
    let ways: [Choice]
    let hasWays: Bool
    let mutedUntil: Moment?
    let onlyEmail: Bool

    struct ContactRow {
        let kind: String
        let kindInWords: String
        let target: String
        let isVerified: Bool
        let isPrimary: Bool
        let deletion: String
    }

    /// The notifications of one priority.
    struct Priorities {
        let kind: String
        let heading: String
        let explanation: String
        let rows: [PreferenceRow]
        let hasRows: Bool
    }

    struct PreferenceRow {
        let words: String
        let when: String
        let deletion: String
    }
}

extension NotificationPage {
    init(
        _ user: UserRecord, contacts: [ContactRecord], preferences: [PreferenceRecord], channels: Set<Channel>,
        visit: Visit, frame: Frame
    ) {
        self.frame = frame
        head = UserHead(user, at: .notifications, visit)
        let link = Links.user(user.id)
        self.link = link
        self.contacts = contacts.map { contact in
            ContactRow(
                kind: contact.kind.rawValue, kindInWords: contact.kind == .email ? "Email" : "Phone",
                target: contact.target, isVerified: contact.verifiedAt != nil, isPrimary: contact.isPrimary,
                deletion: "\(link)/contacts/\(contact.id)/deletion")
        }
        hasContacts = !contacts.isEmpty
        let targets = Dictionary(uniqueKeysWithValues: contacts.map { ($0.id, $0.target) })
        let kinds = [
            ("HIGH_PRIORITY", "High priority", "Without an entry: at once, on the first contact that works."),
            ("LOW_PRIORITY", "Low priority", "Without an entry: at once, on the first contact that works."),
        ]
        priorities = kinds.map { kind, heading, explanation in
            let rows = preferences.filter { $0.kind == kind }.map { preference in
                PreferenceRow(
                    words: "\(preference.channel.name) to \(preference.contact.flatMap { targets[$0] } ?? "you")",
                    when: preference.delayMinutes == 0 ? "at once" : "after \(preference.delayMinutes) min",
                    deletion: "\(link)/preferences/\(preference.id)/deletion")
            }
            return Priorities(
                kind: kind, heading: heading, explanation: explanation, rows: rows, hasRows: !rows.isEmpty)
        }
        ways = contacts.flatMap { contact in
            Channel.allCases.filter { contact.contact.channels.contains($0) && channels.contains($0) }.map {
                Choice("\($0.rawValue):\(contact.id)", "\($0.name) to \(contact.target)", isChosen: false)
            }
        }
        hasWays = !ways.isEmpty
        mutedUntil = user.mutedUntil.flatMap { $0 > visit.moments.now ? visit.moments.moment($0) : nil }
        onlyEmail = channels == [.email]
    }
}
