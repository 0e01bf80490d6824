public import Alerting
public import Integrations
import Storage

/// The front door of ingestion: from a raw request and a key to a committed answer.
public struct Reception: EventReceiver {
    private let directory: AlertSourceDirectory
    private let ingestion: Ingestion
    private let clock: any Clock
    private let amazon: AmazonGate
    /// `nil`: there are no event flows.
    private let flows: FlowReception?

    /// - Parameter fetcher: for what has to be fetched before a request is believed; `nil`: nothing can be.
    public init(
        directory: AlertSourceDirectory, ingestion: Ingestion, clock: any Clock, fetcher: (any Fetcher)? = nil,
        flows: FlowReception? = nil
    ) {
        self.flows = flows
        self.directory = directory
        self.ingestion = ingestion
        self.clock = clock
        amazon = AmazonGate(fetcher: fetcher, clock: clock)
    }

    /// A request to an alert source's own URL, or to the address of an API that is understood for every source.
    ///
    /// - Throws: `Failure.notFound` for an unknown key, `Failure.invalid` for a request whose sender is told of a
    ///   fault, `Failure.forbidden` for a wrong signature, `Failure.unavailable` when nothing was stored.
    public func receive(_ request: WebhookRequest, key: String) async throws -> IngestAnswer {
        guard let source = try await directory.entry(forKey: key) else { return try await receiveInFlow(request, key) }
        let reader = source.reader(of: request)
        guard reader?.kind.isMail != true else {
            throw Failure(.invalid, "This alert source takes mails, not requests.")
        }
        try await prove(request, source, reader)
        if reader?.type ?? EventsAPI.kind.type == EventsAPI.kind.type {
            return try await receiveGeneric(request, source: source, EventsAPI.submission(readable: request))
        }
        var answer: IngestAnswer
        if reader?.tellsItsSender == true {
            answer = try await submit(IngestRequest(strict: request, source: source, receivedAt: clock.now))
        } else {
            answer = try await ingestion.submit(IngestRequest(request, source: source, receivedAt: clock.now))
        }
        if reader?.isAmazon == true, await !amazon.confirm(request) {
            throw Failure(.unavailable, "The subscription could not be confirmed; come back soon.")
        }
        answer.dialect = reader?.kind.answers ?? .standard
        return answer
    }

    public func receiveAtOnce(
        _ request: WebhookRequest, key: String, whenDone: @escaping @Sendable (Result<IngestAnswer, Failure>) -> Void
    ) -> Bool {
        guard let source = directory.remembered(forKey: key), source.webhookSecret == nil,
            let reader = source.reader(of: request), Self.isSimple(reader)
        else { return false }
        ingestion.submit(IngestRequest(request, source: source, receivedAt: clock.now), whenDone: whenDone)
        return true
    }

    /// Whether its requests wait for nothing but the commit, and are answered in the usual words.
    private static func isSimple(_ reader: IntegrationCatalog.Entry) -> Bool {
        !reader.kind.isMail && !reader.isAmazon && !reader.tellsItsSender && reader.kind.answers == .standard
    }

    /// A generic event that carries its integration key in its body.
    public func receiveGeneric(_ request: WebhookRequest) async throws -> IngestAnswer {
        let (submission, key) = try EventsAPI.keyed(request)
        guard let source = try await directory.entry(forKey: key) else { return try await receiveInFlow(request, key) }
        try await prove(request, source, source.integration)
        return try await receiveGeneric(request, source: source, submission.event)
    }

    /// A request with a key that no alert source has.
    private func receiveInFlow(_ request: WebhookRequest, _ key: String) async throws -> IngestAnswer {
        guard let flows, let entrance = try await flows.flows.entrance(forKey: key) else { throw Self.unknownKey }
        let isAmazon = IntegrationCatalog.entry(type: entrance.integration.type)?.isAmazon == true
        if isAmazon {
            do throws(AmazonGate.Refusal) {
                try await amazon.check(request)
            } catch {
                switch error {
                case .notAmazon(let reason): throw Failure(.forbidden, reason)
                case .unavailable:
                    throw Failure(.unavailable, "Amazon's certificate cannot be fetched; come back soon.")
                }
            }
        }
        let answer = try await flows.receive(request, at: entrance)
        if isAmazon, await !amazon.confirm(request) {
            throw Failure(.unavailable, "The subscription could not be confirmed; come back soon.")
        }
        return answer
    }

    private static let unknownKey = Failure(.notFound, "There is no alert source with this integration key.")

