public import Storage

extension PostgresDatabase: DescribedDatabase {
    public func tables() async throws -> [TableShape] {
        try await read { transaction in
            let columns = try transaction.query(
                """
                SELECT CAST(c.table_name AS TEXT) AS table_name, CAST(c.column_name AS TEXT) AS column_name,
                    CAST(coalesce(k.ordinal_position, 0) AS BIGINT) AS key_place
                FROM information_schema.columns c
                JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
                    AND t.table_type = 'BASE TABLE'
                LEFT JOIN information_schema.table_constraints p ON p.table_schema = c.table_schema
                    AND p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY'
                LEFT JOIN information_schema.key_column_usage k ON k.constraint_schema = p.constraint_schema
                    AND k.constraint_name = p.constraint_name AND k.table_name = c.table_name
                    AND k.column_name = c.column_name
                WHERE c.table_schema = current_schema() ORDER BY c.table_name, c.ordinal_position
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
