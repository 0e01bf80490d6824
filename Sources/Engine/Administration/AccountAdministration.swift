import Alerting
public import Storage

/// The account's own settings.
public struct AccountAdministration: Sendable {
    public static let mostLastResortEmails = 20

    private let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    public func find(by caller: Caller) async throws -> AccountRecord {
        try await configuration.read { transaction in try Self.find(by: caller, in: transaction) }
    }

    /// - Parameters:
    ///   - name: `nil`: as it is.
    ///   - lastResortEmails: `nil`: as they are; empty: the owner.
    public func update(name: String?, lastResortEmails: [String]?, by caller: Caller) async throws -> AccountRecord {
        try caller.require(.admin, to: "change the account")
        let name = try name.map { text throws(Failure) in try FieldRules.name(text) }
        let emails = try lastResortEmails.map(Self.checked)
        return try await configuration.change { change in
            var account = try Self.find(by: caller, in: change.transaction)
            account.name = name ?? account.name
            account.lastResortEmails = emails ?? account.lastResortEmails
            try Accounts.update(account, in: change.transaction)
            try change.audit(
                "account.updated", account: account.id, by: caller.user, target: "account", id: account.id.rawValue,
                details: "Name “\(account.name)”, \(account.lastResortEmails.count) last-resort addresses")
            return (account, .account)
        }
    }

    private static func find(by caller: Caller, in transaction: any Transaction) throws -> AccountRecord {
        guard let account = try Accounts.find(caller.account, in: transaction) else {
            throw Failure(.notFound, "There is no such account.")
        }
        return account
    }

    /// Each address once, in order.
    private static func checked(_ emails: [String]) throws(Failure) -> [String] {
        var addresses: [String] = []
        for email in emails {
            let address = try FieldRules.email(email, "lastResortEmails")
            if !addresses.contains(where: { $0.lowercased() == address.lowercased() }) { addresses.append(address) }
        }
        guard addresses.count <= mostLastResortEmails else {
            throw .invalid("lastResortEmails", "there may be at most \(mostLastResortEmails).")
        }
        return addresses
    }
}
