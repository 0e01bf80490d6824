import Alerting
import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// Hands calendars to programs that know their secret address; nobody signs in for it.
struct CalendarDoor: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/calendar/:file", use: calendar)
        group.head("/calendar/:file", use: calendar)
    }

    @Sendable private func calendar(_ request: Request, _ context: WebContext) async throws -> Response {
        let file = context.parameters.get("file") ?? ""
        let token = file.hasSuffix(".ics") ? String(file.dropLast(4)) : file
        let text = try await site.services.administration.calendars.text(token: token)
        let body = ByteBuffer(string: text)
        let headers: HTTPFields = [
            .contentType: "text/calendar; charset=utf-8", .cacheControl: "private, max-age=60",
            .contentLength: "\(body.readableBytes)",
        ]
        return Response(
            status: .ok, headers: headers,
            body: request.method == .head ? .init() : .init(byteBuffer: body))
    }
}
