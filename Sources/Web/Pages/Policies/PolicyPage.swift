import Alerting
import Engine
import Storage

/// The escalation policies that somebody may see, by name.
struct PolicyListPage: HTMLPage {
    static let template = "policy-list"
    let frame: Frame
    let rows: [Row]
    let hasRows: Bool
    let mayConfigure: Bool

    struct Row {
        let link: String
        let name: String
        let levels: String
        let first: String
        let sources: String
        let hasSources: Bool
    }
}

/// One escalation policy: who is called when.
struct PolicyPage: HTMLPage {
    static let template = "policy"
    let frame: Frame
    let name: String
    let link: String
    let mayConfigure: Bool
    let delay: String?
    let levels: [Level]
    let ending: String
    let routingKey: String?
    let teams: [String]
    let hasTeams: Bool
    let sources: [Source]
    let hasSources: Bool

    struct Level {
        let number: String
        let targets: [String]
        let timeout: String
        /// What is not as usual; `nil`: nothing.
        let calls: String?
        let condition: String?
        /// Who would be called now.
        let people: [ReachablePerson]
        let hasPeople: Bool
        let isReady: Bool
    }

    struct Source {
        let name: String
        let link: String
    }
}

/// The form of a new or an old policy.
struct PolicyEditPage: HTMLPage {
    static let template = "policy-edit"
    let frame: Frame
    let heading: String
    let problem: String?
    let action: String
    let cancelLink: String
    let name: String
    let delay: String
    let repeats: [Choice]
    let routingKey: String
    let hasTeams: Bool
    let teams: [Choice]
    let levelCount: String
    let levels: [Level]
    let isFull: Bool

    struct Level {
        let index: String
        let number: String
        let timeout: String
        let targets: [Choice]
        let hasTargets: Bool
        let people: [Choice]
        let groups: [Choice]
        let hasGroups: Bool
        let schedules: [Choice]
        let hasSchedules: Bool
        let isFirst: Bool
        let isLast: Bool
        let isOnly: Bool
        let isChanged: Bool
        let calls: [Choice]
        let conditions: [Choice]
        let hasConditions: Bool
    }
}

/// Names of what policies call.
struct TargetNames: Sendable {
    let users: [UserRecord]
    let teams: [TeamRecord]
    let schedules: [ScheduleRecord]
    let supportHours: [(id: Int64, name: String)]

    init(scope: Scope, in transaction: any Transaction) throws {
        schedules = try OnCallSchedules.list(scope: scope, page: Page(limit: 500), in: transaction)
        supportHours = try SupportHoursList.list(scope: scope, page: Page(limit: 500), in: transaction)
            .map { ($0.id.rawValue, $0.name) }
        users = try Users.list(account: scope.account, page: Page(limit: 500), in: transaction)
        teams = try Teams.list(scope: scope, page: Page(limit: 500), in: transaction)
    }

    func name(_ target: EscalationTarget) -> String {
        switch target {
        case .user(let id): users.first { $0.id == id }?.fullName ?? "a deleted user"
        case .team(let id): teams.first { $0.id == id }.map { "Team \($0.name)" } ?? "a team you may not see"
        case .schedule(let id):
            schedules.first { $0.id.rawValue == id }.map { "On call: \($0.name)" } ?? "an on-call schedule that is gone"
        }
    }

    func words(_ condition: LevelCondition) -> String {
        let name = supportHours.first { $0.id == condition.supportHours }?.name ?? "deleted support hours"
        return condition.side == .during ? "Only during “\(name)”" : "Only outside “\(name)”"
    }
}

extension PolicyEditPage {
    init(
        _ form: PolicyForm, names: TargetNames, id: EscalationPolicy.ID?, problem: String?, frame: Frame
    ) {
        self.frame = frame
        self.problem = problem
        heading = id == nil ? "Create escalation policy" : "Edit escalation policy"
        action = id.map(Links.policy) ?? Links.policies
        cancelLink = id.map(Links.policy) ?? Links.policies
        name = form.name
        delay = form.delay
        repeats = (0...PolicyForm.most).map { count in
            let words = count == 0 ? "Never" : count == 1 ? "Once" : "\(count) times"
            return Choice("\(count)", words, isChosen: form.repeats == count)
        }
        routingKey = form.routingKey
        hasTeams = !names.teams.isEmpty
        teams = names.teams.map { Choice("\($0.id)", $0.name, isChosen: form.teams.contains($0.id)) }
        levelCount = "\(form.levels.count)"
        isFull = form.levels.count >= Limits.escalationLevels
        levels = form.levels.enumerated().map { index, level in
            Level(
                index: "\(index)", number: "\(index + 1)", timeout: level.timeout,
                targets: level.targets.map { Choice($0.formValue, names.name($0), isChosen: true) },
                hasTargets: !level.targets.isEmpty,
                people: names.users.filter { !level.targets.contains(.user($0.id)) }
                    .map { Choice("user:\($0.id)", $0.fullName, isChosen: false) },
                groups: names.teams.filter { !level.targets.contains(.team($0.id)) }
                    .map { Choice("team:\($0.id)", $0.name, isChosen: false) },
                hasGroups: !names.teams.isEmpty,
                schedules: names.schedules.filter { !level.targets.contains(.schedule($0.id.rawValue)) }
                    .map { Choice("schedule:\($0.id)", $0.name, isChosen: false) },
                hasSchedules: !names.schedules.isEmpty, isFirst: index == 0, isLast: index == form.levels.count - 1,
                isOnly: form.levels.count == 1, isChanged: index == form.changed,
                calls: PolicyForm.Calling.allCases.map {
                    Choice($0.rawValue, $0.words, isChosen: level.calls == $0)
                },
                conditions: Self.conditions(names, chosen: level.condition),
                hasConditions: !names.supportHours.isEmpty || level.condition != nil)
        }
    }

    private static func conditions(_ names: TargetNames, chosen: LevelCondition?) -> [Choice] {
        var conditions = names.supportHours.flatMap { hours in
            LevelCondition.Side.allCases.map { LevelCondition(supportHours: hours.id, side: $0) }
        }
        if let chosen, !conditions.contains(chosen) { conditions.append(chosen) }
        return [Choice("", "At any time", isChosen: chosen == nil)]
            + conditions.map { Choice($0.formValue, names.words($0), isChosen: $0 == chosen) }
    }
}
