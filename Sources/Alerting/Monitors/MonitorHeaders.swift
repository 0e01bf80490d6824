/// Headers that somebody set for a request of ours: `[{"key","value"}]`.
public enum MonitorHeaders {
    /// - Throws: `Failure.invalid` that names the field.
    public static func read(_ value: JSONValue?, _ field: String) throws(Failure) -> [HTTPCheck.Header] {
        guard let value, !value.isNull else { return [] }
        let wrong = Failure.field(field, "must be a list of at most 20 objects {\"key\", \"value\"}.")
        guard let items = value.array, items.count <= 20 else { throw wrong }
        var headers: [HTTPCheck.Header] = []
        for item in items {
            guard let name = item["key"]?.string, let value = item["value"]?.string else { throw wrong }
            headers.append(try checked(name, value, field))
        }
        return headers
    }

    /// One that may stand in a request.
    public static func checked(_ name: String, _ value: String, _ field: String) throws(Failure) -> HTTPCheck.Header {
        let isName = name.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 95
        }
        let isValue = value.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
        let own = ["host", "content-length", "transfer-encoding", "connection", "user-agent", "x-nightbell-instance"]
        guard (1...100).contains(name.utf8.count), isName, value.utf8.count <= 2000, isValue,
            !own.contains(name.lowercased())
        else {
            throw Failure.field(field, "has a header that cannot be sent: “\(Limits.cut(name, to: 60))”.")
        }
        return HTTPCheck.Header(name: name, value: value)
    }
}
