import Alerting
import Storage

/// What one transaction knows of the alert keys that its requests name: read together before the first is decided, for
/// a look-up each would be a journey to the database each. What the transaction changes is forgotten and read again.
final class KeyMemory {
    private struct Place: Hashable {
        var source: AlertSource.ID
        var folded: String
    }

    /// `nil`: the key was never seen.
    private var known: [Place: KnownKey?] = [:]
    private var changed: Set<Alert.ID> = []

    /// Remembers nothing.
    init() {}

    init(of requests: [IngestRequest], in transaction: any Transaction) throws {
        guard requests.count > 1 else { return }
        var keys: [AlertSource.ID: [AlertKey]] = [:]
        for request in requests {
            let source = request.source.record.id
            for event in request.prepared where !event.isRaw {
                guard let key = event.key else { continue }
                let place = Place(source: source, folded: key.folded)
                guard known.updateValue(nil, forKey: place) == nil else { continue }
                keys[source, default: []].append(key)
            }
        }
        for (source, keys) in keys {
            var rest = keys[...]
            while !rest.isEmpty {
                let found = try AlertKeys.find(
                    Array(rest.prefix(AlertKeys.findableAtOnce)), source: source, in: transaction)
                for (folded, key) in found { known[Place(source: source, folded: folded)] = key }
                rest = rest.dropFirst(AlertKeys.findableAtOnce)
            }
        }
    }

    /// As `AlertKeys.find`.
    func find(
        _ key: AlertKey, source: AlertSource.ID, countsKeys: Bool, in transaction: any Transaction
    ) throws -> KnownKey? {
        if let found = known[Place(source: source, folded: key.folded)] {
            guard let open = found?.open else { return found }
            if !countsKeys, !changed.contains(open.id) { return found }
        }
        return try AlertKeys.find(key, source: source, countsKeys: countsKeys, in: transaction)
    }

    /// The key was opened or closed.
    func forget(_ key: AlertKey, source: AlertSource.ID) {
        known[Place(source: source, folded: key.folded)] = nil
    }

    /// The alert was accepted, resolved or given another priority.
    func forget(_ alert: Alert.ID) {
        changed.insert(alert)
    }
}
