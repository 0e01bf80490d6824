import Alerting
import Storage

/// What gives services another status: the status, its place in the history, and news of it go together.
extension Change {
    /// What a status is changed for.
    struct ServiceCause {
        var actor = Actor.system
        var reason: ServiceReason
        var alert: Alert.ID?
        var text = ""
        /// Whether those who have subscribed are told.
        var isTold = true
    }

    /// Writes the first period of a new service.
    func begin(_ service: ServiceRecord, by actor: Actor) throws {
        try ServicePeriods.begin(
            ServicePeriod(
                id: try newID(), service: service.id, status: service.status, start: now, actor: actor,
                reason: .created), in: transaction)
    }

    /// What a person says: it counts at once, and alerts that held the service hold it no longer.
    ///
    /// - Returns: the service as it is now.
    func set(
        _ status: ServiceStatus, of service: ServiceRecord, by actor: Actor, text: String
    ) throws -> ServiceRecord {
        for hold in try ServiceHolds.open(of: [service.id], in: transaction) {
            _ = try ServiceHolds.release(hold, at: now, in: transaction)
            try note(
                .serviceReleased, on: hold.alert, by: actor, reason: status.rawValue, text: service.name)
        }
        var changed = service
        changed.ownStatus = status
        return try give(status, to: changed, ServiceCause(actor: actor, reason: .set, text: text))
    }

    /// Lets an alert hold a service, once however often it is asked for.
    ///
    /// - Returns: whether it is new.
    func hold(_ service: ServiceRecord, _ hold: ServiceHold) throws -> Bool {
        guard try ServiceHolds.insert(hold, in: transaction) else { return false }
        try note(.serviceHeld, on: hold.alert, reason: hold.status.rawValue, text: service.name)
        let cause = ServiceCause(reason: .held, alert: hold.alert, isTold: hold.isTold)
        _ = try give(try effectiveStatus(of: service), to: service, cause)
        return true
    }

    /// Ends a hold; the service gets what people said of it last, or the worst of what else holds it.
    func release(_ hold: ServiceHold, account: Account.ID) throws {
        guard try ServiceHolds.release(hold, at: now, in: transaction),
            let service = try Services.find(hold.service, account: account, in: transaction)
        else { return }
        let status = try effectiveStatus(of: service)
        try note(.serviceReleased, on: hold.alert, reason: status.rawValue, text: service.name)
        let cause = ServiceCause(reason: .released, alert: hold.alert, isTold: hold.isTold)
        _ = try give(status, to: service, cause)
    }

    /// Ends what an alert action holds.
    ///
    /// - Parameter kept: services that it goes on to hold.
    func releaseAll(by action: AlertActionRecord, but kept: [ServiceRecord.ID] = []) throws {
        for hold in try ServiceHolds.open(by: action.id, in: transaction) where !kept.contains(hold.service) {
            try release(hold, account: action.account)
        }
    }

    private func effectiveStatus(of service: ServiceRecord) throws -> ServiceStatus {
        let held = try ServiceHolds.open(of: [service.id], in: transaction).map(\.status)
        return ServiceStatus.effective(own: service.ownStatus, held: held)
    }

    private func give(
        _ status: ServiceStatus, to service: ServiceRecord, _ cause: ServiceCause
    ) throws -> ServiceRecord {
        guard
            try Services.setStatus(
                status, own: service.ownStatus, of: service.id, was: service.status, in: transaction)
        else { throw Failure(.conflict, "Somebody else changed this service at the same moment; look again.") }
        var changed = service
        changed.status = status
        guard status != service.status else { return changed }
        let period = ServicePeriod(
            id: try newID(), service: service.id, status: status, start: now, actor: cause.actor,
            reason: cause.reason, alert: cause.alert, text: cause.text)
        try ServicePeriods.begin(period, in: transaction)
        if cause.isTold {
            try tell(of: changed, period)
            try tellSubscribers(of: changed)
        }
        return changed
    }

    /// Those who may be told of one service by their subscription.
    private static let mostSubscribers = 1000

    private func tell(of service: ServiceRecord, _ period: ServicePeriod) throws {
        let target = SubscriptionTarget.service(service.id)
        let queue = NoticeQueue(change: self, channels: channels)
        let notice = Notice(
            account: service.account, purpose: .subscription, subject: "\(service.name): \(service.status.words)",
            text: "The service \(service.name) is now: \(service.status.words).\(Self.blank(period.text))",
            onceKey: "service-\(period.id)")
        for id in try Subscriptions.users(of: target, limit: Self.mostSubscribers, in: transaction)
        where period.actor != .user(id) {
            // Whoever may not see the service any more is told nothing of it.
            guard let user = try Users.find(id, in: transaction),
                try Services.find(service.id, scope: Caller(user).scope, in: transaction) != nil
            else { continue }
            try queue.tellSubscriber(id, notice)
        }
    }

    private static func blank(_ text: String) -> String { text.isEmpty ? "" : " \(text)" }
}
