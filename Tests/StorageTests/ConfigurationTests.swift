import Alerting
import Simulation
import Storage
import Testing

/// Alert sources, escalation policies, accounts, settings and the audit log.
struct ConfigurationTests {
    private let world: StorageWorld

    init() throws {
        world = try StorageWorld()
    }

    private func source(_ id: Int64, _ name: String, key: String) -> AlertSourceRecord {
        SimulatedCast.source(.init(id), name: name, key: key, at: world.now)
    }

    private func policy(_ id: Int64, _ name: String, routingKey: String? = nil) -> PolicyRecord {
        PolicyRecord(
            id: .init(id), account: SimulatedCast.account, name: name,
            levels: [SimulatedCast.level(SimulatedCast.alice)], routingKey: routingKey, createdAt: world.now,
            updatedAt: world.now)
    }

    @Test func `given an alert source with everything in it, when it is read and updated, then nothing is lost`() throws
    {
        var source = source(5, "Desk", key: "nb1sDeskDeskDeskDesk-and-the-rest")
        source.alertCreation = "ONE_ALERT_GROUPED_PER_WINDOW"
        source.groupingWindow = .minutes(10)
        source.autoResolution = .hours(2)
        source.severity = 3
        source.mapping = .object(["state": .string("a.b")])
        source.fields = .object(["supportHours": .null, "unknown": .array([.integer(1)])])
        let first = source
        source.name = "Help desk"
        source.isActive = false
        source.mapping = nil
        source.priorityRule = "LOW"
        source.integrationKey = "nb1sOtherOtherOther-and-the-rest"
        let second = source

        let read = try world.write { transaction in
            try AlertSources.insert(first, in: transaction)
            let before = try AlertSources.find(first.id, in: transaction)
            try AlertSources.update(second, in: transaction)
            return [before, try AlertSources.find(second.id, in: transaction)]
        }

        #expect(read == [first, second])
        #expect(first.rules.grouping == .window(.minutes(10)))
        #expect(!second.rules.isActive)
        #expect(second.rules.priorityRule == .low)
    }

    @Test func `given integration keys, then a source is found by the start of its own, however the rest goes`() throws
    {
        let found = try world.write { transaction in
            let prefix = String(SimulatedCast.shopKey.prefix(AlertSourceRecord.keyPrefixLength))
            return [
                try AlertSources.find(keyPrefix: prefix, in: transaction)?.id,
                try AlertSources.find(keyPrefix: String(prefix.dropLast()), in: transaction)?.id,
                try AlertSources.find(keyPrefix: "", in: transaction)?.id,
            ]
        }

        #expect(found == [SimulatedCast.shop, nil, nil])
    }

