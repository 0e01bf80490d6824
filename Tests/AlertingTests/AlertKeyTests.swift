import Alerting
import Testing

struct AlertKeyTests {
    @Test(arguments: [
        ("monitor-1", "monitor-1"), ("  monitor-1", "monitor-1"), ("monitor-1\r\n", "monitor-1"),
        ("\t monitor 1 \n", "monitor 1"), (" a ", "a"), ("a", "a"), ("  ünïcode é ", "ünïcode é"),
    ])
    func `given blanks around a key, then they are not part of it`(raw: String, text: String) {
        #expect(AlertKey(raw)?.text == text)
    }

    @Test(arguments: ["", " ", "\n", " \t\r\n "])
    func `given nothing but blanks, then there is no key`(raw: String) {
        #expect(AlertKey(raw) == nil)
    }

    @Test func `given another case, then it is the same key`() {
        #expect(AlertKey("Shop-HOME")?.folded == AlertKey(" shop-home ")?.folded)
        #expect(AlertKey("Shop-HOME")?.text == "Shop-HOME")
    }

    @Test func `given a key at the limit, then it is kept whole, and one more character is cut`() throws {
        let longest = String(repeating: "k", count: Limits.alertKey)

        #expect(AlertKey(longest)?.text == longest)
        let cut = try #require(AlertKey(longest + "k"))
        #expect(cut.text.count == Limits.alertKey)
        #expect(cut.text != longest)
    }

    @Test func `given long keys that differ at their end, then they stay apart`() {
        let start = String(repeating: "é", count: 400)

        #expect(AlertKey(start + "1") != AlertKey(start + "2"))
        #expect(AlertKey(start + "1") == AlertKey(start + "1"))
        #expect(AlertKey(start + "1")?.text.count == Limits.alertKey)
    }

    @Test func `given many bytes in few characters, then nothing is cut`() {
        let key = String(repeating: "夜", count: Limits.alertKey)

        #expect(AlertKey(key)?.text == key)
    }
}
