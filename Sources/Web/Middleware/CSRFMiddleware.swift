import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Integrations
import NIOCore

/// Reads a posted form and refuses one that another site made the browser send.
struct CSRFMiddleware: RouterMiddleware {
    /// `false` where the address itself is the secret, such as in a link from a mail.
    var isTokenNeeded = true

    static let field = "csrf"

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .post else { return try await next(request, context) }
        var context = context
        (context.page.form, context.page.files) = try await form(of: request)
        let given = context.page.form.raw(Self.field)
        let isOurs = !isTokenNeeded || (!given.isEmpty && Tokens.areEqual(given, context.page.formToken))
        guard isOurs, request.headers[Self.fetchSite] != "cross-site" else { throw ExpiredForm() }
        return try await next(request, context)
    }

    private static let fetchSite = HTTPField.Name("Sec-Fetch-Site")!

    private func form(of request: Request) async throws -> (fields: Form, files: [String: [UInt8]]) {
        let contentType = request.headers[.contentType] ?? ""
        let type = contentType.lowercased()
        var request = request
        if type.hasPrefix("multipart/form-data") {
            let body = try await request.collectBody(upTo: Limits.ingestBody)
            var (form, files) = (Form(), [String: [UInt8]]())
            for part in UploadedForm.parts([UInt8](buffer: body), contentType: contentType) ?? [] {
                form.add(part.name, part.value)
                files[part.name] = files[part.name] ?? part.file
            }
            return (form, files)
        }
        guard type.hasPrefix("application/x-www-form-urlencoded") else { return (Form(), [:]) }
        let body = try await request.collectBody(upTo: Limits.apiBody)
        return (Form(urlEncoded: String(buffer: body)), [:])
    }
}

/// A form without the token that this browser was given: too old, or not from our own page.
struct ExpiredForm: Error {}
