import Alerting

/// JSON in text columns.
enum JSONColumn {
    static func text(of value: JSONValue) -> String {
        value.text
    }

    /// - Parameter column: named in the error when the text is no JSON.
    static func value(of text: String, _ column: String) throws(StorageError) -> JSONValue {
        do {
            return try JSONValue.parse(Array(text.utf8))
        } catch {
            throw .unreadable(column: column)
        }
    }
}
