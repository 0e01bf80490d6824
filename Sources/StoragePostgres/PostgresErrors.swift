import CLibPQ
import Storage

/// What PostgreSQL says went wrong, read once from a result.
struct ServerError: Error {
    /// Five characters; empty when there are none.
    var state: String
    var message: String
    var constraint: String?

    init(_ result: OpaquePointer?) {
        state = Self.field(result, "C") ?? ""
        message = Self.field(result, "M") ?? "no reason"
        constraint = Self.field(result, "n")
    }

    /// PG_DIAG_… are character literals in C.
    private static func field(_ result: OpaquePointer?, _ code: Unicode.Scalar) -> String? {
        PQresultErrorField(result, CInt(code.value)).map { String(cString: $0) }
    }

    /// Two transactions met: whoever is refused may simply begin again.
    ///
    /// Source: PostgreSQL 15 documentation, 13.5 "Serialization Failure Handling", read 2026-11-27.
    var isCollision: Bool { ["40001", "40P01"].contains(state) }

    /// A statement was prepared for tables that look different now, or is unknown to the server: a new connection
    /// helps.
    var isStale: Bool { ["0A000", "26000"].contains(state) }

    /// This connection is of no use any more: the server ends it, or has become a standby.
    var endsConnection: Bool {
        state.hasPrefix("08") || state.hasPrefix("57P") || state == "25006"
    }

    func error(doing task: String) -> StorageError {
        let words = "Could not \(task): \(message) (PostgreSQL \(state))."
        return switch state {
        case "53100": .full
        case let state where state.hasPrefix("23"):
            .conflict(constraint: constraint.map { "\($0): \(message)" } ?? message)
        case let state where state.hasPrefix("53"), let state where state.hasPrefix("58"): .unavailable(message: words)
        case _ where isCollision || endsConnection: .unavailable(message: words)
        // Waited too long for a lock, or was told to give up.
        case "55P03", "57014", "25P03": .unavailable(message: words)
        default: .failed(message: words)
        }
    }
}
