/// An error at a room's door: what went wrong in a form that a person may read and a program may act on.
public struct Failure: Error, Equatable, Sendable {
    public enum Code: String, Sendable {
        /// The request is understood and wrong; repeating it does not help.
        case invalid
        case notFound
        /// Somebody else was first, or the thing is in a state that does not allow this.
        case conflict
        /// Nobody is signed in.
        case unauthenticated
        case forbidden
        /// Not now: full, draining or waiting for the database. Repeating helps.
        case unavailable
        case tooLarge
        case `internal`
    }

    public var code: Code
    /// One sentence for a person, without secrets.
    public var message: String
    /// Logged, never shown.
    public var cause: String?

    public init(_ code: Code, _ message: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
}
