public import Alerting

/// Who has accepted an alert of which everybody must.
public enum Acceptances {
    /// - Returns: `nil` when the alert is not pending.
    public static func find(
        _ id: Alert.ID, in transaction: any Transaction
    ) throws(StorageError) -> SharedAcceptance? {
        let rows = try transaction.query(
            "SELECT acceptances FROM alerts WHERE id = :id AND status = 'pending'", ["id": .init(id)])
        return try rows.first.map { row throws(StorageError) in
            try AcceptancesColumn.value(of: row.optionalText("acceptances"))
        }
    }

    public static func set(
        _ acceptances: SharedAcceptance, of id: Alert.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "UPDATE alerts SET acceptances = :acceptances WHERE id = :id",
            ["acceptances": .init(AcceptancesColumn.text(of: acceptances)), "id": .init(id)])
    }

    /// Alerts that wait for somebody's acceptance, by id.
    public static func awaiting(
        _ user: User.ID, in transaction: any Transaction
    ) throws(StorageError) -> [(alert: Alert.ID, acceptances: SharedAcceptance)] {
        let rows = try transaction.query(
            """
            SELECT id, acceptances FROM alerts WHERE status = 'pending' AND acceptances IS NOT NULL
            ORDER BY id LIMIT 10000
            """, [:])
        var found: [(alert: Alert.ID, acceptances: SharedAcceptance)] = []
        for row in rows {
            let acceptances = try AcceptancesColumn.value(of: row.optionalText("acceptances"))
            if acceptances.awaited.contains(user) { found.append((try row.id("id"), acceptances)) }
        }
        return found
    }
}

/// Such as `{"accepted":[1],"awaited":[2]}`; NULL where anybody's acceptance is enough.
enum AcceptancesColumn {
    static func text(of acceptances: SharedAcceptance) -> String? {
        guard !acceptances.isEmpty else { return nil }
        return JSONColumn.text(
            of: .object([
                "accepted": .array(acceptances.accepted.map { .integer($0.rawValue) }),
                "awaited": .array(acceptances.awaited.map { .integer($0.rawValue) }),
            ]))
    }

    static func value(of text: String?) throws(StorageError) -> SharedAcceptance {
        guard let text else { return SharedAcceptance() }
        let value = try JSONColumn.value(of: text, "acceptances")
        return SharedAcceptance(awaited: people(value["awaited"]), accepted: people(value["accepted"]))
    }

    private static func people(_ value: JSONValue?) -> [User.ID] {
        (value?.array ?? []).compactMap { $0.integer.map { User.ID($0) } }
    }
}
