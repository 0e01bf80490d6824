/// An alert as alert actions see it: what conditions and templates look at, and what messages say.
public struct AlertSnapshot: Equatable, Sendable {
    public var alert: Alert
    /// As it was at the trigger.
    public var status: AlertStatus
    public var trigger: AlertTrigger
    public var sourceName: String
    public var policyName: String
    /// Of whoever it is assigned to or has accepted it: username, email, first and last name.
    public var assignee: Person?
    /// Where people see it.
    public var url: String
    /// Who did what set the trigger off; empty: the alert source or Nightbell.
    public var actor: String
    /// A comment's words and the like.
    public var text: String

    public struct Person: Equatable, Sendable {
        public var username: String
        public var email: String
        public var firstName: String
        public var lastName: String

        public init(username: String, email: String, firstName: String, lastName: String) {
            self.username = username
            self.email = email
            self.firstName = firstName
            self.lastName = lastName
        }
    }

    public init(
        _ alert: Alert, trigger: AlertTrigger, sourceName: String, policyName: String = "", assignee: Person? = nil,
        url: String, actor: String = "", text: String = ""
    ) {
        self.alert = alert
        self.trigger = trigger
        self.sourceName = sourceName
        self.policyName = policyName
        self.assignee = assignee
        self.url = url
        self.actor = actor
        self.text = text
        status = trigger.status ?? alert.status
    }

    /// What a webhook gets when it says nothing else.
    ///
    /// Source: ilert's documentation of webhook alert actions, read 2026-11-23.
    public var payload: JSONValue {
        .object([
            "id": .integer(alert.id.rawValue), "status": .string(status.rawValue.uppercased()),
            "summary": .string(alert.summary), "details": .string(alert.details),
            "reportTime": .string(alert.raisedAt.iso8601), "eventType": .string(trigger.rawValue),
            "priority": .string(alert.priority.rawValue.uppercased()), "alertKey": .string(alert.key),
            "alertSource": .object(["id": .integer(alert.source.rawValue), "name": .string(sourceName)]),
            "assignedTo": assignee.map(\.json) ?? .null, "url": .string(url),
            "links": .array(alert.links.map(\.json)),
            "labels": .object(alert.labels.mapValues(JSONValue.string)),
            "customDetails": alert.customDetails ?? .null,
        ])
    }

    /// What conditions (`alert.…`) and templates (`alertSummary`, `alert.summary`) look at.
    public var scope: JSONValue {
        var fields = payload.object ?? [:]
        fields["severity"] = alert.severity.map { .integer(Int64($0)) }
        fields["eventCount"] = .integer(Int64(alert.eventCount))
        fields["escalationPolicy"] = .object([
            "id": alert.policy.map { .integer($0.rawValue) } ?? .null, "name": .string(policyName),
        ])
        return .object([
            "alert": .object(fields), "alertId": .integer(alert.id.rawValue), "alertKey": .string(alert.key),
            "alertSummary": .string(alert.summary), "alertDetails": .string(alert.details),
            "alertStatus": .string(status.rawValue.uppercased()),
            "alertPriority": .string(alert.priority.rawValue.uppercased()), "alertUrl": .string(url),
            "alertSourceId": .integer(alert.source.rawValue), "alertSourceName": .string(sourceName),
            "escalationPolicyId": alert.policy.map { .integer($0.rawValue) } ?? .null,
            "escalationPolicyName": .string(policyName), "reportTime": .string(alert.raisedAt.iso8601),
            "link": .string(alert.links.first?.href ?? ""), "eventType": .string(trigger.rawValue),
            "comment": .string(text), "actor": .string(actor),
        ])
    }

    /// One line about what happened.
    public var headline: String {
        let who = actor.isEmpty ? "" : " (\(actor))"
        return "[\(status.rawValue.uppercased())] \(alert.summary) \(trigger.words)\(who)"
    }
}

extension AlertSnapshot.Person {
    fileprivate var json: JSONValue {
        .object([
            "username": .string(username), "email": .string(email), "firstName": .string(firstName),
            "lastName": .string(lastName),
        ])
    }
}
