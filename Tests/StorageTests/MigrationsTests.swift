import Alerting
import Storage
import TestSupport
import Testing

@testable import StorageSQLite

struct MigrationsTests {
    let now = Timestamp(milliseconds: 1_767_225_600_000)
    let shop = Migration(number: 1, name: "shop", sql: "CREATE TABLE shops (\n    id BIGINT NOT NULL PRIMARY KEY\n);\n")
    let till = Migration(number: 2, name: "till", sql: "CREATE TABLE tills (\n    rate DOUBLE PRECISION\n);\n")

    private let database: TemporaryDatabase

    init() throws {
        database = try TemporaryDatabase(isMigrated: false)
    }

    @Test func `given the shipped migrations, when they are numbered, then numbers rise and each name is new`() {
        #expect(Migrations.all.map(\.number) == Set(Migrations.all.map(\.number)).sorted())
        #expect(Set(Migrations.all.map(\.name)).count == Migrations.all.count)
    }

    @Test func `given an empty file, when it is migrated twice, then each migration is applied once and noted`() throws
    {
        #expect(try database.migrate([shop, till], at: now) == ["shop", "till"])
        #expect(try database.migrate([shop, till], at: now) == [])

        let sql = "SELECT number, name, checksum, applied_at_ms FROM schema_migrations ORDER BY number"
        let rows = try database.writeBlocking { try $0.query(sql, [:]) }
        #expect(try rows.map { try $0.text("name") } == ["shop", "till"])
        #expect(try rows.map { try $0.text("checksum") } == [shop.checksum, till.checksum])
        #expect(try rows.map { try $0.time("applied_at_ms") } == [now, now])
    }

    @Test func `given an older file, when it is migrated, then only what it lacks is applied`() throws {
        try database.migrate([shop], at: now)

        #expect(try database.migrate([shop, till], at: now) == ["till"])
    }

    @Test func `given an applied migration, when its text differs from the shipped one, then the file is refused`()
        throws
    {
        try database.migrate([shop], at: now)
        let edited = Migration(number: 1, name: "shop", sql: shop.sql + "-- harmless?")

        #expect(throws: MigrationError.changed(name: "shop")) { try database.migrate([edited, till], at: now) }
        #expect(try database.tableNames() == ["schema_migrations", "shops"])
    }

    @Test func `given a file of a newer version, when an older one opens it, then it is refused with both numbers`()
        throws
    {
        try database.migrate([shop, till], at: now)

        let refusal = MigrationError.newerDatabase(number: 2, known: 1)
        #expect(throws: refusal) { try database.migrate([shop], at: now) }
        #expect("\(refusal)".contains("migration 2"))
    }

    @Test func `given a gap in what was applied, when it is migrated, then the file is refused`() throws {
        try database.migrate([till], at: now)

        #expect(throws: MigrationError.leftOut(name: "shop")) { try database.migrate([shop, till], at: now) }
    }

    @Test func `given a migration that fails half way, when it is applied, then nothing of it stays`() throws {
        let broken = Migration(number: 2, name: "broken", sql: till.sql + "CREATE TABLE shops (id BIGINT);\n")

        let error = #expect(throws: StorageError.self) { try database.migrate([shop, broken], at: now) }
        #expect("\(String(describing: error))".contains("migration broken"))
        #expect(try database.tableNames() == ["schema_migrations", "shops"])
        #expect(try database.migrate([shop, till], at: now) == ["till"])
    }

    @Test(.disabled(if: OnPostgres.isRunning))
    func `given all migrations, when they are applied to SQLite, then every table is strict`() throws {
        try database.migrate(at: now)
        let sql = "SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'"
        let lax = try database.writeBlocking { try $0.query(sql, [:]) }
        #expect(try lax.map { try $0.text("name") } == [])
    }

    @Test func `given portable text, when SQLite gets it, then types are its own and tables are strict`() {
        let portable = """
            CREATE TABLE shops (  -- a comment; with );
                id   BIGINT NOT NULL,
                rate DOUBLE PRECISION
            );
            CREATE INDEX shops_id ON shops (id);
            CREATE TABLE tills (id BIGINT);
            CREATE TABLE shop_tills (
                shop_id BIGINT NOT NULL,
                till_id BIGINT NOT NULL,
                PRIMARY KEY (shop_id, till_id)
            );
            """

        #expect(
            SQLiteDatabase.translated(portable) == """
                CREATE TABLE shops (
                    id   INTEGER NOT NULL,
                    rate REAL
                ) STRICT;
                CREATE INDEX shops_id ON shops (id);
                CREATE TABLE tills (id INTEGER) STRICT;
                CREATE TABLE shop_tills (
                    shop_id INTEGER NOT NULL,
                    till_id INTEGER NOT NULL,
                    PRIMARY KEY (shop_id, till_id)
                ) STRICT, WITHOUT ROWID;
                """)
    }

    @Test func `given a text, when its checksum is taken, then it is the published FNV-1a`() {
        #expect(Migration(number: 1, name: "", sql: "").checksum == "cbf29ce484222325")
        #expect(Migration(number: 1, name: "", sql: "foobar").checksum == "85944171f73967e8")
    }
}
