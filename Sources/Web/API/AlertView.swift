import Alerting
import Storage

/// An alert on the wire.
enum AlertView {
    static let escalationRules = "escalationRules"
    static let nextEscalationUser = "nextEscalationUser"
    static let customDetails = "customDetails"

    static func list(
        _ alerts: [AlertRecord], includes: Set<String>, _ rendering: Rendering
    ) throws -> [JSONValue] {
        let responders = try AlertResponders.list(of: alerts.map(\.alert.id), in: rendering.transaction)
        return try alerts.map { record in
            try json(record, responders: responders[record.alert.id] ?? [], includes: includes, rendering)
        }
    }

    private static func json(
        _ record: AlertRecord, responders: [User.ID], includes: Set<String>, _ rendering: Rendering
    ) throws -> JSONValue {
        let alert = record.alert
        var members: [String: JSONValue?] = [
            "id": JSONValue(alert.id), "summary": .string(alert.summary), "details": .string(alert.details),
            "status": .string(alert.status.rawValue.uppercased()), "alertKey": .string(alert.key),
            "priority": .string(alert.priority.rawValue.uppercased()), "severity": alert.severity.json,
            "reportTime": JSONValue(alert.raisedAt), "resolvedOn": alert.resolvedAt.json,
            "alertSource": try rendering.sourceReference(alert.source),
            "escalationPolicy": try alert.policy.map { try rendering.policyReference($0) },
            "assignedTo": try record.assigned.map { try rendering.userReference($0) },
            "responders": try self.responders(record, responders, rendering),
            "nextEscalation": alert.escalation.due.json, "snoozedUntil": alert.snoozedUntil.json,
            "nextEscalationRuleIndex": nextLevel(of: alert).json,
            "labels": .object(alert.labels.mapValues(JSONValue.string)),
            "links": .array(alert.links.map(json)), "images": .array(alert.images.map(json)),
            "mergeState": .string("NONE"),
        ]
        try add(alert.acceptedBy, as: "acknowledgedBy", to: &members, rendering)
        try add(alert.resolvedBy, as: "resolvedBy", to: &members, rendering)
        if includes.contains(customDetails) { members[customDetails] = alert.customDetails ?? .object([:]) }
        if includes.contains(escalationRules) {
            members[escalationRules] = .array(
                try alert.escalation.policy.levels.map { try EscalationPolicyBody.json($0, rendering) })
        }
        if includes.contains(nextEscalationUser) { members[nextEscalationUser] = try nextUser(of: alert, rendering) }
        return .members(members)
    }

    /// Everybody who was paged, was handed the alert or accepted it, each once.
    private static func responders(
        _ record: AlertRecord, _ paged: [User.ID], _ rendering: Rendering
    ) throws -> JSONValue {
        var users = paged
        for user in [record.assigned, record.alert.acceptedBy?.responder].compactMap(\.self) where !users.contains(user)
        {
            users.append(user)
        }
        return .array(
            try users.map { user in
                let hasAccepted =
                    record.alert.acceptedBy == .user(user) || record.alert.acceptances.accepted.contains(user)
                return .members([
                    "user": try rendering.userReference(user), "status": .string(hasAccepted ? "ACCEPTED" : "PENDING"),
                    "acceptedAt": hasAccepted ? record.alert.acceptedAt.json : nil,
                ])
            })
    }

    /// The level that is entered next, 0-based; `nil` when none is by itself.
    private static func nextLevel(of alert: Alert) -> Int? {
        let policy = alert.escalation.policy
        switch alert.escalation.state {
        case .ready: return policy.levels.isEmpty ? nil : 0
        case .waiting(let level, let pass, _):
            if level + 1 < policy.levels.count { return level + 1 }
            return pass < policy.repeats ? 0 : nil
        case .rested, .stopped, .exhausted: return nil
        }
    }

    private static func nextUser(of alert: Alert, _ rendering: Rendering) throws -> JSONValue? {
        guard let level = nextLevel(of: alert) else { return nil }
        for target in alert.escalation.policy.levels[level].targets {
            switch target {
            case .user(let id): return try rendering.userReference(id)
            case .team(let id):
                guard let first = try Teams.members(of: id, in: rendering.transaction).first else { continue }
                return try rendering.userReference(first)
            case .schedule: continue
            }
        }
        return nil
    }

    private static func add(
        _ actor: Actor?, as name: String, to members: inout [String: JSONValue?], _ rendering: Rendering
    ) throws {
        switch actor {
        case .user(let id):
            members[name] = try rendering.userReference(id)
            members["\(name)Type"] = .string("USER")
        case .source: members["\(name)Type"] = .string("SOURCE")
        case .system: members["\(name)Type"] = .string("SYSTEM")
        case nil: break
        }
    }

    private static func json(_ link: AlertLink) -> JSONValue {
        .members(["href": .string(link.href), "text": link.text.json])
    }

    private static func json(_ image: AlertImage) -> JSONValue {
        .members(["src": .string(image.source), "href": image.href.json, "alt": image.alternative.json])
    }
}

extension Actor {
    var responder: User.ID? {
        guard case .user(let id) = self else { return nil }
        return id
    }
}
