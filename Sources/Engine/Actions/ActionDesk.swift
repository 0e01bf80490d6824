public import Alerting
public import Storage

/// What people do with alert actions: press a button on an alert, or try one.
public struct ActionDesk: Sendable {
    let store: Store
    let wakeups: Wakeups
    let runner: ActionRunner

    /// The manual actions that an alert may be passed on by, with what has been done of each.
    public func manual(
        for id: Alert.ID, by caller: Caller
    ) async throws -> [(action: AlertActionRecord, runs: [AlertActionRun])] {
        try await store.read { transaction in
            guard let record = try Alerts.find(id, scope: caller.scope, in: transaction) else {
                throw Failure(.notFound, "There is no alert \(id).")
            }
            let actions = try AlertActions.manual(for: record.alert.source, scope: caller.reach, in: transaction)
            let runs = try AlertActionRuns.list(alert: id, in: transaction)
            return actions.map { action in (action, runs.filter { $0.key.action == action.id }) }
        }
    }

    /// Does a manual action for an alert now.
    ///
    /// - Returns: how it went; what failed for the time being is not tried again by itself.
    /// - Throws: `Failure.notFound` for an alert or an action that the caller does not see, or that is not for it.
    public func press(_ action: AlertActionRecord.ID, on id: Alert.ID, by caller: Caller) async throws -> ActionAnswer {
        try caller.require(.responder, to: "do alert actions")
        let key = try await store.write { change in
            guard let record = try Alerts.find(id, scope: caller.scope, in: change.transaction) else {
                throw Failure(.notFound, "There is no alert \(id).")
            }
            let actions = try AlertActions.manual(
                for: record.alert.source, scope: caller.reach, in: change.transaction)
            guard actions.contains(where: { $0.id == action }) else {
                throw Failure(.notFound, "There is no manual action \(action) for this alert.")
            }
            let key = AlertActionRun.Key(
                action: action, alert: id, cause: try change.ids.next(), trigger: .manual)
            // Claimed from the start: it is done right here, once.
            try AlertActionRuns.insert(
                AlertActionRun(
                    key: key, status: .sending, attempts: 1, due: change.now + .days(365), deadline: change.now,
                    causedAt: change.now), in: change.transaction)
            return key
        }
        guard case .order(let order, let record) = try await runner.prepare(key, attempt: 1) else {
            try await store.write { change in
                try AlertActionRuns.finish(
                    key, .cancelled, at: change.now, httpStatus: nil, answer: "", in: change.transaction)
            }
            throw Failure(.conflict, "The action's conditions do not fit this alert.")
        }
        let answer = try await runner.perform(order, record)
        try await store.write { change in
            var run = AlertActionRun(key: key, attempts: 1, due: change.now, deadline: change.now, causedAt: change.now)
            run.attempts = Limits.deliveryAttempts
            try change.record(answer, of: run, record.name)
        }
        wakeups.alertsChanged()
        wakeups.servicesChanged()
        return answer
    }

    /// Does an action once with an alert that is made up; nothing of it is kept.
    public func tryOut(_ id: AlertActionRecord.ID, by caller: Caller) async throws -> ActionAnswer {
        try caller.require(.user, to: "try alert actions")
        let now = store.clock.now
        let links = runner.links
        let (order, action) = try await store.read { transaction in
            guard let action = try AlertActions.find(id, scope: caller.reach, in: transaction) else {
                throw Failure(.notFound, "There is no alert action \(id).")
            }
            let sample = Self.sample(of: action, at: now, links)
            var order = try ActionRunner.order(
                action, sample, idempotencyKey: "try-\(id)-\(now.milliseconds)", at: now, in: transaction)
            order.state = nil
            return (order, action)
        }
        if order.kind == "reroute" {
            return ActionAnswer(.delivered(receipt: nil), text: "An alert would get the other escalation policy.")
        }
        if order.kind == ServiceAutomation.kind {
            let status = try ServiceAutomation(order.params).status
            return ActionAnswer(
                .delivered(receipt: nil), text: "An alert would hold the services: \(status.words).")
        }
        let answer = try await runner.perform(order, action)
        wakeups.notices.signal()
        return answer
    }

    private static func sample(of action: AlertActionRecord, at now: Timestamp, _ links: ActionLinks) -> AlertSnapshot {
        let alert = Alert(
            id: .init(1), account: action.account, source: action.sources.first ?? .init(1), key: "sample",
            priority: .high, summary: "Sample alert from Nightbell",
            details: "Somebody tries the alert action “\(action.name)”. Nothing is wrong.",
            links: [AlertLink(href: links.publicURL, text: "Nightbell")], labels: ["sample": "true"], policy: nil,
            escalation: Escalation(policy: EscalationPolicy(levels: []), raisedAt: now), raisedAt: now,
            lastEventAt: now)
        return AlertSnapshot(
            alert, trigger: .created, sourceName: "Sample source", policyName: "Sample policy",
            url: "\(links.publicURL)/alerts")
    }
}
