public import Alerting
public import Integrations

/// What the doors for events hand their requests to.
public protocol EventReceiver: Sendable {
    /// A request to an alert source's own URL, or to the address of an API that is understood for every source.
    ///
    /// - Throws: `Failure`, which tells the sender whether to come back.
    func receive(_ request: WebhookRequest, key: String) async throws -> IngestAnswer

    /// The same for a request that has to wait for nothing but its commit, without a task that waits: from a
    /// connection's event loop.
    ///
    /// - Parameter whenDone: called once, on a thread that it must not keep; never when `false` is returned.
    /// - Returns: `false`: nothing was done, and `receive(_:key:)` is the way.
    func receiveAtOnce(
        _ request: WebhookRequest, key: String, whenDone: @escaping @Sendable (Result<IngestAnswer, Failure>) -> Void
    ) -> Bool

    /// A generic event that carries its integration key in its body.
    ///
    /// - Throws: as `receive(_:key:)`; `Failure.invalid` too when there is no key in it.
    func receiveGeneric(_ request: WebhookRequest) async throws -> IngestAnswer

    /// The alert source with an integration key.
    ///
    /// - Throws: `Failure.notFound` for an unknown key.
    func source(withKey key: String) async throws -> AlertSource.ID

    /// The alert key of an alert that a sender names by its number; `nil`: the source has no such alert.
    ///
    /// - Throws: `Failure.notFound` for an unknown key.
    func alertKey(ofAlert number: String, source key: String) async throws -> String?
}

extension EventReceiver {
    /// Takes none in this way.
    public func receiveAtOnce(
        _ request: WebhookRequest, key: String, whenDone: @escaping @Sendable (Result<IngestAnswer, Failure>) -> Void
    ) -> Bool { false }

    /// A request that carries its integration key, as senders of one integration do.
    ///
    /// - Throws: as `receive(_:key:)`; `Failure.invalid` too when there is no key in it.
    public func receiveKeyed(
        _ request: WebhookRequest, integration: IntegrationCatalog.Entry
    ) async throws -> IngestAnswer {
        guard let key = integration.integrationKey(in: request) else {
            throw Failure(.invalid, "The request carries no integration key, or cannot be read.")
        }
        return try await receive(request, key: key)
    }
}
