public import Storage

extension PostgresDatabase: DescribedDatabase {
    public func tables() async throws -> [TableShape] {
        try await read { transaction in
            // Of the catalog itself: the views of information_schema take seconds for as many tables as these.
            let columns = try transaction.query(
                """
                SELECT CAST(t.relname AS TEXT) AS table_name, CAST(c.attname AS TEXT) AS column_name,
                    CAST(coalesce(array_position(CAST(i.indkey AS SMALLINT[]), c.attnum) + 1, 0) AS BIGINT) AS key_place
                FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
                JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
                LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
                WHERE n.nspname = current_schema() AND t.relkind IN ('r', 'p') ORDER BY t.relname, c.attnum
                """, [:])
            let parents = try transaction.query(
                """
                SELECT CAST(child.relname AS TEXT) AS table_name, CAST(parent.relname AS TEXT) AS parent_name
                FROM pg_constraint k JOIN pg_class child ON child.oid = k.conrelid
                JOIN pg_class parent ON parent.oid = k.confrelid
                JOIN pg_namespace n ON n.oid = child.relnamespace
                WHERE k.contype = 'f' AND n.nspname = current_schema() ORDER BY child.relname, parent.relname
                """, [:])
            return try TableShape.all(columns: columns, parents: parents)
        }
    }
}
