import Alerting
import Foundation
import Integrations
import Logging
import Simulation
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// A node whose database goes away and comes back.
struct IntakeJournalTests {
    private typealias Cast = SimulatedCast

    /// One process after the other on the same database and the same folder.
    private final class Node {
        let engine: Engine
        let database: FaultyDatabase
        let journal: IntakeJournal
        let loop: JournalLoop

        init(
            _ world: SimulatedWorld, _ temporary: TemporaryDatabase, _ folder: TemporaryFolder, id: String,
            limit: Int64 = 1 << 20, said: Said? = nil
        ) throws {
            let logger = Logger(label: "node") { _ in said ?? SwiftLogNoOpLogHandler() as any LogHandler }
            database = FaultyDatabase(temporary)
            let store = Store(database: database, ids: BlockIDs(database: database), clock: world.clock)
            journal = try IntakeJournal(
                folder: folder.path + "/journal", id: id, node: "node", limit: limit, logger: logger)
            engine = Engine(
                store: store, senders: world.senders, links: world.links, journal: journal, logger: logger)
            loop = try #require(engine.journalLoop(logger: logger))
        }

        func post(_ state: String, monitor: String = "Home", at now: Timestamp) async throws -> IngestAnswer {
            let request = SimulatedWorld.rapidSpikeRequest(state, monitor: monitor, at: now)
            return try await engine.reception.receive(request, key: Cast.shopKey)
        }
    }

    /// What a node has logged.
    private struct Said: LogHandler {
        final class Lines: Sendable { let all = Mutex<[String]>([]) }

