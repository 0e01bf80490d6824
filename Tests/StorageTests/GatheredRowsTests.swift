import Alerting
import Simulation
import Storage
import TestSupport
import Testing

/// Rows that may be sent to the database together, in whatever order they come.
struct GatheredRowsTests {
    private typealias Cast = SimulatedCast

    private let world: StorageWorld

    init() throws {
        world = try StorageWorld()
    }

    private static func key(_ number: Int64) throws -> AlertKey {
        try #require(AlertKey("key \(number)"))
    }

    private func event(_ number: Int64) -> StoredEvent {
        StoredEvent(
            id: .init(number), request: .init(number), source: Cast.shop, receivedAt: world.now, method: "POST",
            path: "/é\u{1F514}", body: Array("body \(number)".utf8), kind: .alert, key: "key \(number)",
            summary: number % 3 == 0 ? "" : "Shop (\(number)) is $1 'down'", reason: .newAlert,
            explanation: number % 2 == 0 ? nil : "because", alert: .init(number))
    }

    /// Whatever there are of rows, they fill statements of several sizes; some have `NULL` where others have none.
    @Test(arguments: [1, 2, 3, 7, 64, 65, 200] as [Int64])
    func `given rows of every kind, when they are written event by event, then all are there as they were`(
        count: Int64
    ) throws {
        let world = world
        try world.write { transaction in
            for number in 1...count {
                try Alerts.insert(world.alert(number), in: transaction)
                try AlertKeys.open(
                    Self.key(number), alert: .init(number), source: Cast.shop, at: world.now, in: transaction)
                for step in 0..<3 as Range<Int64> {
                    let entry = TimelineEntry(
                        at: world.now, kind: step == 0 ? .raisedBySource : .commented, level: step == 1 ? 1 : nil,
                        text: "\(step)")
                    try Timeline.insert(
                        entry, id: .init(number * 10 + step), alert: .init(number), in: transaction)
                }
                for minutes in [5, 7] {
                    try Timers.set(
                        AlertTimer(alert: .init(number), kind: .escalation, due: world.now + .minutes(minutes)),
                        in: transaction)
                }
                try EventLog.insert(event(number), in: transaction)
            }
        }

        let events = try world.write { try EventLog.list(source: Cast.shop, limit: 1000, in: $0) }
        #expect(events == (1...count).reversed().map(event))
        for number in 1...count {
            try world.write { transaction in
                let lines = try Timeline.list(of: .init(number), in: transaction)
                #expect(lines.map(\.entry.text) == ["0", "1", "2"])
                #expect(lines.map(\.entry.level) == [nil, 1, nil])
                #expect(try Alerts.find(.init(number), in: transaction)?.alert == world.alert(number))
                let known = try AlertKeys.find(Self.key(number), source: Cast.shop, in: transaction)
                #expect(known?.open?.id == .init(number))
            }
        }
        let timers = try world.write { try Timers.due(at: world.now + .hours(1), limit: 1000, in: $0) }
        #expect(timers.count == Int(count))
        #expect(timers.allSatisfy { $0.due == world.now + .minutes(7) })
    }

    /// PostgreSQL is told a column's type by its values, and a batch may have none.
    @Test func `given a column that has no value in one batch, one in the next and again none, then each is kept`()
        throws
    {
        let world = world
        try world.write { try Alerts.insert(world.alert(1), in: $0) }
        for (batch, level) in [nil, 3, nil, 5].enumerated() as EnumeratedSequence<[Int?]> {
            try world.write { transaction in
                for row in 0..<2 as Range<Int> {
                    let entry = TimelineEntry(
                        at: world.now, kind: .commented, level: level, text: row == 0 ? nil : "a \u{0} é \(batch)")
                    try Timeline.insert(
                        entry, id: .init(Int64(batch * 2 + row + 1)), alert: .init(1), in: transaction)
                }
            }
        }

        let lines = try world.write { try Timeline.list(of: .init(1), in: $0) }
        #expect(lines.map(\.entry.level) == [nil, nil, 3, 3, nil, nil, 5, 5])
        // PostgreSQL has no NUL in text.
        let nul = world.temporary.kind == .postgres ? "\u{FFFD}" : "\u{0}"
        #expect(lines.map(\.entry.text) == (0..<4).flatMap { [nil, "a \(nul) é \($0)"] })
    }

