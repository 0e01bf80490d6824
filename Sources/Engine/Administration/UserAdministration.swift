public import Alerting
public import Storage

/// Users, as people see and change them. Administrators change all, everybody else themselves and not their role.
public struct UserAdministration: Sendable {
    private let configuration: Configuration
    private let passwords: Passwords

    /// - Parameter onChange: told after each commit.
    public init(
        store: Store, passwords: Passwords, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }
    ) {
        configuration = Configuration(store: store, onChange: onChange)
        self.passwords = passwords
    }

    /// By first name, last name and id.
    public func list(page: Page, by caller: Caller) async throws -> [UserRecord] {
        try await configuration.read { transaction in
            try Users.list(account: caller.account, page: page, in: transaction)
        }
    }

    /// - Throws: `Failure.notFound` when there is none in the caller's account; so do all below.
    public func find(_ id: User.ID, by caller: Caller) async throws -> UserRecord {
        try await configuration.read { transaction in try PersonalAccess.find(id, by: caller, in: transaction) }
    }

    /// - Parameter reference: an id, `current`, an email address or a username.
    public func find(reference: String, by caller: Caller) async throws -> UserRecord {
        if reference == "current" { return try await find(caller.user, by: caller) }
        if let id = User.ID(reference) { return try await find(id, by: caller) }
        return try await configuration.read { transaction in
            let user =
                reference.contains("@")
                ? try Users.find(email: reference, in: transaction)
                : try Users.find(username: reference.lowercased(), account: caller.account, in: transaction)
            guard let user, user.account == caller.account else {
                throw Failure(.notFound, "There is no user \(Limits.cut(reference, to: 100)).")
            }
            return user
        }
    }

    /// Full names by id; those who were deleted are missing.
    public func names(of ids: Set<User.ID>, by caller: Caller) async throws -> [User.ID: String] {
        try await configuration.read { transaction in try Users.names(of: ids, account: caller.account, in: transaction)
        }
    }

    /// Makes a user with one verified email contact: an administrator answers for the address.
    ///
    /// - Parameter password: `nil`: the user cannot sign in until an administrator sets one.
    /// - Throws: `Failure.conflict` when somebody has the email address or username already.
    public func create(_ draft: UserDraft, password: String? = nil, by caller: Caller) async throws -> UserRecord {
        try caller.require(.admin, to: "create users")
        let draft = try draft.checked()
        var hash: String?
        if let password { hash = try await passwords.hash(password) }
        let passwordHash = hash
        return try await configuration.change(conflict: Self.conflict) { change in
            try Self.checkFree(draft, for: nil, by: caller, in: change.transaction)
            let username =
                try draft.username
                ?? Usernames.free(for: draft.email, account: caller.account, in: change.transaction)
            var user = UserRecord(
                id: try change.newID(), account: caller.account, email: draft.email, username: username,
                firstName: draft.firstName, lastName: draft.lastName, role: draft.role, passwordHash: passwordHash,
                createdAt: change.now, updatedAt: change.now)
            draft.write(to: &user)
            try Users.insert(user, in: change.transaction)
            try Contacts.insert(
                ContactRecord(
                    id: try change.newID(), user: user.id, kind: .email, target: user.email, isPrimary: true,
                    verifiedAt: change.now, createdAt: change.now), in: change.transaction)
            try PersonalAccess.audit("user.created", user, by: caller, in: change)
            return (user, .user(user.id))
        }
    }

    /// Replaces all but the password. A contact that held the old email address gets the new one.
    ///
    /// - Throws: `Failure.forbidden` also for a role that the caller may not give.
    public func update(_ id: User.ID, with draft: UserDraft, by caller: Caller) async throws -> UserRecord {
        let draft = try draft.checked()
        return try await change(id, by: caller, action: "user.updated") { user, change in
            if draft.role != user.role {
                try caller.require(.admin, to: "change roles")
                let owner = try Accounts.find(user.account, in: change.transaction)?.owner
                guard owner != id else { throw Failure(.conflict, "The account's owner stays an administrator.") }
            }
            try Self.checkFree(draft, for: user, by: caller, in: change.transaction)
            if draft.email != user.email {
                try Self.moveContact(of: id, from: user.email, to: draft.email, in: change.transaction)
            }
            draft.write(to: &user)
        }
    }

    /// Keeps pages away from somebody until then.
    ///
    /// - Parameter end: `nil`: they are paged again from now on.
    public func mute(_ id: User.ID, until end: Timestamp?, by caller: Caller) async throws -> UserRecord {
        try await change(id, by: caller, action: end == nil ? "user.unmuted" : "user.muted") { user, _ in
            user.mutedUntil = end
        }
    }

    /// Sets somebody else's password and ends all of their sessions. Everybody changes their own by signing in.
    public func setPassword(_ password: String, of id: User.ID, by caller: Caller) async throws {
        try caller.require(.admin, to: "set passwords")
        guard id != caller.user else { throw Failure(.conflict, "Change your own password in your profile.") }
        let hash = try await passwords.hash(password)
        _ = try await change(id, by: caller, action: "user.password_set") { user, change in
            let owner = try Accounts.find(user.account, in: change.transaction)?.owner
            guard owner != id else { throw Failure(.forbidden, "Only the owner may change the owner's password.") }
            user.passwordHash = hash
            try Sessions.deleteAll(of: id, except: nil, in: change.transaction)
        }
    }

    /// Removes somebody with their contacts, preferences, keys and sessions, from teams, policies
    /// and on-call schedules; what waits to be
    /// sent to them is not sent any more.
    public func delete(_ id: User.ID, by caller: Caller) async throws {
        try caller.require(.admin, to: "delete users")
        try await configuration.change { change in
            let user = try PersonalAccess.find(id, by: caller, in: change.transaction)
            guard id != caller.user else { throw Failure(.conflict, "You cannot delete yourself.") }
            let owner = try Accounts.find(user.account, in: change.transaction)?.owner
            guard owner != id else { throw Failure(.conflict, "The account's owner cannot be deleted.") }
            try EscalationPolicyAdministration.remove(.user(id), account: user.account, by: caller, in: change)
            try ScheduleAdministration.remove(id, account: user.account, by: caller, in: change)
            let reason = "user_deleted"
            for message in try Messages.cancelWaiting(for: id, reason: reason, in: change.transaction) {
                try change.note(.messageCancelled, message, reason: reason)
            }
            try change.stopAwaiting(id)
            try Users.delete(id, in: change.transaction)
            try PersonalAccess.audit("user.deleted", user, by: caller, in: change)
            return ((), .user(id))
        }
    }

    private static let conflict = "Somebody has this email address or username already."

    private func change(
        _ id: User.ID, by caller: Caller, action: String,
        _ body: @escaping @Sendable (inout UserRecord, Change) throws -> Void
    ) async throws -> UserRecord {
        try await configuration.change(conflict: Self.conflict) { change in
            var user = try PersonalAccess.change(id, by: caller, in: change.transaction)
            try body(&user, change)
            user.updatedAt = change.now
            try Users.update(user, in: change.transaction)
            try PersonalAccess.audit(action, user, by: caller, in: change)
            return (user, .user(id))
        }
    }

    private static func checkFree(
        _ draft: UserDraft, for user: UserRecord?, by caller: Caller, in transaction: any Transaction
    ) throws {
        if let holder = try Users.find(email: draft.email, in: transaction), holder.id != user?.id {
            throw Failure(.conflict, "Somebody has the email address \(draft.email) already.")
        }
        guard let username = draft.username else { return }
        let holder = try Users.find(username: username, account: caller.account, in: transaction)
        guard holder == nil || holder?.id == user?.id else {
            throw Failure(.conflict, "Somebody has the username \(username) already.")
        }
    }

    private static func moveContact(
        of id: User.ID, from old: String, to new: String, in transaction: any Transaction
    ) throws {
        let contacts = try Contacts.list(of: id, in: transaction).filter { $0.kind == .email }
        guard var contact = contacts.first(where: { $0.target.lowercased() == old.lowercased() }),
            !contacts.contains(where: { $0.id != contact.id && $0.target.lowercased() == new.lowercased() })
        else { return }
        contact.target = new
        try Contacts.update(contact, in: transaction)
    }
}
