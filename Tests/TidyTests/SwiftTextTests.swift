import Testing

struct SwiftTextTests {
    @Test func `given strings, comments and names in backticks, then only what runs is code`() {
        let text = SwiftText(
            #"""
            let a = "await { \(await b("}")) c" // sleep {
            /* one /* two */ await */ func `given { a "quote" }, then await`() {}
            """#)

        #expect(text.code == [#"let a = "\(await b(""))" "#, " func ``() {}"])
        #expect(text.comments[0] == "// sleep {")
        #expect(text.comments[1] == "/* one /* two */ await */")
        #expect(text.literals[0] == "await { } c")
    }

    @Test func `given raw and long strings, then their ends are found`() {
        let text = SwiftText(##"let a = #"a "b" \n"# + """"## + "\nSELECT \"x\"\n\"\"\" + b")

        #expect(text.code == [##"let a = #""# + """"##, "", "\"\"\" + b"])
        #expect(text.literals == [##"a "b" \n"##, "SELECT \"x\"", ""])
    }

    @Test func `given a regular expression with a quote, then the code after it is still code`() {
        let text = SwiftText("let quoted = line.matches(of: /\"[^\"]*\"/)\nlet half = total / 2 / 3")

        #expect(text.code == ["let quoted = line.matches(of: //)", "let half = total / 2 / 3"])
    }

    @Test func `given a word inside a longer one, then it is not that word`() {
        #expect("try await body()".contains(word: "await"))
        #expect(!"awaiting(step)".contains(word: "await"))
        #expect("Date()".contains(word: "Date()"))
        #expect(!"ShiftDate()".contains(word: "Date()"))
    }
}
