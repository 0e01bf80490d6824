import CLibPQ
public import Storage

/// Where a PostgreSQL database is: a URL as libpq reads it, with every option that libpq has.
///
/// Source: PostgreSQL 15 documentation, 34.1.1 "Connection Strings", read 2026-11-27.
public struct PostgresAddress: Equatable, Sendable, CustomStringConvertible {
    /// May hold a password: never logged.
    let url: String
    /// Host, port and database for people; without user, password and options.
    public let description: String

    /// - Throws: `StorageError.failed` when libpq cannot read it; the sentence repeats nothing of the URL.
    public init(_ url: String) throws(StorageError) {
        guard Self.isAddress(url) else {
            throw .failed(message: "A database URL begins with postgres:// or postgresql://.")
        }
        var words: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &words) else {
            PQfreemem(words)
            throw .failed(message: "The database URL cannot be read; is every special character in it %-encoded?")
        }
        defer { PQconninfoFree(options) }
        self.url = url
        description = Self.describe(options)
    }

    /// Whether `text` means to be the URL of a PostgreSQL database.
    public static func isAddress(_ text: String) -> Bool {
        text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
    }

    private static func describe(_ options: UnsafeMutablePointer<PQconninfoOption>) -> String {
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        let host = values["host"] ?? values["hostaddr"] ?? "localhost"
        let port = values["port"].map { ":\($0)" } ?? ""
        return "\(host)\(port)/\(values["dbname"] ?? values["user"] ?? "")"
    }
}
