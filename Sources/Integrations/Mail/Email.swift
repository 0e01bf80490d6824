public import Alerting

/// Mails to an alert source's own address.
///
/// Each mail raises an alert, or resolves one, as the source's rules say (`MailRules`). Without a rule that extracts a
/// key the mail's own Message-ID is it: one that arrives twice is one alert, and an answer to it can resolve it.
public enum Email: Integration {
    public static let kind = IntegrationKind(
        type: "EMAIL2", path: "email", aliases: ["email2"], name: "Email", category: .custom,
        features: [.alertResolution, .dynamicRouting, .templates, .priorityMapping], guide: "integrations/email",
        isMail: true)

    /// Stands in a mail's request for the method.
    public static let method = "MAIL"

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        guard request.body.contains(where: { $0 > 0x20 }) else { throw .malformed(reason: "The mail is empty.") }
        let mail = MailMessage(request.body)
        switch (settings.mail ?? MailRules()).meaning(of: mail) {
        case .dropped: return []
        case .alert(let key): return [event(.alert, key, mail, request)]
        case .resolve(let key): return [event(.resolve, key, mail, request)]
        }
    }

    private static func event(
        _ kind: AlertEvent.Kind, _ key: String?, _ mail: MailMessage, _ request: WebhookRequest
    ) -> AlertEvent {
        let sender = mail.from.nonEmpty ?? request.header("x-mail-from") ?? "an unknown sender"
        var details = mail.text
        if !mail.attachments.isEmpty {
            details += (details.isEmpty ? "" : "\n\n") + "Attached: " + mail.attachments.joined(separator: ", ")
        }
        return AlertEvent(
            kind: kind, alertKey: key, summary: mail.subject.nonEmpty ?? "Mail from \(sender)",
            details: "From: \(sender)\n\n\(details)".trimmed, customDetails: members(of: mail, request),
            occurredAt: mail.sentAt)
    }

    /// What conditions and templates can speak of.
    private static func members(of mail: MailMessage, _ request: WebhookRequest) -> JSONValue {
        var members: [String: JSONValue] = [
            "from": .string(mail.from), "fromAddress": .string(mail.fromAddress), "subject": .string(mail.subject),
            "body": .string(mail.text), "attachments": .array(mail.attachments.map(JSONValue.string)),
            "headers": .object(mail.fields.mapValues(JSONValue.string)),
        ]
        members["to"] = request.header("x-mail-to").map(JSONValue.string)
        members["messageId"] = mail.messageID.map(JSONValue.string)
        return .object(members)
    }
}