        let lines = Lines()
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.all.withLock { $0.append("\(event.message)") } }
    }

    private struct Scene {
        let temporary: TemporaryDatabase
        let world: SimulatedWorld
        let folder = TemporaryFolder()

        init() async throws {
            temporary = try TemporaryDatabase(inMemory: true)
            world = try await SimulatedWorld(temporary)
        }

        func node(_ id: String = "1", limit: Int64 = 1 << 20, said: Said? = nil) throws -> Node {
            try Node(world, temporary, folder, id: id, limit: limit, said: said)
        }

        /// But for the list of known keys.
        var files: [String] {
            // No folder: nothing was ever kept.
            let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/journal").sorted()
            return (names ?? []).filter { $0 != "sources.json" }
        }
    }

    private static let away = StorageError.unavailable(message: "The database is away.")

    @Test func `given a database that is away, when events come, then they are kept, and raised once it is back`()
        async throws
    {
        let scene = try await Scene()
        let node = try scene.node()
        _ = try await node.post("failing", monitor: "Before", at: scene.world.now)
        node.database.refuseWrites(Self.away)

        let answer = try await node.post("failing", at: scene.world.now)

        #expect(answer.reason == .journaled)
        #expect(node.journal.waiting == 1 && node.journal.isDatabaseAway)
        #expect(try await scene.world.alerts().count == 1)

        node.database.recover()
        await node.loop.look()

        #expect(node.journal.waiting == 0 && !node.journal.isDatabaseAway)
        #expect(scene.files == [])
        #expect(try await scene.world.openAlerts().map(\.alert.eventCount) == [1, 1])
        #expect(try await node.post("failing", at: scene.world.now).reason == .keyOpen)
    }

    @Test func `given a database that answers and takes nothing, when it is looked at, then it counts as away`()
        async throws
    {
        let (scene, said) = (try await Scene(), Said())
        let node = try scene.node(said: said)
        _ = try await node.post("failing", monitor: "Before", at: scene.world.now)
        node.database.refuseWrites(.full)
        _ = try await node.post("failing", at: scene.world.now)

        for _ in 0..<3 { await node.loop.look() }

        #expect(node.journal.isDatabaseAway && node.journal.waiting == 1)
        #expect(said.lines.all.withLock { $0 } == ["database away: requests go to the journal"])

        node.database.recover()
        await node.loop.look()

        #expect(!node.journal.isDatabaseAway && node.journal.waiting == 0)
        #expect(said.lines.all.withLock { $0 }.last == "database back")
    }

    @Test func `given events of one key around the outage, when it is over, then they count in their order`()
        async throws
    {
        let scene = try await Scene()
        let node = try scene.node()
        _ = try await node.post("failing", monitor: "Other", at: scene.world.now)
        node.database.refuseWrites(Self.away)
        _ = try await node.post("failing", at: scene.world.now)
        node.database.recover()

        // The journal is not empty yet: what comes now must not overtake it.
        #expect(try await node.post("passing", at: scene.world.now).reason == .journaled)
        await node.loop.look()

        let alerts = try await scene.world.alerts()
        #expect(alerts.count == 2)
        #expect(try await scene.world.openAlerts().count == 1)
    }

    @Test func `given a commit whose answer was lost, when the journal is brought in, then nothing counts twice`()
        async throws
    {
        let scene = try await Scene()
        let first = try scene.node("1")
        _ = try await first.post("failing", monitor: "Before", at: scene.world.now)
        first.database.die(after: 0, isCommitted: true)
        #expect(try await first.post("failing", at: scene.world.now).reason == .journaled)
        first.database.die()

        let second = try scene.node("2")
        #expect(second.journal.waiting == 1)
        await second.loop.look()

        #expect(second.journal.waiting == 0)
        #expect(try await scene.world.openAlerts().map(\.alert.eventCount) == [1, 1])
    }

    @Test
    func `given a process that dies after it brought a part in, when the next goes on, then nothing counts twice`()
        async throws
    {
        let scene = try await Scene()
        let first = try scene.node("1")
        _ = try await first.post("failing", monitor: "Before", at: scene.world.now)
        first.database.refuseWrites(Self.away)
        for _ in 0..<3 { _ = try await first.post("failing", at: scene.world.now) }
        // Everything is committed, and nobody hears of it.
        first.database.recover()
        first.database.die(after: 0, isCommitted: true)
        await first.loop.look()
        #expect(first.journal.waiting == 3)

        let second = try scene.node("2")
        await second.loop.look()

        #expect(second.journal.waiting == 0 && scene.files == [])
        #expect(try await scene.world.openAlerts().map(\.alert.eventCount).sorted() == [1, 3])
    }

    @Test func `given a full journal, then a request is refused, and what is in it stays`() async throws {
        let scene = try await Scene()
        let node = try scene.node(limit: 4000)
        _ = try await node.post("failing", monitor: "Before", at: scene.world.now)
        node.database.refuseWrites(Self.away)

        var kept = 0
        var failure: Failure?
        while failure == nil {
            do {
                _ = try await node.post("failing", monitor: "\(kept)", at: scene.world.now)
                kept += 1
            } catch let error as Failure {
                failure = error
            }
        }

        #expect(failure?.code == .unavailable)
        #expect(kept > 1 && node.journal.waiting == kept && node.journal.isFull && node.journal.bytes <= 4000)
        node.database.recover()
        await node.loop.look()
        #expect(try await scene.world.openAlerts().count == kept + 1)
    }

    @Test func `given half a request at the end of a file, when the next process opens it, then the rest is whole`()
        async throws
    {
        let scene = try await Scene()
        let first = try scene.node("1")
        _ = try await first.post("failing", monitor: "Before", at: scene.world.now)
        first.database.refuseWrites(Self.away)
        for monitor in ["1", "2"] { _ = try await first.post("failing", monitor: monitor, at: scene.world.now) }
        first.database.die()
        let path = scene.folder.path + "/journal/1.journal"
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try bytes.dropLast(5).write(to: URL(fileURLWithPath: path))

        let second = try scene.node("2")
        #expect(second.journal.waiting == 1)
        await second.loop.look()

        #expect(try await scene.world.openAlerts().count == 2)
        #expect(scene.files == ["1.journal.rest"])
    }

    @Test func `given a request that the database will never take, then it is put aside and the others go on`()
        async throws
    {
        let scene = try await Scene()
        let node = try scene.node()
        _ = try await node.post("failing", monitor: "Before", at: scene.world.now)
        node.database.refuseWrites(Self.away)
        _ = try await node.post("failing", at: scene.world.now)

        node.database.refuseWrites(.failed(message: "No."))
        await node.loop.look()

        #expect(node.journal.waiting == 0)
        #expect(scene.files == ["1-1.refused"])
        node.database.recover()
        #expect(try await node.post("failing", monitor: "After", at: scene.world.now).reason == .newAlert)
    }

    @Test func `given keys that were read before, when the database cannot be read, then only those are known`()
        async throws
    {
        let scene = try await Scene()
        let node = try scene.node()
        await node.loop.look()
        node.database.die()

        #expect(try await node.post("failing", at: scene.world.now).reason == .journaled)
        let wrong = Cast.shopKey.dropLast() + "!"
        let request = SimulatedWorld.rapidSpikeRequest("failing", monitor: "Home", at: scene.world.now)
        await #expect(throws: StorageError.self) {
            _ = try await node.engine.reception.receive(request, key: String(wrong))
        }
    }

    @Test(arguments: [IngestForm.standard, .generic, .strict, .refused("No signature: ü")])
    func `given a record, when it is written and read, then it is the same, and no cut of it is one`(form: IngestForm) {
        let record = JournalRecord(
            sequence: 7, batch: 3, source: .init(Int64.max), receivedAt: Timestamp(milliseconds: -1), allowance: .max,
            form: form,
            request: WebhookRequest(
                method: "PUT", path: "/a/ü", headers: [.init("x-a", ""), .init("x-b", "ü")], query: "q=1",
                body: [0, 255, 10]))
        var bytes: [UInt8] = []
        record.append(to: &bytes)

        #expect(JournalRecord(bytes[...]) == record)
        for length in 0..<bytes.count { #expect(JournalRecord(bytes[..<length]) == nil) }
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 1
            #expect(JournalRecord(damaged[...]) == nil)
        }
    }
}
