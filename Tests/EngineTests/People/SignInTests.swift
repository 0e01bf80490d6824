import Alerting
import Engine
import Simulation
import Storage
import Testing

struct SignInTests {
    @Test func `given the right password, when signing in, then the session is found by its token`() async throws {
        let office = try await Office()
        let signIn = office.signIn

        let signedIn = try await signIn.signIn(
            email: "Bob@Example.org", password: Office.password, address: "192.0.2.1")
        let found = try await signIn.find(token: signedIn.token)

        #expect(signedIn.user.id == office.bob.user)
        #expect(found?.user.id == office.bob.user)
        #expect(found?.session.csrfToken == signedIn.csrfToken)
        #expect(try await signIn.find(token: "-" + signedIn.token.dropFirst()) == nil)
    }

    @Test(arguments: [
        ("bob@example.org", "wrong password"), ("nobody@example.org", Office.password),
        ("carol@example.org", Office.password), ("", ""),
    ])
    func `given a wrong pair or no password at all, when signing in, then the answer is always the same`(
        email: String, password: String
    ) async throws {
        let office = try await Office()

        let failure = try await office.failure {
            try await office.signIn.signIn(email: email, password: password, address: "192.0.2.1")
        }

        #expect(failure == Failure(.unauthenticated, "The email address or the password is wrong."))
    }

    @Test func `given ten wrong passwords, when the right one follows, then it waits until the window is over`()
        async throws
    {
        let office = try await Office()
        let signIn = office.signIn
        for attempt in 0..<10 {
            _ = try await office.failure {
                try await signIn.signIn(email: "bob@example.org", password: "wrong", address: "192.0.2.\(attempt)")
            }
        }

        let refused = try await office.failure {
            try await signIn.signIn(email: "bob@example.org", password: Office.password, address: "198.51.100.1")
        }
        #expect(refused?.code == .unavailable)
        #expect(refused?.message == "There were too many failed attempts. Try again in 15 min.")

        office.clock.advance(by: .minutes(15))
        let signedIn = try await signIn.signIn(
            email: "bob@example.org", password: Office.password, address: "198.51.100.1")
        #expect(signedIn.user.id == office.bob.user)
    }

    @Test func `given one address that tries many accounts, when it goes on, then it is turned away alone`()
        async throws
    {
        let office = try await Office()
        let signIn = office.signIn
        for attempt in 0..<30 {
            _ = try await office.failure {
                try await signIn.signIn(email: "\(attempt)@example.org", password: "wrong", address: "192.0.2.1")
            }
        }

        let refused = try await office.failure {
            try await signIn.signIn(email: "bob@example.org", password: Office.password, address: "192.0.2.1")
        }
        let other = try await signIn.signIn(
            email: "bob@example.org", password: Office.password, address: "192.0.2.2")

        #expect(refused?.code == .unavailable)
        #expect(other.user.id == office.bob.user)
    }

    @Test func `given nine wrong passwords and a right one, when nine more follow, then nobody is locked out`()
        async throws
    {
        let office = try await Office()
        let signIn = office.signIn
        for _ in 0..<2 {
            for _ in 0..<9 {
                _ = try await office.failure {
                    try await signIn.signIn(email: "bob@example.org", password: "wrong", address: "192.0.2.1")
                }
            }
            _ = try await signIn.signIn(email: "bob@example.org", password: Office.password, address: "192.0.2.1")
        }

        _ = try await signIn.signIn(email: "bob@example.org", password: Office.password, address: "192.0.2.1")
    }

    @Test func `given a session in use, when time goes by, then it lives 30 days from its last use`() async throws {
        let office = try await Office()
        let signIn = office.signIn
        let token = try await signIn.signIn(
            email: "bob@example.org", password: Office.password, address: "192.0.2.1"
        ).token

        office.clock.advance(by: .days(29))
        #expect(try await signIn.find(token: token) != nil)
        office.clock.advance(by: .days(29))
        #expect(try await signIn.find(token: token) != nil)
        office.clock.advance(by: SignIn.lifetime)
        #expect(try await signIn.find(token: token) == nil)
    }

    @Test func `given a session used a moment ago, when used again, then nothing is written`() async throws {
        let office = try await Office()
        let signIn = office.signIn
        let token = try await signIn.signIn(
            email: "bob@example.org", password: Office.password, address: "192.0.2.1"
        ).token
        let began = office.clock.now

        office.clock.advance(by: .seconds(299))
        #expect(try await signIn.find(token: token)?.session.lastSeenAt == began)
        office.clock.advance(by: .seconds(1))
        #expect(try await signIn.find(token: token)?.session.lastSeenAt == office.clock.now)
    }

    @Test func `given a session, when its owner signs out, then its token counts no more`() async throws {
        let office = try await Office()
        let signIn = office.signIn
        let token = try await signIn.signIn(
            email: "bob@example.org", password: Office.password, address: "192.0.2.1"
        ).token

        try await signIn.signOut(token: token)

        #expect(try await signIn.find(token: token) == nil)
    }

    @Test func `given two sessions, when the password is changed in one, then the other ends`() async throws {
        let office = try await Office()
        let signIn = office.signIn
        let kept = try await signIn.signIn(email: "bob@example.org", password: Office.password, address: "192.0.2.1")
        let other = try await signIn.signIn(email: "bob@example.org", password: Office.password, address: "192.0.2.1")

        try await signIn.changePassword(
            of: office.bob.user, keeping: Tokens.sha256(kept.token), current: Office.password,
            new: "a better password", address: "192.0.2.1")

        #expect(try await signIn.find(token: kept.token) != nil)
        #expect(try await signIn.find(token: other.token) == nil)
        let again = try await signIn.signIn(
            email: "bob@example.org", password: "a better password", address: "192.0.2.1")
        #expect(again.user.id == office.bob.user)
        #expect(try await office.audit().contains("user.password_changed"))
    }

    @Test(arguments: [
        ("wrong password", "a better password", "currentPassword"), (Office.password, "short", "newPassword"),
    ])
    func `given a wrong or too weak password, when changed, then the field is named and nothing changes`(
        current: String, new: String, field: String
    ) async throws {
        let office = try await Office()

        let failure = try await office.failure {
            try await office.signIn.changePassword(
                of: office.bob.user, keeping: nil, current: current, new: new, address: "192.0.2.1")
        }

        #expect(failure?.code == .invalid)
        #expect(failure?.message.hasPrefix("\(field): ") == true)
        _ = try await office.signIn.signIn(email: "bob@example.org", password: Office.password, address: "192.0.2.1")
    }
}
