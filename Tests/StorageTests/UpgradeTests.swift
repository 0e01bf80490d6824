import Alerting
import Storage
import TestSupport
import Testing

/// A database of the first version, with an alert under way, is brought to today's.
struct UpgradeTests {
    private static let start = Timestamp(milliseconds: 1_767_225_600_000)
    private static let structure = """
        {"delay_ms":0,"levels":[{"timeout_ms":300000,"targets":[{"user":2}]},\
        {"timeout_ms":600000,"targets":[{"user":2}]}],"repeats":0}
        """
    private let database: TemporaryDatabase

    init() throws {
        database = try TemporaryDatabase(isMigrated: false)
    }

    /// What the first version had written: an alert that waits for its next level, a page that waits, one that is being
    /// sent, and one that was sent.
    private static let rows =
        [
            "INSERT INTO accounts VALUES (1, 'Shop', 2, '[]', 1)",
            """
            INSERT INTO users VALUES (2, 1, 'Alice@example.com', 'alice@example.com', 'alice', 'Alice', 'Archer', 'admin',
                'Europe/Berlin', 'en', 'DE', '', '', NULL, NULL, NULL, 1, 1)
            """,
            "INSERT INTO contacts VALUES (3, 2, 'email', 'alice@example.com', NULL, 1, 1, 1)",
            "INSERT INTO contacts VALUES (4, 2, 'phone', '+491701234567', 'DE', 0, 1, 1)",
            "INSERT INTO notification_preferences VALUES (5, 2, 'alerts', 'email', 3, 5, 'HIGH_PRIORITY')",
            """
            INSERT INTO escalation_policies VALUES (6, 1, 'Shop on call',
                '\(structure)', 0, 1, NULL, 1, 1)
            """,
            """
            INSERT INTO alert_sources VALUES (7, 1, 'Shop', 'RAPIDSPIKE', 'nb1s0123456789abcdef', 'nb1s01234567', 6, 1,
                'OPEN_RESOLVE_ON_EXTRACTION', NULL, NULL, 'HIGH', NULL, NULL, '{}', 1, 1)
            """,
            """
            INSERT INTO alerts VALUES (8, 1, 7, 'home', 'pending', 'high', NULL, 'Home is failing', 'since noon', NULL, NULL,
                6, '\(structure)', 'waiting', 0, 0,
                \(start.milliseconds + 300_000), 0, NULL, \(start.milliseconds), NULL, NULL, NULL, NULL, 3,
                \(start.milliseconds))
            """,
            "INSERT INTO alert_keys VALUES (7, 'home', 8, NULL, 1)",
            "INSERT INTO alert_keys VALUES (7, 'basket', NULL, 5, 6)",
            "INSERT INTO timeline VALUES (9, 8, 1, 'raised_by_source', 'source', NULL, NULL, NULL, NULL)",
            "INSERT INTO timeline VALUES (10, 8, 2, 'message_delivered', 'system', 0, 2, NULL, 'email')",
            "INSERT INTO timers VALUES (8, 'escalation', \(start.milliseconds + 300_000))",
            "INSERT INTO timers VALUES (8, 'auto_resolution', \(start.milliseconds + 3_600_000))",
        ]
        + ["waiting", "sending", "delivered"].enumerated().map { number, status in
            """
            INSERT INTO messages VALUES (\(11 + number), 1, 8, 2, 3, 'email', 'alice@example.com', 'page', 0, \(number),
                '\(status)', \(start.milliseconds), \(start.milliseconds + 60_000), \(start.milliseconds + 14_400_000),
                NULL, \(number), NULL, \(start.milliseconds), NULL)
            """
        }

    @Test func `given the first version's database with an alert under way, when it is upgraded, then nothing is lost`()
        throws
    {
        let first = try #require(Migrations.all.first)
        try database.migrate([first], at: Self.start)
        try database.writeBlocking { transaction in
            for row in Self.rows { try transaction.execute(row, [:]) }
        }

        // One version after the other, as somebody does who upgrades every week.
        for count in 2...Migrations.all.count {
            try database.migrate(Array(Migrations.all.prefix(count)), at: Self.start)
        }

        try database.writeBlocking { transaction in
            let timers = try Timers.due(at: Self.start + .days(1), limit: 10, in: transaction)
            #expect(timers.map(\.kind) == [.escalation, .autoResolution])
            #expect(timers.map(\.due) == [Self.start + .minutes(5), Self.start + .hours(1)])

            let messages = try [11, 12, 13].compactMap { try Messages.find(.init($0), in: transaction) }
            #expect(messages.map(\.status) == [.waiting, .sending, .delivered])
            #expect(messages.map(\.attempts) == [0, 1, 2])
            #expect(
                messages.allSatisfy { $0.purpose == .page && $0.target == "alice@example.com" && $0.user == .init(2) })
            #expect(messages.allSatisfy { $0.due == Self.start + .minutes(1) && $0.contact == .init(3) })

            let alert = try #require(try Alerts.find(.init(8), in: transaction)).alert
            #expect(alert.status == .pending && alert.summary == "Home is failing" && alert.key == "home")
            #expect(alert.escalation.due == Self.start + .minutes(5))
            let key = try #require(AlertKey("home"))
            #expect(try AlertKeys.find(key, source: .init(7), in: transaction)?.open?.id == .init(8))
            let lines: [TimelineEntry.Kind] = [.raisedBySource, .messageDelivered]
            #expect(try Timeline.list(of: .init(8), in: transaction).map(\.entry.kind) == lines)

            let contacts = try Contacts.list(of: .init(2), in: transaction)
            #expect(contacts.map(\.target) == ["alice@example.com", "+491701234567"])
            #expect(contacts.allSatisfy { $0.verifiedAt != nil })
            #expect(try EscalationPolicies.find(.init(6), in: transaction)?.policy.levels.count == 2)
        }
    }
}
