public import Alerting

/// A time in which a service had one status, and why.
public struct ServicePeriod: Equatable, Sendable {
    public typealias ID = Identifier<ServicePeriod>

    public var id: ID
    public var service: ServiceRecord.ID
    public var status: ServiceStatus
    public var start: Timestamp
    /// `nil`: it goes on.
    public var end: Timestamp?
    public var actor: Actor
    public var reason: ServiceReason
    /// That held it, or that held it until now; `nil`: none, or it is forgotten.
    public var alert: Alert.ID?
    /// Words of a person; may be empty.
    public var text: String

    public init(
        id: ID, service: ServiceRecord.ID, status: ServiceStatus, start: Timestamp, end: Timestamp? = nil,
        actor: Actor, reason: ServiceReason, alert: Alert.ID? = nil, text: String = ""
    ) {
        self.id = id
        self.service = service
        self.status = status
        self.start = start
        self.end = end
        self.actor = actor
        self.reason = reason
        self.alert = alert
        self.text = text
    }

    /// `nil` for a time in which all was well.
    public var outage: ServiceOutage? {
        status == .operational ? nil : ServiceOutage(status, from: start, until: end)
    }
}

/// The `service_periods` table: at most one a service has no end.
public enum ServicePeriods {
    /// Ends the one that goes on, and begins another.
    public static func begin(_ period: ServicePeriod, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            "UPDATE service_periods SET ended_at_ms = :now WHERE service_id = :service AND ended_at_ms IS NULL",
            ["now": .init(period.start), "service": .init(period.service)])
        try transaction.execute(
            """
            INSERT INTO service_periods (id, service_id, status, started_at_ms, ended_at_ms, actor, reason, alert_id,
                text)
            VALUES (:id, :service, :status, :start, :end, :actor, :reason, :alert, :text)
            """,
            [
                "id": .init(period.id), "service": .init(period.service), "status": .init(period.status),
                "start": .init(period.start), "end": .init(period.end),
                "actor": .text(ActorColumn.text(of: period.actor)), "reason": .init(period.reason),
                "alert": .init(period.alert), "text": .text(period.text),
            ])
    }

    /// Those that reach beyond `start`, each service's oldest first; of more than `limit` the newest.
    public static func list(
        of services: [ServiceRecord.ID], from start: Timestamp, limit: Int = 20_000, in transaction: any Transaction
    ) throws(StorageError) -> [ServiceRecord.ID: [ServicePeriod]] {
        guard !services.isEmpty else { return [:] }
        var arguments: Arguments = ["start": .init(start), "limit": .init(limit)]
        let wanted = arguments.list(services, as: "service")
        let rows = try transaction.query(
            """
            SELECT id, service_id, status, started_at_ms, ended_at_ms, actor, reason, alert_id, text
            FROM service_periods
            WHERE service_id IN (\(wanted)) AND (ended_at_ms IS NULL OR ended_at_ms > :start)
            ORDER BY started_at_ms DESC, CASE WHEN ended_at_ms IS NULL THEN 1 ELSE 0 END DESC, ended_at_ms DESC, id DESC
            LIMIT :limit
            """, arguments)
        var found: [ServiceRecord.ID: [ServicePeriod]] = [:]
        for row in rows.reversed() {
            let period = ServicePeriod(
                id: try row.id("id"), service: try row.id("service_id"), status: try row.name("status"),
                start: try row.time("started_at_ms"), end: try row.optionalTime("ended_at_ms"),
                actor: try ActorColumn.actor(row, "actor"), reason: try row.name("reason"),
                alert: try row.optionalID("alert_id"), text: try row.text("text"))
            found[period.service, default: []].append(period)
        }
        return found
    }
}
