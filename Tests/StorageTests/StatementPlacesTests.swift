import Alerting
import Simulation
import Testing

@testable import Storage

struct StatementPlacesTests {
    private func filled(_ texts: [String], room: Int) -> StatementPlaces {
        var places = StatementPlaces(room: room)
        for (index, text) in texts.enumerated() { #expect(places.newPlace(for: text) == index) }
        return places
    }

    @Test func `given texts, when they are looked for, then each has a place of its own`() {
        var places = filled(["a", "b", "c"], room: 4)

        #expect(["a", "b", "c", "d"].map { places.place(of: $0) } == [0, 1, 2, nil])
        #expect(places.count == 3)
    }

    @Test func `given that all places are taken, when one more text comes, then one that nobody uses makes way`() {
        var places = filled(["a", "b", "c"], room: 3)
        // After the first round nothing has been used again but this.
        #expect(places.newPlace(for: "d") == 0)
        #expect(places.place(of: "b") == 1)

        #expect(places.newPlace(for: "e") == 2)
        #expect(["a", "b", "c", "d", "e"].map { places.place(of: $0) } == [nil, 1, nil, 0, 2])
        #expect(places.count == 3)
    }

    @Test func `given a text that is used all the time, when a thousand others come once, then it keeps its place`() {
        var places = filled(["a", "b", "c", "d"], room: 4)

        for number in 0..<1000 {
            #expect(places.newPlace(for: "once \(number)") != 1)
            #expect(places.place(of: "b") == 1)
        }
        #expect(places.count == 4)
    }

    @Test(arguments: [0, 1, 2, 3, 5, 128, 129])
    func `given ids, when they are listed, then just these are found by one of few texts`(count: Int) throws {
        let world = try StorageWorld()
        let ids = (0..<count).map { Alert.ID(Int64(2 * $0 + 1)) }
        try world.write { [world] in
            for number in 1...300 { try Alerts.insert(world.alert(Int64(number)), in: $0) }
        }

        #expect(try world.write { try Set(Alerts.find(ids, in: $0).keys) } == Set(ids))

        var arguments: Arguments = [:]
        let text = arguments.list(ids, as: "alert")
        let room = [0: 1, 1: 1, 2: 2, 3: 4, 5: 8, 128: 128, 129: 0][count]
        #expect(arguments.count == room)
        #expect(text.hasPrefix(count > 128 ? "1, 3" : ":alert0"))
    }
}
