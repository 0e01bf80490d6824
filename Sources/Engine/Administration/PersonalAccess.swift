import Alerting
import Storage

/// Who may see and change what belongs to one person.
enum PersonalAccess {
    /// - Throws: `Failure.notFound` when there is no such user in the caller's account.
    static func find(_ id: User.ID, by caller: Caller, in transaction: any Transaction) throws -> UserRecord {
        guard let user = try Users.find(id, in: transaction), user.account == caller.account else {
            throw Failure(.notFound, "There is no user \(id).")
        }
        return user
    }

    /// Somebody whom the caller may change: themselves, or anybody for an administrator.
    static func change(_ id: User.ID, by caller: Caller, in transaction: any Transaction) throws -> UserRecord {
        let user = try find(id, by: caller, in: transaction)
        guard id == caller.user || caller.role == .admin else {
            throw Failure(.forbidden, "Your role only allows you to see and change your own profile.")
        }
        return user
    }

    static func audit(
        _ action: String, _ user: UserRecord, by caller: Caller, in change: Change, details: String = ""
    ) throws {
        try change.audit(
            action, account: user.account, by: caller.user, target: "user", id: user.id.rawValue,
            details: details.isEmpty ? "User \(user.fullName)" : "User \(user.fullName): \(details)")
    }
}
