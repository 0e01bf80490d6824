import HTTPTypes
import Hummingbird

/// A method and a path of the API with what answers it. Served below `/api` and, for older clients, `/api/v1`.
struct APIRoute: Sendable {
    enum Handler: Sendable {
        /// Needs no credentials.
        case open(@Sendable (WebServices) throws -> Response)
        case known(@Sendable (APICall) async throws -> Response)
    }

    let method: HTTPRequest.Method
    /// Below `/api`, with parameters in braces.
    let path: String
    let handler: Handler

    static func get(_ path: String, _ handler: @escaping @Sendable (APICall) async throws -> Response) -> APIRoute {
        APIRoute(method: .get, path: path, handler: .known(handler))
    }

    static func post(_ path: String, _ handler: @escaping @Sendable (APICall) async throws -> Response) -> APIRoute {
        APIRoute(method: .post, path: path, handler: .known(handler))
    }

    static func put(_ path: String, _ handler: @escaping @Sendable (APICall) async throws -> Response) -> APIRoute {
        APIRoute(method: .put, path: path, handler: .known(handler))
    }

    static func delete(_ path: String, _ handler: @escaping @Sendable (APICall) async throws -> Response) -> APIRoute {
        APIRoute(method: .delete, path: path, handler: .known(handler))
    }

    static func open(_ path: String, _ handler: @escaping @Sendable (WebServices) throws -> Response) -> APIRoute {
        APIRoute(method: .get, path: path, handler: .open(handler))
    }
}
