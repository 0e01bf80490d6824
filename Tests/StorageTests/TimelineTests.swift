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

    @Test func `given two nodes with ids of their own and clocks that differ, then lines are in the order of writing`()
        throws
    {
        let world = try StorageWorld()
        let lines: [(id: Int64, at: Duration, kind: TimelineEntry.Kind)] = [
            (500, .zero, .raisedBySource), (501, .zero, .levelEntered), (90, .seconds(-3), .accepted),
            (502, .seconds(5), .commented), (91, .seconds(1), .resolved),
        ]

        let read = try world.write { transaction in
            try Alerts.insert(world.alert(1), in: transaction)
            try Alerts.insert(world.alert(2), in: transaction)
            for line in lines {
                let entry = TimelineEntry(at: world.now + line.at, kind: line.kind)
                try Timeline.insert(entry, id: .init(line.id), alert: .init(1), in: transaction)
                try Timeline.insert(entry, id: .init(line.id + 1000), alert: .init(2), in: transaction)
            }
            return try Timeline.list(of: .init(1), in: transaction)
        }

        #expect(read.map(\.entry.kind) == lines.map(\.kind))
    }
}
