import Alerting
import Engine
import Simulation
import Storage
import TestSupport
import Testing

struct SetUpTests {
    private let temporary: TemporaryDatabase
    private let store: Store
    private let setUp: SetUp
    private let alice = SetUp.Owner(
        firstName: "Alice", lastName: "Archer", email: "alice@example.org", password: "correct horse battery")

    init() throws {
        temporary = try TemporaryDatabase()
        store = Store(
            database: temporary.database, ids: BlockIDs(database: temporary.database), clock: SimulatedClock())
        setUp = SetUp(store: store, passwords: Passwords(log2N: 4))
    }

    @Test func `given nobody, when set up, then there is an owner with a verified contact and an account`() async throws
    {
        #expect(try await setUp.isNeeded())

        let owner = try await setUp.setUp(alice)

        let (account, contacts, audit) = try await store.read { transaction in
            (
                try Accounts.find(owner.account, in: transaction), try Contacts.list(of: owner.id, in: transaction),
                try AuditLog.list(account: owner.account, page: Page(limit: 10), in: transaction)
            )
        }
        #expect(owner.role == .admin)
        #expect(owner.username == "alice")
        #expect(account?.owner == owner.id)
        #expect(account?.name == "example.org")
        #expect(contacts.map(\.target) == ["alice@example.org"])
        #expect(contacts.first?.verifiedAt != nil)
        #expect(audit.map(\.action) == ["account.created"])
        #expect(try await !setUp.isNeeded())
    }

    @Test func `given somebody, when set up again, then it is refused`() async throws {
        _ = try await setUp.setUp(alice)

        await #expect(throws: Failure(.conflict, "This server is set up already.")) { try await setUp.setUp(alice) }
    }

    @Test func `given five at the same moment, when set up, then one wins`() async throws {
        let wins = await withTaskGroup(of: Bool.self) { group in
            for number in 1...5 {
                var owner = alice
                owner.email = "alice\(number)@example.org"
                group.addTask { [owner] in
                    // Being refused is what is counted.
                    (try? await setUp.setUp(owner)) != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }

        let users = try await store.read { transaction in try Users.count(in: transaction) }
        #expect(wins == 1)
        #expect(users == 1)
    }

    @Test func `given an issued token, when redeemed, then there is an owner and it counts no more`() async throws {
        let token = try #require(try await setUp.issueToken())
        #expect(try await setUp.accepts(token: token))

        let owner = try await setUp.redeem(token, for: alice)

        #expect(owner.email == "alice@example.org")
        #expect(try await !setUp.accepts(token: token))
        #expect(try await setUp.issueToken() == nil)
        await #expect(throws: Failure.self) { try await setUp.redeem(token, for: alice) }
    }

    @Test func `given a newer token, when the older one is redeemed, then it is refused`() async throws {
        let older = try #require(try await setUp.issueToken())
        let newer = try #require(try await setUp.issueToken())

        #expect(try await !setUp.accepts(token: older))
        #expect(try await !setUp.accepts(token: ""))
        #expect(try await setUp.accepts(token: newer))
        await #expect(throws: Failure.self) { try await setUp.redeem(older, for: alice) }
    }

    @Test(arguments: ["email", "firstName", "lastName", "password", "timezone", "language", "accountName"])
    func `given a wrong field, when set up, then it is named and nobody is made`(field: String) async throws {
        var owner = alice
        switch field {
        case "email": owner.email = "alice"
        case "firstName": owner.firstName = " "
        case "lastName": owner.lastName = ""
        case "password": owner.password = "short"
        case "timezone": owner.timeZone = "Mars/Olympus"
        case "language": owner.language = "fr"
        default: owner.accountName = ""
        }

        await #expect { try await setUp.setUp(owner) } throws: { error in
            (error as? Failure)?.code == .invalid && (error as? Failure)?.message.hasPrefix("\(field): ") == true
        }
        #expect(try await setUp.isNeeded())
    }
}
