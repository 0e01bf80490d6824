import Alerting
import Engine
import Testing

@testable import Outbound

/// What waits in a probe to be told, and what of it goes first.
struct ProbeBacklogTests {
    /// A thousandth of the real ones.
    private static let small = ProbeBacklog.Sizes(batch: 8000, result: 3000, picture: 2000, all: 64_000, least: 64)

    private static func result(_ id: Int64, picture: Int? = nil, reason: String? = "the status is 500") -> ProbeResult {
        ProbeResult(
            monitor: .init(id), version: 1, late: .zero,
            report: CheckReport(
                reason: reason, total: .milliseconds(9),
                screenshot: picture.map { [0x89, 0x50] + [UInt8](repeating: 7, count: $0 - 2) }))
    }

    private static func read(_ entry: ProbeBacklog.Entry) throws -> ProbeResult? {
        ProbeMessages.result(try JSONValue.parse(entry.bytes))
    }

    private static let word = "the status is 500 (the picture was too large to be brought)"

    @Test func `given more results than go at a time, when batches are taken, then all come once and in order`() {
        var backlog = ProbeBacklog()
        for id in 1...Int64(Limits.probeResultCount) * 2 + 1 { backlog.add(Self.result(id)) }
        let batches = (0..<4).map { _ in backlog.takeBatch() }

        #expect(batches.map(\.count) == [Limits.probeResultCount, Limits.probeResultCount, 1, 0])
        #expect(batches.joined().map(\.monitor.rawValue) == Array(1...Int64(Limits.probeResultCount) * 2 + 1))
        #expect(backlog.bytes == 0)
    }

    @Test func `given results with pictures, when batches are taken, then no body is larger than the server takes`()
        throws
    {
        var backlog = ProbeBacklog(Self.small)
        for id in 1...20 { backlog.add(Self.result(Int64(id), picture: 1500)) }
        var taken: [ProbeBacklog.Entry] = []
        while case let batch = backlog.takeBatch(), !batch.isEmpty {
            let body = ProbeBacklog.body(batch)
            #expect(body.count <= Self.small.batch && batch.count > 1)
            #expect(try JSONValue.parse(body)["results"]?.array?.count == batch.count)
            taken += batch
        }

        #expect(taken.map(\.monitor.rawValue) == Array(1...20))
        #expect(backlog.takeLoss() == .init())
        #expect(try Self.read(taken[0]) == Self.result(1, picture: 1500))
    }

    @Test
    func `given a picture at its limit and one beyond, when they are kept, then only the second goes, with a word`()
        throws
    {
        var backlog = ProbeBacklog(Self.small)
        backlog.add(Self.result(1, picture: Self.small.picture))
        backlog.add(Self.result(2, picture: Self.small.picture + 1))
        let entries = backlog.entries

        #expect(try Self.read(entries[0]) == Self.result(1, picture: Self.small.picture))
        #expect(try Self.read(entries[1]) == Self.result(2, reason: Self.word))
        #expect(backlog.takeLoss() == .init(pictures: 1))
        #expect(backlog.takeLoss().words == nil)
    }

    @Test func `given a reason of one endless character, when it is kept, then it is cut and blocks nothing`() throws {
        var backlog = ProbeBacklog(Self.small)
        let endless = "e" + String(repeating: "\u{301}", count: 2000)
        backlog.add(Self.result(1, reason: endless))
        backlog.add(Self.result(2))
        let batch = backlog.takeBatch()

        #expect(batch.map(\.monitor.rawValue) == [1, 2])
        #expect(batch[0].bytes.count < 1000)
        #expect(try Self.read(batch[0])?.report.reason?.utf8.first == UInt8(ascii: "e"))
    }

    @Test func `given more than is kept, when results come, then the oldest pictures go and every result stays`() throws
    {
        var backlog = ProbeBacklog(Self.small)
        for id in 1...40 { backlog.add(Self.result(Int64(id), picture: 1500)) }

        #expect(backlog.bytes <= Self.small.all)
        #expect(backlog.entries.map(\.monitor.rawValue) == Array(1...40))
        #expect(try Self.read(backlog.entries[0]) == Self.result(1, reason: Self.word))
        #expect(try Self.read(backlog.entries[39]) == Self.result(40, picture: 1500))
        let loss = backlog.takeLoss()
        #expect((1...20).contains(loss.pictures) && loss.results == [])
        #expect(backlog.entries.filter { $0.bytes.count < 1000 }.count == loss.pictures)
    }

    @Test func `given more results than are kept, when there is no picture left, then the oldest results go`() {
        var backlog = ProbeBacklog(Self.small)
        let text = String(repeating: "x", count: 900)
        for id in 1...70 { backlog.add(Self.result(Int64(id), reason: text)) }
        let loss = backlog.takeLoss()

        #expect(backlog.bytes <= Self.small.all && !loss.results.isEmpty)
        #expect((loss.results + backlog.entries.map(\.monitor)).map(\.rawValue) == Array(1...70))
        #expect(loss.words?.contains("\(loss.results.count) results") == true)
    }

    @Test func `given a server that refuses, when batches shrink to one, then its picture goes, and then itself`()
        throws
    {
        var backlog = ProbeBacklog(Self.small)
        for id in 1...3 { backlog.add(Self.result(Int64(id), picture: 1500)) }
        var sizes: [Int] = []
        while backlog.entries.count == 3 {
            let batch = backlog.takeBatch()
            sizes.append(batch.count)
            backlog.refuse(batch)
            guard batch.count > 1 else { break }
        }
        #expect(sizes == [3, 1])
        #expect(try Self.read(backlog.entries[0]) == Self.result(1, reason: Self.word))

        while backlog.entries.count == 3 { backlog.refuse(backlog.takeBatch()) }
        #expect(backlog.entries.map(\.monitor.rawValue) == [2, 3])
        #expect(backlog.takeLoss() == .init(pictures: 1, results: [.init(1)]))
    }

    @Test func `given a slow line, when batches do not get through, then less is sent, and more again after that`() {
        var backlog = ProbeBacklog()
        backlog.add(Self.result(1))
        backlog.giveBack(backlog.takeBatch(), wasSlow: true)
        #expect(backlog.room == Limits.probeResults / 2)
        for _ in 0..<20 { backlog.giveBack(backlog.takeBatch(), wasSlow: true) }
        #expect(backlog.room == 64 * 1024 && backlog.entries.count == 1)
        for _ in 0..<20 { backlog.succeed() }
        #expect(backlog.room == Limits.probeResults)
    }
}
