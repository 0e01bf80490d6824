/// Places of a driver's prepared statements, found by their texts. When all are taken, a text that has not been used
/// for a while makes way: one at a time, for clearing all of them takes milliseconds.
///
/// Most texts are constants; those that hold the number of a person or a thing come and go.
public struct StatementPlaces {
    /// Hashes a text by its length and its end: texts are long, few, and mostly differ there.
    private struct Key: Hashable {
        let sql: String

        func hash(into hasher: inout Hasher) {
            hasher.combine(sql.utf8.count)
            var tail: UInt64 = 0
            for byte in sql.utf8.suffix(8) { tail = tail << 8 | UInt64(byte) }
            hasher.combine(tail)
        }
    }

    private let room: Int
    private var places: [Key: Int] = [:]
    private var texts: [Key] = []
    /// Whether the text was used since the hand came by.
    private var isUsed: [Bool] = []
    private var hand = 0

    /// - Parameter room: texts, at least 1.
    public init(room: Int) {
        self.room = room
    }

    public var count: Int { texts.count }

    /// The place of a text that has one.
    public mutating func place(of sql: String) -> Int? {
        guard let place = places[Key(sql: sql)] else { return nil }
        isUsed[place] = true
        return place
    }

    /// A place for a text that has none: the next one, `count` until now, or that of a text which loses it.
    public mutating func newPlace(for sql: String) -> Int {
        let key = Key(sql: sql)
        guard texts.count >= room else {
            places[key] = texts.count
            texts.append(key)
            isUsed.append(true)
            return texts.count - 1
        }
        while isUsed[hand] {
            isUsed[hand] = false
            hand = (hand + 1) % room
        }
        let place = hand
        hand = (hand + 1) % room
        places[texts[place]] = nil
        places[key] = place
        texts[place] = key
        isUsed[place] = true
        return place
    }
}
