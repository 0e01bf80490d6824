/// One request to an alert source's URL, as it came.
public struct WebhookRequest: Equatable, Sendable {
    public struct Header: Hashable, Sendable {
        /// In lower case.
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.init(lowercased: name.lowercased(), value)
        }

        /// For a name that is in lower case already.
        public init(lowercased name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var method: String
    public var path: String
    public var headers: [Header]
    /// What follows the question mark, still encoded.
    public var query: String
    public var body: [UInt8]

    public init(method: String = "POST", path: String = "", headers: [Header] = [], query: String = "", body: [UInt8]) {
        self.method = method
        self.path = path
        self.headers = headers
        self.query = query
        self.body = body
    }

    /// The first header with this name, in any case.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name == wanted }?.value
    }
}
