public import Storage
import Synchronization

/// Ids drawn from blocks that this node leased from the database: positive, unique on all nodes, nearly in order.
///
/// What is left of a block when the process ends is never used: ids have gaps.
public final class BlockIDs: IDSource {
    /// The first blocks are of this size, so that a small installation has small ids; later ones are larger.
    public static let blockSize = 100

    private let database: any Database
    private let name: String
    /// Ranges that nobody has drawn from yet, or not to the end; drawn from the first.
    private let ranges = Mutex<[Range<Int64>]>([])
    private let leases = Mutex(0)

    /// - Parameter name: which sequence to draw from; sequences know nothing of each other.
    public init(database: any Database, name: String = "ids") {
        self.database = database
        self.name = name
    }

    public func reserve(_ count: Int) async throws {
        guard let lease = lease(for: count) else { return }
        add(try await database.write { [name] transaction in try IDBlocks.lease(lease, of: name, in: transaction) })
    }

    public func reserveBlocking(_ count: Int) throws {
        guard let lease = lease(for: count) else { return }
        add(try database.writeBlocking { [name] transaction in try IDBlocks.lease(lease, of: name, in: transaction) })
    }

    public func next() throws(IDShortage) -> Int64 {
        let drawn: Int64? = ranges.withLock { ranges in
            guard let range = ranges.first else { return nil }
            if range.count == 1 {
                ranges.removeFirst()
            } else {
                ranges[0] = range.lowerBound + 1..<range.upperBound
            }
            return range.lowerBound
        }
        guard let drawn else { throw .tooFewReserved }
        return drawn
    }

    /// How many ids to lease so that `count` can be drawn; `nil` when there are enough.
    ///
    /// A reservation is not tied to its caller, so it keeps a margin: others who reserved at the same time draw too.
    private func lease(for count: Int) -> Int? {
        let available = ranges.withLock { $0.reduce(0) { $0 + $1.count } }
        let margin = max(count, Self.blockSize)
        guard available < count + margin else { return nil }
        let missing = count + margin - available
        // A node that draws a lot leases more at once: each lease is a transaction that ingestion waits for.
        let leases = leases.withLock { leases in
            leases += 1
            return leases
        }
        let size = Self.blockSize << min(leases / 4, 7)
        return (missing + size - 1) / size * size
    }

    private func add(_ range: Range<Int64>) {
        ranges.withLock { ranges in
            // Leases may arrive in another order than they were taken in.
            let index = ranges.firstIndex { $0.lowerBound > range.lowerBound } ?? ranges.endIndex
            ranges.insert(range, at: index)
        }
    }
}
