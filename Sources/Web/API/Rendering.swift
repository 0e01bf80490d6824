import Alerting
import Engine
import Storage

/// Writes records as the wire's objects, and looks up the names in them, each once. Lives as long as one read.
final class Rendering {
    let transaction: any Transaction
    let caller: Caller
    let settings: WebSettings
    private var users: [User.ID: UserRecord?] = [:]
    private var policies: [EscalationPolicy.ID: PolicyRecord?] = [:]
    private var sources: [AlertSource.ID: AlertSourceRecord?] = [:]
    private var schedules: [OnCallSchedule.ID: ScheduleRecord?] = [:]
    private var teams: [Team.ID: String] = [:]

    init(_ transaction: any Transaction, caller: Caller, settings: WebSettings) {
        self.transaction = transaction
        self.caller = caller
        self.settings = settings
    }

    /// `nil` for one who was deleted.
    func user(_ id: User.ID) throws -> UserRecord? {
        if let known = users[id] { return known }
        let user = try Users.find(id, in: transaction)
        users[id] = .some(user)
        return user
    }

    func policy(_ id: EscalationPolicy.ID) throws -> PolicyRecord? {
        if let known = policies[id] { return known }
        let policy = try EscalationPolicies.find(id, in: transaction)
        policies[id] = .some(policy)
        return policy
    }

    func source(_ id: AlertSource.ID) throws -> AlertSourceRecord? {
        if let known = sources[id] { return known }
        let source = try AlertSources.find(id, in: transaction)
        sources[id] = .some(source)
        return source
    }

    func schedule(_ id: OnCallSchedule.ID) throws -> ScheduleRecord? {
        if let known = schedules[id] { return known }
        let schedule = try OnCallSchedules.find(id, in: transaction)
        schedules[id] = .some(schedule)
        return schedule
    }

    func scheduleReference(_ id: OnCallSchedule.ID) throws -> JSONValue {
        let schedule = try schedule(id)
        return .members([
            "id": JSONValue(id), "name": schedule?.name.jsonText, "type": schedule?.kind.rawValue.uppercased().jsonText,
        ])
    }

    /// What is said of a user where something refers to one.
    func userReference(_ id: User.ID) throws -> JSONValue {
        guard let user = try user(id) else { return .object(["id": JSONValue(id)]) }
        return .object([
            "id": JSONValue(id), "firstName": .string(user.firstName), "lastName": .string(user.lastName),
            "username": .string(user.username), "email": .string(user.email),
        ])
    }

    func policyReference(_ id: EscalationPolicy.ID) throws -> JSONValue {
        .members(["id": JSONValue(id), "name": try policy(id)?.name.jsonText])
    }

    func sourceReference(_ id: AlertSource.ID) throws -> JSONValue {
        let source = try source(id)
        return .members([
            "id": JSONValue(id), "name": source?.name.jsonText, "integrationType": source?.integrationType.jsonText,
        ])
    }

    /// By id, with their names.
    func teamReferences(_ ids: [Team.ID]) throws -> JSONValue {
        let missing = ids.filter { teams[$0] == nil }
        for team in try Teams.names(of: missing, account: caller.account, in: transaction) {
            teams[team.id] = team.name
        }
        return .array(ids.sorted().map { .members(["id": JSONValue($0), "name": teams[$0].json]) })
    }
}

extension String {
    fileprivate var jsonText: JSONValue { .string(self) }
}
