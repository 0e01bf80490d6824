import GRDB
import Storage

extension SQLiteDatabase {
    /// The names of each table's columns, in their order; tables that are not there are missing.
    public func columns(of tables: [String]) async throws -> [String: [String]] {
        try await pool.read { connection in
            var columns: [String: [String]] = [:]
            for table in tables {
                guard try connection.tableExists(table) else { continue }
                columns[table] = try connection.columns(in: table).map(\.name)
            }
            return columns
        }
    }
}
