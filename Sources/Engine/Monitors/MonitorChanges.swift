import Alerting
import Integrations
import Storage

/// A check that is over and waits to be written down.
struct FinishedCheck: Sendable {
    var monitor: MonitorRecord
    var report: CheckReport
    /// When it was to begin.
    var due: Timestamp
    var began: Timestamp
    var ended: Timestamp
    var region = Monitor.homeRegion
}

/// What a transaction about monitors has left to be woken.
struct MonitorEffects: Sendable {
    /// What links in mails begin with.
    var publicURL: String
    var hasAlerts = false
    var hasWebhooks = false
    var hasMails = false
    var hasChanges = false
}

/// What checks bring about, in the transaction that decides it.
extension Change {
    /// Writes checks down, and what follows from them.
    func finish(_ checks: [FinishedCheck], _ effects: inout MonitorEffects) throws {
        let ids = Set(checks.map(\.monitor.id)).sorted()
        let excused = try MaintenanceWindows.monitorsInForce(ids, at: now, in: transaction)
        for check in checks { try finish(check, isExcused: excused.contains(check.monitor.id), &effects) }
    }

    private func finish(_ check: FinishedCheck, isExcused: Bool, _ effects: inout MonitorEffects) throws {
        guard var monitor = try current(check.monitor) else { return }
        let report = check.report
        let isHome = check.region == Monitor.homeRegion
        let isPassing = try opinion(check, of: monitor, isHome: isHome)
        let isExcused = isExcused && !report.isPassing
        let happened =
            isExcused ? nil : monitor.watch.take(isPassing: isPassing, retests: monitor.retests, at: check.ended)
        let next = monitor.watch.next(on: monitor.grid, after: check.ended)
        if isHome { monitor.due = next }
        monitor.last = MonitorRecord.LastCheck(
            at: check.ended, total: report.total, reason: isPassing ? nil : report.reason ?? monitor.last?.reason,
            validUntil: report.validUntil ?? monitor.last?.validUntil)
        guard try Monitors.finish(monitor, isHome: isHome, in: transaction) else { return }
        if !isHome { try MonitorSpots.setDue(next, of: monitor.id, in: check.region, in: transaction) }
        let result = MonitorResult(
            monitor: monitor.id, at: check.ended, region: check.region, late: max(check.began - check.due, .zero),
            total: report.total, phases: report.phases, status: report.status, reason: report.reason,
            isExcused: isExcused)
        try MonitorHistory.insert(result, in: transaction)
        if let image = report.screenshot {
            try MonitorScreenshots.insert(image, of: monitor.id, at: check.ended, in: transaction)
        }
        guard let happened else { return }
        effects.hasChanges = true
        let event = MonitorEvent(
            id: try newID(), monitor: monitor.id, at: check.ended, state: monitor.watch.state,
            reason: monitor.last?.reason)
        try MonitorHistory.insert(event, in: transaction)
        switch happened {
        case .began: break
        case .failed: try failed(monitor, &effects)
        case .recovered: try recovered(monitor, &effects)
        }
    }

    /// The monitor as it was claimed; one that several places check may have changed since. `nil`: somebody changed it.
    private func current(_ claimed: MonitorRecord) throws -> MonitorRecord? {
        guard !claimed.regions.isEmpty else { return claimed }
        guard let monitor = try Monitors.find(claimed.id, in: transaction), monitor.updatedAt == claimed.updatedAt
        else {
            return nil
        }
        return monitor
    }

    /// What the monitor's places say together after this check.
    private func opinion(_ check: FinishedCheck, of monitor: MonitorRecord, isHome: Bool) throws -> Bool {
        guard !monitor.regions.isEmpty else { return check.report.isPassing }
        try MonitorSpots.record(
            check.report, of: monitor.id, in: check.region, at: check.ended,
            due: isHome ? nil : monitor.grid.next(after: check.ended), in: transaction)
        let votes = try MonitorSpots.list(of: monitor.id, in: transaction).compactMap(\.vote)
        return RegionVotes(votes).isPassing(agree: monitor.agree, interval: monitor.interval, at: check.ended)
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
        try tellPublic(monitor, isFailing: true, &effects)
        if let source = monitor.source { try feed(monitor, isFailing: true, to: source, &effects) }
        let groups = try groups(of: monitor)
        try DeliveryGroups.notify(
            groups, of: monitor.id, failingSince: monitor.watch.failingSince ?? now, in: transaction)
    }

    private func tellPublic(_ monitor: MonitorRecord, isFailing: Bool, _ effects: inout MonitorEffects) throws {
        if try tellSubscribers(of: monitor, isFailing: isFailing, publicURL: effects.publicURL) {
            effects.hasMails = true
        }
    }

    private func recovered(_ monitor: MonitorRecord, _ effects: inout MonitorEffects) throws {
        try tellPublic(monitor, isFailing: false, &effects)
        if let source = monitor.source { try feed(monitor, isFailing: false, to: source, &effects) }
        for notice in try DeliveryGroups.notices(of: monitor.id, in: transaction) where notice.due == nil {
            guard let group = try DeliveryGroups.find(notice.group, account: monitor.account, in: transaction) else {
                continue
            }
            try tell(group, of: monitor, isFailing: false, &effects)
        }
        try DeliveryGroups.forgetNotices(of: monitor.id, in: transaction)
    }

    /// Those that it names, and those that rules attach.
    private func groups(of monitor: MonitorRecord) throws -> [DeliveryGroup] {
        let groups = try MonitorRules.groups(of: monitor, in: transaction).union(monitor.groups)
        guard !groups.isEmpty else { return [] }
        return try DeliveryGroups.list(account: monitor.account, in: transaction).filter { groups.contains($0.id) }
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
