import Storage
import StoragePostgres
import TestSupport
import Testing

struct PostgresSignalsTests {
    @Test(.timeLimit(.minutes(5)))
    func `given two nodes, when one tells something, then the other hears it and the first does not`() async throws {
        let temporary = try TemporaryDatabase(kind: .postgres, isMigrated: false)
        let (first, second) = (
            PostgresSignals(temporary.postgres.address), PostgresSignals(temporary.postgres.address)
        )
        var (atFirst, atSecond) = (first.heard().makeAsyncIterator(), second.heard().makeAsyncIterator())
        // Everything once, as nobody knows what was told before.
        for _ in SignalTopic.allCases { _ = await (atFirst.next(), atSecond.next()) }

        first.send(.configuration)
        #expect(await atSecond.next() == .configuration)
        second.send(.work)
        #expect(await atFirst.next() == .work)

        // One that comes later has missed as much.
        var late = second.heard().makeAsyncIterator()
        var missed: [SignalTopic] = []
        for _ in SignalTopic.allCases { missed += [await late.next()].compactMap(\.self) }
        #expect(missed == SignalTopic.allCases)

        first.close()
        second.close()
        #expect(await atFirst.next() == nil)
    }
}