    /// A stored or invented request, handed in again from a page by somebody who may see the source.
    public func replay(_ request: WebhookRequest, source id: AlertSource.ID) async throws -> IngestAnswer {
        guard let source = try await directory.entry(for: id) else {
            throw Failure(.notFound, "There is no alert source \(id).")
        }
        return try await ingestion.submit(IngestRequest(request, source: source, receivedAt: clock.now))
    }

    public func source(withKey key: String) async throws -> AlertSource.ID { try await find(key).record.id }

    /// The alert source of a key.
    ///
    /// - Throws: `Failure.notFound` for an unknown key.
    public func find(_ key: String) async throws -> SourceEntry {
        guard let source = try await directory.entry(forKey: key) else { throw Self.unknownKey }
        return source
    }

    /// The alert key of an alert that a sender names by its number.
    ///
    /// - Parameter key: of the alert source; an alert of another one is none.
    /// - Throws: `Failure.notFound` for an unknown key.
    public func alertKey(ofAlert number: String, source key: String) async throws -> String? {
        let source = try await find(key)
        guard let id = Alert.ID(number) else { return nil }
        return try await directory.alertKey(of: id, source: source.record.id)
    }

    /// The open alert with a key.
    ///
    /// - Throws: `Failure.notFound` for an unknown integration key.
    public func openAlert(withKey key: String, source: String) async throws -> Alert.ID? {
        let source = try await find(source)
        guard let key = AlertKey(key) else { return nil }
        return try await directory.openAlert(key, source: source.record.id)
    }

    private func receiveGeneric(
        _ request: WebhookRequest, source: SourceEntry, _ event: Result<AlertEvent, IntegrationError>
    ) async throws -> IngestAnswer {
        try await submit(IngestRequest(request, event: event, source: source, receivedAt: clock.now))
    }

    private func submit(_ read: IngestRequest) async throws -> IngestAnswer {
        let answer = try await ingestion.submit(read)
        if let fault = read.fault { throw Failure(.invalid, fault) }
        return answer
    }

    /// - Throws: `Failure.forbidden` when the request is not from whom it should be; the event explorer then has a line
    ///   about it.
    private func prove(
        _ request: WebhookRequest, _ source: SourceEntry, _ reader: IntegrationCatalog.Entry?
    ) async throws {
        if let secret = source.webhookSecret,
            !WebhookProof.isValid(request, secret: secret, signature: reader?.kind.signature)
        {
            try await refuse(
                request, source, "The signature does not fit the webhook secret of this alert source, or is missing.")
        }
        guard reader?.isAmazon == true else { return }
        do throws(AmazonGate.Refusal) {
            try await amazon.check(request)
        } catch {
            switch error {
            case .notAmazon(let reason): try await refuse(request, source, reason)
            case .unavailable:
                throw Failure(.unavailable, "Amazon's certificate cannot be fetched; come back soon.")
            }
        }
    }

    private func refuse(_ request: WebhookRequest, _ source: SourceEntry, _ reason: String) async throws {
        _ = try await ingestion.submit(
            IngestRequest(refused: request, because: reason, source: source, receivedAt: clock.now))
        throw Failure(.forbidden, reason)
    }
}

extension SourceEntry {
    /// What reads a request: the source's integration, but for the APIs that have an address of their own.
    func reader(of request: WebhookRequest) -> IntegrationCatalog.Entry? {
        // What an event flow handed on is the generic event, whatever the source's tool sends.
        if request.path.hasPrefix(FlowReception.path) { return IntegrationCatalog.entry(type: EventsAPI.kind.type) }
        return IntegrationCatalog.entry(ofAPIAt: request.path) ?? integration
    }
}

extension EventsAPI {
    /// An event that carries its integration key in its body.
    ///
    /// - Throws: `Failure.invalid`.
    static func keyed(_ request: WebhookRequest) throws(Failure) -> (Submission, key: String) {
        let submission: Submission
        do throws(IntegrationError) {
            submission = try EventsAPI.submission(from: request)
        } catch {
            throw Failure(.invalid, error.message)
        }
        guard let key = submission.integrationKey else {
            throw Failure(.invalid, "The field \"integrationKey\" is missing.")
        }
        return (submission, key)
    }

    /// The event in `request`, or why there is none.
    static func submission(readable request: WebhookRequest) -> Result<AlertEvent, IntegrationError> {
        do throws(IntegrationError) {
            return try submission(from: request).event
        } catch {
            return .failure(error)
        }
    }
}
