import Engine
import Storage
import TestSupport
import Testing

struct BlockIDsTests {
    @Test func `given a new database, when ids are drawn, then they count from 1`() async throws {
        let temporary = try TemporaryDatabase()
        let ids = BlockIDs(database: temporary.database)

        try await ids.reserve(3)

        #expect(try [ids.next(), ids.next(), ids.next()] == [1, 2, 3])
    }

    @Test func `given nothing reserved, when an id is drawn, then more must be reserved`() throws {
        let temporary = try TemporaryDatabase()
        let ids = BlockIDs(database: temporary.database)

        #expect(throws: IDShortage.tooFewReserved) { try ids.next() }
    }

    @Test func `given more than a block, when they are reserved, then all can be drawn`() throws {
        let temporary = try TemporaryDatabase()
        let ids = BlockIDs(database: temporary.database)
        let count = BlockIDs.blockSize * 2 + 1

        try ids.reserveBlocking(count)

        #expect(try (1...count).map { _ in try ids.next() } == (1...count).map(Int64.init))
    }

    @Test func `given enough left, when some are reserved again, then the database is not asked`() throws {
        let temporary = try TemporaryDatabase()
        let ids = BlockIDs(database: temporary.database)
        try ids.reserveBlocking(10)
        try temporary.close()

        try ids.reserveBlocking(10)
        #expect(throws: StorageError.self) { try ids.reserveBlocking(BlockIDs.blockSize * 2) }
    }

    @Test func `given a process that ended, when the next one draws, then no id comes twice`() throws {
        let temporary = try TemporaryDatabase()
        let first = BlockIDs(database: temporary.database)
        try first.reserveBlocking(1)
        let last = try first.next()

        let second = BlockIDs(database: temporary.database)
        try second.reserveBlocking(1)
        #expect(try second.next() > last)
    }

    @Test func `given two names, when ids are drawn, then each counts for itself`() throws {
        let temporary = try TemporaryDatabase()
        let ids = BlockIDs(database: temporary.database)
        let others = BlockIDs(database: temporary.database, name: "others")

        try ids.reserveBlocking(1)
        try others.reserveBlocking(1)

        #expect(try ids.next() == others.next())
    }

    @Test func `given two nodes that draw at once, when each takes many, then none of them meet`() async throws {
        let temporary = try TemporaryDatabase()
        let other = try temporary.another()
        let nodes = [BlockIDs(database: temporary.database), BlockIDs(database: other)]

        let drawn = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for node in nodes {
                for _ in 0..<4 {
                    group.addTask {
                        var drawn: [Int64] = []
                        for _ in 0..<20 {
                            try await node.reserve(150)
                            for _ in 0..<150 { drawn.append(try node.next()) }
                        }
                        return drawn
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }

        #expect(drawn.count == 24_000)
        #expect(Set(drawn).count == drawn.count)
        #expect(drawn.allSatisfy { $0 > 0 })
    }
}
