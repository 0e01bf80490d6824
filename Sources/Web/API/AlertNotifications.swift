import Alerting
import Storage

/// The messages about an alert on the wire, by id. What was never sent and never will be is left out.
enum AlertNotifications {
    static func json(_ record: AlertRecord, _ rendering: Rendering) throws -> JSONValue {
        let messages = try Messages.list(of: record.alert.id, in: rendering.transaction)
        return .array(
            try messages.compactMap { message in
                guard let status = status(of: message) else { return nil }
                return .members([
                    "id": JSONValue(message.id), "method": .string(message.channel.rawValue.uppercased()),
                    "target": .string(message.target), "subject": .string(message.subject ?? record.alert.summary),
                    "alertId": JSONValue(record.alert.id), "user": try message.user.map { try user($0, rendering) },
                    "notificationTime": JSONValue(message.sentAt ?? message.intended), "status": .string(status),
                    "errorMessage": message.status == .failed ? message.reason.json : nil,
                ])
            })
    }

    private static func status(of message: MessageRecord) -> String? {
        switch message.status {
        case .waiting, .sending: "SCHEDULED"
        case .delivered: "SUCCESS"
        case .failed: "ERROR"
        case .cancelled: nil
        }
    }

    /// Here alone the wire spells the names without a capital in them.
    private static func user(_ id: User.ID, _ rendering: Rendering) throws -> JSONValue {
        let user = try rendering.user(id)
        return .members([
            "id": JSONValue(id), "firstname": user.map { .string($0.firstName) },
            "lastname": user.map { .string($0.lastName) },
        ])
    }
}
