public import Alerting

/// Amazon SNS: a message of a topic, among them CloudWatch's alarms.
///
/// Source: docs.aws.amazon.com/sns (http-notification-json, http-subscription-confirmation-json,
/// sns-verify-signature-of-message), read 2026-11-27; a recorded alarm, read 2026-11-23. The engine confirms
/// subscriptions and checks signatures before this reads anything.
public enum AmazonSNS: Integration {
    public static let kind = IntegrationKind(
        type: "AMAZONSNS", path: "amazonsns", aliases: ["amazon-sns"], name: "Amazon SNS", category: .cloud,
        guide: "integrations/amazon-sns")

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let envelope = try VendorPayload(request)
        switch try envelope.required("Type") {
        case "Notification": break
        case "SubscriptionConfirmation", "UnsubscribeConfirmation": return []
        case let type: throw .unsupported(field: "Type", value: Limits.cut(type, to: 100))
        }
        let message = try envelope.required("Message")
        if case .success(let json) = Result(catching: { () throws(JSONError) in try JSONValue.parse(message) }),
            case .object = json
        {
            let payload = VendorPayload(json)
            if payload["AlarmName"] != nil { return try alarm(payload, in: envelope) }
            // Any message of JSON may name an event as the generic one does.
            if payload["eventType"] != nil, let event = try? EventsAPI.submission(from: json).event.get() {
                return [event]  // One that names a type and is none is read as plain text.
            }
        }
        return [
            AlertEvent(
                kind: .alert, alertKey: envelope.joined("TopicArn", "Subject") ?? envelope["MessageId"],
                summary: envelope["Subject"] ?? message, details: message, customDetails: envelope.json,
                occurredAt: envelope.time("Timestamp"))
        ]
    }

    private static func alarm(
        _ alarm: VendorPayload, in envelope: VendorPayload
    ) throws(IntegrationError) -> [AlertEvent] {
        let kind = try alarm.kind(
            at: "NewStateValue", alert: ["alarm"], resolve: ["ok"], ignored: ["insufficient_data"])
        guard let kind else { return [] }
        let name = try alarm.required("AlarmName")
        return [
            AlertEvent(
                kind: kind, alertKey: alarm.joined("AWSAccountId", "Region", "AlarmName"),
                summary: envelope["Subject"] ?? "\(name) is \(alarm["NewStateValue"] ?? "in alarm")",
                details: alarm.lines([
                    ("Description", "AlarmDescription"), ("Reason", "NewStateReason"), ("Region", "Region"),
                    ("Account", "AWSAccountId"), ("Namespace", "Trigger.Namespace"),
                    ("Metric", "Trigger.MetricName"),
                ]),
                customDetails: alarm.json, occurredAt: alarm.time("StateChangeTime"))
        ]
    }

    /// What a message's signature covers, line by line: name and value of each member that is there.
    public static func signedText(of envelope: JSONValue) -> String {
        let names =
            envelope["Type"]?.string == "Notification"
            ? ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
            : ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        return names.compactMap { name in envelope[name]?.string.map { "\(name)\n\($0)\n" } }.joined()
    }
}
