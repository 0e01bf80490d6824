internal import Alerting

/// A vendor's payload: an object of JSON, or the fields of a form or query.
struct VendorPayload {
    let json: JSONValue
    private let fields: Flattened

    /// Throws when the request carries no object and no fields.
    init(_ request: WebhookRequest) throws(IntegrationError) {
        let content = RequestContent(request)
        if let problem = content.problem { throw .malformed(reason: problem.message) }
        guard let json = content.payload?.value, case .object(let members) = json, !members.isEmpty else {
            throw .malformed(reason: "The request carries neither a JSON object nor fields.")
        }
        self.init(json, fields: content.fields)
    }

    /// A part of a payload, such as one of several alerts.
    init(_ json: JSONValue) {
        self.init(json, fields: Flattened(json))
    }

    private init(_ json: JSONValue, fields: Flattened) {
        self.json = json
        self.fields = fields
    }

    /// The text at the first of these paths that holds something.
    subscript(_ paths: String...) -> String? {
        paths.lazy.compactMap { fields[$0]?.value }.first
    }

    func required(_ path: String) throws(IntegrationError) -> String {
        guard let text = fields[path]?.value else { throw .missing(field: path) }
        return text
    }

    /// The tool's own time at this path, when it is one.
    func time(_ path: String) -> Timestamp? {
        fields[path].flatMap { ToolTime.read($0.value) }
    }

    /// A link for the address at this path; empty when there is none.
    func link(_ path: String, text: String) -> [AlertLink] {
        fields[path]?.value.webAddress.map { [AlertLink(href: $0, text: text)] } ?? []
    }

    /// An image for the address at this path; empty when there is none.
    func image(_ path: String) -> [AlertImage] {
        fields[path]?.value.webAddress.map { [AlertImage(source: $0)] } ?? []
    }

    /// One line for each path that holds something: `Cause: Error 500`.
    func lines(_ named: [(name: String, path: String)]) -> String {
        var lines = ""
        for (name, path) in named { lines.appendFact(name, fields[path]?.value) }
        return lines
    }

    /// Texts, numbers and booleans of the object at this member.
    func labels(_ member: String) -> [String: String] {
        json[member]?.object?.compactMapValues(\.scalarText) ?? [:]
    }
}
