public import Alerting

/// An escalation policy's structure in a column, such as
/// `{"delay_ms":0,"levels":[{"timeout_ms":300000,"targets":[{"user":7}]}],"repeats":0}`; what a level has beside its
/// targets and timeout is only there where it is not as usual.
public enum PolicyStructure {
    public static func text(of policy: EscalationPolicy) -> String {
        JSONColumn.text(
            of: .object([
                "delay_ms": .integer(policy.delay.wholeMilliseconds), "repeats": .integer(Int64(policy.repeats)),
                "levels": .array(policy.levels.map(value)),
            ]))
    }

    private static func value(of level: EscalationLevel) -> JSONValue {
        var members: [String: JSONValue] = [
            "timeout_ms": .integer(level.timeout.wholeMilliseconds),
            "targets": .array(level.targets.map(value)),
        ]
        if level.calls != .everybody { members["calls"] = .string(level.calls.rawValue) }
        if level.needsEverybody { members["needs_everybody"] = .bool(true) }
        if level.isHandedOver { members["is_handed_over"] = .bool(true) }
        if let condition = level.condition {
            members["condition"] = .object([
                "support_hours": .integer(condition.supportHours), "side": .string(condition.side.rawValue),
            ])
        }
        return .object(members)
    }

    private static func value(of target: EscalationTarget) -> JSONValue {
        switch target {
        case .user(let id): .object(["user": .integer(id.rawValue)])
        case .team(let id): .object(["team": .integer(id.rawValue)])
        case .schedule(let id): .object(["schedule": .integer(id)])
        }
    }

    static func policy(of text: String, _ column: String) throws(StorageError) -> EscalationPolicy {
        let value = try JSONColumn.value(of: text, column)
        guard let levels = value["levels"]?.array, let delay = value["delay_ms"]?.integer,
            let repeats = value["repeats"]?.integer
        else { throw .unreadable(column: column) }
        return EscalationPolicy(levels: levels.map(level), repeats: Int(repeats), delay: .milliseconds(delay))
    }

    private static func level(of value: JSONValue) -> EscalationLevel {
        EscalationLevel(
            targets: (value["targets"]?.array ?? []).compactMap(target),
            timeout: .milliseconds(value["timeout_ms"]?.integer ?? 0),
            calls: value["calls"]?.string.flatMap(EscalationLevel.Calls.init) ?? .everybody,
            needsEverybody: value["needs_everybody"]?.bool ?? false, condition: value["condition"].flatMap(condition),
            isHandedOver: value["is_handed_over"]?.bool ?? false)
    }

    private static func target(of value: JSONValue) -> EscalationTarget? {
        if let id = value["user"]?.integer { return .user(User.ID(id)) }
        if let id = value["team"]?.integer { return .team(Team.ID(id)) }
        return value["schedule"]?.integer.map(EscalationTarget.schedule)
    }

    private static func condition(of value: JSONValue) -> LevelCondition? {
        guard let id = value["support_hours"]?.integer,
            let side = value["side"]?.string.flatMap(LevelCondition.Side.init)
        else { return nil }
        return LevelCondition(supportHours: id, side: side)
    }
}
