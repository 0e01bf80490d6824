public import Alerting
import Storage

/// Things of an account that people see and change by the same steps: the wish is checked, the thing is found, changed
/// and written, and the audit has a line of it, all in one transaction.
public struct RecordAdministration<Record: Sendable, Wish: Sendable>: Sendable {
    /// One as somebody wants it to be.
    public typealias Draft = Wish
    public typealias ID = Identifier<Record>

    /// What the things of one kind have of their own.
    struct Steps: Sendable {
        /// In sentences, such as `delivery group`; with `s` for many.
        var noun: String
        /// In the audit, such as `delivery_group`.
        var code: String
        /// What making one is called.
        var making = "create"
        /// Who may change them.
        var role = User.Role.user
        /// Who may see them; `nil`: everybody of the account.
        var reader: User.Role?
        /// - Throws: `Failure.invalid` that names the field.
        var check: @Sendable (Wish) throws(Failure) -> Wish
        var make: @Sendable (ID, Account.ID, Wish, Timestamp) -> Record
        /// Changes what is there, and looks up what the wish names.
        var apply: @Sendable (Wish, inout Record, Caller, Change) throws -> Void
        var id: @Sendable (Record) -> ID
        /// For the audit.
        var name: @Sendable (Record) -> String
        var list: @Sendable (Account.ID, any Transaction) throws -> [Record]
        var find: @Sendable (ID, Account.ID, any Transaction) throws -> Record?
        var insert: @Sendable (Record, any Transaction) throws -> Void
        var update: @Sendable (Record, any Transaction) throws -> Void
        var delete: @Sendable (ID, any Transaction) throws -> Void
        var change: @Sendable (ID) -> ConfigurationChange
    }

    let steps: Steps
    let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    init(_ steps: Steps, store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void) {
        self.steps = steps
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By name.
    public func list(by caller: Caller) async throws -> [Record] {
        try mayRead(caller)
        return try await configuration.read { [steps] in try steps.list(caller.account, $0) }
    }

    /// - Throws: `Failure.notFound` when there is none; so do all below.
    public func find(_ id: ID, by caller: Caller) async throws -> Record {
        try mayRead(caller)
        return try await configuration.read { try find(id, by: caller, in: $0) }
    }

    public func create(_ draft: Wish, by caller: Caller) async throws -> Record {
        try caller.require(steps.role, to: "\(steps.making) \(steps.noun)s")
        let draft = try steps.check(draft)
        return try await configuration.change { change in
            var record = steps.make(try change.newID(), caller.account, draft, change.now)
            try steps.apply(draft, &record, caller, change)
            try steps.insert(record, change.transaction)
            try audit("created", record, by: caller, in: change)
            return (record, steps.change(steps.id(record)))
        }
    }

    public func update(_ id: ID, with draft: Wish, by caller: Caller) async throws -> Record {
        try caller.require(steps.role, to: "change \(steps.noun)s")
        let draft = try steps.check(draft)
        return try await configuration.change { change in
            var record = try find(id, by: caller, in: change.transaction)
            try steps.apply(draft, &record, caller, change)
            try steps.update(record, change.transaction)
            try audit("updated", record, by: caller, in: change)
            return (record, steps.change(id))
        }
    }

    public func delete(_ id: ID, by caller: Caller) async throws {
        try caller.require(steps.role, to: "delete \(steps.noun)s")
        try await configuration.change { change in
            let record = try find(id, by: caller, in: change.transaction)
            try steps.delete(id, change.transaction)
            try audit("deleted", record, by: caller, in: change)
            return ((), steps.change(id))
        }
    }

    func mayRead(_ caller: Caller) throws(Failure) {
        if let reader = steps.reader { try caller.require(reader, to: "see \(steps.noun)s") }
    }

    func find(_ id: ID, by caller: Caller, in transaction: any Transaction) throws -> Record {
        guard let record = try steps.find(id, caller.account, transaction) else {
            throw Failure(.notFound, "There is no \(steps.noun) \(id).")
        }
        return record
    }

    private func audit(_ what: String, _ record: Record, by caller: Caller, in change: Change) throws {
        let noun = steps.noun.prefix(1).uppercased() + steps.noun.dropFirst()
        try change.audit(
            "\(steps.code).\(what)", account: caller.account, by: caller.user, target: steps.code,
            id: steps.id(record).rawValue, details: "\(noun) “\(steps.name(record))”")
    }
}

extension Change {
    /// - Parameter known: those that need not be looked at: they are there already, whoever may see them.
    /// - Throws: `Failure.invalid` for a monitor that is not there, or not for this person.
    func requireMonitors(_ monitors: [Monitor.ID], besides known: [Monitor.ID], for caller: Caller) throws {
        for monitor in monitors where !known.contains(monitor) {
            guard try Monitors.find(monitor, scope: caller.reach, in: transaction) != nil else {
                throw Failure.invalid("monitors", "there is no monitor \(monitor).")
            }
        }
    }
}
