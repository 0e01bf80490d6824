import Alerting
import Engine
import Storage

/// An escalation policy on the wire.
enum EscalationPolicyBody {
    static func draft(_ fields: JSONFields) throws(Failure) -> EscalationPolicyDraft {
        var levels: [EscalationLevel] = []
        for rule in try fields.objects("escalationRules") ?? [] { levels.append(try level(rule)) }
        let frequency = try fields.int("frequency") ?? 1
        return EscalationPolicyDraft(
            name: try fields.text("name") ?? "", levels: levels, delay: .minutes(try fields.int("delayMin") ?? 0),
            isRepeating: try fields.bool("repeating") ?? false, frequency: frequency == 0 ? 1 : frequency,
            routingKey: try fields.text("routingKey"), teams: try fields.references("teams"))
    }

    static func level(_ fields: JSONFields) throws(Failure) -> EscalationLevel {
        var targets: [EscalationTarget] = []
        // Older clients name one of each kind in the singular.
        if let user: User.ID = try fields.reference("user") { targets.append(.user(user)) }
        if let schedule: Identifier<Never> = try fields.reference("schedule") {
            targets.append(.schedule(schedule.rawValue))
        }
        if let team: Team.ID = try fields.reference("team") { targets.append(.team(team)) }
        let users: [User.ID] = try fields.references("users") ?? []
        let schedules: [Identifier<Never>] = try fields.references("schedules") ?? []
        let teams: [Team.ID] = try fields.references("teams") ?? []
        targets += users.map(EscalationTarget.user) + schedules.map { .schedule($0.rawValue) }
        targets += teams.map(EscalationTarget.team)
        guard let timeout = try fields.int("escalationTimeout") else {
            throw fields.invalid("escalationTimeout", "is missing; it is in minutes.")
        }
        return EscalationLevel(
            targets: targets, timeout: .minutes(timeout), calls: try fields.name("calls") ?? .everybody,
            needsEverybody: try fields.bool("everybodyMustAccept") ?? false, condition: try condition(fields))
    }

    private static func condition(_ fields: JSONFields) throws(Failure) -> LevelCondition? {
        guard let hours: Identifier<Never> = try fields.reference("supportHours") else { return nil }
        return LevelCondition(
            supportHours: hours.rawValue, side: try fields.name("supportHoursCondition") ?? .during)
    }

    static func json(_ policy: PolicyRecord, _ rendering: Rendering) throws -> JSONValue {
        .members([
            "id": JSONValue(policy.id), "name": .string(policy.name),
            "escalationRules": .array(try policy.policy.levels.map { try json($0, rendering) }),
            "teams": try rendering.teamReferences(policy.teams), "repeating": .bool(policy.isRepeating),
            "frequency": JSONValue(policy.frequency), "delayMin": JSONValue(policy.policy.delay.wholeMinutes),
            "routingKey": policy.routingKey.json, "createdAt": JSONValue(policy.createdAt),
            "updatedAt": JSONValue(policy.updatedAt),
        ])
    }

    static func json(_ level: EscalationLevel, _ rendering: Rendering) throws -> JSONValue {
        var users: [JSONValue] = []
        var teams: [Team.ID] = []
        var schedules: [JSONValue] = []
        for target in level.targets {
            switch target {
            case .user(let id): users.append(try rendering.userReference(id))
            case .team(let id): teams.append(id)
            case .schedule(let id): schedules.append(try rendering.scheduleReference(.init(id)))
            }
        }
        return .object([
            "escalationTimeout": JSONValue(level.timeout.wholeMinutes), "users": .array(users),
            "schedules": .array(schedules), "teams": try rendering.teamReferences(teams),
            "calls": .string(level.calls.rawValue.uppercased()), "everybodyMustAccept": .bool(level.needsEverybody),
            "supportHours": level.condition.map { .object(["id": .integer($0.supportHours)]) } ?? .null,
            "supportHoursCondition": level.condition.map { .string($0.side.rawValue.uppercased()) } ?? .null,
        ])
    }
}

extension Duration {
    var wholeMinutes: Int { Int(wholeMilliseconds / 60_000) }
}
