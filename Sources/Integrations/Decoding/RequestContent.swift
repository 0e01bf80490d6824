internal import Alerting

/// What a request carries, whatever its content type says: one flat list of fields, and the JSON it came from.
struct RequestContent {
    var fields: Flattened
    /// The payload as JSON: what was sent, or an object of the form's fields.
    var payload: JSONDocument?
    /// Why the body could not be read although it looks like JSON.
    var problem: JSONError?

    /// Tries JSON first, then multipart, then form, then plain text; a form field that holds JSON (`payload`, `data`,
    /// `json`) takes the form's place. The query is added; the body's fields win.
    init(_ request: WebhookRequest) {
        fields = Flattened()
        read(body: request)
        if request.query.isEmpty { return }
        let query = FormDecoding.fields(request.query.utf8)
        if !query.isEmpty { read(form: query) }
    }

    private mutating func read(body request: WebhookRequest) {
        // Nearly every body is a JSON object in UTF-8, which the outline makes sure of by itself.
        // What is none is looked at below.
        if request.body.first == UInt8(ascii: "{"), let outline = try? JSONOutline(request.body) {
            return read(json: outline)
        }
        let bytes = BodyText.utf8(request.body)
        let start = bytes.prefix(1024).first { $0 > 0x20 }
        guard let start else { return }
        if start == UInt8(ascii: "{") || start == UInt8(ascii: "[") || start == UInt8(ascii: "\"") {
            switch Self.json(bytes) {
            case .success(let outline): return read(json: outline)
            case .failure(let error):
                // A form may begin with a bracket only when it is JSON that lost its label on the way.
                if bytes.contains(UInt8(ascii: "%")), read(encodedJSON: bytes) { return }
                problem = error
                return
            }
        }
        read(text: bytes, of: request, from: start)
    }

    /// What is no JSON: parts, a form, or plain text.
    private mutating func read(text bytes: [UInt8], of request: WebhookRequest, from start: UInt8) {
        let contentType = request.header("content-type")
        if let parts = MultipartDecoding.fields(request.body, contentType: contentType) { return read(form: parts) }
        let isFormLabelled = contentType?.hasPrefix(folded: "application/x-www-form-urlencoded") ?? false
        let looksLikeForm = bytes.contains(UInt8(ascii: "=")) && !bytes.contains { $0 <= 0x20 }
        if start == UInt8(ascii: "%"), read(encodedJSON: bytes) { return }
        if isFormLabelled || looksLikeForm {
            let form = FormDecoding.fields(bytes)
            if !form.isEmpty { return read(form: form) }
        }
        let text = BodyText.decoded(bytes)
        fields.append([FormField(name: "message", value: text.paragraphs(limit: Limits.details))])
    }

    private mutating func read(json outline: JSONOutline) {
        payload = JSONDocument(outline)
        fields.append(outline)
    }

    /// JSON that was percent-encoded as a whole, with or without an equals sign at its end.
    private mutating func read(encodedJSON bytes: [UInt8]) -> Bool {
        let whole = bytes.last == UInt8(ascii: "=") ? bytes.dropLast() : bytes[...]
        let text = FormDecoding.decoded(whole)
        guard text.first == "{", case .success(let outline) = Self.json(Array(text.utf8)) else { return false }
        read(json: outline)
        return true
    }

    private mutating func read(form: [FormField]) {
        for field in form
        where ["payload", "data", "json", "body"].contains(field.name.lowercased()) || form.count == 1 {
            guard let start = field.value.first, start == "{" || start == "[" else { continue }
            guard case .success(let outline) = Self.json(Array(field.value.utf8)) else { continue }
            if payload == nil { payload = JSONDocument(outline) }
            fields.append(outline)
            fields.append(form.filter { $0 != field })
            return
        }
        let members = form.map { ($0.name, Self.member($0.value)) }
        let object = JSONValue.object(Dictionary(members) { _, last in last })
        fields.append(Self.lastOfEachName(form.filter { !Self.holdsJSON($0.value) }))
        fields.append(object)
        if payload == nil { payload = JSONDocument(object) }
    }

    /// A field may hold JSON of its own, as the query of Uptime Kuma does.
    private static func member(_ value: String) -> JSONValue {
        guard holdsJSON(value), case .success(let outline) = json(Array(value.utf8)) else { return .string(value) }
        return outline.value
    }

    private static func holdsJSON(_ value: String) -> Bool {
        value.utf8.first == UInt8(ascii: "{") || value.utf8.first == UInt8(ascii: "[")
    }

    private static func lastOfEachName(_ form: [FormField]) -> [FormField] {
        Flattened(form).fields.map { FormField(name: $0.path, value: $0.value) }
    }

    /// One JSON value; a text that holds JSON itself is opened once.
    private static func json(_ bytes: [UInt8]) -> Result<JSONOutline, JSONError> {
        do throws(JSONError) {
            let outline = try JSONOutline(bytes)
            guard let text = outline.text else { return .success(outline) }
            let isJSON = text.utf8.first == UInt8(ascii: "{") || text.utf8.first == UInt8(ascii: "[")
            let opened = isJSON ? Array(text.utf8) : JSONValue.object(["message": .string(text)]).bytes()
            return .success(try JSONOutline(opened))
        } catch {
            return .failure(error)
        }
    }
}
