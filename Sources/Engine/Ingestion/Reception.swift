public import Alerting
public import Integrations
import Storage

/// The front door of ingestion: from a raw request and a key to a committed answer.
public struct Reception: Sendable {
    private let directory: AlertSourceDirectory
    private let ingestion: Ingestion
    private let clock: any Clock

    public init(directory: AlertSourceDirectory, ingestion: Ingestion, clock: any Clock) {
        self.directory = directory
        self.ingestion = ingestion
        self.clock = clock
    }

    /// A request to an alert source's own URL.
    ///
    /// - Throws: `Failure.notFound` for an unknown key, `Failure.invalid` for a generic event that cannot be read,
    ///   `Failure.unavailable` when nothing was stored.
    public func receive(_ request: WebhookRequest, key: String) async throws -> IngestAnswer {
        let source = try await find(key)
        if source.integration?.type ?? EventsAPI.kind.type == EventsAPI.kind.type {
            return try await receiveGeneric(request, source: source, EventsAPI.submission(readable: request))
        }
        return try await ingestion.submit(IngestRequest(request, source: source, receivedAt: clock.now))
    }

    /// A generic event that carries its integration key in its body.
    ///
    /// - Throws: as `receive(_:key:)`; `Failure.invalid` too when there is no key in it.
    public func receiveGeneric(_ request: WebhookRequest) async throws -> IngestAnswer {
        let submission: EventsAPI.Submission
        do throws(IntegrationError) {
            submission = try EventsAPI.submission(from: request)
        } catch {
            throw Failure(.invalid, error.message)
        }
        guard let key = submission.integrationKey else {
            throw Failure(.invalid, "The field \"integrationKey\" is missing.")
        }
        return try await receiveGeneric(request, source: find(key), submission.event)
    }

    /// A stored or invented request, handed in again from a page by somebody who may see the source.
    public func replay(_ request: WebhookRequest, source id: AlertSource.ID) async throws -> IngestAnswer {
        guard let source = try await directory.entry(for: id) else {
            throw Failure(.notFound, "There is no alert source \(id).")
        }
        return try await ingestion.submit(IngestRequest(request, source: source, receivedAt: clock.now))
    }

    private func receiveGeneric(
        _ request: WebhookRequest, source: SourceEntry, _ event: Result<AlertEvent, IntegrationError>
    ) async throws -> IngestAnswer {
        let read = IngestRequest(request, event: event, source: source, receivedAt: clock.now)
        let answer = try await ingestion.submit(read)
        if let fault = read.fault { throw Failure(.invalid, fault) }
        return answer
    }

    private func find(_ key: String) async throws -> SourceEntry {
        guard let source = try await directory.entry(forKey: key) else {
            throw Failure(.notFound, "There is no alert source with this integration key.")
        }
        return source
    }
}

extension EventsAPI {
    /// The event in `request`, or why there is none.
    fileprivate static func submission(readable request: WebhookRequest) -> Result<AlertEvent, IntegrationError> {
        do throws(IntegrationError) {
            return try submission(from: request).event
        } catch {
            return .failure(error)
        }
    }
}
