import Alerting
import Integrations
import Storage
import Synchronization

/// Decides one request's events and writes what follows, inside the batch's transaction.
struct Intake {
    let change: Change
    let request: IngestRequest
    private let keys: KeyMemory
    /// When the escalation loop has something to do for alerts that were there before; `nil`: never.
    private(set) var pagingDue: Timestamp?
    /// The timers of the alerts that were raised.
    private(set) var raised: [AlertTimer] = []
    /// Of the event that is being decided.
    private var trace = IntakeTrace()

    private var source: AlertSourceRecord { request.source.record }

    /// - Parameter keys: what the transaction has read ahead.
    init(_ request: IngestRequest, change: Change, keys: KeyMemory = KeyMemory()) {
        self.request = request
        self.keys = keys
        self.change = change
    }

    mutating func run() throws -> IngestAnswer {
        guard !request.events.isEmpty else {
            let reason: IntakeReason = request.fault == nil ? .nothingToSay : request.refusal ?? .unreadable
            try log(nil, id: change.newID(), request: nil, reason: reason, alert: nil)
            return IngestAnswer(reason: reason)
        }
        var answer: IngestAnswer?
        var first: AlertEvent.ID?
        var alertsLeft = request.allowance.load(ordering: .relaxed)
        for raw in request.prepared {
            let prepared = raw.isRaw ? try shape(raw.event) : raw
            let event = prepared.event
            let id: AlertEvent.ID = try change.newID()
            if event.kind == .alert { alertsLeft -= 1 }
            trace = prepared.shaped.trace
            let (decision, alert) = try apply(prepared, isOverLimit: alertsLeft < 0)
            let reason = request.fault == nil ? decision.reason : .unreadable
            if prepared.shaped.drop == nil, event.kind == .alert { trace.grouping = decision.reason }
            try log(event, id: id, request: first, reason: reason, alert: alert)
            first = first ?? id
            answer =
                answer
                ?? IngestAnswer(
                    alertKey: prepared.key?.text ?? alert.map(Self.generatedKey), alert: alert, reason: reason)
        }
        return answer ?? IngestAnswer(reason: .nothingToSay)
    }

    /// A key for an alert whose event has none, so that it can still be resolved by its source.
    private static func generatedKey(_ id: Alert.ID) -> String { "nb-\(id)" }

    /// Follows the source's rules where they count: what they counted is read and written in this transaction.
    private func shape(_ event: AlertEvent) throws -> PreparedEvent {
        let entry = request.source
        let old = try ConditionCounterRows.find(source: source.id, in: change.transaction)
        var counters = old
        let shaped = entry.eventRules.shape(
            event, in: entry.environment(at: request.receivedAt), counters: &counters)
        try ConditionCounterRows.update(from: old, to: counters, source: source.id, in: change.transaction)
        return PreparedEvent(shaped)
    }