    @Test func `given two sources with one start of their keys, then the second is refused`() {
        #expect(throws: StorageError.self) {
            try world.write { [world] transaction in
                try AlertSources.insert(
                    SimulatedCast.source(.init(6), name: "Twin", at: world.now), in: transaction)
            }
        }
    }

    @Test func `given names in any order, then lists are sorted and paged, and a name is found`() throws {
        let (names, page, found) = try world.write { [source, policy] transaction in
            for (index, name) in ["b", "a", "c"].enumerated() {
                let id = Int64(index + 5)
                try AlertSources.insert(source(id, name, "nb1s\(name)\(name)\(name)aaaaaaaaaaaaaa"), in: transaction)
                try EscalationPolicies.insert(policy(id, name, nil), in: transaction)
            }
            return (
                try AlertSources.list(scope: .carol, page: Page(limit: 9), in: transaction).map(\.name),
                try EscalationPolicies.list(scope: .carol, page: Page(offset: 2, limit: 2), in: transaction)
                    .map(\.name),
                [
                    try AlertSources.find(name: "c", scope: .carol, in: transaction)?.id.rawValue,
                    try AlertSources.find(name: "d", scope: .carol, in: transaction)?.id.rawValue,
                    try EscalationPolicies.find(name: "a", scope: .carol, in: transaction)?.id.rawValue,
                ]
            )
        }

        #expect(names == ["Shop", "a", "b", "c"])
        #expect(page == ["b", "c"])
        #expect(found == [7, nil, 6])
    }

    @Test func `given a policy with everything in it, when it is read and updated, then nothing is lost`() throws {
        let first = PolicyRecord(
            id: .init(5), account: SimulatedCast.account, name: "Nights",
            levels: [
                EscalationLevel(targets: [.team(.init(1)), .schedule(9)], timeout: .minutes(3)),
                SimulatedCast.level(SimulatedCast.bob),
            ], delay: .minutes(2), isRepeating: true, frequency: 4, routingKey: "nights", createdAt: world.now,
            updatedAt: world.now)
        var second = first
        second.name = "Days"
        second.routingKey = nil
        second.updatedAt = world.now + .minutes(1)
        let changed = second

        let read = try world.write { transaction in
            try EscalationPolicies.insert(first, in: transaction)
            let routed = try EscalationPolicies.find(
                routingKey: "nights", account: SimulatedCast.account, in: transaction)
            try EscalationPolicies.update(changed, in: transaction)
            return [
                routed, try EscalationPolicies.find(changed.id, in: transaction),
                try EscalationPolicies.find(routingKey: "nights", account: SimulatedCast.account, in: transaction),
            ]
        }

        #expect(read == [first, second, nil])
        #expect(first.policy.repeats == 4)
    }

    @Test func `given a routing key that is taken, or a policy in use, then the database refuses`() throws {
        try world.write { [policy] in try EscalationPolicies.insert(policy(5, "a", "shop"), in: $0) }

        #expect(throws: StorageError.self) {
            try world.write { [policy] in try EscalationPolicies.insert(policy(6, "b", "shop"), in: $0) }
        }
        #expect(throws: StorageError.self) {
            try world.write { try EscalationPolicies.delete(SimulatedCast.policy, in: $0) }
        }
        try world.write { try EscalationPolicies.delete(.init(5), in: $0) }
        #expect(try world.write { try EscalationPolicies.find(.init(5), in: $0) } == nil)
    }

    @Test func `given a source with alerts, when it is deleted, then what belongs to it goes with it`() throws {
        let counts = try world.write { [world] transaction in
            try Alerts.insert(world.alert(1), in: transaction)
            if let key = AlertKey("home") {
                try AlertKeys.open(
                    key, alert: .init(1), source: SimulatedCast.shop, at: world.now, in: transaction)
            }
            _ = try Messages.insert(world.message(1), in: transaction)
            try Timers.set(AlertTimer(alert: .init(1), kind: .escalation, due: world.now), in: transaction)
            try EventLog.insert(
                StoredEvent(
                    id: .init(1), request: .init(1), source: SimulatedCast.shop, receivedAt: world.now,
                    reason: .newAlert), in: transaction)
            try AlertSources.delete(SimulatedCast.shop, in: transaction)
            return try ["alerts", "alert_keys", "messages", "timers", "events", "alert_sources"].map { table in
                try transaction.query("SELECT count(*) AS count FROM \(table)", [:]).first?.int("count")
            }
        }

        #expect(counts == [0, 0, 0, 0, 0, 0])
    }

    @Test func `given an account, then its last resort is its addresses, else its owner's`() throws {
        let resorts = try world.write { transaction in
            let account = SimulatedCast.account
            guard var record = try Accounts.find(account, in: transaction) else { return [[String]]() }
            let first = try Accounts.lastResort(of: account, in: transaction)
            record.lastResortEmails = []
            try Accounts.update(record, in: transaction)
            let second = try Accounts.lastResort(of: account, in: transaction)
            record.owner = nil
            try Accounts.update(record, in: transaction)
            return [
                first, second, try Accounts.lastResort(of: account, in: transaction),
                try Accounts.lastResort(of: .init(99), in: transaction),
            ]
        }

        #expect(resorts == [["chief@example.com"], [SimulatedCast.carol.email], [], []])
        #expect(try world.write { try Accounts.first(in: $0)?.id } == SimulatedCast.account)
    }

    @Test func `given a setting, when it is set twice and removed, then the last word counts`() throws {
        let values = try world.write { transaction in
            try Settings.set("a", to: "1", in: transaction)
            try Settings.set("a", to: "2", in: transaction)
            let second = try Settings.value("a", in: transaction)
            try Settings.remove("a", in: transaction)
            return [second, try Settings.value("a", in: transaction)]
        }

        #expect(values == ["2", nil])
    }

    @Test func `given audit entries, then they come newest first, of the account only`() throws {
        let read = try world.write { [world] transaction in
            for id in 1...3 as ClosedRange<Int64> {
                try AuditLog.insert(
                    AuditEntry(
                        id: .init(id), account: SimulatedCast.account, at: world.now,
                        user: id == 1 ? nil : SimulatedCast.carol.user, action: "source.updated",
                        targetKind: "source", target: id, details: "é"), in: transaction)
            }
            return [
                try AuditLog.list(account: SimulatedCast.account, page: Page(limit: 2), in: transaction),
                try AuditLog.list(account: SimulatedCast.account, page: Page(offset: 2, limit: 2), in: transaction),
                try AuditLog.list(account: .init(99), page: Page(limit: 2), in: transaction),
            ]
        }

        #expect(read.map { $0.map(\.id.rawValue) } == [[3, 2], [1], []])
        #expect(read[1].first?.user == nil)
        #expect(read[0].first?.details == "é")
    }
}
