public import Alerting

/// What a caller may see: the account, and within it what belongs to no team, to an open team or to one of theirs.
/// Every list and every look-up on behalf of a person takes one.
public struct Scope: Equatable, Sendable {
    public enum TeamContext: Equatable, Sendable {
        /// Everything that may be seen.
        case all
        /// Only what belongs to one of the caller's teams.
        case mine
        case team(Team.ID)
    }

    public var account: Account.ID
    public var user: User.ID
    public var role: User.Role
    public var teams: TeamContext

    public init(account: Account.ID, user: User.ID, role: User.Role, teams: TeamContext = .all) {
        self.account = account
        self.user = user
        self.role = role
        self.teams = teams
    }

    /// The condition on rows of a table whose teams are kept in `link` under `owner`; `id` is the row's id in the
    /// statement. Holds numbers of ours only, so nothing needs quoting.
    func condition(link: String, owner: String, id: String) -> String {
        let mine = "SELECT team_id FROM team_members WHERE user_id = \(user)"
        let isLinked = "EXISTS (SELECT 1 FROM \(link) l WHERE l.\(owner) = \(id)"
        var parts: [String] = []
        if role < .admin {
            parts.append(
                """
                (NOT \(isLinked))
                OR \(isLinked) AND (l.team_id IN (\(mine))
                OR l.team_id IN (SELECT t.id FROM teams t WHERE t.visibility = 'public'))))
                """)
        }
        switch teams {
        case .all: break
        case .mine: parts.append("\(isLinked) AND l.team_id IN (\(mine)))")
        case .team(let team): parts.append("\(isLinked) AND l.team_id = \(team))")
        }
        return parts.isEmpty ? "" : " AND " + parts.joined(separator: " AND ")
    }

    func sourceCondition(_ id: String) -> String {
        condition(link: "alert_source_teams", owner: "alert_source_id", id: id)
    }

    func supportHoursCondition(_ id: String) -> String {
        condition(link: "support_hours_teams", owner: "support_hours_id", id: id)
    }

    func heartbeatCondition(_ id: String) -> String {
        condition(link: "heartbeat_monitor_teams", owner: "heartbeat_monitor_id", id: id)
    }

    func alertActionCondition(_ id: String) -> String {
        condition(link: "alert_action_teams", owner: "alert_action_id", id: id)
    }

    func eventFlowCondition(_ id: String) -> String {
        condition(link: "event_flow_teams", owner: "event_flow_id", id: id)
    }

    func monitorCondition(_ id: String) -> String {
        condition(link: "monitor_teams", owner: "monitor_id", id: id)
    }

    func serviceCondition(_ id: String) -> String {
        condition(link: "service_teams", owner: "service_id", id: id)
    }

    func policyCondition(_ id: String) -> String {
        condition(link: "escalation_policy_teams", owner: "escalation_policy_id", id: id)
    }

    func scheduleCondition(_ id: String) -> String {
        condition(link: "on_call_schedule_teams", owner: "on_call_schedule_id", id: id)
    }
}

/// A piece of a list.
public struct Page: Equatable, Sendable {
    public var offset: Int
    public var limit: Int

    public init(offset: Int = 0, limit: Int) {
        self.offset = offset
        self.limit = limit
    }
}

extension Arguments {
    /// With the account and the part of the list: `:account`, `:limit`, `:offset`.
    func with(_ scope: Scope, _ page: Page) -> Arguments {
        var all = self
        all.add("account", .init(scope.account))
        all.add("limit", .init(page.limit))
        all.add("offset", .init(page.offset))
        return all
    }
}

extension Arguments {
    private static let mostListed = 128

    /// Ids as the inside of `IN (…)`: parameters with this name and a number, as many as a power of two, so that a few
    /// texts do for all lists. The last id stands for what is left over; `-1`, which no row has, for none.
    ///
    /// The ids of a long list stand in the text, which is prepared for this once.
    mutating func list<Entity>(_ ids: [Identifier<Entity>], as name: String) -> String {
        guard ids.count <= Self.mostListed else { return ids.map(\.description).joined(separator: ", ") }
        var room = 1
        while room < ids.count { room *= 2 }
        return (0..<room).map { place in
            let name = "\(name)\(place)"
            let id = place < ids.count ? ids[place] : ids.last
            add(name, id.map { .init($0) } ?? .integer(-1))
            return ":" + name
        }.joined(separator: ", ")
    }
}

/// Text for `LIKE … ESCAPE '!'` that finds `text` anywhere.
func likePattern(_ text: String) -> String {
    "%"
        + text.reduce(into: "") { result, character in
            if "%_!".contains(character) { result.append("!") }
            result.append(character)
        } + "%"
}
