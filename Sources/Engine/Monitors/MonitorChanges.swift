import Alerting
import Integrations
import Storage

/// A check that is over and waits to be written down.
struct FinishedCheck: Sendable {
    var monitor: MonitorRecord
    var answer: CheckAnswer
    var began: Timestamp
    var ended: Timestamp
}

/// What a transaction about monitors has left to be woken.
struct MonitorEffects: Sendable {
    var hasAlerts = false
    var hasWebhooks = false
    var hasMails = false
    var hasChanges = false
}

/// What checks bring about, in the transaction that decides it.
extension Change {
    /// Writes a check down, and what follows from it.
    func finish(_ check: FinishedCheck, _ effects: inout MonitorEffects) throws {
        var monitor = check.monitor
        let verdict = monitor.subject.verdict(on: check.answer, at: check.ended)
        let due = monitor.due ?? check.began
        let happened = monitor.watch.take(
            isPassing: verdict.isPassing, retests: monitor.retests, at: check.ended)
        monitor.due = monitor.watch.next(on: monitor.grid, after: check.ended)
        monitor.last = MonitorRecord.LastCheck(
            at: check.ended, total: check.answer.total, reason: verdict.reason,
            certificateEnd: check.answer.certificateEnd ?? monitor.last?.certificateEnd)
        guard try Monitors.finish(monitor, in: transaction) else { return }
        let result = MonitorResult(
            monitor: monitor.id, at: check.ended, late: max(check.began - due, .zero), total: check.answer.total,
            phases: check.answer.phases, status: check.answer.status, reason: verdict.reason)
        try MonitorHistory.insert(result, in: transaction)
        guard let happened else { return }
        effects.hasChanges = true
        let event = MonitorEvent(
            id: try newID(), monitor: monitor.id, at: check.ended, state: monitor.watch.state, reason: verdict.reason)
        try MonitorHistory.insert(event, in: transaction)
        switch happened {
        case .began: break
        case .failed: try failed(monitor, &effects)
        case .recovered: try recovered(monitor, &effects)
        }
    }

    /// Tells the delivery groups whose time has come.
    ///
    /// - Returns: whether there may be more.
    func tellGroups(limit: Int, _ effects: inout MonitorEffects) throws -> Bool {
        let notices = try DeliveryGroups.dueNotices(at: now, limit: limit, in: transaction)
        for notice in notices where try DeliveryGroups.claim(notice, in: transaction) {
            guard let monitor = try Monitors.find(notice.monitor, in: transaction), monitor.watch.state == .failing,
                let group = try DeliveryGroups.find(notice.group, account: monitor.account, in: transaction)
            else { continue }
            try tell(group, of: monitor, isFailing: true, &effects)
        }
        return notices.count == limit
    }

    private func failed(_ monitor: MonitorRecord, _ effects: inout MonitorEffects) throws {
        if let source = monitor.source { try feed(monitor, isFailing: true, to: source, &effects) }
        let groups = try groups(of: monitor)
        try DeliveryGroups.notify(
            groups, of: monitor.id, failingSince: monitor.watch.failingSince ?? now, in: transaction)
    }

    private func recovered(_ monitor: MonitorRecord, _ effects: inout MonitorEffects) throws {
        if let source = monitor.source { try feed(monitor, isFailing: false, to: source, &effects) }
        for notice in try DeliveryGroups.notices(of: monitor.id, in: transaction) where notice.due == nil {
            guard let group = try DeliveryGroups.find(notice.group, account: monitor.account, in: transaction) else {
                continue
            }
            try tell(group, of: monitor, isFailing: false, &effects)
        }
        try DeliveryGroups.forgetNotices(of: monitor.id, in: transaction)
    }

    /// Those that it names, and those that a rule attaches to all of its area.
    private func groups(of monitor: MonitorRecord) throws -> [DeliveryGroup] {
        try DeliveryGroups.list(account: monitor.account, in: transaction).filter {
            monitor.groups.contains($0.id) || $0.areas.contains(monitor.subject.kind.area)
        }
    }

    private func tell(
        _ group: DeliveryGroup, of monitor: MonitorRecord, isFailing: Bool, _ effects: inout MonitorEffects
    ) throws {
        let sentence = MonitorMessage.sentence(monitor, isFailing: isFailing)
        let body = MonitorMessage.json(monitor, isFailing: isFailing, at: now)
        for webhook in group.webhooks {
            try queue(body, to: webhook)
            effects.hasWebhooks = true
        }
        for address in group.emails {
            try notify(
                address, account: monitor.account, subject: Limits.cut(sentence, to: Limits.summary),
                body: "\(sentence)\n\nTarget: \(monitor.subject.target)\nTime: \(now.iso8601)\n")
            effects.hasMails = true
        }
        for source in group.sources where source != monitor.source {
            try feed(monitor, isFailing: isFailing, to: source, &effects)
        }
    }

    /// Queues one webhook.
    @discardableResult
    func queue(_ body: JSONValue, to webhook: WebhookIntegration.ID) throws -> WebhookDelivery {
        let delivery = WebhookDelivery(
            id: try newID(), integration: webhook, body: body.text, due: now, createdAt: now)
        try WebhookDeliveries.insert(delivery, in: transaction)
        return delivery
    }

    /// Goes the way of every event of the alert source: filters, maintenance and grouping count.
    private func feed(
        _ monitor: MonitorRecord, isFailing: Bool, to id: AlertSource.ID, _ effects: inout MonitorEffects
    ) throws {
        guard let source = try AlertSourceDirectory.entry(for: id, in: transaction) else { return }
        let body = MonitorMessage.json(monitor, isFailing: isFailing, at: now)
        let request = IngestRequest(
            WebhookRequest(path: "/monitors", body: body.bytes()),
            event: .success(MonitorMessage.event(monitor, isFailing: isFailing, at: now)), source: source,
            receivedAt: now)
        var intake = Intake(request, change: self)
        _ = try intake.run()
        effects.hasAlerts = true
    }
}