    private mutating func apply(_ prepared: PreparedEvent, isOverLimit: Bool) throws -> (IntakeDecision, Alert.ID?) {
        let (event, key, extras) = (prepared.event, prepared.key, prepared.extras)
        if let reason = prepared.shaped.drop { return (.ignore(reason), nil) }
        let rules = request.source.rules
        let known = try key.flatMap {
            try keys.find($0, source: source.id, countsKeys: event.kind == .resolve, in: change.transaction)
        }
        let kept = try maintenance(prepared, known)
        trace.maintenance = kept.map { $0 == .heldInMaintenance ? .held : .discarded } ?? MaintenanceStep.none
        if let kept { return (.ignore(kept), nil) }
        if isFolded(prepared, known, isOverLimit: isOverLimit) { return try fold(prepared) }
        let newest = event.kind == .alert && known?.open == nil ? try groupCandidate(for: event) : nil
        let decision = AlertIntake.decide(
            event, rules: rules, known: known, newest: newest,
            priority: event.kind == .alert ? priority(of: prepared.shaped) : nil, at: request.receivedAt)
        switch decision {
        case .raise(let priority):
            return (decision, try raise(prepared, priority: priority))
        case .append(let id, let isRaised, _):
            if event.kind == .alert {
                try Alerts.append(event, extras: extras, to: id, at: request.receivedAt, in: change.transaction)
            }
            try comment(event, on: id)
            if isRaised { try raisePriority(of: id, isPending: known?.open?.status == .pending) }
        case .join(let id, let isRaised, _):
            try Alerts.append(event, extras: extras, to: id, at: request.receivedAt, in: change.transaction)
            if let key {
                try open(key, alert: id)
                if let open = newest?.alert { keys.noteJoined(open, by: key, source: source.id) }
            }
            try comment(event, on: id)
            if isRaised { try raisePriority(of: id, isPending: newest?.status == .pending) }
        case .accept(let id):
            try comment(event, on: id)
            _ = try change.accept(id, by: .source)
            keys.forget(id)
        case .resolve(let id):
            try comment(event, on: id)
            if let key { try close(key, event, of: id) }
            if keys.isUntold(id) {
                try change.resolveUntold(id, by: .source, hasKeys: !keys.isWithoutKeys(id))
            } else {
                _ = try change.resolve(id, by: .source)
            }
            keys.forget(id)
        case .closeKey(let id):
            if let key { try close(key, event, of: id) }
            try change.note(.keyResolved, on: id, by: .source, text: event.alertKey)
        case .comment(let id):
            try comment(event, on: id)
        case .ignore(.noOpenAlert):
            // The resolve is remembered so that an older alert event of the same key raises nothing.
            if event.kind == .resolve, event.occurredAt != nil, let key { try close(key, event, of: nil) }
        case .ignore: break
        }
        return (decision, decision.alert)
    }

    mutating func priority(of shaped: ShapedEvent) -> Priority {
        if let own = request.route?.priority {
            trace.priority = .flow
            trace.priorityResult = own
            return own
        }
        let isSupported = request.source.isSupported(at: request.receivedAt)
        let (priority, step) = request.source.rules.priority(
            of: shaped.event, isMapped: shaped.isPriorityMapped, isSupported: isSupported)
        trace.priority = step
        trace.priorityResult = priority
        return priority
    }

    /// The alert that the event may join. What could not be read is kept apart: nobody resolves that alert but a
    /// person, and a failing monitor must not vanish in it.
    private func groupCandidate(for event: AlertEvent) throws -> GroupCandidate? {
        let grouping = request.source.rules.grouping
        guard grouping != .never, request.fault == nil, let unreadable = AlertKey(IngestRequest.unreadableKey)
        else { return nil }
        guard let text = grouping.groupText(of: event.summary) else {
            return try keys.newestOpen(source: source.id, except: unreadable, in: change.transaction)
        }
        let candidates = try AlertKeys.openByText(
            grouping == .summary ? text : nil, source: source.id, except: unreadable,
            limit: grouping == .summary ? 1 : Limits.similarAlerts, in: change.transaction)
        return grouping.choice(among: candidates, text: text, at: request.receivedAt)
    }

