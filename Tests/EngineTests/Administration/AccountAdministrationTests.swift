import Alerting
import Engine
import Storage
import Testing

struct AccountAdministrationTests {
    @Test func `given last-resort addresses, when set, then each is there once and nothing else changes`() async throws
    {
        let office = try await Office()

        let account = try await office.account.update(
            name: nil, lastResortEmails: ["ops@example.org", "OPS@example.org", " night@example.org"], by: office.alice)
        let renamed = try await office.account.update(name: "Shop Ltd", lastResortEmails: nil, by: office.alice)

        #expect(account.name == "example.org")
        #expect(account.lastResortEmails == ["ops@example.org", "night@example.org"])
        #expect(renamed.name == "Shop Ltd")
        #expect(try await office.account.find(by: office.carol) == renamed)
        #expect(renamed.owner == office.alice.user)
        #expect(office.told.changes == [.account, .account])
    }

    @Test func `given somebody who is no administrator, when they write, then it is forbidden`() async throws {
        let office = try await Office()

        let failure = try await office.failure {
            try await office.account.update(name: "Mine", lastResortEmails: nil, by: office.bob)
        }

        #expect(failure?.code == .forbidden)
    }

    @Test func `given a wrong address or too many, when set, then it is refused`() async throws {
        let office = try await Office()
        let many = (1...21).map { "ops\($0)@example.org" }

        for emails in [["ops"], many] {
            let failure = try await office.failure {
                try await office.account.update(name: nil, lastResortEmails: emails, by: office.alice)
            }
            #expect(failure?.code == .invalid)
            #expect(failure?.message.hasPrefix("lastResortEmails: ") == true)
        }
        let most = try await office.account.update(
            name: nil, lastResortEmails: Array(many.dropLast()), by: office.alice)
        #expect(most.lastResortEmails.count == 20)
    }
}
