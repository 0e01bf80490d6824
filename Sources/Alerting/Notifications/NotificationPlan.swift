/// A person as paging sees them.
public struct Responder: Equatable, Sendable {
    public var user: User.ID
    /// Quiet until then; a muted person counts as unreachable.
    public var mutedUntil: Timestamp?
    public var contacts: [Contact]
    public var rules: [NotificationRule]

    public init(user: User.ID, mutedUntil: Timestamp? = nil, contacts: [Contact], rules: [NotificationRule] = []) {
        self.user = user
        self.mutedUntil = mutedUntil
        self.contacts = contacts
        self.rules = rules
    }

    /// Whether a page would go out at `now` over one of `channels`, those that this server can send on.
    public func isReachable(at now: Timestamp, channels: Set<Channel>) -> Bool {
        obstacle(at: now, channels: channels) == nil
    }

    /// Why a page at `now` would not go out; `nil`: it would.
    public func obstacle(at now: Timestamp, channels: Set<Channel>) -> LevelPeople.Obstacle? {
        if let mutedUntil, mutedUntil > now { return .muted }
        return contacts.contains { $0.isUsable(on: channels) } ? nil : .noContact
    }
}

extension Contact {
    func isUsable(on channels: Set<Channel>) -> Bool {
        isVerified && !self.channels.isDisjoint(with: channels)
    }
}

/// How a person wants to be told of alerts of one priority.
public struct NotificationRule: Equatable, Sendable {
    public typealias ID = Identifier<NotificationRule>

    public var priority: Priority
    public var channel: Channel
    public var contact: Contact.ID
    /// From the level's entry to the message.
    public var delay: Duration

    public init(priority: Priority, channel: Channel, contact: Contact.ID, delay: Duration) {
        self.priority = priority
        self.channel = channel
        self.contact = contact
        self.delay = delay
    }
}

/// From "page this person" to messages.
public enum NotificationPlan {
    /// One message that is to go out.
    public struct Message: Equatable, Sendable {
        public var contact: Contact
        public var channel: Channel
        public var delay: Duration
        /// Why this contact, when it is not one of the person's own rules.
        public var reason: Reason?
    }

    public enum Reason: String, Sendable {
        /// The person has no rule for this priority that can be followed.
        case fallbackContact = "fallback_contact"
        /// Another contact of the person failed for good.
        case contactFailed = "contact_failed"
    }

    /// The messages of one page, in the order of the person's rules; a person without a usable rule is told at once on
    /// the first contact that can be used.
    ///
    /// - Returns: empty only when the person is unreachable.
    public static func messages(
        for responder: Responder, priority: Priority, channels: Set<Channel>
    ) -> [Message] {
        let planned = responder.rules.compactMap { rule -> Message? in
            guard rule.priority == priority, channels.contains(rule.channel),
                let contact = responder.contacts.first(where: { $0.id == rule.contact }),
                contact.isUsable(on: [rule.channel])
            else { return nil }
            return Message(contact: contact, channel: rule.channel, delay: rule.delay)
        }
        guard planned.isEmpty else { return planned }
        return next(for: responder, channels: channels, except: []).map { message in
            [Message(contact: message.contact, channel: message.channel, delay: .zero, reason: .fallbackContact)]
        } ?? []
    }

    /// The person's next contact after those in `failed` have been given up; `nil` when there is none left.
    public static func next(
        for responder: Responder, channels: Set<Channel>, except failed: Set<Contact.ID>
    ) -> Message? {
        for contact in responder.contacts where contact.isVerified && !failed.contains(contact.id) {
            if let channel = Channel.allCases.first(where: { contact.channels.contains($0) && channels.contains($0) }) {
                return Message(contact: contact, channel: channel, delay: .zero, reason: .contactFailed)
            }
        }
        return nil
    }
}
