import Alerting
import Simulation
import Storage
import TestSupport

/// A real database with the cast in it.
struct StorageWorld {
    let temporary: TemporaryDatabase
    let now = SimulatedClock().now

    var database: any Database { temporary.database }

    init(sources: [AlertSourceRecord]? = nil, kind: TemporaryDatabase.Kind = .current) throws {
        temporary = try TemporaryDatabase(inMemory: true, kind: kind)
        let now = now
        try write { transaction in
            try SimulatedCast.write(
                policy: SimulatedCast.usualPolicy, sources: sources ?? [SimulatedCast.source(at: now)], at: now,
                in: transaction)
        }
    }

    @discardableResult
    func write<Result: Sendable>(_ body: @Sendable (any Transaction) throws -> Result) throws -> Result {
        try database.writeBlocking(body)
    }

    func alert(
        _ id: Int64, source: AlertSource.ID = SimulatedCast.shop, status: AlertStatus = .pending,
        priority: Priority = .high, summary: String = "Shop is down", raisedAt: Timestamp? = nil
    ) -> Alert {
        let raisedAt = raisedAt ?? now
        return Alert(
            id: .init(id), account: SimulatedCast.account, source: source, key: "Key-\(id)", status: status,
            priority: priority, summary: summary, policy: SimulatedCast.policy,
            escalation: Escalation(policy: SimulatedCast.usualPolicy, raisedAt: raisedAt), raisedAt: raisedAt,
            lastEventAt: raisedAt)
    }

    func message(
        _ id: Int64, alert: Int64 = 1, channel: Channel = .email, target: String = SimulatedCast.alice.email,
        delay: Int = 0, due: Timestamp? = nil
    ) -> MessageRecord {
        MessageRecord(
            id: .init(id), account: SimulatedCast.account, alert: .init(alert), user: SimulatedCast.alice.user,
            contact: SimulatedCast.alice.emailContact, channel: channel, target: target, level: 0,
            delayMinutes: delay, intended: due ?? now, due: due ?? now, deadline: now + .hours(4), createdAt: now)
    }
}

extension Scope {
    static let carol = Scope(account: SimulatedCast.account, user: SimulatedCast.carol.user, role: .admin)
    static let alice = Scope(account: SimulatedCast.account, user: SimulatedCast.alice.user, role: .responder)
    static let bob = Scope(account: SimulatedCast.account, user: SimulatedCast.bob.user, role: .responder)
}
