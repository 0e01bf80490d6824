import Alerting
import Simulation
import Storage
import TestSupport
import Testing

struct AlertKeysTests {
    private let world: StorageWorld
    private let shop = SimulatedCast.shop
    private static let unreadable = key("unreadable notification")

    init() throws {
        let world = try StorageWorld()
        self.world = world
        try world.write { transaction in
            for id in 1...3 as ClosedRange<Int64> {
                try Alerts.insert(
                    world.alert(id, raisedAt: world.now + .minutes(Int(id))), in: transaction)
            }
        }
    }

    private static func key(_ text: String) -> AlertKey {
        guard let key = AlertKey(text) else { preconditionFailure("a blank key in a test") }
        return key
    }

    private func find(_ text: String) throws -> KnownKey? {
        try world.write { [shop] in try AlertKeys.find(Self.key(text), source: shop, in: $0) }
    }

    @discardableResult
    private func open(_ text: String, _ alert: Int64) throws -> Bool {
        do {
            try world.write { [world, shop] in
                try AlertKeys.open(Self.key(text), alert: .init(alert), source: shop, at: world.now, in: $0)
            }
            return true
        } catch StorageError.conflict {
            return false
        }
    }

    private func close(_ text: String, resolvedAt: Timestamp?) throws {
        try world.write { [world, shop] in
            try AlertKeys.close(Self.key(text), source: shop, resolvedAt: resolvedAt, at: world.now, in: $0)
        }
    }

    @Test func `given a key that was never seen, then nothing is known of it`() throws {
        #expect(try find("home") == nil)
    }

    @Test func `given an open key, then it is found without case, with its alert's state`() throws {
        try open("Home", 1)
        try open("Cart", 1)

        let open = try #require(try find("HOME")?.open)
        #expect(open == OpenAlert(id: .init(1), status: .pending, priority: .high, openKeys: 2))
    }

    private func find(_ wanted: [AlertKeys.Wanted]) throws -> [String: (key: KnownKey, isTold: Bool)] {
        try world.write { [shop] in try AlertKeys.find([.init(shop, wanted)], in: $0).first?.keys ?? [:] }
    }

    @Test(arguments: [0, 1, 8, 9, 17, 33, 64, 65, 130], [false, true])
    func `given many keys, when they are looked for at once, then each is found as if it were alone`(
        count: Int, mayEnd: Bool
    ) throws {
        try open("Home", 1)
        try open("cart", 1)
        try close("desk", resolvedAt: world.now)
        try open("last", 2)
        let texts = (["HOME", "cart", "desk"] + (3..<129).map { "other \($0)" } + ["last"]).prefix(count)

        let found = try find(texts.map { .init(Self.key($0), mayEnd: mayEnd) })

        let alone = try texts.reduce(into: [:]) { all, text in
            all[text.lowercased()] = try world.write { [shop] in
                try AlertKeys.find(Self.key(text), source: shop, countsKeys: mayEnd, in: $0)
            }
        }
        #expect(found.mapValues(\.key) == alone)
        #expect(found.count == min(count, 3) + count / 130)
    }

    @Test func `given keys, when some alerts may end, then only of those it is found out who was told`() throws {
        try open("home", 1)
        try open("cart", 1)
        try open("desk", 2)
        try open("door", 2)
        try close("gone", resolvedAt: nil)
        let wanted = [("home", true), ("cart", false), ("desk", false), ("gone", true)].map {
            AlertKeys.Wanted(Self.key($0), mayEnd: $1)
        }

        let found = try find(wanted)

        #expect(found.mapValues { $0.key.open?.openKeys } == ["home": 2, "cart": 2, "desk": 1, "gone": nil])
        #expect(found.mapValues(\.isTold) == ["home": false, "cart": false, "desk": true, "gone": true])

        _ = try world.write { [world] in try Messages.insert(world.message(1, alert: 1), in: $0) }
        let told = try find(wanted)
        #expect(told["home"]?.isTold == true)
    }

    @Test(arguments: [(1, 2), (2, 3), (5, 6), (6, 6)])
    func `given an alert with six keys, when some may end, then it is known whether one is left`(
        ending: Int, counted: Int
    ) throws {
        let names = (1...6).map { "key \($0)" }
        for name in names { try open(name, 1) }

        let found = try find(names.enumerated().map { .init(Self.key($1), mayEnd: $0 < ending) })

        #expect(found.values.map { $0.key.open?.openKeys } == Array(repeating: counted, count: 6))
    }

