import Alerting
import Storage
import Testing

struct NodesTests {
    @Test func `given a node, when it is seen again, then it is listed once as it is now, until it leaves`() throws {
        let world = try StorageWorld()
        var node = NodeRecord(
            name: "a:/data", address: "http://a", version: "1.0", role: .api, startedAt: world.now, seenAt: world.now)
        func list() throws -> [NodeRecord] { try world.write { try Nodes.list(limit: 9, in: $0) } }

        try world.write { [node] in try Nodes.saw(node, in: $0) }
        node.version = "1.1"
        node.seenAt = world.now + .seconds(2)
        try world.write { [node] in try Nodes.saw(node, in: $0) }
        #expect(try list() == [node])

        try world.write { [node] in try Nodes.prune(before: node.seenAt, in: $0) }
        #expect(try list() == [node])
        try world.write { [node] in try Nodes.remove(node.name, in: $0) }
        #expect(try list() == [])
    }

    @Test func `given a generation, when it advances, then each name counts for itself`() throws {
        let world = try StorageWorld()

        try world.write { transaction in
            try Generations.advance("a", in: transaction)
            try Generations.advance("a", in: transaction)
        }

        #expect(
            try world.write { try [Generations.current("a", in: $0), Generations.current("b", in: $0)] } == [2, 0])
    }
}
