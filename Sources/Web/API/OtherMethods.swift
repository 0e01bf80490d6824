import HTTPTypes
import Hummingbird

/// Says which methods a path has, when it is asked for another.
enum OtherMethods {
    private static let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]

    static func refuse(on path: RouterPath, except methods: [HTTPRequest.Method], in group: RouterGroup<WebContext>) {
        let allowed = methods.map(\.rawValue).joined(separator: ", ")
        for method in known where !methods.contains(method) {
            group.on(path, method: method) { _, _ -> Response in
                var error = APIError(.methodNotAllowed, "ERROR", "This address takes \(allowed).")
                error.headers[.allow] = allowed
                throw error
            }
        }
    }

    /// Answers 404 below `path`, whatever the method, where nothing else is.
    static func refuseUnknown(below path: RouterPath, in group: RouterGroup<WebContext>) {
        for method in known {
            group.on(path.appending("**"), method: method) { _, _ -> Response in
                throw APIError(.notFound, "NOT_FOUND", "There is nothing at this address.")
            }
        }
    }
}

extension RouterPath {
    fileprivate func appending(_ element: String) -> RouterPath {
        RouterPath("\(description)/\(element)")
    }
}
