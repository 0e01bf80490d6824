/// Whether a page would reach a person just now, and by what.
public struct Readiness: Equatable, Sendable {
    public enum State: String, Sendable, CaseIterable {
        /// By the person's own rules.
        case ready
        /// No rule of theirs can be followed: their first usable contact is used.
        case byFallback = "by_fallback"
        case muted
        /// No contact is verified and turned on.
        case noContact = "no_contact"
        /// There is a contact, and this server cannot send there.
        case noChannel = "no_channel"
    }

    public var state: State
    /// What a page of high priority would use, in order.
    public var channels: [Channel]
    /// When something was last handed over to one of those contacts; `nil`: never.
    public var lastDelivered: Timestamp?

    public var isReady: Bool { state == .ready || state == .byFallback }

    /// - Parameters:
    ///   - channels: those that this server can send on.
    ///   - delivered: when something was handed over to each contact last.
    public init(
        of responder: Responder, at now: Timestamp, channels: Set<Channel>, delivered: [Contact.ID: Timestamp] = [:]
    ) {
        let messages = NotificationPlan.messages(for: responder, priority: .high, channels: channels)
        self.channels = messages.map(\.channel)
        lastDelivered = messages.compactMap { delivered[$0.contact.id] }.max()
        if let muted = responder.mutedUntil, muted > now {
            state = .muted
        } else if messages.isEmpty {
            state = responder.contacts.contains(where: \.isVerified) ? .noChannel : .noContact
        } else {
            state = messages.contains { $0.reason == .fallbackContact } ? .byFallback : .ready
        }
    }
}
