public import Alerting
public import Engine

/// Sends mail through the configured mail server.
public final class EmailSender: Sender {
    public let channel = Channel.email
    private let client: SMTPClient
    private let identity: MailIdentity
    private let clock: any Clock

    public init(settings: SMTPSettings, identity: MailIdentity, clock: any Clock) {
        client = SMTPClient(settings)
        self.identity = identity
        self.clock = clock
    }

    public func send(_ message: OutgoingMessage) async -> DeliveryOutcome {
        do throws(Failure) {
            return await client.send(try MIMEMessage(message, identity: identity, at: clock.now))
        } catch {
            return .rejected(reason: error.message)
        }
    }

    /// Takes no more mails; those being handed over have `grace` to finish and are broken off then.
    public func close(grace: Duration = .seconds(5)) {
        client.close(grace: grace)
    }
}
