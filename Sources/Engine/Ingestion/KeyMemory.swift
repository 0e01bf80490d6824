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
    /// Open alerts that nobody was told of.
    private var untold: Set<Alert.ID> = []
    /// Whether the open alerts' keys were counted.
    private var isForEnds = false

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
        isForEnds = requests.contains { $0.events.contains { $0.kind == .resolve } }
        for (source, keys) in keys {
            var rest = keys[...]
            while !rest.isEmpty {
                let found = try AlertKeys.find(
                    Array(rest.prefix(AlertKeys.findableAtOnce)), source: source, isForEnds: isForEnds,
                    in: transaction)
                for (folded, (key, isTold)) in found {
                    known[Place(source: source, folded: folded)] = key
                    if !isTold, let open = key.open { untold.insert(open.id) }
                }
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
            if !changed.contains(open.id), !countsKeys || isForEnds { return found }
        }
        return try AlertKeys.find(key, source: source, countsKeys: countsKeys, in: transaction)
    }

    /// Whether the alert is as it was read or raised, and nobody was told of it.
    func isUntold(_ alert: Alert.ID) -> Bool {
        untold.contains(alert) && !changed.contains(alert)
    }

    /// An alert was raised with this key.
    func note(_ alert: OpenAlert, raisedWith key: AlertKey, source: AlertSource.ID) {
        let place = Place(source: source, folded: key.folded)
        // Of a key that was not read nothing else is known.
        guard let before = known[place] else { return }
        known[place] = KnownKey(open: alert, resolvedAt: before?.resolvedAt)
        untold.insert(alert.id)
    }

    /// The key was opened or closed.
    func forget(_ key: AlertKey, source: AlertSource.ID) {
        known[Place(source: source, folded: key.folded)] = nil
    }

    /// The alert was accepted, resolved, given another priority, or given or relieved of a key.
    func forget(_ alert: Alert.ID) {
        changed.insert(alert)
    }
}
