import Alerting
import Storage

/// Work outside of the database that only one of the nodes may do at a time, such as asking a provider for what people
/// wrote.
public struct NodeLease: Sendable {
    private let store: Store
    private let name: String
    private let holder: String

    /// - Parameters:
    ///   - name: what the work is.
    ///   - holder: this node; the same after a restart.
    public init(store: Store, name: String, holder: String) {
        self.store = store
        self.name = name
        self.holder = holder
    }

    /// Takes the lease, or keeps it for longer.
    ///
    /// - Returns: `false` while another node has it.
    public func hold(for duration: Duration) async throws -> Bool {
        let (name, holder) = (name, holder)
        return try await store.write { change in
            try Leases.take(
                name, for: holder, at: change.now, until: change.now + duration, in: change.transaction)
        }
    }

    /// Lets another node take over at once.
    public func release() async throws {
        let (name, holder) = (name, holder)
        try await store.write { change in try Leases.release(name, of: holder, in: change.transaction) }
    }
}
