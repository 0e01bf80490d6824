public import Storage

extension SQLiteDatabase: DescribedDatabase {
    public func tables() async throws -> [TableShape] {
        try await read { transaction in
            let columns = try transaction.query(
                """
                SELECT t.name AS table_name, c.name AS column_name, c.pk AS key_place
                FROM sqlite_schema t JOIN pragma_table_info(t.name) c
                WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY t.name, c.cid
                """, [:])
            let parents = try transaction.query(
                """
                SELECT t.name AS table_name, f."table" AS parent_name
                FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table' ORDER BY t.name, f.id
                """, [:])
            return try TableShape.all(columns: columns, parents: parents)
        }
    }
}
