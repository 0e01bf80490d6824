import Alerting
import Storage

/// Gets one run of an alert action ready and does it.
struct ActionRunner: Sendable {
    let store: Store
    let sender: any ActionSender
    let links: ActionLinks

    /// What comes of looking at a run.
    enum Prepared: Sendable {
        case order(ActionOrder, AlertActionRecord)
        /// It is not to be done; why, for people.
        case nothing(String)
    }

    /// - Throws: `StorageError`.
    func prepare(_ key: AlertActionRun.Key, attempt: Int) async throws -> Prepared {
        let (links, now) = (links, store.clock.now)
        return try await store.read { transaction in
            guard let action = try AlertActions.find(key.action, in: transaction),
                let record = try Alerts.find(key.alert, in: transaction)
            else { return .nothing("The action or the alert is gone.") }
            guard key.trigger.holds(for: record.alert.status) else {
                return .nothing("The alert is \(record.alert.status.rawValue) by now.")
            }
            let snapshot = try Self.snapshot(record, key, links, in: transaction)
            guard try Self.isWanted(action, snapshot, at: now, in: transaction) else {
                return .nothing("The action's conditions do not fit.")
            }
            let order = try Self.order(
                action, snapshot, idempotencyKey: "\(key.action)-\(key.alert)-\(key.cause)-\(key.trigger.rawValue)",
                at: now, in: transaction)
            return .order(order, action)
        }
    }

    /// Does what an order says.
    func perform(_ order: ActionOrder, _ action: AlertActionRecord) async throws -> ActionAnswer {
        switch order.kind {
        case "email": try await mail(order, action)
        case "reroute": try await reroute(order)
        case ServiceAutomation.kind: try await automate(order, action)
        default: await sender.perform(order)
        }
    }

    /// An action with all it needs.
    static func order(
        _ action: AlertActionRecord, _ snapshot: AlertSnapshot, idempotencyKey: String, at now: Timestamp,
        in transaction: any Transaction
    ) throws -> ActionOrder {
        let connector = try action.connector.flatMap {
            try Connectors.find($0, account: action.account, in: transaction)
        }
        var order = ActionOrder(
            kind: action.kind, params: action.params, connector: connector?.params ?? .object([:]), snapshot: snapshot,
            state: try AlertActionRuns.state(action: action.id, alert: snapshot.alert.id, in: transaction),
            idempotencyKey: idempotencyKey, now: now)
        if let text = action.params["bodyTemplate"]?.string, !text.isEmpty {
            // It was read when it was saved; one that cannot be filled in gives way to the usual words.
            order.body = (try? Template(text).render(over: snapshot.scope)).flatMap { $0.isEmpty ? nil : $0 }
        }
        return order
    }

    static func snapshot(
        _ record: AlertRecord, _ key: AlertActionRun.Key, _ links: ActionLinks, in transaction: any Transaction
    ) throws -> AlertSnapshot {
        let alert = record.alert
        let source = try AlertSources.find(alert.source, in: transaction)
        let policy = try alert.policy.flatMap { try EscalationPolicies.find($0, in: transaction) }
        let cause = try Timeline.list(of: alert.id, in: transaction).first { $0.id.rawValue == key.cause }?.entry
        let person = try (record.assigned ?? alert.acceptedBy?.user).flatMap { try Users.find($0, in: transaction) }
        let names = try Users.names(of: Set([cause?.actor.user].compactMap(\.self)), in: transaction)
        return AlertSnapshot(
            alert, trigger: key.trigger, sourceName: source?.name ?? "", policyName: policy?.name ?? "",
            assignee: person.map {
                .init(username: $0.username, email: $0.email, firstName: $0.firstName, lastName: $0.lastName)
            }, url: links.alert(alert.id), actor: cause?.actor.user.flatMap { names[$0] } ?? "",
            text: cause?.kind == .commented ? cause?.text ?? "" : "")
    }

    private static func isWanted(
        _ action: AlertActionRecord, _ snapshot: AlertSnapshot, at now: Timestamp, in transaction: any Transaction
    ) throws -> Bool {
        if let text = action.conditions {
            // It was read when it was saved; one that this version cannot read keeps nothing back.
            guard let condition = try? Condition(text) else { return true }
            let periods = try SourcePeriods.load(
                condition.periods, account: action.account, since: action.createdAt, in: transaction)
            return condition.isTrue(of: snapshot.scope, in: ConditionEnvironment(now: now, isIn: periods.isIn))
        }
        guard let filter = try? AlertActionFilter(action.filter) else { return true }  // Likewise.
        return filter.fits(snapshot)
    }

    // MARK: - What is done here

    private func mail(_ order: ActionOrder, _ action: AlertActionRecord) async throws -> ActionAnswer {
        let recipients = (order.params["recipients"]?.array ?? []).compactMap(\.string)
        guard !recipients.isEmpty else { return ActionAnswer(.rejected(reason: "There are no recipients.")) }
        let snapshot = order.snapshot
        let wanted = order.params["subject"]?.string ?? ""
        // A subject is a template too; one that cannot be filled in stands as it was typed.
        let filled = (try? Template(wanted).render(over: snapshot.scope)) ?? wanted
        let subject = filled.isEmpty ? snapshot.headline : Limits.cut(filled, to: 255)
        let body =
            order.body
                ?? """
                \(snapshot.headline)

                \(snapshot.alert.details)

                Alert source: \(snapshot.sourceName)
                \(snapshot.url)
                """
        try await store.write { change in
            for recipient in recipients {
                try change.notify(
                    recipient, account: action.account,
                    subject: subject.split(whereSeparator: \.isNewline).joined(separator: " "),
                    body: Limits.cut(body, to: 20_000))
            }
        }
        return ActionAnswer(.delivered(receipt: nil), text: "Queued for \(recipients.joined(separator: ", ")).")
    }

    private func automate(_ order: ActionOrder, _ action: AlertActionRecord) async throws -> ActionAnswer {
        do {
            let settings = try ServiceAutomation(order.params)
            return try await store.write { change in
                try settings.hold(
                    by: action, for: order.snapshot.alert.id, isPressed: order.snapshot.trigger == .manual, change)
            }
        } catch let failure as Failure where failure.code == .invalid {
            return ActionAnswer(.rejected(reason: failure.message))
        }
    }

    private func reroute(_ order: ActionOrder) async throws -> ActionAnswer {
        let alert = order.snapshot.alert
        guard let id = order.params["escalationPolicyId"]?.scalarText.flatMap({ EscalationPolicy.ID($0) }) else {
            return ActionAnswer(.rejected(reason: "The action names no escalation policy."))
        }
        return try await store.write { change in
            guard let policy = try EscalationPolicies.find(id, in: change.transaction),
                policy.account == alert.account
            else { return ActionAnswer(.rejected(reason: "There is no escalation policy \(id).")) }
            guard let current = try Alerts.find(alert.id, in: change.transaction), current.alert.isOpen else {
                return ActionAnswer(.rejected(reason: "The alert is resolved."))
            }
            guard current.alert.policy != id else {
                return ActionAnswer(.delivered(receipt: nil), text: "It is there.")
            }
            try AlertDesk.restart(current, policy: policy.policy, id: id, assigned: nil, change)
            try change.note(.policyAssigned, on: current.alert.id, text: policy.name)
            return ActionAnswer(.delivered(receipt: nil), text: "Assigned to \(policy.name).")
        }
    }
}
