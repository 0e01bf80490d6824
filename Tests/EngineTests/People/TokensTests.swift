import Engine
import Testing

struct TokensTests {
    @Test func `given many tokens, when compared, then all differ and hold letters and digits only`() {
        let tokens = (0..<500).map { _ in Tokens.random(40) }

        #expect(Set(tokens).count == 500)
        #expect(tokens.allSatisfy { $0.count == 40 && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } })
    }

    @Test(arguments: [("RAPIDSPIKE", "nb1rapi"), ("EMAIL2", "nb1emai"), ("API", "nb1api"), ("2-", "nb1")])
    func `given an integration type, when a key is made, then it begins with up to four of its letters`(
        type: String, prefix: String
    ) {
        let key = Tokens.integrationKey(type: type)

        #expect(key.hasPrefix(prefix))
        #expect(key.count == prefix.count + 40)
    }

    @Test func `given a new API key, when looked at, then it says what it is`() {
        #expect(Tokens.apiKey().hasPrefix("nbk_"))
        #expect(Tokens.apiKey().count == 44)
    }

    @Test(arguments: [("", "", true), ("a", "a", true), ("a", "b", false), ("ab", "a", false), ("", "a", false)])
    func `given two texts, when compared, then only equal ones are equal`(left: String, right: String, isEqual: Bool) {
        #expect(Tokens.areEqual(left, right) == isEqual)
    }

    @Test func `given the standard's example, when hashed, then the digest is the standard's`() {
        #expect(
            Tokens.sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
