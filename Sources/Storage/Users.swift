public import Alerting

public struct UserRecord: Equatable, Sendable {
    public var id: User.ID
    public var account: Account.ID
    public var email: String
    public var username: String
    public var firstName: String
    public var lastName: String
    public var role: User.Role
    /// An IANA name such as `Europe/Berlin`.
    public var timeZone: String
    public var language: String
    public var region: String
    public var position: String
    public var department: String
    public var shiftColor: String?
    public var mutedUntil: Timestamp?
    /// `nil`: cannot sign in yet.
    public var passwordHash: String?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: User.ID, account: Account.ID, email: String, username: String, firstName: String, lastName: String,
        role: User.Role, timeZone: String = "Europe/Berlin", language: String = "en", region: String = "DE",
        position: String = "", department: String = "", shiftColor: String? = nil, mutedUntil: Timestamp? = nil,
        passwordHash: String? = nil, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.email = email
        self.username = username
        self.firstName = firstName
        self.lastName = lastName
        self.role = role
        self.timeZone = timeZone
        self.language = language
        self.region = region
        self.position = position
        self.department = department
        self.shiftColor = shiftColor
        self.mutedUntil = mutedUntil
        self.passwordHash = passwordHash
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    public var fullName: String {
        let name = [firstName, lastName].filter { !$0.isEmpty }.joined(separator: " ")
        return name.isEmpty ? username : name
    }
}

/// The `users` table.
public enum Users {
    static let columns = """
        id, account_id, email, username, first_name, last_name, role, time_zone, language, region, position, \
        department, shift_color, muted_until_ms, password_hash, created_at_ms, updated_at_ms
        """

    /// - Throws: `StorageError.conflict` when somebody has this email address or username.
    public static func insert(_ user: UserRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO users (id, account_id, email, email_folded, username, first_name, last_name, role, time_zone,
                language, region, position, department, shift_color, muted_until_ms, password_hash, created_at_ms,
                updated_at_ms)
            VALUES (:id, :account_id, :email, :email_folded, :username, :first_name, :last_name, :role, :time_zone,
                :language, :region, :position, :department, :shift_color, :muted_until_ms, :password_hash,
                :created_at_ms, :updated_at_ms)
            """,
            [
                "id": .init(user.id), "account_id": .init(user.account), "email": .text(user.email),
                "email_folded": .text(user.email.lowercased()), "username": .text(user.username),
                "first_name": .text(user.firstName), "last_name": .text(user.lastName), "role": .init(user.role),
                "time_zone": .text(user.timeZone), "language": .text(user.language), "region": .text(user.region),
                "position": .text(user.position), "department": .text(user.department),
                "shift_color": .init(user.shiftColor), "muted_until_ms": .init(user.mutedUntil),
                "password_hash": .init(user.passwordHash), "created_at_ms": .init(user.createdAt),
                "updated_at_ms": .init(user.updatedAt),
            ])
    }

    /// Writes all but id, account and time of creation.
    public static func update(_ user: UserRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE users SET email = :email, email_folded = :email_folded, username = :username,
                first_name = :first_name, last_name = :last_name, role = :role, time_zone = :time_zone,
                language = :language, region = :region, position = :position, department = :department,
                shift_color = :shift_color, muted_until_ms = :muted_until_ms, password_hash = :password_hash,
                updated_at_ms = :updated_at_ms
            WHERE id = :id
            """,
            [
                "email": .text(user.email), "email_folded": .text(user.email.lowercased()),
                "username": .text(user.username), "first_name": .text(user.firstName),
                "last_name": .text(user.lastName), "role": .init(user.role), "time_zone": .text(user.timeZone),
                "language": .text(user.language), "region": .text(user.region), "position": .text(user.position),
                "department": .text(user.department), "shift_color": .init(user.shiftColor),
                "muted_until_ms": .init(user.mutedUntil), "password_hash": .init(user.passwordHash),
                "updated_at_ms": .init(user.updatedAt), "id": .init(user.id),
            ])
    }

    public static func delete(_ id: User.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM users WHERE id = :id", ["id": .init(id)])
    }

    public static func find(_ id: User.ID, in transaction: any Transaction) throws(StorageError) -> UserRecord? {
        try transaction.query("SELECT \(columns) FROM users WHERE id = :id", ["id": .init(id)]).first.map(record)
    }

    /// By email address, without case.
    public static func find(
        email: String, in transaction: any Transaction
    ) throws(StorageError) -> UserRecord? {
        try transaction.query(
            "SELECT \(columns) FROM users WHERE email_folded = :email", ["email": .text(email.lowercased())]
        ).first.map(record)
    }

    public static func find(
        username: String, account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> UserRecord? {
        try transaction.query(
            "SELECT \(columns) FROM users WHERE account_id = :account AND username = :username",
            ["account": .init(account), "username": .text(username)]
        ).first.map(record)
    }

    /// By first name, last name and id.
    public static func list(
        account: Account.ID, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [UserRecord] {
        try transaction.query(
            """
            SELECT \(columns) FROM users WHERE account_id = :account
            ORDER BY first_name, last_name, id LIMIT :limit OFFSET :offset
            """,
            ["account": .init(account), "limit": .init(page.limit), "offset": .init(page.offset)]
        ).map(record)
    }

    public static func count(in transaction: any Transaction) throws(StorageError) -> Int {
        try transaction.query("SELECT count(*) AS count FROM users", [:]).first?.int("count") ?? 0
    }

    /// Full names by id, for timelines and lists.
    ///
    /// - Parameter account: only of its users; `nil`: the ids are known to be of one account.
    public static func names(
        of ids: Set<User.ID>, account: Account.ID? = nil, in transaction: any Transaction
    ) throws(StorageError) -> [User.ID: String] {
        guard !ids.isEmpty else { return [:] }
        var arguments: Arguments = ["account": .init(account)]
        let wanted = arguments.list(ids.sorted(), as: "user")
        let rows = try transaction.query(
            """
            SELECT \(columns) FROM users
            WHERE id IN (\(wanted)) AND (CAST(:account AS BIGINT) IS NULL OR account_id = :account)
            ORDER BY id LIMIT 10000
            """, arguments)
        var names: [User.ID: String] = [:]
        for row in rows {
            let user = try record(row)
            names[user.id] = user.fullName
        }
        return names
    }

    private static func record(_ row: Row) throws(StorageError) -> UserRecord {
        UserRecord(
            id: try row.id("id"), account: try row.id("account_id"), email: try row.text("email"),
            username: try row.text("username"), firstName: try row.text("first_name"),
            lastName: try row.text("last_name"), role: try row.name("role"), timeZone: try row.text("time_zone"),
            language: try row.text("language"), region: try row.text("region"), position: try row.text("position"),
            department: try row.text("department"), shiftColor: try row.optionalText("shift_color"),
            mutedUntil: try row.optionalTime("muted_until_ms"), passwordHash: try row.optionalText("password_hash"),
            createdAt: try row.time("created_at_ms"), updatedAt: try row.time("updated_at_ms"))
    }
}
