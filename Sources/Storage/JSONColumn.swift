import Alerting

/// JSON in text columns.
enum JSONColumn {
    static func text(of value: JSONValue) -> String {
        value.text
    }

    /// What was sent may be as deep as it may be, and stands some levels down in the column.
    private static let depthLimit = Limits.jsonDepth + 8

    /// - Parameter column: named in the error when the text is no JSON.
    static func value(of text: String, _ column: String) throws(StorageError) -> JSONValue {
        do {
            return try JSONValue.parse(Array(text.utf8), depthLimit: depthLimit)
        } catch {
            throw .unreadable(column: column)
        }
    }
}