    @Test func `given rows that wait, when statements change and read the same tables, then they see them`() throws {
        let world = world
        let seen = try world.write { transaction in
            // A line about an alert that is there comes before an alert that is not: the alert must be written first.
            try Alerts.insert(world.alert(1), in: transaction)
            _ = try Alerts.count(.init(1), at: world.now, in: transaction)
            try Timeline.insert(
                TimelineEntry(at: world.now, kind: .commented), id: .init(1), alert: .init(1), in: transaction)
            try Alerts.insert(world.alert(2), in: transaction)
            try Timeline.insert(
                TimelineEntry(at: world.now, kind: .commented), id: .init(2), alert: .init(2), in: transaction)
            try Timers.set(
                AlertTimer(alert: .init(2), kind: .escalation, due: world.now), in: transaction)
            try Timers.cancelAll(of: .init(2), in: transaction)
            try Alerts.setDetails("changed", of: .init(2), in: transaction)
            // Whose message it is stands in no text of the statement's.
            try Alerts.insert(world.alert(3), in: transaction)
            _ = try Messages.insert(world.message(1, alert: 3), in: transaction)
            try AlertKeys.open(Self.key(1), alert: .init(1), source: Cast.shop, at: world.now, in: transaction)
            try AlertKeys.close(Self.key(1), source: Cast.shop, resolvedAt: nil, at: world.now, in: transaction)
            try AlertKeys.open(Self.key(1), alert: .init(2), source: Cast.shop, at: world.now, in: transaction)
            return try Alerts.find(.init(2), in: transaction)
        }

        #expect(seen?.alert.details == "changed")
        #expect(try world.write { try Timers.due(at: world.now, limit: 10, in: $0) } == [])
        #expect(try world.write { try Timeline.list(of: .init(2), in: $0).count } == 1)
        let key = try Self.key(1)
        #expect(try world.write { try AlertKeys.find(key, source: Cast.shop, in: $0)?.open?.id } == .init(2))
    }

    /// A question has only what it asks for written, and what that refers to; the rest goes on waiting.
    @Test func `given rows that wait, when questions are asked between them, then each sees what it asks for`() throws {
        let world = world
        let seen = try world.write { transaction in
            var seen: [Int64?] = []
            for number in 1...3 as ClosedRange<Int64> {
                let (alert, key) = (Alert.ID(number), try Self.key(number))
                try Alerts.insert(world.alert(number), in: transaction)
                try AlertKeys.open(key, alert: alert, source: Cast.shop, at: world.now, in: transaction)
                for line in 0..<2 as Range<Int64> {
                    try Timeline.insert(
                        TimelineEntry(at: world.now, kind: .commented, text: "\(line)"), id: .init(number * 10 + line),
                        alert: alert, in: transaction)
                    // Asks for alerts alone.
                    seen.append(try Alerts.find(alert, in: transaction)?.alert.id.rawValue)
                    try Alerts.append(
                        AlertEvent(kind: .alert, alertKey: key.text, summary: "down"), to: alert, at: world.now,
                        in: transaction)
                }
                try EventLog.insert(event(number), in: transaction)
                // Asks for keys and alerts.
                seen.append(try AlertKeys.find(key, source: Cast.shop, in: transaction)?.open?.id.rawValue)
                if number == 2 { try Alerts.end(alert, by: .source, at: world.now, in: transaction) }
            }
            seen.append(try Timeline.list(of: .init(1), in: transaction).first?.id.rawValue)
            seen.append(try EventLog.list(source: Cast.shop, limit: 9, in: transaction).first?.id.rawValue)
            return seen
        }

        #expect(seen == [1, 1, 1, 2, 2, 2, 3, 3, 3, 10, 3])
        for number in 1...3 as ClosedRange<Int64> {
            let alert = try world.write { try Alerts.find(.init(number), in: $0)?.alert }
            #expect(alert?.eventCount == 3)
            #expect(alert?.status == (number == 2 ? .resolved : .pending))
            let lines = try world.write { try Timeline.list(of: .init(number), in: $0) }
            #expect(lines.map(\.entry.text) == ["0", "1"])
        }
    }