    @Test func `given an open key, when another alert wants it, then it is refused until it is closed`() throws {
        #expect(try open("home", 1))
        #expect(try !open("home", 2))

        try close("home", resolvedAt: nil)
        #expect(try find("home") == KnownKey(open: nil))
        #expect(try open("home", 2))
        #expect(try find("home")?.open?.id == .init(2))
    }

    @Test func `given a key whose alert is no longer open, then it is free`() throws {
        try open("home", 1)
        try world.write { [world] in _ = try Alerts.resolve(.init(1), by: .system, at: world.now, in: $0) }

        #expect(try find("home")?.open == nil)
        #expect(try open("home", 2))
    }

    @Test func `given resolves in any order, then the latest is remembered`() throws {
        let times = [nil, world.now, world.now - .hours(1), nil, world.now + .hours(1), world.now]

        var known: [Timestamp?] = []
        for time in times {
            try close("home", resolvedAt: time)
            known.append(try find("home")?.resolvedAt)
        }

        #expect(known == [nil, world.now, world.now, world.now, world.now + .hours(1), world.now + .hours(1)])
    }

    @Test func `given an alert of several keys, when it ends, then all are closed and others' are not`() throws {
        try open("home", 1)
        try open("cart", 1)
        try open("desk", 2)

        try world.write { [world] in try AlertKeys.closeAll(of: .init(1), at: world.now, in: $0) }

        #expect(try find("home")?.open == nil)
        #expect(try find("cart")?.open == nil)
        #expect(try find("desk")?.open?.id == .init(2))
    }

    @Test func `given open alerts, then the newest is found, and one under the excluded key never`() throws {
        func newest(except text: String = "unreadable notification") throws -> Alert.ID? {
            try world.write { [shop] in
                try AlertKeys.newestOpen(source: shop, except: Self.key(text), in: $0)?.alert.id
            }
        }

        #expect(try newest() == .init(3))
        #expect(try newest(except: "Key-3") == .init(2))
        try world.write { [world] transaction in
            for id in 1...3 as ClosedRange<Int64> {
                _ = try Alerts.resolve(.init(id), by: .system, at: world.now, in: transaction)
            }
        }
        #expect(try newest() == nil)
    }

    @Test func `given searches about several sources, then each has its own answer`() throws {
        try open("home", 1)
        try open("cart", 2)
        let (home, cart) = (Self.key("home"), Self.key("cart"))
        let (elsewhere, unreadable) = (AlertSource.ID(99), Self.unreadable)
        let searches: [AlertKeys.Search] = [
            .init(elsewhere, [.init(home, mayEnd: true)], newestExcept: unreadable),
            .init(shop, [.init(home, mayEnd: true)], newestExcept: unreadable),
            .init(shop, [], newestExcept: Self.key("Key-3")),
            .init(shop, [.init(cart, mayEnd: false)]),
        ]

        let found = try world.write { try AlertKeys.find(searches, in: $0) }

        let open = found.map { $0.keys.mapValues { $0.key.open?.id } }
        #expect(open == [[:], ["home": .init(1)], [:], ["cart": .init(2)]])
        #expect(found.map { $0.newest?.alert.id } == [nil, .init(3), .init(2), nil])
        #expect(try world.write { try AlertKeys.find([], in: $0).isEmpty })
    }

    @Test func `given old keys, when they are forgotten, then open ones stay, and a step has its limit`() throws {
        try open("open", 1)
        for name in ["a", "b", "c"] { try close(name, resolvedAt: nil) }
        let now = world.now

        try world.write { try AlertKeys.prune(before: now, limit: 100, in: $0) }
        #expect(try find("a") != nil)

        try world.write { try AlertKeys.prune(before: now + .milliseconds(1), limit: 2, in: $0) }
        #expect(try ["a", "b", "c", "open"].filter { try find($0) != nil }.count == 2)

        try world.write { try AlertKeys.prune(before: now + .days(365), limit: 100, in: $0) }
        #expect(try ["a", "b", "c"].allSatisfy { try find($0) == nil })
        #expect(try find("open")?.open?.id == .init(1))
    }

    @Test func `given two connections, when both open one key at once, then one of them is refused`() async throws {
        let other = try world.temporary.another()
        let (now, shop) = (world.now, shop)

        for round in 0..<20 {
            let key = Self.key("round-\(round)")
            let opened = try await withThrowingTaskGroup(of: Bool.self) { group in
                for (index, database) in [world.database, other].enumerated() {
                    group.addTask {
                        do {
                            try await database.write {
                                try AlertKeys.open(key, alert: .init(Int64(index + 1)), source: shop, at: now, in: $0)
                            }
                            return true
                        } catch StorageError.conflict {
                            return false
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(opened.filter(\.self).count == 1)
        }
    }
}
