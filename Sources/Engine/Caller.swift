public import Alerting
public import Storage

/// Somebody who is signed in or holds an API key: on whose behalf something is read or done.
public struct Caller: Equatable, Sendable {
    public var user: User.ID
    public var account: Account.ID
    public var name: String
    public var role: User.Role
    public var teams: Scope.TeamContext

    public init(
        user: User.ID, account: Account.ID, name: String, role: User.Role, teams: Scope.TeamContext = .all
    ) {
        self.user = user
        self.account = account
        self.name = name
        self.role = role
        self.teams = teams
    }

    public init(_ user: UserRecord) {
        self.init(user: user.id, account: user.account, name: user.fullName, role: user.role)
    }

    /// What this caller's lists and look-ups may contain.
    public var scope: Scope {
        Scope(account: account, user: user, role: role, teams: teams)
    }

    /// - Throws: `Failure.forbidden` for a weaker role.
    public func require(_ least: User.Role, to doing: String) throws(Failure) {
        guard role >= least else { throw Failure(.forbidden, "Your role does not allow you to \(doing).") }
    }
}
