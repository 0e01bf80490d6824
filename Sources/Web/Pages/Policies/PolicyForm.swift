import Alerting
import Engine
import Storage

/// An escalation policy as it is typed. The form travels whole with each button, so levels and people are added,
/// moved and removed without scripts and nothing is stored before Save.
struct PolicyForm: Sendable {
    struct Level: Sendable {
        var targets: [EscalationTarget]
        /// Minutes, as typed.
        var timeout: String
        var calls = Calling.everybody
        var condition: LevelCondition?
    }

    /// Whom a level pages, and whose acceptance counts.
    enum Calling: String, CaseIterable {
        case everybody
        case oneInTurn = "one-in-turn"
        case allMustAccept = "all-must-accept"

        init(_ level: EscalationLevel) {
            self = level.needsEverybody ? .allMustAccept : level.calls == .oneInTurn ? .oneInTurn : .everybody
        }

        var words: String {
            switch self {
            case .everybody: "Everybody; one of them accepts"
            case .oneInTurn: "One of them, each time the next"
            case .allMustAccept: "Everybody; all of them must accept"
            }
        }
    }

    var name: String
    var delay: String
    var repeats: Int
    var routingKey: String
    var teams: Set<Team.ID>
    var levels: [Level]
    /// The level that the last button changed; 0-based.
    private(set) var changed: Int?

    static let most = 9

    init(for user: User.ID) {
        (name, delay, repeats, routingKey, teams) = ("", "0", 0, "", [])
        levels = [Level(targets: [.user(user)], timeout: "15")]
    }

    init(_ record: PolicyRecord) {
        name = record.name
        delay = "\(record.policy.delay.wholeMilliseconds / 60_000)"
        repeats = record.isRepeating ? record.frequency : 0
        routingKey = record.routingKey ?? ""
        teams = Set(record.teams)
        levels = record.policy.levels.map {
            Level(
                targets: $0.targets, timeout: "\($0.timeout.wholeMilliseconds / 60_000)", calls: Calling($0),
                condition: $0.condition)
        }
    }

    /// People that were chosen in a list but not added yet are added.
    init(_ form: Form) {
        name = form["name"]
        delay = form["delay"]
        repeats = min(max(0, Int(form["repeats"]) ?? 0), Self.most)
        routingKey = form["routingKey"]
        teams = Set(form.all("team").compactMap { Team.ID($0) })
        let count = min(max(0, Int(form["levels"]) ?? 0), Limits.escalationLevels)
        levels = (0..<count).map { index in
            let chosen = form.all("target-\(index)") + form.all("add-\(index)")
            var targets: [EscalationTarget] = []
            for target in chosen.prefix(Limits.escalationTargets).compactMap(EscalationTarget.init(formValue:))
            where !targets.contains(target) {
                targets.append(target)
            }
            return Level(
                targets: targets, timeout: form["timeout-\(index)"],
                calls: Calling(rawValue: form["calls-\(index)"]) ?? .everybody,
                condition: LevelCondition(formValue: form["condition-\(index)"]))
        }
    }

    /// Does what a button other than Save says, such as `up-2` or `remove-0-user:7`.
    mutating func press(_ button: String) {
        let parts = button.split(separator: "-", maxSplits: 2).map(String.init)
        let index = parts.count > 1 ? Int(parts[1]) ?? -1 : -1
        switch parts.first {
        case "level" where levels.count < Limits.escalationLevels:
            levels.append(Level(targets: [], timeout: levels.last?.timeout ?? "15"))
            changed = levels.count - 1
        case "drop" where levels.indices.contains(index) && levels.count > 1:
            levels.remove(at: index)
            changed = max(0, index - 1)
        case "up" where levels.indices.contains(index) && index > 0:
            levels.swapAt(index, index - 1)
            changed = index - 1
        case "down" where levels.indices.contains(index) && index < levels.count - 1:
            levels.swapAt(index, index + 1)
            changed = index + 1
        case "add" where levels.indices.contains(index): changed = index
        case "remove" where levels.indices.contains(index) && parts.count == 3:
            levels[index].targets.removeAll { $0.formValue == parts[2] }
            changed = index
        default: break
        }
    }

    func draft() throws(Failure) -> EscalationPolicyDraft {
        guard let minutes = Int(delay.isEmpty ? "0" : delay) else {
            throw Failure.invalid("delay", "enter whole minutes, 0 to 60.")
        }
        var drafted: [EscalationLevel] = []
        for (index, level) in levels.enumerated() {
            guard let timeout = Int(level.timeout), (0...525_600).contains(timeout) else {
                throw Failure(.invalid, "Level \(index + 1): enter how many minutes its people have to accept.")
            }
            guard !level.targets.isEmpty else {
                throw Failure(.invalid, "Level \(index + 1): choose at least one person or team.")
            }
            drafted.append(
                EscalationLevel(
                    targets: level.targets, timeout: .minutes(timeout),
                    calls: level.calls == .oneInTurn ? .oneInTurn : .everybody,
                    needsEverybody: level.calls == .allMustAccept, condition: level.condition))
        }
        return EscalationPolicyDraft(
            name: name, levels: drafted, delay: .minutes(min(max(minutes, -1), 10_000)), isRepeating: repeats > 0,
            frequency: max(1, repeats), routingKey: routingKey, teams: teams.sorted())
    }
}

extension EscalationTarget {
    /// Such as `user:7`.
    var formValue: String {
        switch self {
        case .user(let id): "user:\(id)"
        case .team(let id): "team:\(id)"
        case .schedule(let id): "schedule:\(id)"
        }
    }

    init?(formValue: String) {
        let parts = formValue.split(separator: ":")
        guard parts.count == 2, let number = Int64(parts[1]), number > 0 else { return nil }
        switch parts[0] {
        case "user": self = .user(User.ID(number))
        case "team": self = .team(Team.ID(number))
        case "schedule": self = .schedule(number)
        default: return nil
        }
    }
}

extension LevelCondition {
    /// Such as `during:7`.
    var formValue: String { "\(side.rawValue):\(supportHours)" }

    init?(formValue: String) {
        let parts = formValue.split(separator: ":")
        guard parts.count == 2, let side = Side(rawValue: String(parts[0])), let number = Int64(parts[1]), number > 0
        else { return nil }
        self.init(supportHours: number, side: side)
    }
}
