public import Alerting

public struct TeamRecord: Equatable, Sendable {
    public struct Member: Equatable, Sendable {
        public var user: User.ID
        public var role: User.Role

        public init(user: User.ID, role: User.Role) {
            self.user = user
            self.role = role
        }
    }

    public var id: Team.ID
    public var account: Account.ID
    public var name: String
    public var visibility: Team.Visibility
    /// By user id.
    public var members: [Member]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: Team.ID, account: Account.ID, name: String, visibility: Team.Visibility, members: [Member],
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.visibility = visibility
        self.members = members
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// The `teams` and `team_members` tables.
public enum Teams {
    public static func insert(_ team: TeamRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO teams (id, account_id, name, visibility, created_at_ms, updated_at_ms)
            VALUES (:id, :account_id, :name, :visibility, :created_at_ms, :updated_at_ms)
            """,
            [
                "id": .init(team.id), "account_id": .init(team.account), "name": .text(team.name),
                "visibility": .init(team.visibility), "created_at_ms": .init(team.createdAt),
                "updated_at_ms": .init(team.updatedAt),
            ])
        for member in team.members { try insert(member, of: team.id, in: transaction) }
    }

    /// Writes name, visibility and members.
    public static func update(_ team: TeamRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE teams SET name = :name, visibility = :visibility, updated_at_ms = :updated_at_ms WHERE id = :id
            """,
            [
                "name": .text(team.name), "visibility": .init(team.visibility),
                "updated_at_ms": .init(team.updatedAt), "id": .init(team.id),
            ])
        try transaction.execute("DELETE FROM team_members WHERE team_id = :id", ["id": .init(team.id)])
        for member in team.members { try insert(member, of: team.id, in: transaction) }
    }

    public static func delete(_ id: Team.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM teams WHERE id = :id", ["id": .init(id)])
    }

    /// One that the caller may see; `nil` otherwise.
    public static func find(
        _ id: Team.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> TeamRecord? {
        try list(scope: scope, extra: "AND t.id = \(id)", page: Page(limit: 1), in: transaction).first
    }

    public static func find(
        name: String, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> TeamRecord? {
        let rows = try transaction.query(
            "SELECT id FROM teams WHERE account_id = :account AND name = :name ORDER BY id LIMIT 1",
            ["account": .init(scope.account), "name": .text(name)])
        guard let row = rows.first else { return nil }
        return try find(row.id("id"), scope: scope, in: transaction)
    }

    /// By name and id.
    ///
    /// - Parameter member: only teams that this user belongs to.
    public static func list(
        scope: Scope, member: User.ID? = nil, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [TeamRecord] {
        let extra = member.map { "AND t.id IN (SELECT team_id FROM team_members WHERE user_id = \($0))" } ?? ""
        return try list(scope: scope, extra: extra, page: page, in: transaction)
    }

    /// The people whom a team stands for, by id.
    public static func members(
        of id: Team.ID, in transaction: any Transaction
    ) throws(StorageError) -> [User.ID] {
        try transaction.query(
            "SELECT user_id FROM team_members WHERE team_id = :id ORDER BY user_id LIMIT 1000", ["id": .init(id)]
        ).map { row throws(StorageError) in try row.id("user_id") }
    }

    /// Which of `ids` exist in the account, with their names, by id.
    public static func names(
        of ids: [Team.ID], account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> [(id: Team.ID, name: String)] {
        guard !ids.isEmpty else { return [] }
        var arguments: Arguments = ["account": .init(account)]
        let wanted = arguments.list(ids, as: "team")
        return try transaction.query(
            """
            SELECT id, name FROM teams WHERE account_id = :account AND id IN (\(wanted)) ORDER BY id LIMIT 1000
            """, arguments
        ).map { row throws(StorageError) in (try row.id("id"), try row.text("name")) }
    }

    private static func insert(
        _ member: TeamRecord.Member, of team: Team.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "INSERT INTO team_members (team_id, user_id, role) VALUES (:team_id, :user_id, :role)",
            ["team_id": .init(team), "user_id": .init(member.user), "role": .init(member.role)])
    }

    private static func list(
        scope: Scope, extra: String, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [TeamRecord] {
        let mine = "t.id IN (SELECT team_id FROM team_members WHERE user_id = \(scope.user))"
        let visible = scope.role == .admin ? "" : "AND (t.visibility = 'public' OR \(mine))"
        let rows = try transaction.query(
            """
            SELECT t.id, t.account_id, t.name, t.visibility, t.created_at_ms, t.updated_at_ms FROM teams t
            WHERE t.account_id = :account \(visible) \(extra)
            ORDER BY t.name, t.id LIMIT :limit OFFSET :offset
            """,
            ["account": .init(scope.account), "limit": .init(page.limit), "offset": .init(page.offset)])
        var teams: [TeamRecord] = []
        for row in rows {
            teams.append(
                TeamRecord(
                    id: try row.id("id"), account: try row.id("account_id"), name: try row.text("name"),
                    visibility: try row.name("visibility"), members: [], createdAt: try row.time("created_at_ms"),
                    updatedAt: try row.time("updated_at_ms")))
        }
        var arguments: Arguments = [:]
        let wanted = arguments.list(teams.map(\.id), as: "team")
        let members = try transaction.query(
            """
            SELECT team_id, user_id, role FROM team_members WHERE team_id IN (\(wanted))
            ORDER BY team_id, user_id LIMIT 10000
            """, arguments)
        for row in members {
            let team: Team.ID = try row.id("team_id")
            guard let index = teams.firstIndex(where: { $0.id == team }) else { continue }
            teams[index].members.append(.init(user: try row.id("user_id"), role: try row.name("role")))
        }
        return teams
    }
}
