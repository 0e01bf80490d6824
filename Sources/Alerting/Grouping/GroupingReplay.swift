/// Which alerts events would have become under other rules of an alert source: the intake over what came before,
/// without a database.
///
/// What people do is not replayed: an alert of the replay is accepted and resolved by its source's events and by its
/// auto-resolution only.
public struct GroupingReplay: Sendable {
    public struct Group: Equatable, Sendable {
        public var summary: String
        public var raisedAt: Timestamp
        public var lastEventAt: Timestamp
        /// Alert events, the first included.
        public var events: Int
        /// The keys that it was told of, in their order, at most ten.
        public var keys: [String]
        public var keyCount: Int
        public var isOpen: Bool
        fileprivate var status: AlertStatus
        fileprivate var openKeys: Set<String>
        fileprivate var text: String?
    }

    public let rules: AlertSourceRules
    /// Oldest first.
    public private(set) var groups: [Group] = []
    /// By folded key; the index of the open group.
    private var open: [String: Int] = [:]
    private var resolvedAt: [String: Timestamp] = [:]

    public init(rules: AlertSourceRules) {
        var rules = rules
        rules.isActive = true
        self.rules = rules
    }

    /// Takes the events in the order of their times.
    public mutating func take(_ shaped: ShapedEvent, at now: Timestamp) {
        guard shaped.drop == nil else { return }
        closeOverdue(at: now)
        let event = shaped.event
        let key = event.alertKey.flatMap(AlertKey.init)?.folded
        let index = key.flatMap { open[$0] }
        let known = key.map { key in
            KnownKey(open: index.map { alert($0) }, resolvedAt: resolvedAt[key])
        }
        let text = rules.grouping.groupText(of: event.summary)
        let decision = AlertIntake.decide(
            event, rules: rules, known: known, newest: candidate(text, at: now), at: now)
        switch decision {
        case .raise: raise(event, key: key, text: text, at: now)
        case .append(let id, _, _): add(event, key: nil, to: Int(id.rawValue), at: now)
        case .join(let id, _, _): add(event, key: key, to: Int(id.rawValue), at: now)
        case .accept(let id): groups[Int(id.rawValue)].status = .accepted
        case .resolve(let id): resolve(Int(id.rawValue))
        case .closeKey(let id):
            if let key {
                open[key] = nil
                groups[Int(id.rawValue)].openKeys.remove(key)
            }
        case .comment, .ignore: break
        }
        if event.kind == .resolve, let key, let happened = event.occurredAt { resolvedAt[key] = happened }
    }

    private func alert(_ index: Int) -> OpenAlert {
        OpenAlert(
            id: Alert.ID(Int64(index)), status: groups[index].status, priority: .high,
            openKeys: groups[index].openKeys.count)
    }

    private func candidate(_ text: String?, at now: Timestamp) -> GroupCandidate? {
        guard rules.grouping != .never else { return nil }
        var candidates: [GroupCandidate] = []
        for index in groups.indices.reversed() where groups[index].isOpen {
            if rules.grouping == .summary, groups[index].text != text { continue }
            candidates.append(
                GroupCandidate(alert: alert(index), raisedAt: groups[index].raisedAt, text: groups[index].text))
            if text == nil || rules.grouping == .summary || candidates.count == Limits.similarAlerts { break }
        }
        return rules.grouping.choice(among: candidates, text: text, at: now)
    }

    private mutating func raise(_ event: AlertEvent, key: String?, text: String?, at now: Timestamp) {
        let key = key ?? "nb-\(groups.count)"
        open[key] = groups.count
        groups.append(
            Group(
                summary: event.summary, raisedAt: now, lastEventAt: now, events: 1,
                keys: [event.alertKey ?? "none"], keyCount: 1, isOpen: true, status: .pending, openKeys: [key],
                text: text))
    }

    private mutating func add(_ event: AlertEvent, key: String?, to index: Int, at now: Timestamp) {
        guard event.kind == .alert else { return }
        groups[index].events += 1
        groups[index].lastEventAt = now
        guard let key else { return }
        open[key] = index
        groups[index].openKeys.insert(key)
        groups[index].keyCount += 1
        if groups[index].keys.count < 10, let words = event.alertKey { groups[index].keys.append(words) }
    }

    private mutating func resolve(_ index: Int) {
        groups[index].status = .resolved
        groups[index].isOpen = false
        for key in groups[index].openKeys { open[key] = nil }
        groups[index].openKeys = []
    }

    private mutating func closeOverdue(at now: Timestamp) {
        guard let after = rules.autoResolution else { return }
        for index in Set(open.values) where groups[index].raisedAt + after <= now { resolve(index) }
    }
}
