public import Alerting
public import Engine
public import Storage

/// The people, the policy and the alert sources that every story has.
///
/// Alice is on call first, Bob second, Carol leads and owns the account; the alert source is "Shop".
public enum SimulatedCast {
    public static let account = Account.ID(1)
    public static let policy = EscalationPolicy.ID(1)
    public static let shop = AlertSource.ID(1)
    public static let alice = Person(id: 1, name: "Alice")
    public static let bob = Person(id: 2, name: "Bob")
    public static let carol = Person(id: 3, name: "Carol")
    public static let people = [alice, bob, carol]
    /// Of "Shop", which takes RapidSpike's requests and generic events.
    public static let shopKey = "nb1sShopShopShopShopShopShopShopShopShop"

    /// One of the cast, with a verified email address and a verified phone.
    public struct Person: Equatable, Sendable {
        public let user: User.ID
        public let name: String

        init(id: Int64, name: String) {
            user = User.ID(id)
            self.name = name
        }

        public var email: String { "\(name.lowercased())@example.com" }
        public var phone: String { "+49301000000\(user)" }
        public var emailContact: Contact.ID { Contact.ID(user.rawValue * 10 + 1) }
        public var phoneContact: Contact.ID { Contact.ID(user.rawValue * 10 + 2) }

        public var caller: Caller {
            Caller(user: user, account: account, name: name, role: self == carol ? .admin : .responder)
        }
    }

    /// Two levels of five minutes: Alice, then Bob.
    public static let usualPolicy = EscalationPolicy(levels: [level(alice), level(bob)])

    public static func level(_ people: Person..., timeout: Duration = .minutes(5)) -> EscalationLevel {
        EscalationLevel(targets: people.map { .user($0.user) }, timeout: timeout)
    }

    public static func source(
        _ id: AlertSource.ID = shop, name: String = "Shop", type: String = "RAPIDSPIKE", key: String = shopKey,
        creation: String = "ONE_ALERT_PER_EMAIL", window: Duration? = nil, autoResolution: Duration? = nil,
        priority: String = "HIGH", at now: Timestamp
    ) -> AlertSourceRecord {
        AlertSourceRecord(
            id: id, account: account, name: name, integrationType: type, integrationKey: key, policy: policy,
            alertCreation: creation, groupingWindow: window, autoResolution: autoResolution, priorityRule: priority,
            createdAt: now, updatedAt: now)
    }

    /// Writes the cast into an empty database.
    public static func write(
        policy: EscalationPolicy, sources: [AlertSourceRecord], at now: Timestamp, in transaction: any Transaction
    ) throws {
        // The cast's own ids, so that nobody else is given one of them.
        _ = try IDBlocks.lease(100, of: "ids", in: transaction)
        try Accounts.insert(id: account, name: "Shop Ltd", at: now, in: transaction)
        for person in people { try write(person, at: now, in: transaction) }
        if var record = try Accounts.find(account, in: transaction) {
            record.owner = carol.user
            record.lastResortEmails = ["chief@example.com"]
            try Accounts.update(record, in: transaction)
        }
        try EscalationPolicies.insert(
            PolicyRecord(
                id: Self.policy, account: account, name: "Shop on call", levels: policy.levels, delay: policy.delay,
                isRepeating: policy.repeats > 0, frequency: max(policy.repeats, 1), createdAt: now, updatedAt: now),
            in: transaction)
        for source in sources { try AlertSources.insert(source, in: transaction) }
    }

    private static func write(_ person: Person, at now: Timestamp, in transaction: any Transaction) throws {
        try Users.insert(
            UserRecord(
                id: person.user, account: account, email: person.email, username: person.name.lowercased(),
                firstName: person.name, lastName: "Example", role: person == carol ? .admin : .responder,
                createdAt: now, updatedAt: now), in: transaction)
        try Contacts.insert(
            ContactRecord(
                id: person.emailContact, user: person.user, kind: .email, target: person.email, isPrimary: true,
                verifiedAt: now, createdAt: now), in: transaction)
        try Contacts.insert(
            ContactRecord(
                id: person.phoneContact, user: person.user, kind: .phone, target: person.phone, isPrimary: true,
                verifiedAt: now, createdAt: now), in: transaction)
    }
}
