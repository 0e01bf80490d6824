import Alerting
import Engine
import Storage
import Testing

struct ContactAdministrationTests {
    @Test func `given an address and a number, when added, then only the address counts as verified`() async throws {
        let office = try await Office()
        let (bob, contacts) = (office.bob.user, office.contacts)

        let email = try await contacts.create(
            ContactDraft(kind: .email, target: " bob@home.example ", regionCode: "DE"), for: bob, by: office.bob)
        let phone = try await contacts.create(
            ContactDraft(kind: .phone, target: "0049 (30) 123-456", regionCode: "de"), for: bob, by: office.bob)

        #expect(email.target == "bob@home.example")
        #expect(email.verifiedAt != nil)
        #expect(email.regionCode == nil)
        #expect(phone.target == "+4930123456")
        #expect(phone.verifiedAt == nil)
        #expect(phone.regionCode == "DE")
        #expect(try await contacts.list(of: bob, kind: .phone, by: office.alice) == [phone])
        #expect(try await contacts.find(target: "BOB@home.example", kind: .email, of: bob, by: office.bob) == email)
    }

    @Test(arguments: ["030123456", "+0301234567", "+1234567", "+1234567890123456", "+49 abc 12345", "", "+"])
    func `given no number in international form, when added, then it is refused`(number: String) async throws {
        let office = try await Office()

        let failure = try await office.failure {
            try await office.contacts.create(
                ContactDraft(kind: .phone, target: number), for: office.bob.user, by: office.bob)
        }

        #expect(failure?.message.hasPrefix("target: ") == true)
    }

    @Test(arguments: [
        "bob", "@example.org", "bob@", "bob@exa mple.org", "bob@-example.org", "b\u{F6}b@example.org",
        "bob@example..org",
        ".bob@example.org", "bob@example.org\r\nBcc: all@example.org",
    ])
    func `given no email address, when added, then it is refused`(address: String) async throws {
        let office = try await Office()

        let failure = try await office.failure {
            try await office.contacts.create(
                ContactDraft(kind: .email, target: address), for: office.bob.user, by: office.bob)
        }

        #expect(failure?.message.hasPrefix("target: ") == true)
    }

    @Test func `given a contact, when added again in other case, then it is a conflict`() async throws {
        let office = try await Office()

        let failure = try await office.failure {
            try await office.contacts.create(
                ContactDraft(kind: .email, target: "Bob@Example.org"), for: office.bob.user, by: office.bob)
        }

        #expect(failure?.code == .conflict)
    }

    @Test func `given a stranger, when they look or write, then it is forbidden`() async throws {
        let office = try await Office()
        let draft = ContactDraft(kind: .email, target: "thief@example.org")
        let failures = [
            try await office.failure { try await office.contacts.list(of: office.bob.user, by: office.carol) },
            try await office.failure {
                try await office.contacts.create(draft, for: office.bob.user, by: office.carol)
            },
        ]

        #expect(failures.allSatisfy { $0?.code == .forbidden })
    }

    @Test func `given a primary number, when another becomes primary, then there is one`() async throws {
        let office = try await Office()
        let first = try await office.contacts.create(
            ContactDraft(kind: .phone, target: "+4930111111", isPrimary: true), for: office.bob.user, by: office.bob)
        _ = try await office.contacts.create(
            ContactDraft(kind: .phone, target: "+4930222222", isPrimary: true), for: office.bob.user, by: office.bob)

        let phones = try await office.contacts.list(of: office.bob.user, kind: .phone, by: office.bob)

        #expect(phones.map(\.isPrimary) == [false, true])
        #expect(
            try await office.contacts.find(first.id, kind: .phone, of: office.bob.user, by: office.bob).id == first.id)
    }

    @Test func `given a contact that a preference names, when deleted, then the preference goes too`() async throws {
        let office = try await Office()
        let contact = try #require(try await office.contacts.list(of: office.bob.user, by: office.bob).first)
        _ = try await office.preferences.create(
            PreferenceDraft(area: .alerts, channel: .email, contact: contact.id, kind: "HIGH_PRIORITY"),
            for: office.bob.user, by: office.bob)

        try await office.contacts.delete(contact.id, kind: .email, of: office.bob.user, by: office.bob)

        #expect(try await office.preferences.list(of: office.bob.user, by: office.bob).isEmpty)
    }

    @Test func `given a contact of another kind or person, when changed, then it is not found`() async throws {
        let office = try await Office()
        let contact = try #require(try await office.contacts.list(of: office.bob.user, by: office.bob).first)
        let failures = [
            try await office.failure {
                try await office.contacts.find(contact.id, kind: .phone, of: office.bob.user, by: office.bob)
            },
            try await office.failure {
                try await office.contacts.delete(contact.id, kind: .email, of: office.carol.user, by: office.carol)
            },
            try await office.failure {
                try await office.contacts.update(
                    contact.id, with: ContactDraft(kind: .email, target: "x@example.org"), of: office.carol.user,
                    by: office.carol)
            },
        ]

        #expect(failures.allSatisfy { $0?.code == .notFound })
    }

    @Test func `given twenty contacts, when one more is added, then it is refused`() async throws {
        let office = try await Office()
        for number in 2...20 {
            _ = try await office.contacts.create(
                ContactDraft(kind: .email, target: "bob\(number)@example.org"), for: office.bob.user, by: office.bob)
        }

        let failure = try await office.failure {
            try await office.contacts.create(
                ContactDraft(kind: .email, target: "bob21@example.org"), for: office.bob.user, by: office.bob)
        }

        #expect(failure?.code == .conflict)
    }
}
