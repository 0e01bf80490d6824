import Alerting
import Storage

/// The teams that a thing belongs to.
enum TeamLinks {
    static let limit = 50

    /// - Parameters:
    ///   - wanted: `nil`: those of now.
    ///   - current: those of now; they may stay although the caller does not see them.
    /// - Returns: each once, by id.
    static func checked(
        _ wanted: [Team.ID]?, current: [Team.ID] = [], by caller: Caller, in transaction: any Transaction
    ) throws -> [Team.ID] {
        guard let wanted else { return current }
        let teams = Set(wanted).sorted()
        guard teams.count <= limit else { throw Failure.invalid("teams", "there may be at most \(limit).") }
        for team in teams where !current.contains(team) {
            guard try Teams.find(team, scope: caller.reach, in: transaction) != nil else {
                throw Failure.invalid("teams", "there is no team \(team).")
            }
        }
        return teams
    }
}
