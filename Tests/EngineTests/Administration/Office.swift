import Alerting
import Engine
import Simulation
import Storage
import Synchronization
import TestSupport

/// An account over a real database: Alice owns it, Bob is a user, Carol a responder.
struct Office {
    /// Remembers what the doors told.
    final class Told: Sendable {
        private let list = Mutex<[ConfigurationChange]>([])

        var changes: [ConfigurationChange] { list.withLock { $0 } }

        func add(_ change: ConfigurationChange) {
            list.withLock { $0.append(change) }
        }
    }

    static let password = "correct horse battery"

    let temporary: TemporaryDatabase
    let clock = SimulatedClock()
    let store: Store
    let passwords = Passwords(log2N: 4)
    let told = Told()
    let alice: Caller
    let bob: Caller
    let carol: Caller

    init() async throws {
        temporary = try TemporaryDatabase()
        store = Store(database: temporary.database, ids: BlockIDs(database: temporary.database), clock: clock)
        let owner = SetUp.Owner(
            firstName: "Alice", lastName: "Archer", email: "alice@example.org", password: Self.password)
        alice = Caller(try await SetUp(store: store, passwords: passwords).setUp(owner))
        let users = UserAdministration(store: store, passwords: passwords)
        let second = UserDraft(email: "bob@example.org", firstName: "Bob", lastName: "Baker")
        bob = Caller(try await users.create(second, password: Self.password, by: alice))
        let third = UserDraft(
            email: "carol@example.org", firstName: "Carol", lastName: "Cook", role: .responder)
        carol = Caller(try await users.create(third, by: alice))
    }

    var users: UserAdministration {
        UserAdministration(store: store, passwords: passwords, onChange: told.add)
    }

    var contacts: ContactAdministration { ContactAdministration(store: store, onChange: told.add) }
    var preferences: PreferenceAdministration { PreferenceAdministration(store: store, onChange: told.add) }
    var teams: TeamAdministration { TeamAdministration(store: store, onChange: told.add) }
    var policies: EscalationPolicyAdministration { EscalationPolicyAdministration(store: store, onChange: told.add) }
    var supportHours: SupportHoursAdministration { SupportHoursAdministration(store: store, onChange: told.add) }
    var maintenance: MaintenanceWindowAdministration {
        MaintenanceWindowAdministration(store: store, onChange: told.add)
    }

    var account: AccountAdministration { AccountAdministration(store: store, onChange: told.add) }
    var signIn: SignIn { SignIn(store: store, passwords: passwords) }

    var sources: AlertSourceAdministration {
        AlertSourceAdministration(
            store: store, isKnownType: { ["API", "RAPIDSPIKE"].contains($0) }, onChange: told.add)
    }

    /// A policy of one level that calls Bob.
    func policy(_ name: String = "Shop", teams: [Team.ID] = [], by caller: Caller? = nil) async throws -> PolicyRecord {
        let level = EscalationLevel(targets: [.user(bob.user)], timeout: .minutes(5))
        let draft = EscalationPolicyDraft(name: name, levels: [level], teams: teams)
        return try await policies.create(draft, by: caller ?? alice)
    }

    /// The source "Shop".
    func source(teams: [Team.ID] = [], by caller: Caller? = nil) async throws -> AlertSourceRecord {
        let policy = try await policy()
        let draft = AlertSourceDraft(name: "Shop", integrationType: "RAPIDSPIKE", policy: policy.id, teams: teams)
        return try await sources.create(draft, by: caller ?? alice)
    }

    /// A team that only its members see; Bob does not belong to it.
    func closedTeam() async throws -> TeamRecord {
        let member = TeamRecord.Member(user: carol.user, role: .responder)
        return try await teams.create(TeamDraft(name: "Vault", visibility: .closed, members: [member]), by: alice)
    }

    /// An open alert of `source`.
    func raise(from source: AlertSourceRecord) async throws -> Alert.ID {
        try await store.write { change in
            let id: Alert.ID = try change.newID()
            let policy = try EscalationPolicies.find(source.policy, in: change.transaction)
            let structure = policy?.policy ?? EscalationPolicy(levels: [])
            let alert = Alert(
                id: id, account: source.account, source: source.id, key: "checkout", priority: .high,
                summary: "Checkout fails", policy: source.policy,
                escalation: Escalation(policy: structure, raisedAt: change.now), raisedAt: change.now,
                lastEventAt: change.now)
            try Alerts.insert(alert, in: change.transaction)
            return id
        }
    }

    /// The actions of the audit log, oldest first.
    func audit() async throws -> [String] {
        try await store.read { transaction in
            try AuditLog.list(account: alice.account, page: Page(limit: 1000), in: transaction).map(\.action).reversed()
        }
    }

    /// Runs `body` and answers how it failed; `nil` when it did not.
    func failure<Result>(_ body: () async throws -> Result) async throws -> Failure? {
        do {
            _ = try await body()
            return nil
        } catch let failure as Failure {
            return failure
        }
    }
}
