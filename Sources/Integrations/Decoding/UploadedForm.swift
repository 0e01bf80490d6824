/// A form with a file, as browsers post it.
public enum UploadedForm {
    /// A field or a file.
    public struct Part: Sendable {
        public var name: String
        /// A file's content, too, as text.
        public var value: String
        /// As it came; `nil` for what is no file.
        public var file: [UInt8]?
    }

    /// In their order; `nil` when the body is no `multipart/form-data`.
    public static func parts(_ body: [UInt8], contentType: String) -> [Part]? {
        MultipartDecoding.parts(body, contentType: contentType)?.map { part in
            Part(name: part.name, value: BodyText.decoded(part.content), file: part.isFile ? Array(part.content) : nil)
        }
    }
}
