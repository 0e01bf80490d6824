import Alerting
import Integrations
import Storage

/// What an event flow remembers of events, in the transaction that decides it.
extension Change {
    /// Leads events through a flow: counts what its conditions count, keeps events that wait, and forgets waiting ones
    /// that are taken care of or well again.
    func lead(_ events: [AlertEvent], through entry: FlowEntry, integrationType: String) throws -> [FlowWalk] {
        let flow = entry.record.id
        let old = try EventFlowWaits.counters(of: flow, in: transaction)
        var counters = old
        var walks: [FlowWalk] = []
        for event in events {
            if event.kind == .resolve || event.kind == .accept, let key = event.alertKey.flatMap(AlertKey.init) {
                _ = try EventFlowWaits.cancel(key, in: flow, in: transaction)
            }
            let walk = entry.walk(event, integrationType: integrationType, at: now, counters: &counters)
            if case .waiting(let node, let due) = walk.outcome {
                try keep(walk.event, at: node, until: due, in: flow, integrationType)
            }
            walks.append(walk)
        }
        try EventFlowWaits.update(from: old, to: counters, of: flow, in: transaction)
        return walks
    }

    /// An event's wait is over: leads it on from its node, to its alert source or to the next wait.
    ///
    /// - Returns: whether alerts may have changed.
    func resume(_ wait: EventFlowWait) throws -> Bool {
        guard let record = try EventFlows.find(wait.flow, in: transaction) else { return false }
        let entry = try FlowEntry.load(record, in: transaction)
        let old = try EventFlowWaits.counters(of: wait.flow, in: transaction)
        var counters = old
        let walk = entry.walk(
            wait.event, integrationType: wait.integrationType, resumed: wait.node, at: now, counters: &counters)
        try EventFlowWaits.update(from: old, to: counters, of: wait.flow, in: transaction)
        var log = FlowLogging(WebhookRequest(body: []), flow: wait.flow, type: wait.integrationType, at: now)
        var isChanged = false
        switch walk.outcome {
        case .waiting(let node, let due):
            try keep(walk.event, at: node, until: due, in: wait.flow, wait.integrationType)
            log.add(.waiting, walk)
        case .dropped: log.add(.dropped, walk)
        case .routed(let route):
            if let source = try AlertSourceDirectory.entry(for: route.source, in: transaction),
                source.record.account == record.account
            {
                let request = IngestRequest(
                    walk.event.withinLimits(), by: route, of: entry, fault: nil, source: source, at: now)
                var intake = Intake(request, change: self)
                log.add(.resumed, walk, source: route.source, try intake.run())
                isChanged = true
            } else {
                log.add(.sourceGone, walk)
            }
        }
        for event in log.events {
            var event = event
            event.id = try newID()
            try EventFlowLog.insert(event, in: transaction)
            FlowMetrics.count(event.outcome)
        }
        return isChanged
    }

    /// - Throws: `Failure.unavailable` when too many wait already: the sender keeps it then.
    private func keep(
        _ event: AlertEvent, at node: Int64, until due: Timestamp, in flow: EventFlow.ID, _ integrationType: String
    ) throws {
        let limit = Limits.waitsPerFlow
        guard try EventFlowWaits.count(in: flow, limit: limit, in: transaction) < limit else {
            throw Failure(.unavailable, "Too many events wait in this event flow; come back later.")
        }
        try EventFlowWaits.insert(
            EventFlowWait(
                id: newID(), flow: flow, node: node, integrationType: integrationType, event: event.withinLimits(),
                due: due, createdAt: now), in: transaction)
    }
}
