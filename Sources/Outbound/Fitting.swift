import Alerting

/// Makes a request's body fit into what its reader takes.
enum Fitting {
    /// The body with as much of `text` as fits: escapes of JSON make it longer than its words.
    ///
    /// - Parameters:
    ///   - most: bytes of the body.
    ///   - limit: bytes of the text.
    static func body(
        of text: String, to limit: Int, most: Int, _ make: (String) -> [UInt8]
    ) -> [UInt8] {
        var limit = limit
        while true {
            let body = make(Limits.cut(text, to: limit, of: .bytes))
            if body.count <= most || limit <= 0 { return body }
            limit -= body.count - most
        }
    }
}
