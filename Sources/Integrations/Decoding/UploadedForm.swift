/// A form with a file, as browsers post it.
public enum UploadedForm {
    /// Names and values in their order, a file's content as text; `nil` when the body is no `multipart/form-data`.
    public static func fields(_ body: [UInt8], contentType: String) -> [(name: String, value: String)]? {
        MultipartDecoding.fields(body, contentType: contentType)?.map { ($0.name, $0.value) }
    }
}
