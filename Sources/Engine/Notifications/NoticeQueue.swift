public import Alerting
public import Storage

/// Something that a person is told and that is no page: a question, a note before a shift, what became of an alert.
public struct Notice: Equatable, Sendable {
    public var account: Account.ID
    /// None of `page` and `lastResort`, which escalation queues.
    public var purpose: MessageRecord.Purpose
    /// One line.
    public var subject: String
    public var text: String
    /// The alert that it is about; links and short codes in the message act on it.
    public var alert: Alert.ID?
    /// When it is to go out; `nil`: at once.
    public var due: Timestamp?
    /// A second notice with the same key is not queued to the same address, however often it is asked for.
    public var onceKey: String?

    public init(
        account: Account.ID, purpose: MessageRecord.Purpose, subject: String, text: String, alert: Alert.ID? = nil,
        due: Timestamp? = nil, onceKey: String? = nil
    ) {
        self.account = account
        self.purpose = purpose
        self.subject = subject
        self.text = text
        self.alert = alert
        self.due = due
        self.onceKey = onceKey
    }
}

/// By which of a person's contacts a notice goes.
public enum NoticeWay: Equatable, Sendable {
    /// The person's preferences of an area; without any: none.
    ///
    /// - kind: such as `ALERT_ACCEPTED`; `nil`: all of the area.
    /// - minutes: those before the shift (duties); `nil`: all.
    case preferences(PreferenceRecord.Area, kind: String? = nil, minutes: Int? = nil)
    /// As a page of high priority would go at once.
    case asPage
    /// The first email address that can be used.
    case email
    case contact(Contact.ID, Channel)
}

/// Queues messages that are no pages, in the transaction that decides them.
public struct NoticeQueue {
    let change: Change
    /// Those that this server can send on.
    let channels: Set<Channel>
    /// How long a notice is tried to be handed over.
    static let patience = Duration.hours(4)

    public init(change: Change, channels: Set<Channel>) {
        self.change = change
        self.channels = channels
    }

    /// Wake the notification loops after the commit: `Wakeups.messagesQueued()`.
    ///
    /// - Returns: the messages that were queued; none when the person has no contact for it, or has it already.
    @discardableResult
    public func tell(_ user: User.ID, _ notice: Notice, by way: NoticeWay) throws -> [MessageRecord.ID] {
        precondition(!notice.purpose.isPage, "pages are queued by escalation")
        guard let responder = try Responders.find(user, in: change.transaction) else { return [] }
        var queued: [MessageRecord.ID] = []
        for (contact, channel) in try ways(responder, way) {
            let due = notice.due ?? change.now
            let message = MessageRecord(
                id: try change.newID(), account: notice.account, alert: notice.alert, user: user, contact: contact.id,
                channel: channel, target: contact.target, purpose: notice.purpose, intended: due, due: due,
                deadline: due + Self.patience, createdAt: change.now, subject: Limits.cut(notice.subject, to: 255),
                body: Limits.cut(notice.text, to: 8000), onceKey: notice.onceKey)
            guard try change.queue(message) else {
                // The newest word is not lost because an older one still waits.
                if notice.purpose == .subscription { _ = try Messages.append(message, in: change.transaction) }
                continue
            }
            queued.append(message.id)
            if let alert = notice.alert {
                try change.note(
                    .messageQueued, on: alert, user: user, reason: notice.purpose.rawValue, text: channel.name)
            }
        }
        return queued
    }

    /// By the person's preferences for subscriptions; without any by mail.
    func tellSubscriber(_ user: User.ID, _ notice: Notice) throws {
        let wishes = try Preferences.list(of: user, area: .subscriptions, in: change.transaction)
        try tell(user, notice, by: wishes.isEmpty ? .email : .preferences(.subscriptions))
    }

    private func ways(_ responder: Responder, _ way: NoticeWay) throws -> [(Contact, Channel)] {
        let usable = responder.contacts.filter(\.isVerified)
        switch way {
        case .preferences(let area, let kind, let minutes):
            let preferences = try Preferences.list(of: responder.user, area: area, in: change.transaction)
            let records = try Contacts.list(of: responder.user, in: change.transaction)
            return preferences.filter {
                (kind == nil || $0.kind == kind) && (minutes == nil || $0.delayMinutes == minutes)
            }.flatMap { preference in
                Responders.ways(of: preference, among: records).compactMap { id, channel in
                    usable.first { $0.id == id && $0.channels.contains(channel) && channels.contains(channel) }
                        .map { ($0, channel) }
                }
            }
        case .asPage:
            let messages = NotificationPlan.messages(for: responder, priority: .high, channels: channels)
            return messages.filter { $0.delay == .zero }.map { ($0.contact, $0.channel) }
        case .email:
            let contact = usable.first { $0.channels.contains(.email) }
            return channels.contains(.email) ? contact.map { [($0, .email)] } ?? [] : []
        case .contact(let id, let channel):
            // A contact that is being verified is not verified yet.
            let contact = responder.contacts.first { $0.id == id && $0.channels.contains(channel) }
            return channels.contains(channel) ? contact.map { [($0, channel)] } ?? [] : []
        }
    }
}
