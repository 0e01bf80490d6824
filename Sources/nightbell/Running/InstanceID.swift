import Engine
import Storage

/// The installation's own name: in message ids, and in what it sends so that it knows its own requests.
enum InstanceID {
    /// Drawn at the first start, and the same ever after.
    static func load(from store: Store) async throws -> String {
        try await store.write { change in
            if let known = try Settings.value(Settings.instanceID, in: change.transaction) { return known }
            let drawn = Tokens.random(12)
            try Settings.set(Settings.instanceID, to: drawn, in: change.transaction)
            return drawn
        }
    }
}
