public import Alerting
public import Storage

/// A team as somebody wants it to be.
public struct TeamDraft: Equatable, Sendable {
    public var name: String
    public var visibility: Team.Visibility
    public var members: [TeamRecord.Member]

    public init(name: String, visibility: Team.Visibility = .open, members: [TeamRecord.Member] = []) {
        self.name = name
        self.visibility = visibility
        self.members = members
    }

    /// The team as it is, to change a part of it.
    public init(_ team: TeamRecord) {
        self.init(name: team.name, visibility: team.visibility, members: team.members)
    }
}

/// Teams, as people see and change them. Administrators change all, users those that they belong to.
public struct TeamAdministration: Sendable {
    private static let mostMembers = 500

    private let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By name and id.
    ///
    /// - Parameter member: only teams that this user belongs to.
    public func list(member: User.ID? = nil, page: Page, by caller: Caller) async throws -> [TeamRecord] {
        try await configuration.read { transaction in
            try Teams.list(scope: caller.reach, member: member, page: page, in: transaction)
        }
    }

    /// - Throws: `Failure.notFound` when there is none that the caller may see; so do all below.
    public func find(_ id: Team.ID, by caller: Caller) async throws -> TeamRecord {
        try await configuration.read { transaction in try Self.find(id, by: caller, in: transaction) }
    }

    public func find(name: String, by caller: Caller) async throws -> TeamRecord {
        try await configuration.read { transaction in
            guard let team = try Teams.find(name: name, scope: caller.reach, in: transaction) else {
                throw Failure(.notFound, "There is no team named “\(Limits.cut(name, to: 100))”.")
            }
            return team
        }
    }

    /// The names of those of `ids` that exist, by id.
    public func names(of ids: Set<Team.ID>, by caller: Caller) async throws -> [Team.ID: String] {
        try await configuration.read { transaction in
            let names = try Teams.names(of: ids.sorted(), account: caller.account, in: transaction)
            return Dictionary(uniqueKeysWithValues: names.map { ($0.id, $0.name) })
        }
    }

    /// Somebody who is no administrator becomes a member of the team that they make.
    public func create(_ draft: TeamDraft, by caller: Caller) async throws -> TeamRecord {
        try caller.require(.user, to: "create teams")
        return try await configuration.change { change in
            var members = try Self.checked(draft.members, by: caller, in: change.transaction)
            if caller.role < .admin, !members.contains(where: { $0.user == caller.user }) {
                members = (members + [.init(user: caller.user, role: caller.role)]).sorted { $0.user < $1.user }
            }
            let team = TeamRecord(
                id: try change.newID(), account: caller.account, name: try FieldRules.name(draft.name),
                visibility: draft.visibility, members: members, createdAt: change.now, updatedAt: change.now)
            try Teams.insert(team, in: change.transaction)
            try Self.audit("team.created", team, by: caller, in: change)
            return (team, .team(team.id))
        }
    }

    public func update(_ id: Team.ID, with draft: TeamDraft, by caller: Caller) async throws -> TeamRecord {
        try await change(id, by: caller, action: "team.updated") { team, change in
            team.name = try FieldRules.name(draft.name)
            team.visibility = draft.visibility
            team.members = try Self.checked(draft.members, by: caller, in: change.transaction)
        }
    }

    /// Adds somebody, or changes the role of somebody who belongs to it already.
    public func addMember(_ member: TeamRecord.Member, to id: Team.ID, by caller: Caller) async throws -> TeamRecord {
        try await change(id, by: caller, action: "team.member_added") { team, change in
            let others = team.members.filter { $0.user != member.user }
            team.members = try Self.checked(others + [member], by: caller, in: change.transaction)
        }
    }

    /// - Throws: `Failure.notFound` also for somebody who does not belong to it.
    public func removeMember(_ user: User.ID, from id: Team.ID, by caller: Caller) async throws -> TeamRecord {
        try await change(id, by: caller, action: "team.member_removed") { team, _ in
            guard team.members.contains(where: { $0.user == user }) else {
                throw Failure(.notFound, "User \(user) does not belong to this team.")
            }
            team.members.removeAll { $0.user == user }
        }
    }

    /// What belonged to the team alone then belongs to nobody and is seen by everybody.
    public func delete(_ id: Team.ID, by caller: Caller) async throws {
        try await configuration.change { change in
            let team = try Self.find(id, by: caller, in: change.transaction)
            try Self.requireOwn(team, by: caller)
            try Teams.delete(id, in: change.transaction)
            try EscalationPolicyAdministration.remove(.team(id), account: team.account, by: caller, in: change)
            try Self.audit("team.deleted", team, by: caller, in: change)
            return ((), .team(id))
        }
    }

    private func change(
        _ id: Team.ID, by caller: Caller, action: String,
        _ body: @escaping @Sendable (inout TeamRecord, Change) throws -> Void
    ) async throws -> TeamRecord {
        try await configuration.change { change in
            var team = try Self.find(id, by: caller, in: change.transaction)
            try Self.requireOwn(team, by: caller)
            try body(&team, change)
            team.updatedAt = change.now
            try Teams.update(team, in: change.transaction)
            try Self.audit(action, team, by: caller, in: change)
            return (team, .team(id))
        }
    }

    private static func find(_ id: Team.ID, by caller: Caller, in transaction: any Transaction) throws -> TeamRecord {
        guard let team = try Teams.find(id, scope: caller.reach, in: transaction) else {
            throw Failure(.notFound, "There is no team \(id).")
        }
        return team
    }

    private static func requireOwn(_ team: TeamRecord, by caller: Caller) throws(Failure) {
        try caller.require(.user, to: "change teams")
        guard caller.role == .admin || team.members.contains(where: { $0.user == caller.user }) else {
            throw Failure(.forbidden, "You may only change teams that you belong to.")
        }
    }

    /// Each user once, the last mention counts; by id.
    private static func checked(
        _ members: [TeamRecord.Member], by caller: Caller, in transaction: any Transaction
    ) throws -> [TeamRecord.Member] {
        guard members.count <= mostMembers else {
            throw Failure.invalid("members", "there may be at most \(mostMembers).")
        }
        let unique = Dictionary(members.map { ($0.user, $0) }) { $1 }.values.sorted { $0.user < $1.user }
        for member in unique {
            guard try Users.find(member.user, in: transaction)?.account == caller.account else {
                throw Failure.invalid("members", "there is no user \(member.user).")
            }
        }
        return unique
    }

    private static func audit(_ action: String, _ team: TeamRecord, by caller: Caller, in change: Change) throws {
        try change.audit(
            action, account: team.account, by: caller.user, target: "team", id: team.id.rawValue,
            details: "Team “\(team.name)”")
    }
}
