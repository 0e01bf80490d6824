import Alerting
import Engine
import Simulation
import Storage
import Testing

struct UserAdministrationTests {
    private let dora = UserDraft(email: "Dora.Day@example.org", firstName: "Dora", lastName: "Day")

    @Test func `given a draft, when created, then the user has a username and a verified contact`() async throws {
        let office = try await Office()

        let user = try await office.users.create(dora, by: office.alice)

        let contacts = try await office.contacts.list(of: user.id, by: office.alice)
        #expect(user.username == "dora.day")
        #expect(user.passwordHash == nil)
        #expect(contacts.map(\.target) == ["Dora.Day@example.org"])
        #expect(contacts.first?.verifiedAt == office.clock.now)
        #expect(office.told.changes == [.user(user.id)])
    }

    @Test func `given a user, when looked up, then id, email, username and current all lead there`() async throws {
        let office = try await Office()

        for reference in ["\(office.bob.user)", "BOB@example.org", "bob", "current"] {
            #expect(try await office.users.find(reference: reference, by: office.bob).id == office.bob.user)
        }
        for reference in ["nobody", "nobody@example.org", "999999", ""] {
            let failure = try await office.failure {
                try await office.users.find(reference: reference, by: office.bob)
            }
            #expect(failure?.code == .notFound)
        }
    }

    @Test func `given equal local parts, when created, then the usernames get numbers`() async throws {
        let office = try await Office()
        var names: [String] = []

        for email in ["bob@a.example", "bob@b.example", "42@a.example", "current@a.example", "+@a.example"] {
            let draft = UserDraft(email: email, firstName: "B", lastName: "B")
            names.append(try await office.users.create(draft, by: office.alice).username)
        }

        #expect(names == ["bob2", "bob3", "user42", "user", "user2"])
    }

    @Test func `given an email address in use, when created again in other case, then it is a conflict`() async throws {
        let office = try await Office()
        let draft = UserDraft(email: "BOB@example.org", firstName: "Bob", lastName: "Two")

        let failure = try await office.failure { try await office.users.create(draft, by: office.alice) }

        #expect(failure?.code == .conflict)
    }

    @Test(arguments: [
        "email", "username", "firstName", "lastName", "timezone", "language", "region", "position", "department",
        "shiftColor",
    ])
    func `given a wrong field, when created, then it is named`(field: String) async throws {
        let office = try await Office()
        var draft = dora
        switch field {
        case "email": draft.email = "Dora <dora@example.org>"
        case "username": draft.username = "123"
        case "firstName": draft.firstName = "Do\nra"
        case "lastName": draft.lastName = String(repeating: "x", count: 256)
        case "timezone": draft.timeZone = "../../etc/passwd"
        case "language": draft.language = "tlh"
        case "region": draft.region = "Germany"
        case "position": draft.position = String(repeating: "x", count: 256)
        case "department": draft.department = "\u{0}"
        default: draft.shiftColor = String(repeating: "x", count: 31)
        }

        let failure = try await office.failure { [draft] in try await office.users.create(draft, by: office.alice) }

        #expect(failure?.code == .invalid)
        #expect(failure?.message.hasPrefix("\(field): ") == true)
    }

    @Test func `given somebody who is no administrator, when they touch others, then it is forbidden`() async throws {
        let office = try await Office()
        let carol = UserDraft(try await office.users.find(office.carol.user, by: office.bob))
        let failures = [
            try await office.failure { try await office.users.create(dora, by: office.bob) },
            try await office.failure { try await office.users.update(office.carol.user, with: carol, by: office.bob) },
            try await office.failure { try await office.users.delete(office.carol.user, by: office.bob) },
            try await office.failure { try await office.users.mute(office.carol.user, until: nil, by: office.bob) },
            try await office.failure {
                try await office.users.setPassword("a better password", of: office.carol.user, by: office.bob)
            },
        ]

        #expect(failures.allSatisfy { $0?.code == .forbidden })
    }

    @Test func `given a responder, when they change themselves, then all but the role may change`() async throws {
        let office = try await Office()
        var draft = UserDraft(try await office.users.find(office.carol.user, by: office.carol))
        draft.timeZone = "Europe/London"
        draft.language = "DE"

        let changed = try await office.users.update(office.carol.user, with: draft, by: office.carol)
        draft.role = .admin
        let promoted = try await office.failure { [draft] in
            try await office.users.update(office.carol.user, with: draft, by: office.carol)
        }

        #expect(changed.timeZone == "Europe/London")
        #expect(changed.language == "de")
        #expect(promoted?.code == .forbidden)
        #expect(try await office.users.find(office.carol.user, by: office.carol).role == .responder)
    }

