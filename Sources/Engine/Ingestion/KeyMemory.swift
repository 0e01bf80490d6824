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
    /// Of open alerts, as far as they were counted.
    private var openKeys: [Alert.ID: Int] = [:]
    /// A source's newest open alert that others may join; no entry: it was not looked for, a `nil`: there is none.
    private var newest: [AlertSource.ID: GroupCandidate?] = [:]

    /// Remembers nothing.
    init() {}

    init(of requests: [IngestRequest], in transaction: any Transaction) throws {
        guard requests.count > 1 else { return }
        var wanted: [Place: AlertKeys.Wanted] = [:]
        /// Sources whose alerts join the newest open one, whichever that is.
        var joining: Set<AlertSource.ID> = []
        for request in requests {
            if request.source.rules.grouping.joinsNewest { joining.insert(request.source.record.id) }
            for event in request.prepared where !event.isRaw {
                guard let key = event.key else { continue }
                let place = Place(source: request.source.record.id, folded: key.folded)
                let mayEnd = event.event.kind == .resolve || wanted[place]?.mayEnd == true
                wanted[place] = AlertKeys.Wanted(key, mayEnd: mayEnd)
            }
        }
        let searches = Dictionary(grouping: wanted, by: \.key.source).map { source, keys in
            AlertKeys.Search(
                source, keys.map(\.value),
                newestExcept: joining.contains(source) ? AlertKey(IngestRequest.unreadableKey) : nil)
        }
        for (search, found) in zip(searches, try AlertKeys.find(searches, in: transaction)) {
            if search.newestExcept != nil { newest[search.source] = .some(found.newest) }
            for wanted in search.keys {
                let folded = wanted.key.folded
                let (known, isTold) = found.keys[folded].map { ($0.key, $0.isTold) } ?? (nil, true)
                self.known[Place(source: search.source, folded: folded)] = .some(known)
                guard let open = known?.open else { continue }
                if wanted.mayEnd { openKeys[open.id] = open.openKeys }
                if !isTold { untold.insert(open.id) }
            }
        }
    }

    /// As `AlertKeys.find`.
    func find(
        _ key: AlertKey, source: AlertSource.ID, countsKeys: Bool, in transaction: any Transaction
    ) throws -> KnownKey? {
        let place = Place(source: source, folded: key.folded)
        if let found = known[place] {
            guard var open = found?.open else { return found }
            if !changed.contains(open.id), !countsKeys || openKeys[open.id] != nil {
                open.openKeys = openKeys[open.id] ?? open.openKeys
                return KnownKey(open: open, resolvedAt: found?.resolvedAt)
            }
        }
        let found = try AlertKeys.find(key, source: source, countsKeys: countsKeys, in: transaction)
        if countsKeys, let open = found?.open, known[place] != nil { openKeys[open.id] = open.openKeys }
        return found
    }

    /// As `AlertKeys.newestOpen`.
    func newestOpen(
        source: AlertSource.ID, except excluded: AlertKey, in transaction: any Transaction
    ) throws -> GroupCandidate? {
        if let known = newest[source], known.map({ !changed.contains($0.alert.id) }) ?? true { return known }
        let found = try AlertKeys.newestOpen(source: source, except: excluded, in: transaction)
        // Of one that was changed only the database knows what holds.
        newest[source] = found.map { changed.contains($0.alert.id) } == true ? .none : .some(found)
        return found
    }

    /// Whether the alert is as it was read or raised, but for its keys, and nobody was told of it.
    func isUntold(_ alert: Alert.ID) -> Bool {
        untold.contains(alert) && !changed.contains(alert)
    }

    /// Whether the alert has lost its last key in this transaction.
    func isWithoutKeys(_ alert: Alert.ID) -> Bool { openKeys[alert] == 0 }

    /// An alert was raised with this key.
    ///
    /// - Parameter mayBeJoined: whether `newestOpen` would find it.
    func noteRaised(
        _ alert: OpenAlert, with key: AlertKey, source: AlertSource.ID, at time: Timestamp, mayBeJoined: Bool
    ) {
        if mayBeJoined, let known = newest[source] {
            let isNewest = known.map { ($0.raisedAt, $0.alert.id) < (time, alert.id) } ?? true
            if isNewest { newest[source] = .some(GroupCandidate(alert: alert, raisedAt: time)) }
        }
        let place = Place(source: source, folded: key.folded)
        // Of a key that was not read nothing else is known.
        guard let before = known[place] else { return }
        known[place] = KnownKey(open: alert, resolvedAt: before?.resolvedAt)
        untold.insert(alert.id)
        openKeys[alert.id] = 1
    }

    /// The key has become one more of an open alert's.
    func noteJoined(_ alert: OpenAlert, by key: AlertKey, source: AlertSource.ID) {
        let place = Place(source: source, folded: key.folded)
        if let before = known[place] { known[place] = KnownKey(open: alert, resolvedAt: before?.resolvedAt) }
        openKeys[alert.id]? += 1
    }

    /// The key was taken from an alert, or from none.
    ///
    /// - Parameter resolvedAt: the tool's own time.
    func noteClosed(_ key: AlertKey, of alert: Alert.ID?, source: AlertSource.ID, resolvedAt: Timestamp?) {
        let place = Place(source: source, folded: key.folded)
        if let before = known[place] {
            let latest = [before?.resolvedAt, resolvedAt].compactMap(\.self).max()
            known[place] = KnownKey(open: nil, resolvedAt: latest)
        }
        if let alert { openKeys[alert]? -= 1 }
    }

    /// The alert was accepted, resolved or given another priority.
    func forget(_ alert: Alert.ID) {
        changed.insert(alert)
    }
}
