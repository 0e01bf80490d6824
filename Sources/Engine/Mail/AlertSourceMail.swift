import Alerting
import Integrations
public import Logging
import Storage

/// Mails to alert sources: each is an event, stored before its sender is told that it was taken.
///
/// Reports about other mails, automatic replies and Nightbell's own mails raise nothing, so that nothing goes round in
/// circles; nor does a mail that too many servers have passed on. They are refused, and the event explorer has a line.
public final class AlertSourceMail: MailReceiver {
    private let directory: AlertSourceDirectory
    private let ingestion: Ingestion
    private let clock: any Clock
    private let meter = MailMeter()
    private let logger: Logger

    public init(directory: AlertSourceDirectory, ingestion: Ingestion, clock: any Clock, logger: Logger) {
        self.directory = directory
        self.ingestion = ingestion
        self.clock = clock
        self.logger = logger
    }

    public func answer(recipient: String, sender: String) async -> MailAnswer {
        switch await find(recipient) {
        case .failure(let answer): answer
        case .success(let source):
            if sender.isEmpty {
                .refused("Reports about other mails raise no alerts")
            } else if !meter.hasRoom(source.record.id, at: clock.now) {
                .later("Too many mails for this address; come back in a minute")
            } else {
                .taken
            }
        }
    }

    public func receive(_ mail: ReceivedMail) async -> MailAnswer {
        switch await find(mail.recipient) {
        case .failure(let answer): return answer
        case .success(let source):
            guard meter.count(source.record.id, at: clock.now) else {
                return .later("Too many mails for this address; come back in a minute")
            }
            return await receive(mail, for: source)
        }
    }

    private func receive(_ mail: ReceivedMail, for source: SourceEntry) async -> MailAnswer {
        let message = MailMessage(mail.content)
        let request = Self.request(mail, message)
        let ingest: IngestRequest
        var answer = MailAnswer.taken
        if let reason = Self.refusal(of: message) {
            ingest = IngestRequest(refused: request, because: reason, source: source, receivedAt: clock.now)
            answer = .refused(reason)
        } else if source.settings.mail?.meaning(of: message) == .dropped {
            ingest = IngestRequest(
                refused: request, because: "No mail filter of this alert source lets it pass.", reason: .filtered,
                source: source, receivedAt: clock.now)
        } else {
            ingest = IngestRequest(request, source: source, receivedAt: clock.now)
        }
        do {
            _ = try await ingestion.submit(ingest)
            return answer
        } catch {
            // The sender keeps it and comes back.
            logger.warning("mail put off", metadata: ["reason": "\(error)"])
            return .later("The mail could not be stored; come back soon")
        }
    }

    /// A sentence without its full stop.
    private static func refusal(of message: MailMessage) -> String? {
        switch message.automatic {
        case .report: "Reports about other mails raise no alerts"
        case .reply: "Automatic replies raise no alerts"
        case .page: "Nightbell's own mails raise no alerts"
        case nil: message.hops > Limits.mailHops ? "This mail goes round in circles" : nil
        }
    }

    /// The mail in the form in which the event explorer keeps requests.
    private static func request(_ mail: ReceivedMail, _ message: MailMessage) -> WebhookRequest {
        let shown = ["from", "to", "subject", "date", "message-id", "content-type"].compactMap { name in
            message.fields[name].map { WebhookRequest.Header(lowercased: name, $0) }
        }
        return WebhookRequest(
            method: Email.method, path: "mailto:\(mail.recipient)",
            headers: [
                WebhookRequest.Header(lowercased: "x-mail-from", mail.sender),
                WebhookRequest.Header(lowercased: "x-mail-to", mail.recipient),
                WebhookRequest.Header(lowercased: "x-mail-client", mail.client),
            ] + shown, body: mail.content)
    }

    private enum Found {
        case success(SourceEntry)
        case failure(MailAnswer)
    }

    private func find(_ address: String) async -> Found {
        do {
            guard let source = try await directory.entry(forKey: address), source.integration?.kind.isMail == true
            else { return .failure(.unknown) }
            return .success(source)
        } catch {
            logger.warning("mail address not looked up", metadata: ["reason": "\(error)"])
            return .failure(.later("The address cannot be looked up now; come back soon"))
        }
    }
}
