import Alerting
import Foundation
import Storage
import TestSupport
import Testing

@testable import StoragePostgres

/// What is PostgreSQL's alone; what both databases promise is asked of it by the other suites.
struct PostgresDatabaseTests {
    private struct Refusal: Error, Equatable {}

    private let temporary: TemporaryDatabase
    private var database: PostgresDatabase { temporary.postgres }

    init() throws {
        temporary = try TemporaryDatabase(kind: .postgres, isMigrated: false)
        try PostgresDatabase.run(
            script: """
                CREATE TABLE shops (
                    id BIGINT NOT NULL PRIMARY KEY, name TEXT COLLATE "C" UNIQUE, logo BYTEA, rate DOUBLE PRECISION,
                    parent_id BIGINT REFERENCES shops (id) DEFERRABLE
                )
                """, at: temporary.postgres.address)
    }

    private func insert(_ id: Int64, _ name: String?, in transaction: any Transaction) throws {
        try transaction.execute(
            "INSERT INTO shops (id, name) VALUES (:id, :name)", ["id": .integer(id), "name": SQLValue(name)])
    }

    private func count(in transaction: any Transaction) throws -> Int {
        try #require(try transaction.query("SELECT count(*) AS count FROM shops", [:]).first).int("count")
    }

    @Test func `given more texts than a connection keeps, when they run, then it stays and the server forgets some`()
        throws
    {
        let numbers = 0..<StatementCache.limit + 10
        let process = "SELECT pg_backend_pid() AS process"
        let before = try database.writeBlocking { try $0.query(process, [:]).first?.int("process") }

        for _ in 0..<2 {
            let answers = try database.writeBlocking { transaction in
                try numbers.map { try transaction.query("SELECT \($0) AS number", [:]).first?.int("number") }
            }
            #expect(answers == Array(numbers))
        }

        let kept = try database.writeBlocking {
            try $0.query("SELECT count(*) AS count FROM pg_prepared_statements", [:]).first?.int("count")
        }
        #expect(try #require(kept) <= StatementCache.limit + 1)
        #expect(try database.writeBlocking { try $0.query(process, [:]).first?.int("process") } == before)
    }

    @Test func `given values of every form, when they are written and read, then nothing is lost`() throws {
        let texts = ["", "plain", "🔔 ё 夜 e\u{301}", String(repeating: "x", count: 100_000)]
        let blobs: [[UInt8]] = [[], [0], Array(0...255)]
        let sql = """
            INSERT INTO shops (id, name, logo, rate) VALUES (:id, :name, :logo, :rate) RETURNING id, name, logo, rate
            """

        var id = Int64.min
        for text in texts {
            for blob in blobs {
                let name = SQLValue.text("\(text)\(id)")
                let row = try database.writeBlocking { [id] transaction in
                    let values: Arguments = [
                        "id": .integer(id), "name": name, "logo": .blob(blob), "rate": .real(0.1),
                    ]
                    return try #require(try transaction.query(sql, values).first)
                }
                #expect(try row.value("id") == .integer(id))
                #expect(try row.value("name") == name)
                #expect(try row.value("logo") == .blob(blob))
                #expect(try row.value("rate") == .real(0.1))
                id += 1
            }
        }
    }

    @Test func `given a text with a NUL, when it is written, then the NUL becomes the sign for what cannot be shown`()
        throws
    {
        let row = try database.writeBlocking { transaction in
            try insert(1, "a\0b", in: transaction)
            return try #require(try transaction.query("SELECT name FROM shops", [:]).first)
        }

        #expect(try row.text("name") == "a\u{fffd}b")
    }

    @Test func `given sums, averages and truths, when they are read, then they are what SQLite answers`() throws {
        try database.writeBlocking { transaction in
            for id in 1...4 as ClosedRange<Int64> { try insert(id, nil, in: transaction) }
        }
        let sql = """
            SELECT sum(id) AS sum, avg(id) AS average, sum(-id) AS minus, sum(id - id) AS zero, count(*) > 3 AS many,
                1 AS one, sum(id * 100000000) AS large, sum(id) FILTER (WHERE id > 9) AS none
            FROM shops
            """
        let row = try database.writeBlocking { try #require(try $0.query(sql, [:]).first) }

        let names = ["sum", "average", "minus", "zero", "many", "one", "large", "none"]
        #expect(
            try names.map(row.value) == [
                .integer(10), .real(2.5), .integer(-10), .integer(0), .integer(1), .integer(1),
                .integer(1_000_000_000), .null,
            ])
    }

