import Alerting
import Engine
import Simulation
import Storage
import Testing

struct APIKeyringTests {
    @Test func `given a new key, when it is used, then it stands for its owner`() async throws {
        let office = try await Office()
        let keyring = APIKeyring(store: office.store)

        let (key, record) = try await keyring.create(for: office.bob.user, name: " Terraform ", by: office.bob.user)
        let caller = try await keyring.authenticate(key)

        #expect(caller == office.bob)
        #expect(record.name == "Terraform")
        #expect(record.hash == Tokens.sha256(key))
        #expect(key.hasPrefix(record.prefix))
    }

    @Test func `given a key that differs behind the prefix, when it is used, then it is a key error`() async throws {
        let office = try await Office()
        let keyring = APIKeyring(store: office.store)
        let (key, _) = try await keyring.create(for: office.bob.user, name: "Terraform", by: nil)

        for wrong in [
            String(key.dropLast()), key + "x", String(key.prefix(16)), "", String(repeating: "x", count: 9999),
        ] {
            let failure = try await office.failure { try await keyring.authenticate(wrong) }
            #expect(failure?.code == .forbidden)
            #expect(failure?.cause == "KEY_ERROR")
        }
    }

    @Test func `given a key in use, when it is deleted, then it counts no more at once`() async throws {
        let office = try await Office()
        let keyring = APIKeyring(store: office.store)
        let (key, record) = try await keyring.create(for: office.bob.user, name: "Terraform", by: office.bob.user)
        _ = try await keyring.authenticate(key)

        try await keyring.delete(record.id, by: office.bob)

        #expect(try await office.failure { try await keyring.authenticate(key) }?.cause == "KEY_ERROR")
        #expect(try await keyring.list(of: office.bob.user).isEmpty)
    }

    @Test func `given somebody else's key, when it is deleted, then it is not found and stays`() async throws {
        let office = try await Office()
        let keyring = APIKeyring(store: office.store)
        let (key, record) = try await keyring.create(for: office.bob.user, name: "Terraform", by: office.bob.user)

        let failure = try await office.failure { try await keyring.delete(record.id, by: office.alice) }

        #expect(failure?.code == .notFound)
        #expect(try await keyring.authenticate(key).user == office.bob.user)
    }

    @Test func `given a changed role, when the keyring forgets the user, then the key has the new role`() async throws {
        let office = try await Office()
        let keyring = APIKeyring(store: office.store)
        let (key, _) = try await keyring.create(for: office.bob.user, name: "Terraform", by: office.bob.user)
        _ = try await keyring.authenticate(key)
        var draft = UserDraft(try await office.users.find(office.bob.user, by: office.alice))
        draft.role = .responder
        _ = try await office.users.update(office.bob.user, with: draft, by: office.alice)

        #expect(try await keyring.authenticate(key).role == .user)
        keyring.forget(office.bob.user)
        #expect(try await keyring.authenticate(key).role == .responder)
    }

    @Test func `given a remembered caller, when 30 seconds are over, then the database is asked again`() async throws {
        let office = try await Office()
        let (keyring, otherNode) = (APIKeyring(store: office.store), APIKeyring(store: office.store))
        let (key, record) = try await keyring.create(for: office.bob.user, name: "Terraform", by: office.bob.user)
        _ = try await keyring.authenticate(key)
        try await otherNode.delete(record.id, by: office.bob)

        office.clock.advance(by: .seconds(29))
        #expect(try await keyring.authenticate(key) == office.bob)
        office.clock.advance(by: .seconds(1))
        #expect(try await office.failure { try await keyring.authenticate(key) }?.cause == "KEY_ERROR")
    }

    @Test func `given a key in steady use, when listed, then its last use is at most a minute old`() async throws {
        let office = try await Office()
        let keyring = APIKeyring(store: office.store)
        let (key, _) = try await keyring.create(for: office.bob.user, name: "Terraform", by: office.bob.user)
        let began = office.clock.now

        _ = try await keyring.authenticate(key)
        office.clock.advance(by: .seconds(59))
        _ = try await keyring.authenticate(key)
        #expect(try await keyring.list(of: office.bob.user).first?.lastUsedAt == began)

        office.clock.advance(by: .seconds(1))
        _ = try await keyring.authenticate(key)
        #expect(try await keyring.list(of: office.bob.user).first?.lastUsedAt == office.clock.now)
    }

    @Test func `given fifty keys, when one more is made, then it is refused`() async throws {
        let office = try await Office()
        let keyring = APIKeyring(store: office.store)
        for number in 1...50 {
            _ = try await keyring.create(for: office.bob.user, name: "Key \(number)", by: office.bob.user)
        }

        let failure = try await office.failure {
            try await keyring.create(for: office.bob.user, name: "Key 51", by: office.bob.user)
        }

        #expect(failure?.code == .conflict)
    }
}
