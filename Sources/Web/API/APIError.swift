import Alerting
import Engine
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// An error as the API tells it: a status, and the envelope's code and sentence.
struct APIError: Error {
    var status: HTTPResponse.Status
    var code: String
    var message: String
    /// What else the answer says of itself, such as when to come back.
    var headers: HTTPFields = [:]
    /// Logged, never shown; only when the fault is ours.
    var cause: String?

    init(_ status: HTTPResponse.Status, _ code: String = "ERROR", _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    init(_ failure: Failure) {
        switch failure.code {
        case .invalid: self.init(.badRequest, "ERROR", failure.message)
        case .notFound: self.init(.notFound, "NOT_FOUND", failure.message)
        case .conflict: self.init(.conflict, "CONFLICT", failure.message)
        case .unauthenticated:
            self.init(.unauthorized, "UNAUTHORIZED", failure.message)
            headers[.wwwAuthenticate] = "Bearer"
        case .forbidden:
            self.init(.forbidden, failure.cause == "KEY_ERROR" ? "KEY_ERROR" : "FORBIDDEN", failure.message)
        case .unavailable:
            let isThrottled = failure.cause == "TOO_MANY_SIGN_INS"
            self.init(isThrottled ? .tooManyRequests : .serviceUnavailable, "UNAVAILABLE", failure.message)
            headers[.retryAfter] = isThrottled ? "60" : "5"
        case .tooLarge: self.init(.contentTooLarge, "TOO_LARGE", failure.message)
        case .internal: self.init(cause: failure.cause ?? failure.message)
        }
    }

    /// Anything that was thrown while a request was answered.
    init(_ error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let failure as Failure: self.init(failure)
        case let error as StorageError: self.init(error)
        case is IDShortage, is CancellationError:
            self.init(Failure(.unavailable, "The server is busy; try again."))
        case is NIOTooManyBytesError: self.init(Failure(.tooLarge, "The body is too large."))
        case let error as any HTTPResponseError where error.status.code < 500:
            self.init(
                error.status, error.status == .notFound ? "NOT_FOUND" : "ERROR", "This request is not understood.")
        default: self.init(cause: "\(error)")
        }
    }

    private init(_ error: StorageError) {
        switch error {
        case .full: self.init(Failure(.unavailable, "The server's disk is full; nothing was changed."))
        case .unavailable: self.init(Failure(.unavailable, "The database is busy; try again."))
        case .conflict: self.init(Failure(.conflict, "Somebody else changed this at the same moment; look again."))
        case .unreadable(let column): self.init(cause: "column \(column)")
        case .failed(let message), .damaged(let message): self.init(cause: message)
        }
    }

    private init(cause: String) {
        self.init(.internalServerError, "INTERNAL", "Something is wrong on the server; it is in its log.")
        self.cause = cause
    }

    var response: Response { finished.response }

    var finished: FinishedAnswer {
        var members: [String: JSONValue] = [
            "status": .integer(Int64(status.code)), "code": .string(code), "message": .string(message),
        ]
        if let field { members["details"] = .object(["field": .string(field)]) }
        return JSONAnswer.finished(JSONValue.object(members).bytes(), status: status, headers: headers)
    }

    /// The field at fault: what stands before the colon of a message such as `name: enter 1 to 255 characters.`.
    private var field: String? {
        guard status == .badRequest, let colon = message.firstRange(of: ": ") else { return nil }
        let name = message[..<colon.lowerBound]
        let isName = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "[].-".utf8.contains(byte)
        }
        return isName && !name.isEmpty ? String(name) : nil
    }
}