    @Test(
        arguments: [
            ["a": .integer(1)], ["a": .integer(1), "c": .integer(2)], ["a": .integer(1), "a": .integer(2)],
            ["b": .integer(1), "b": .integer(2)], ["a": .integer(1), "b": .integer(2), "c": .integer(3)],
        ] as [Arguments])
    func `given arguments that are not the parameters, when a statement runs, then it fails`(arguments: Arguments) {
        #expect(throws: StorageError.self) {
            try database.writeBlocking {
                try $0.query("SELECT CAST(:a AS BIGINT) AS a, CAST(:b AS BIGINT) AS b", arguments)
            }
        }
    }

    @Test func `given a broken rule, when a row is written, then it is a conflict that names the rule`() throws {
        try database.writeBlocking { try insert(1, "Shop", in: $0) }

        func constraint(_ body: @Sendable (any Transaction) throws -> Void) throws -> String {
            let error = #expect(throws: StorageError.self) { try database.writeBlocking(body) }
            guard case .conflict(let constraint) = error else { throw Refusal() }
            return constraint
        }
        #expect(try constraint { try insert(2, "Shop", in: $0) }.hasPrefix("shops_name_key"))
        #expect(
            try constraint { try $0.execute("UPDATE shops SET parent_id = 9 WHERE id = 1", [:]) }
                .hasPrefix("shops_parent_id_fkey"))
    }

    @Test func `given statements that nobody waits for, when one fails, then the commit says so and nothing stays`()
        throws
    {
        let error = #expect(throws: StorageError.self) {
            try database.writeBlocking { transaction in
                for id in [1, 2, 2, 3] as [Int64] { try insert(id, nil, in: transaction) }
            }
        }

        guard case .conflict = error else { throw Refusal() }
        #expect(try database.writeBlocking { try count(in: $0) } == 0)
    }

    @Test func `given a failed statement, when a body swallows its error, then nothing is committed`() throws {
        #expect(throws: StorageError.self) {
            try database.writeBlocking { transaction in
                try insert(1, "Shop", in: transaction)
                do {
                    _ = try transaction.query("SELECT id FROM nowhere", [:])
                } catch is StorageError {
                    // As on SQLite: the transaction is lost.
                }
            }
        }

        #expect(try database.writeBlocking { try count(in: $0) } == 0)
    }

    @Test func `given a body that throws, when it has written, then nothing stays and its error passes unchanged`()
        async throws
    {
        await #expect(throws: Refusal()) {
            try await database.write { transaction in
                try insert(1, "Shop", in: transaction)
                throw Refusal()
            }
        }

        #expect(try await database.read { try count(in: $0) } == 0)
    }

    @Test func `given a reader, when it writes, then it is refused`() async throws {
        await #expect(throws: StorageError.self) {
            try await database.read { transaction in
                try insert(1, "Shop", in: transaction)
                return try count(in: transaction)
            }
        }
    }

    @Test func `given a reader in the middle, when somebody commits, then the reader sees its snapshot`() async throws {
        let database = database
        let counts = try await database.read { reading in
            let before = try count(in: reading)
            try database.writeBlocking { try insert(1, "Shop", in: $0) }
            return [before, try count(in: reading)]
        }

        #expect(counts == [0, 0])
        #expect(try await database.read { try count(in: $0) } == 1)
    }

    @Test func `given many writers, when each reads and then writes, then none loses another's change`() async throws {
        try await database.write { try insert(0, "0", in: $0) }
        let nodes = [database, PostgresDatabase(database.address), PostgresDatabase(database.address)]

        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<150 {
                group.addTask {
                    try await nodes[number % nodes.count].write { transaction in
                        let row = try #require(try transaction.query("SELECT name FROM shops WHERE id = 0", [:]).first)
                        let next = "\(Int(try row.text("name"))! + 1)"
                        try transaction.execute("UPDATE shops SET name = :name WHERE id = 0", ["name": .text(next)])
                    }
                }
            }
            try await group.waitForAll()
        }

        let rows = try await database.read { try $0.query("SELECT name FROM shops", [:]) }
        #expect(try rows.map { try $0.text("name") } == ["150"])
    }

    @Test func `given thousands of statements in one transaction, when nobody reads, then neither side waits for ever`()
        throws
    {
        let logo = [UInt8](repeating: 7, count: 2000)
        try database.writeBlocking { transaction in
            for id in 0..<20_000 {
                try transaction.execute(
                    "INSERT INTO shops (id, logo) VALUES (:id, :logo)", ["id": SQLValue(id), "logo": .blob(logo)])
            }
        }

        #expect(try database.writeBlocking { try count(in: $0) } == 20_000)
    }

    @Test func `given connections that the server has ended, when somebody comes, then new ones are made`() async throws
    {
        try await database.write { try insert(1, "Shop", in: $0) }
        #expect(try await database.read { try count(in: $0) } == 1)

        let end = """
            SELECT pg_terminate_backend(pid, 9000) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """
        try PostgresDatabase.run(script: end, at: database.address)

        try await database.write { try insert(2, "Other", in: $0) }
        #expect(try await database.read { try count(in: $0) } == 2)
    }

    @Test func `given a statement that was prepared, when a table changes, then it sees the new one`() async throws {
        let sql = "SELECT s.* FROM shops s ORDER BY s.id"
        try await database.write { try insert(1, "Shop", in: $0) }
        _ = try await database.read { try $0.query(sql, [:]) }
        try PostgresDatabase.run(script: "ALTER TABLE shops ADD COLUMN region TEXT", at: database.address)

        for _ in 0..<5 {
            let row = try #require(try await database.read { try $0.query(sql, [:]).first })
            #expect(try row.value("region") == .null)
        }
    }

    @Test func `given a server that is not there, when somebody comes, then it is unavailable and soon so`() throws {
        let address = try PostgresAddress("postgres://alice:secret@/nowhere?host=%2Ftmp%2Fnightbell-nowhere")
        let nowhere = PostgresDatabase(address)

        for _ in 0..<3 {
            let error = #expect(throws: StorageError.self) { try nowhere.writeBlocking { try count(in: $0) } }
            guard case .unavailable(let message) = error else { throw Refusal() }
            #expect(!message.contains("secret"))
        }
    }

    @Test func `given a closed database, when somebody comes, then it is unavailable`() throws {
        try database.writeBlocking { try insert(1, "Shop", in: $0) }
        database.close()

        #expect(throws: StorageError.self) { try database.writeBlocking { try count(in: $0) } }
    }

    @Test func `given two nodes, when both migrate at once, then each migration is applied by one of them`()
        async throws
    {
        let empty = try TemporaryDatabase(kind: .postgres, isMigrated: false)
        let now = Timestamp(milliseconds: 1_767_225_600_000)

        let applied = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<3 {
                group.addTask { try PostgresDatabase(empty.postgres.address).migrate(at: now) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }

        #expect(applied.sorted() == Migrations.all.map(\.name).sorted())
    }

    @Test func `given portable text, when PostgreSQL gets it, then types are its own and text is compared by bytes`() {
        let portable = """
            CREATE TABLE shops (  -- TEXT in a comment
                id   BIGINT NOT NULL,
                text TEXT NOT NULL CHECK (text IN ('TEXT')),
                logo BLOB
            );
            INSERT INTO shops (id, text) SELECT id, CAST(id AS TEXT) FROM tills;
            ALTER TABLE shops ADD COLUMN region TEXT;
            """

        #expect(
            PostgresDatabase.translated(portable) == """
                CREATE TABLE shops (
                    id   BIGINT NOT NULL,
                    text TEXT COLLATE "C" NOT NULL CHECK (text IN ('TEXT COLLATE "C"')),
                    logo BYTEA
                );
                INSERT INTO shops (id, text) SELECT id, CAST(id AS TEXT) FROM tills;
                ALTER TABLE shops ADD COLUMN region TEXT COLLATE "C";
                """)
    }

    @Test func `given names in a text, when they are numbered, then quotes and comments are left alone`() throws {
        let numbered = try NumberedParameters(
            "SELECT ':no', \"a:b\", 'it''s :not' FROM t -- :comment\nWHERE a = :one AND b = :two_2 OR c = :one")

        #expect(numbered.names == ["one", "two_2"])
        #expect(
            numbered.sql == "SELECT ':no', \"a:b\", 'it''s :not' FROM t \nWHERE a = $1 AND b = $2 OR c = $1")
        #expect(throws: StorageError.self) { try NumberedParameters("SELECT a::text") }
    }

    @Test(arguments: [
        "postgres://", "postgresql://alice@db.example:5433/nightbell?sslmode=verify-full&connect_timeout=3",
        "postgres://alice:p%40ss@one,two/nightbell?target_session_attrs=read-write",
    ])
    func `given a URL that libpq reads, then it is an address that shows no user and no password`(url: String) throws {
        let address = try PostgresAddress(url)

        #expect(!address.description.contains("alice"))
        #expect(!address.description.contains("p@ss"))
    }

    @Test(arguments: ["", "mysql://x", "postgres://h/d?sslmod=require", "postgres://%zz@h/d"])
    func `given a URL that libpq does not read, then it is refused and not repeated`(url: String) {
        let error = #expect(throws: StorageError.self) { try PostgresAddress(url) }
        #expect(!"\(String(describing: error))".contains("sslmod=require"))
    }
}
