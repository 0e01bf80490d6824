public import Alerting
public import Integrations

/// Takes events while a node that was just started has not reached its database yet: into the journal, for the alert
/// sources that it knew before. Whatever cannot be kept is refused, so that its sender comes back.
public struct WaitingReception: EventReceiver {
    private let keys: KnownKeys
    /// `nil`: nothing is kept.
    private let journal: IntakeJournal?
    private let clock: any Clock

    public init(keys: KnownKeys, journal: IntakeJournal?, clock: any Clock) {
        self.keys = keys
        self.journal = journal
        self.clock = clock
    }

    /// - Throws: `Failure.unavailable` when it was not kept, `Failure.invalid` for what no alert source would take.
    public func receive(_ request: WebhookRequest, key: String) async throws -> IngestAnswer {
        try keep(request, key: key, generic: nil)
    }

    public func receiveGeneric(_ request: WebhookRequest) async throws -> IngestAnswer {
        let (submission, key) = try EventsAPI.keyed(request)
        return try keep(request, key: key, generic: submission.event)
    }

    /// - Parameter generic: what came to the door of the generic event; `nil`: it came to another one.
    private func keep(
        _ request: WebhookRequest, key: String, generic: Result<AlertEvent, IntegrationError>?
    ) throws -> IngestAnswer {
        guard let journal else { throw Self.away }
        guard let source = keys.find(key) else { throw Self.unknown }
        guard !source.needsProof else {
            throw Failure(
                .unavailable,
                "The database does not answer, and without it the sender cannot be proven; come back soon.")
        }
        let reader = IntegrationCatalog.entry(ofAPIAt: request.path) ?? IntegrationCatalog.entry(type: source.type)
        guard generic != nil || reader?.kind.isMail != true else {
            throw Failure(.invalid, "This alert source takes mails, not requests.")
        }
        let isGeneric = generic != nil || reader?.type ?? EventsAPI.kind.type == EventsAPI.kind.type
        let form: IngestForm = isGeneric ? .generic : reader?.tellsItsSender == true ? .strict : .standard
        try journal.keep(request, source: source.id, form: form, at: clock.now)
        var answer = IngestAnswer(reason: .journaled)
        if !isGeneric { answer.dialect = reader?.kind.answers ?? .standard }
        do throws(IntegrationError) {
            let events =
                isGeneric
                ? [try (generic ?? EventsAPI.submission(readable: request)).get()]
                : try reader?.events(from: request, settings: IntegrationSettings()) ?? []
            answer.alertKey = events.first?.alertKey
        } catch {
            // What cannot be read becomes an alert about itself later, or is the sender's to mend now.
            if form != .standard { throw Failure(.invalid, error.message) }
        }
        return answer
    }

    public func source(withKey key: String) async throws -> AlertSource.ID {
        guard let source = keys.find(key) else { throw Self.unknown }
        return source.id
    }

    public func alertKey(ofAlert number: String, source key: String) async throws -> String? { throw Self.away }

    private static let away = Failure(.unavailable, "The database does not answer; come back soon.")
    private static let unknown = Failure(
        .unavailable, "The database does not answer, and this node has not seen this key yet; come back soon.")
}
