import Alerting
import Engine
import Storage

/// What the demonstration plays with: an owner, three people, a policy that calls them in turn, and a source.
struct DemoWorld {
    let owner: UserRecord
    let alice: UserRecord
    let source: AlertSourceRecord
    let policy: PolicyRecord
    /// Alice's, for the REST API.
    let apiKey: String

    static let ownerEmail = "olivia@example.com"
    static let password = "nightbell demo"
    static let timeout = Duration.minutes(5)

    /// Makes everything in an empty installation.
    ///
    /// - Throws: `Failure.conflict` when somebody lives there already.
    static func seed(_ doors: Administration) async throws -> DemoWorld {
        let owner = try await doors.setUp.setUp(
            SetUp.Owner(
                firstName: "Olivia", lastName: "Owens", email: ownerEmail, password: password,
                accountName: "Nightbell demo"))
        let caller = Caller(owner)
        var people: [UserRecord] = []
        for (first, last) in [("Alice", "Archer"), ("Bob", "Baker"), ("Carol", "Cole")] {
            let draft = UserDraft(email: "\(first.lowercased())@example.com", firstName: first, lastName: last)
            people.append(try await doors.users.create(draft, password: password, by: caller))
        }
        let levels = people.map { EscalationLevel(targets: [.user($0.id)], timeout: timeout) }
        let policy = try await doors.policies.create(
            EscalationPolicyDraft(name: "Shop on call", levels: levels), by: caller)
        let source = try await doors.sources.create(
            AlertSourceDraft(name: "Shop", integrationType: "RAPIDSPIKE", policy: policy.id), by: caller)
        let (key, _) = try await doors.apiKeys.create(for: people[0].id, name: "demo", by: nil)
        return DemoWorld(owner: owner, alice: people[0], source: source, policy: policy, apiKey: key)
    }
}
