public import Alerting
import Synchronization

/// The offset tables of zones that are in use, each built once a process.
public enum ZoneTables {
    private static let tables = Mutex<[String: ZoneTable]>([:])
    /// There are some 600 zones; more names than that are not kept.
    private static let most = 1000

    /// - Returns: `nil` for a name that the system does not know.
    public static func table(_ name: String) -> ZoneTable? {
        if let known = tables.withLock({ $0[name] }) { return known }
        guard let table = ZoneTable(name) else { return nil }
        tables.withLock { tables in
            if tables.count < most { tables[name] = table }
        }
        return table
    }

    /// For a zone that was checked when it was saved; universal time should the system have forgotten it.
    static func known(_ name: String) -> ZoneTable {
        table(name) ?? ZoneTable(name, first: 0, changes: [])
    }
}
