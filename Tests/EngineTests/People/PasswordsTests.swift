import Alerting
import Engine
import Testing

struct PasswordsTests {
    private let passwords = Passwords(log2N: 4)

    @Test func `given a stored hash, when the same password is tried, then it is right`() async throws {
        let stored = try await passwords.hash("correct horse battery")

        #expect(try await passwords.verify("correct horse battery", against: stored))
        #expect(try await !passwords.verify("correct horse batterz", against: stored))
        #expect(try await !passwords.verify("", against: stored))
    }

    @Test func `given one password, when hashed twice, then the salts differ`() async throws {
        let first = try await passwords.hash("correct horse battery")
        let second = try await passwords.hash("correct horse battery")

        #expect(first != second)
        #expect(first.hasPrefix("scrypt$4$8$1$"))
    }

    @Test func `given the usual cost, when a password is hashed, then the hash says so and can be verified`()
        async throws
    {
        let usual = Passwords()

        let stored = try await usual.hash("correct horse battery")

        #expect(stored.hasPrefix("scrypt$15$8$1$"))
        #expect(try await passwords.verify("correct horse battery", against: stored))
    }

    @Test func `given no stored hash, when a password is tried, then it is wrong`() async throws {
        #expect(try await !passwords.verify("correct horse battery", against: nil))
        #expect(try await !passwords.verify("impossible", against: nil))
    }

    @Test func `given an umlaut in two spellings, when tried, then both are the same password`() async throws {
        let stored = try await passwords.hash("gr\u{FC}ne Wiesen")

        #expect(try await passwords.verify("gru\u{308}ne Wiesen", against: stored))
    }

    @Test(arguments: [9, 257])
    func `given a password one too short or too long, when checked, then it is refused`(count: Int) {
        #expect(throws: Failure.self) { try Passwords.check(String(repeating: "x", count: count)) }
    }

    @Test(arguments: [10, 256])
    func `given a password at the limits, when checked, then it is fine`(count: Int) throws {
        try Passwords.check(String(repeating: "x", count: count))
    }

    @Test(arguments: ["", "scrypt", "scrypt$4$8$1$AAAA$AAAA", "scrypt$99$8$1$AAAA$AAAA", "bcrypt$4$8$1$AAAA$AAAA"])
    func `given a damaged hash, when a password is tried, then it is an internal failure`(stored: String) async {
        await #expect { try await passwords.verify("correct horse battery", against: stored) } throws: { error in
            (error as? Failure)?.code == .internal
        }
    }

    @Test func `given many at once, when verified, then some are turned away and the rest are right`() async throws {
        let stored = try await passwords.hash("correct horse battery")

        let outcomes = await withTaskGroup(of: Bool?.self) { group in
            for _ in 0..<300 {
                group.addTask {
                    // Turned away is one of the two answers that are expected here.
                    try? await passwords.verify("correct horse battery", against: stored)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }

        #expect(outcomes.count == 300)
        #expect(outcomes.contains(true))
        #expect(!outcomes.contains(false))
    }
}
