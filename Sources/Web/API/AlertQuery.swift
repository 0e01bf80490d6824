import Alerting
import Engine
import Storage

/// Which alerts a request is about, in the names of all clients.
enum AlertQuery {
    static func filter(_ call: APICall) async throws -> AlertFilter {
        let query = call.query
        var filter = AlertFilter(
            statuses: try statuses(query.texts("states", "state")),
            sources: try query.ids("sources", "alert-source"), policies: try query.ids("policies"),
            from: try query.time("from"), until: try query.time("until"))
        for reference in query.texts("responders", "assigned-to") {
            filter.responders.append(try await id(of: reference, call))
        }
        return filter
    }

    private static func statuses(_ names: [String]) throws(Failure) -> [AlertStatus] {
        var statuses: [AlertStatus] = []
        for name in names {
            // What older clients call an alert that nobody has been paged for yet.
            if name.uppercased() == "NEW" {
                statuses.append(.pending)
                continue
            }
            guard let status = AlertStatus(rawValue: name.lowercased()) else {
                throw .invalid("states", "must be PENDING, ACCEPTED or RESOLVED.")
            }
            statuses.append(status)
        }
        return statuses
    }

    /// Nobody has id 0, so whoever does not exist finds nothing.
    private static func id(of reference: String, _ call: APICall) async throws -> User.ID {
        do {
            return try await call.user(reference).id
        } catch let failure as Failure where failure.code == .notFound {
            return User.ID(0)
        }
    }
}
