import Testing

@testable import Alerting

struct TemplateFunctionTests {
    private let scope = JSONValue.object([
        "t": .string("Test result"), "csv": .string("a;b;c"), "ms": .integer(1_674_950_737_000),
        "sec": .integer(1_674_950_737), "iso": .string("2023-01-29T01:05:37+01:00"), "n": .integer(1500),
        "list": .array([.string("a"), .integer(2), .null]), "u": .string("Größe 10 GB"),
        "objects": .array([
            .object(["name": .string("web1"), "at": .object(["zone": .string("eu")])]),
            .object(["name": .string("web2")]),
        ]), "mail": .string("From: Bob <bob@example.org>"),
    ])

    private func render(_ text: String) throws -> String { try Template("{{ \(text) }}").render(over: scope) }

    @Test(arguments: [
        ("t.substring(5,7)", "res"), ("t.substring(5)", "result"), ("t.substring(0)", "Test result"),
        ("t.substring(3)", "t result"), ("t.substring(0,0)", "T"), ("t.substring(20)", ""), ("t.substring(8,7)", ""),
        ("t.substring(-3,3)", "Test"), ("t.substring(5,99)", "result"), ("u.substring(2,4)", "öße"),
        ("t.substring(0,9223372036854775807)", "Test result"), ("missing.substring(1)", ""), ("n.substring(0,1)", "15"),
        ("t.lowerCase()", "test result"), ("u.upperCase()", "GRÖSSE 10 GB"),
        ("t.replaceAll('t', '+')", "Tes+ resul+"), ("t.replaceAll('', 'x')", "Test result"),
        ("t.replaceAll('.', 'x')", "Test result"), (#"t.replaceAll(" ", "\n")"#, "Test\nresult"),
        ("csv.splitTakeAt(';', 0)", "a"), ("csv.splitTakeAt(';', 2)", "c"), ("csv.splitTakeAt(';', 3)", ""),
        ("csv.splitTakeAt(';', -1)", ""), ("csv.splitTakeAt('', 0)", "a;b;c"), ("csv.splitTakeAt('; ', 0)", "a;b;c"),
        ("t.upperCase().splitTakeAt(' ', 1)", "RESULT"),
    ])
    func `given a function of texts, then it says`(text: String, result: String) throws {
        #expect(try render(text) == result)
    }

    @Test(arguments: [
        ("ms.formatUnixMs()", "Jan 29, 2023, 12:05:37 AM"), ("ms.formatUnixMs(M)", "Jan 29, 2023, 12:05:37 AM"),
        ("ms.formatUnixMs('S')", "1/29/23, 12:05 AM"), ("sec.formatUnixSec(L)", "January 29, 2023 at 12:05:37 AM UTC"),
        ("sec.formatUnixSec(F)", "Sunday, January 29, 2023 at 12:05:37 AM Coordinated Universal Time"),
        ("iso.formatDateString(S)", "1/29/23, 12:05 AM"), ("t.formatDateString()", "Test result"),
        ("t.formatUnixMs()", "Test result"), ("missing.formatUnixMs()", ""), ("n.formatUnixSec(S)", "1/1/70, 12:25 AM"),
    ])
    func `given a time, then it is written in UTC`(text: String, result: String) throws {
        #expect(try render(text) == result)
    }

    @Test(arguments: [
        ("list.join()", "a, 2, "), ("list.join('-')", "a-2-"), ("t.join()", "Test result"), ("missing.join()", ""),
        ("objects.joinFromObjectArr('name')", "web1\nweb2"), ("objects.joinFromObjectArr('name', ', ')", "web1, web2"),
        ("objects.joinFromObjectArr('at.zone')", "eu"), ("objects.joinFromObjectArr('nope')", ""),
        (#"mail.extractRegex('[\w.]+@[\w.]+')"#, "bob@example.org"), (#"mail.extractRegex('\d+')"#, ""),
        (#"mail.extractRegexGroups('(\w+)@(\w+)')"#, "bobexample"), ("mail.extractRegexGroups('Bob')", ""),
    ])
    func `given lists and expressions, then they are joined and searched`(text: String, result: String) throws {
        #expect(try render(text) == result)
    }

    @Test(arguments: [
        ("startsWith", "Te", "xx"), ("equals", "Test result", "Test"), ("endsWith", "result", "Test"),
        ("contains", "t r", "T R"),
    ])
    func `given the four families, then each takes, drops or keeps as its name says`(
        family: String, matching: String, other: String
    ) throws {
        #expect(try render("t.\(family)Take('\(matching)', 'new')") == "new")
        #expect(try render("t.\(family)Take('\(other)', 'new')") == "Test result")
        #expect(try render("t.\(family)TakeOrDrop('\(matching)', 'new')") == "new")
        #expect(try render("t.\(family)TakeOrDrop('\(other)', 'new')") == "")
        #expect(try render("t.\(family)Else('\(matching)', 'new')") == "Test result")
        #expect(try render("t.\(family)Else('\(other)', 'new')") == "new")
        #expect(try render("t.\(family)ElseOrDrop('\(matching)', 'new')") == "")
        #expect(try render("t.\(family)ElseOrDrop('\(other)', 'new')") == "new")
        #expect(try render("missing.\(family)Else('x', 'new')") == "new")
    }

    @Test func `given every function, then too many arguments are refused`() {
        for function in TemplateFunction.allCases {
            let arguments = Array(repeating: "1", count: function.arity.upperBound + 1).joined(separator: ",")
            #expect(throws: LanguageError.self, "\(function)") {
                try Template("{{ a.\(function.rawValue)(\(arguments)) }}")
            }
        }
    }

    @Test func `given an expression too slow for a text, then the template fails with that reason`() throws {
        let template = try Template("{{ t.extractRegex('(a|b|c|d){50}x') }}")
        let long = JSONValue.object(["t": .string(String(repeating: "a", count: 60_000))])

        #expect(throws: TemplateFailure.patternTooSlow) { try template.render(over: long) }
    }
}