    @Test func `given a new login address, when changed, then the contact of the old one follows`() async throws {
        let office = try await Office()
        var draft = UserDraft(try await office.users.find(office.bob.user, by: office.bob))
        draft.email = "robert@example.org"

        let user = try await office.users.update(office.bob.user, with: draft, by: office.bob)

        #expect(user.username == "bob")
        #expect(try await office.contacts.list(of: user.id, by: office.bob).map(\.target) == ["robert@example.org"])
    }

    @Test func `given the owner, when demoted or deleted, then it is refused`() async throws {
        let office = try await Office()
        var bob = UserDraft(try await office.users.find(office.bob.user, by: office.alice))
        bob.role = .admin
        let admin = Caller(try await office.users.update(office.bob.user, with: bob, by: office.alice))
        var alice = UserDraft(try await office.users.find(office.alice.user, by: admin))
        alice.role = .user

        let failures = [
            try await office.failure { [alice] in
                try await office.users.update(office.alice.user, with: alice, by: admin)
            },
            try await office.failure { try await office.users.delete(office.alice.user, by: admin) },
            try await office.failure { try await office.users.delete(admin.user, by: admin) },
        ]
        let password = try await office.failure {
            try await office.users.setPassword("a better password", of: office.alice.user, by: admin)
        }

        #expect(failures.allSatisfy { $0?.code == .conflict })
        #expect(password?.code == .forbidden)
    }

    @Test func `given a user on a policy and a team, when deleted, then they vanish everywhere`() async throws {
        let office = try await Office()
        let policy = try await office.policy()
        let member = TeamRecord.Member(user: office.bob.user, role: .user)
        let team = try await office.teams.create(TeamDraft(name: "Shop", members: [member]), by: office.alice)
        let (key, _) = try await APIKeyring(store: office.store).create(
            for: office.bob.user, name: "Terraform", by: nil)

        try await office.users.delete(office.bob.user, by: office.alice)

        #expect(try await office.policies.find(policy.id, by: office.alice).policy.levels.map(\.targets) == [[]])
        #expect(try await office.teams.find(team.id, by: office.alice).members.isEmpty)
        let used = try await office.failure { try await APIKeyring(store: office.store).authenticate(key) }
        #expect(used?.cause == "KEY_ERROR")
        #expect(try await office.users.names(of: [office.bob.user], by: office.alice).isEmpty)
    }

    @Test func `given a session, when an administrator sets the password, then it ends and the new one counts`()
        async throws
    {
        let office = try await Office()
        let signIn = office.signIn
        let token = try await signIn.signIn(
            email: "bob@example.org", password: Office.password, address: "192.0.2.1"
        ).token

        try await office.users.setPassword("a better password", of: office.bob.user, by: office.alice)

        #expect(try await signIn.find(token: token) == nil)
        let again = try await signIn.signIn(
            email: "bob@example.org", password: "a better password", address: "192.0.2.1")
        #expect(again.user.id == office.bob.user)
    }

    @Test func `given ids, when asked for names, then strangers to the account get none`() async throws {
        let office = try await Office()
        var stranger = office.bob
        stranger.account = Account.ID(999_999)

        #expect(
            try await office.users.names(of: [office.bob.user], by: office.carol) == [office.bob.user: "Bob Baker"])
        #expect(try await office.users.names(of: [office.bob.user], by: stranger).isEmpty)
        let failure = try await office.failure { try await office.users.find(office.alice.user, by: stranger) }
        #expect(failure?.code == .notFound)
    }

    @Test func `given a person, when muted and unmuted, then it is kept`() async throws {
        let office = try await Office()
        let end = office.clock.now + .hours(8)

        let muted = try await office.users.mute(office.carol.user, until: end, by: office.carol)
        let unmuted = try await office.users.mute(office.carol.user, until: nil, by: office.alice)

        #expect(muted.mutedUntil == end)
        #expect(unmuted.mutedUntil == nil)
        #expect(try await office.audit().suffix(2) == ["user.muted", "user.unmuted"])
    }
}