    mutating func raise(_ prepared: PreparedEvent, priority: Priority) throws -> Alert.ID {
        let (event, key) = (prepared.event, prepared.key)
        let id: Alert.ID = try change.newID()
        let routed = try route(event)
        let policy = routed?.policy ?? request.source.policy
        let now = request.receivedAt
        let alert = Alert(
            id: id, account: source.account, source: source.id, key: key?.text ?? Self.generatedKey(id),
            priority: priority, severity: event.severity ?? request.source.rules.severity,
            summary: event.summary.isEmpty ? "Alert from \(source.name)" : event.summary, details: event.details,
            routingKey: event.routingKeys.first.map { Limits.cut($0, to: Limits.name) },
            policy: routed?.id ?? source.policy,
            escalation: Escalation(policy: policy, raisedAt: now), raisedAt: now, lastEventAt: now)
        try Alerts.insert(
            alert, structure: routed == nil ? request.source.structure : nil, extras: prepared.extras,
            in: change.transaction)
        if request.fault == nil, let text = request.source.rules.grouping.groupText(of: alert.summary) {
            try Alerts.setGroupText(text, of: id, in: change.transaction)
        }
        guard let alertKey = key ?? AlertKey(alert.key) else { throw StorageError.failed(message: "blank alert key") }
        try open(alertKey, alert: id)
        keys.noteRaised(
            OpenAlert(id: id, status: .pending, priority: priority), with: alertKey, source: source.id, at: now,
            mayBeJoined: alert.key != IngestRequest.unreadableKey)
        try change.note(.raisedBySource, on: id, by: .source, reason: request.raisingReason)
        for failed in trace.failures {
            try change.note(.templateFailed, on: id, reason: failed.failure.rawValue, text: failed.words)
        }
        trace.policy = routed == nil ? event.routingKeys.isEmpty ? .source : .notRouted : .routed
        if let routed, routed.id == request.route?.policy {
            trace.policy = .flow
            try change.note(.routed, on: id, reason: "event_flow", text: routed.name)
        } else if let routed {
            try change.note(.routed, on: id, text: routed.name)
        } else if !event.routingKeys.isEmpty {
            try change.note(.notRouted, on: id, text: event.routingKeys.joined(separator: ", "))
        }
        try comment(event, on: id)
        let timer = AlertTimer(alert: id, kind: .escalation, due: alert.escalation.due ?? now)
        try Timers.set(timer, in: change.transaction)
        raised.append(timer)
        if let after = request.source.rules.autoResolution {
            try Timers.set(
                AlertTimer(alert: id, kind: .autoResolution, due: now + after), in: change.transaction)
        }
        if priority == .low {
            try change.watchSupportHours(of: id, request.source.rules, request.source.supportHours)
        }
        return id
    }

    /// The policy that the event's routing keys name, the first that exists.
    private func route(_ event: AlertEvent) throws -> PolicyRecord? {
        if let id = request.route?.policy, let policy = try EscalationPolicies.find(id, in: change.transaction),
            policy.account == source.account
        {
            return policy
        }
        guard !event.routingKeys.isEmpty else { return nil }
        return try RoutingKeys.policy(
            for: event.routingKeys.joined(separator: ","), account: source.account, in: change.transaction)
    }

    private mutating func raisePriority(of id: Alert.ID, isPending: Bool) throws {
        try change.raisePriority(of: id, isPending: isPending, by: .source)
        keys.forget(id)
        if isPending { pagingDue = change.now }
    }

    private func open(_ key: AlertKey, alert: Alert.ID) throws {
        // When another node was first, the batch is tried again and then finds its alert.
        try AlertKeys.open(key, alert: alert, source: source.id, at: request.receivedAt, in: change.transaction)
    }

    /// - Parameter alert: that had the key; `nil`: none.
    private func close(_ key: AlertKey, _ event: AlertEvent, of alert: Alert.ID?) throws {
        try AlertKeys.close(
            key, source: source.id, resolvedAt: event.occurredAt, at: request.receivedAt, in: change.transaction)
        keys.noteClosed(key, of: alert, source: source.id, resolvedAt: event.occurredAt)
    }

    private func comment(_ event: AlertEvent, on id: Alert.ID) throws {
        for comment in event.comments.prefix(Limits.comments) {
            let author = comment.creator.isEmpty ? "" : "\(comment.creator): "
            try change.note(
                .commented, on: id, by: .source, text: Limits.cut(author + comment.content, to: Limits.comment))
        }
    }

    /// - Parameter first: the request's first event; `nil`: this is it.
    private func log(
        _ event: AlertEvent?, id: AlertEvent.ID, request first: AlertEvent.ID?, reason: IntakeReason, alert: Alert.ID?
    ) throws {
        var stored = StoredEvent(
            id: id, request: first ?? id, source: source.id, receivedAt: request.receivedAt, kind: event?.kind,
            key: event?.alertKey, summary: event?.summary ?? "", reason: reason, explanation: request.fault,
            alert: alert, trace: event == nil ? nil : trace.text)
        if first == nil {
            stored.method = request.request.method
            stored.path = request.request.path
            stored.query = request.request.query
            stored.headers = request.storedHeaders
            stored.body = request.request.body
        }
        try EventLog.insert(stored, in: change.transaction)
    }
}