    @Test func `given changes of the same rows in a transaction, then they count as if each came alone`() throws {
        let world = world
        let shop = Cast.shop
        try world.write { transaction in
            for number in [1, 2] as [Int64] { try Alerts.insert(world.alert(number), in: transaction) }
        }
        let raised = try world.write { try Alerts.find(.init(1), in: $0)?.alert }
        let event = { @Sendable (details: String) in
            AlertEvent(kind: .alert, alertKey: "key 1", summary: "down", details: details)
        }

        try world.write { transaction in
            for (minutes, details) in ["first", "", "third", ""].enumerated() {
                for alert in [1, 2] as [Int64] {
                    try Alerts.append(
                        event(alert == 1 ? details : ""), to: .init(alert), at: world.now + .minutes(minutes),
                        in: transaction)
                    let line = TimelineEntry(at: world.now, kind: .commented, text: "\(minutes)")
                    try Timeline.insert(
                        line, id: .init(Int64(minutes * 10) + alert), alert: .init(alert), in: transaction)
                }
            }
            try AlertKeys.open(Self.key(1), alert: .init(1), source: shop, at: world.now, in: transaction)
            for minutes in [3, 1] {
                try AlertKeys.close(
                    Self.key(1), source: shop, resolvedAt: world.now + .minutes(minutes), at: world.now,
                    in: transaction)
                try AlertKeys.open(Self.key(1), alert: .init(1), source: shop, at: world.now, in: transaction)
            }
            try AlertKeys.open(Self.key(2), alert: .init(2), source: shop, at: world.now, in: transaction)
            try AlertKeys.close(Self.key(2), source: shop, resolvedAt: nil, at: world.now, in: transaction)
        }

        let alerts = try world.write { transaction in
            try [1, 2].map { try Alerts.find(.init($0), in: transaction)?.alert }
        }
        #expect(alerts.map { $0?.eventCount } == [5, 5])
        #expect(alerts.map { $0?.details } == ["third", raised?.details])
        #expect(alerts.map { $0?.lastEventAt } == [world.now + .minutes(3), world.now + .minutes(3)])
        for alert in [1, 2] as [Int64] {
            let lines = try world.write { try Timeline.list(of: .init(alert), in: $0) }
            #expect(lines.map(\.entry.text) == ["0", "1", "2", "3"])
        }
        let keys = try world.write { transaction in
            try [1, 2].map { try AlertKeys.find(Self.key($0), source: shop, in: transaction) }
        }
        #expect(keys.map { $0?.open?.id } == [.init(1), nil])
        #expect(keys.map { $0?.resolvedAt } == [world.now + .minutes(3), nil])
    }

    @Test func `given an open key, when one transaction closes it and opens it for the same alert, then it may`()
        throws
    {
        let world = world
        try world.write { transaction in
            try Alerts.insert(world.alert(1), in: transaction)
            try AlertKeys.open(Self.key(1), alert: .init(1), source: Cast.shop, at: world.now, in: transaction)
        }

        try world.write { transaction in
            try AlertKeys.close(
                Self.key(1), source: Cast.shop, resolvedAt: world.now, at: world.now, in: transaction)
            try AlertKeys.open(Self.key(1), alert: .init(1), source: Cast.shop, at: world.now, in: transaction)
        }

        let key = try Self.key(1)
        let known = try world.write { try AlertKeys.find(key, source: Cast.shop, in: $0) }
        #expect(known?.open?.id == .init(1) && known?.resolvedAt == world.now)
    }

    @Test func `given lives of alerts in one transaction, then what came last is what stays`() throws {
        let world = world
        let timer = { @Sendable (alert: Int64, minutes: Int) in
            AlertTimer(alert: .init(alert), kind: .escalation, due: world.now + .minutes(minutes))
        }
        try world.write { transaction in
            for number in 1...100 as ClosedRange<Int64> {
                try Alerts.insert(world.alert(number), in: transaction)
                try Timers.set(timer(number, 1), in: transaction)
                try Alerts.append(
                    AlertEvent(kind: .alert, alertKey: "key", summary: "down"), to: .init(number), at: world.now,
                    in: transaction)
                // Every second ends at once, and one of them has a timer after its end.
                guard number % 2 == 0 else { continue }
                try Alerts.end(.init(number), by: .source, at: world.now, in: transaction)
                try Timers.cancelAll(of: .init(number), in: transaction)
                if number == 50 { try Timers.set(timer(number, 2), in: transaction) }
            }
        }

        let timers = try world.write { try Timers.due(at: world.now + .hours(1), limit: 1000, in: $0) }
        #expect(timers == (1...100).filter { $0 % 2 == 1 }.map { timer($0, 1) } + [timer(50, 2)])
        for number in 1...100 as ClosedRange<Int64> {
            let alert = try world.write { try Alerts.find(.init(number), in: $0)?.alert }
            #expect(alert?.eventCount == 2)
            #expect(alert?.status == (number % 2 == 0 ? .resolved : .pending))
        }
    }

    @Test func `given rows that wait, when what they belong to is deleted, then they go with it`() throws {
        let world = world
        try world.write { transaction in
            try Alerts.insert(world.alert(1), in: transaction)
            try EventLog.insert(event(1), in: transaction)
            try AlertSources.delete(Cast.shop, in: transaction)
        }

        #expect(try world.write { try EventLog.list(source: Cast.shop, limit: 10, in: $0) } == [])
        #expect(try world.write { try Alerts.find(.init(1), in: $0) } == nil)
    }

    @Test func `given a row among many that breaks a rule, then nothing of the transaction stays`() throws {
        let world = world
        #expect(throws: StorageError.self) {
            try world.write { transaction in
                for number in [1, 2, 3, 2] as [Int64] { try Alerts.insert(world.alert(number), in: transaction) }
            }
        }

        #expect(try world.write { try Alerts.find(.init(1), in: $0) } == nil)
    }
}
