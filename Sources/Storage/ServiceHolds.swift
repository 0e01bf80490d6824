public import Alerting

/// An alert that gives a service a status, by an alert action, for as long as it is open.
public struct ServiceHold: Equatable, Sendable {
    public var service: ServiceRecord.ID
    public var alert: Alert.ID
    public var action: AlertActionRecord.ID
    public var status: ServiceStatus
    /// Whether those who have subscribed are told.
    public var isTold: Bool
    public var heldAt: Timestamp

    public init(
        service: ServiceRecord.ID, alert: Alert.ID, action: AlertActionRecord.ID, status: ServiceStatus,
        isTold: Bool = false, heldAt: Timestamp
    ) {
        self.service = service
        self.alert = alert
        self.action = action
        self.status = status
        self.isTold = isTold
        self.heldAt = heldAt
    }
}

/// The `service_holds` table.
public enum ServiceHolds {
    private static let columns =
        "h.service_id, h.alert_id, h.alert_action_id, h.status, h.is_told, h.held_at_ms"

    /// - Returns: `false` when the alert has held the service by this action before, be it over or not.
    public static func insert(_ hold: ServiceHold, in transaction: any Transaction) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            INSERT INTO service_holds (service_id, alert_id, alert_action_id, status, is_told, held_at_ms)
            VALUES (:service, :alert, :action, :status, :told, :held)
            ON CONFLICT (service_id, alert_id, alert_action_id) DO NOTHING
            RETURNING service_id
            """,
            [
                "service": .init(hold.service), "alert": .init(hold.alert), "action": .init(hold.action),
                "status": .init(hold.status), "told": .init(hold.isTold), "held": .init(hold.heldAt),
            ]
        ).isEmpty
    }

    /// - Returns: `false` when it was over already.
    public static func release(
        _ hold: ServiceHold, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            UPDATE service_holds SET released_at_ms = :now
            WHERE service_id = :service AND alert_id = :alert AND alert_action_id = :action AND released_at_ms IS NULL
            RETURNING service_id
            """,
            [
                "now": .init(now), "service": .init(hold.service), "alert": .init(hold.alert),
                "action": .init(hold.action),
            ]
        ).isEmpty
    }

    /// Forgets what is over, so that the alert may hold the service by the action once more.
    public static func forgetReleased(
        of action: AlertActionRecord.ID, alert: Alert.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            DELETE FROM service_holds
            WHERE alert_action_id = :action AND alert_id = :alert AND released_at_ms IS NOT NULL
            """,
            ["action": .init(action), "alert": .init(alert)])
    }

    /// Those that hold one of the services now, the oldest first.
    public static func open(
        of services: [ServiceRecord.ID], in transaction: any Transaction
    ) throws(StorageError) -> [ServiceHold] {
        var arguments: Arguments = [:]
        let wanted = arguments.list(services, as: "service")
        return try list("h.service_id IN (\(wanted))", arguments, 10_000, in: transaction)
    }

    /// Those of an alert action that hold now, the oldest first.
    public static func open(
        by action: AlertActionRecord.ID, in transaction: any Transaction
    ) throws(StorageError) -> [ServiceHold] {
        try list("h.alert_action_id = :action", ["action": .init(action)], 10_000, in: transaction)
    }

    /// Those that still hold though their alert is resolved, the oldest first.
    public static func over(limit: Int, in transaction: any Transaction) throws(StorageError) -> [ServiceHold] {
        try list(
            "EXISTS (SELECT 1 FROM alerts a WHERE a.id = h.alert_id AND a.status = 'resolved')", [:], limit,
            in: transaction)
    }

    private static func list(
        _ condition: String, _ arguments: Arguments, _ limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [ServiceHold] {
        var arguments = arguments
        arguments.add("limit", .init(limit))
        return try transaction.query(
            """
            SELECT \(columns) FROM service_holds h WHERE h.released_at_ms IS NULL AND \(condition)
            ORDER BY h.held_at_ms, h.service_id, h.alert_id, h.alert_action_id LIMIT :limit
            """, arguments
        ).map { row throws(StorageError) in
            ServiceHold(
                service: try row.id("service_id"), alert: try row.id("alert_id"),
                action: try row.id("alert_action_id"), status: try row.name("status"),
                isTold: try row.bool("is_told"), heldAt: try row.time("held_at_ms"))
        }
    }
}
