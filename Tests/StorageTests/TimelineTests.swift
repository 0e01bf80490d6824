import Alerting
import Simulation
import Storage
import Testing

struct TimelineTests {
    @Test func `given a line of every kind and actor, when it is read, then nothing is lost and the order is kept`()
        throws
    {
        let world = try StorageWorld()
        let actors: [Actor] = [.user(.init(7)), .source, .system]
        let lines = TimelineEntry.Kind.allCases.enumerated().map { index, kind in
            TimelineEntry(
                at: world.now + .seconds(index), kind: kind, actor: actors[index % 3],
                level: index % 2 == 0 ? index : nil, user: index % 2 == 0 ? .init(2) : nil,
                reason: index % 2 == 0 ? "late" : nil, text: index % 2 == 0 ? "Email \u{1F514}" : nil)
        }

        let read = try world.write { transaction in
            try Alerts.insert(world.alert(1), in: transaction)
            for (index, line) in lines.enumerated() {
                try Timeline.insert(line, id: .init(Int64(index + 1)), alert: .init(1), in: transaction)
            }
            return try Timeline.list(of: .init(1), in: transaction)
        }

        #expect(read.map(\.entry) == lines)
        #expect(try world.write { try Timeline.list(of: .init(1), limit: 2, in: $0).count } == 2)
        #expect(try world.write { try Timeline.list(of: .init(2), in: $0) } == [])
    }
}
