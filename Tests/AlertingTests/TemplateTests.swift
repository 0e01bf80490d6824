import Testing

@testable import Alerting

struct TemplateTests {
    private static let payload = """
        {"status": "firing", "empty": "", "zero": 0, "yes": true, "no": false, "nothing": null, "compl:ex key-1": "odd",
         "hosts": [{"name": "web1", "up": true, "disks": [1, 2]}, {"name": "web2", "up": false}], "codes": [500, 502],
         "deep": {"er": {"text": "found"}}, "none": [], "ms": 1674950737000, "html": "<b>&</b>", "list": ["a", "b"]}
        """

    private func event() throws -> AlertEvent {
        AlertEvent(
            kind: .alert, alertKey: "disk-1", summary: "Test result", details: "Line one", priority: .high, severity: 2,
            links: [AlertLink(href: "https://shop.example.com", text: "Shop")], labels: ["team": "shop"],
            customDetails: try JSONValue.parse(Self.payload), routingKeys: ["a", "b"])
    }

    private func render(_ text: String) throws -> String {
        try Template(text).render(over: EventScope(event()))
    }

    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("{{ event.summary }}", "Test result"), ("{{event.summary}}!", "Test result!"),
        ("{{ summary }}", "Test result"), ("{{ status }}", "firing"), ("{{ customDetails.status }}", "firing"),
        ("{{ event.customDetails.deep.er.text }}", "found"), ("{{ deep.er }}", #"{"text":"found"}"#),
        ("{{ missing }}", ""), ("{{ deep.missing.more }}", ""), ("{{ codes[1] }}", "502"), ("{{ codes.0 }}", "500"),
        ("{{ codes[9] }}", ""), ("{{ hosts[0].name }}", "web1"), (#"{{ compl:ex\ key-1 }}"#, "odd"),
        ("{{ ['compl:ex key-1'] }}", "odd"), ("{{ yes }}/{{ no }}/{{ zero }}", "true/false/0"),
        ("{{ event.labels.team }}", "shop"), ("{{ event.links[0].href }}", "https://shop.example.com"),
        ("{{ event.priority }} {{ event.severity }} {{ event.eventType }}", "HIGH 2 ALERT"),
        ("{{ event.alertKey }}", "disk-1"), ("{{ event.routingKey }}", "a,b"), ("{{ html }}", "<b>&</b>"),
        ("{{{ html }}}{{& html }}", "<b>&</b><b>&</b>"), ("a {{! nothing }}b", "a b"), (#"\{{ x }}"#, "{{ x }}"),
        (#"\\{{ status }}"#, #"\firing"#), ("{ {x} }", "{ {x} }"), ("ü{{ status }}ß", "üfiringß"),
    ])
    func `given a place, then it is filled from the event`(text: String, result: String) throws {
        #expect(try render(text) == result)
    }

    @Test(arguments: [
        ("{{#yes}}Y{{/yes}}{{^yes}}N{{/yes}}", "Y"), ("{{#no}}Y{{/no}}{{^no}}N{{/no}}", "N"),
        ("{{#missing}}Y{{/missing}}{{^missing}}N{{/missing}}", "N"), ("{{#none}}Y{{/none}}{{^none}}N{{/none}}", "N"),
        ("{{#empty}}Y{{/empty}}{{^empty}}N{{/empty}}", "N"), ("{{#zero}}Y{{/zero}}{{^zero}}N{{/zero}}", "Y"),
        ("{{#nothing}}Y{{/nothing}}{{^nothing}}N{{/nothing}}", "N"), ("{{ #yes }}Y{{ /yes }}", "Y"),
        ("{{#hosts}}{{name}},{{/hosts}}", "web1,web2,"), ("{{#codes}}[{{.}}]{{/codes}}", "[500][502]"),
        ("{{#hosts}}{{name}}{{#up}}+{{/up}}{{^up}}-{{/up}} {{/hosts}}", "web1+ web2- "),
        ("{{#hosts}}{{#disks}}{{name}}:{{.}} {{/disks}}{{/hosts}}", "web1:1 web1:2 "),
        ("{{#deep}}{{er.text}}{{/deep}}", "found"), ("{{#deep.er}}{{.text}} {{status}}{{/deep.er}}", "found firing"),
        ("{{#status}}is {{.}}{{/status}}", "is firing"), ("{{#list}}{{.upperCase()}}{{/list}}", "AB"),
    ])
    func `given a section, then it is shown for what is there and repeated for lists`(text: String, result: String)
        throws
    {
        #expect(try render(text) == result)
    }

    @Test(arguments: [
        ("a\n{{#yes}}\nb\n{{/yes}}\nc", "a\nb\nc"), ("{{#codes}}\n- {{.}}\n{{/codes}}\nend", "- 500\n- 502\nend"),
        ("a\n  {{#no}}  \nb\n  {{/no}}\nc", "a\nc"), ("a\r\n{{#yes}}\r\nb\r\n{{/yes}}\r\n", "a\r\nb\r\n"),
        ("a {{#yes}}\nb{{/yes}}\n", "a \nb\n"), ("{{! note }}\nx", "x"), ("{{#yes}}{{#no}}\n{{/no}}{{/yes}}\nx", "x"),
        ("{{ missing }}\nx", "\nx"),
    ])
    func `given a block tag alone on its line, then it leaves no line behind`(text: String, result: String) throws {
        #expect(try render(text) == result)
    }

    @Test(arguments: [
        ("{{ a", 1, 1), ("x {{ }}", 1, 6), ("{{#a}}", 1, 1), ("{{/a}}", 1, 1), ("{{#a}}{{/b}}", 1, 7),
        ("a\nbb {{ x.nope(1) }}", 2, 9), ("{{ a b }}", 1, 6), ("{{ a. }}", 1, 6), ("{{ a[x] }}", 1, 5),
        ("{{> part }}", 1, 3), ("{{=<% %>=}}", 1, 3), ("{{ a.substring() }}", 1, 6), ("{{ a.substring('x') }}", 1, 6),
        ("{{ a.extractRegex('(') }}", 1, 6), ("{{ a.join('x }}", 1, 11), ("{{ a.upperCase().b }}", 1, 18),
        ("{{#a.upperCase()}}{{/a}}", 1, 4), ("{{ a.formatUnixMs(X) }}", 1, 6), ("{{{ a }}", 1, 7),
    ])
    func `given what is no template, then it is refused with its line and column`(text: String, line: Int, column: Int)
    {
        do {
            _ = try Template(text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.line == line)
            #expect(error.column == column)
        }
    }

    @Test func `given blocks nested as deep as allowed and one more, then the last is refused`() throws {
        let nested = { (count: Int) in
            String(repeating: "{{#yes}}", count: count) + "x" + String(repeating: "{{/yes}}", count: count)
        }

        #expect(try render(nested(Limits.languageDepth)) == "x")
        #expect(throws: LanguageError.self) { try Template(nested(Limits.languageDepth + 1)) }
    }

    @Test func `given loops within loops, then the steps end them`() throws {
        let items = JSONValue.array(Array(repeating: .integer(1), count: 200))
        let template = try Template("{{#l}}{{#l}}{{#l}}x{{/l}}{{/l}}{{/l}}")

        #expect(throws: TemplateFailure.tooManySteps) { try template.render(over: JSONValue.object(["l": items])) }
    }

    @Test func `given expressions in a loop, then all of them together take no longer than one may`() throws {
        let template = try Template("{{#l}}{{ t.extractRegex('(a|b|c|d){50}x') }}{{/l}}.")
        let scope = { (count: Int) in
            JSONValue.object([
                "l": .array(Array(repeating: .integer(1), count: count)),
                "t": .string(String(repeating: "a", count: 200)),
            ])
        }

        #expect(try template.render(over: scope(2)) == ".")
        #expect(throws: TemplateFailure.patternTooSlow) { try template.render(over: scope(200)) }
    }

    @Test func `given a long value that is looked at many times, then the steps end that`() throws {
        let template = try Template(Array(repeating: "{{ t.substring(0, 1) }}", count: 200).joined())

        #expect(try template.render(over: JSONValue.object(["t": .string("abc")])).utf8.count == 400)
        #expect(throws: TemplateFailure.tooManySteps) {
            try template.render(over: JSONValue.object(["t": .string(String(repeating: "x", count: 60_000))]))
        }
    }

    @Test func `given a text that would be too long, then it fails instead`() throws {
        let long = JSONValue.object(["t": .string(String(repeating: "x", count: 40_000))])

        #expect(throws: TemplateFailure.outputTooLong) { try Template("{{t}}{{t}}").render(over: long) }
        #expect(throws: TemplateFailure.outputTooLong) {
            try Template("{{ t.replaceAll('x', 'yyyy') }}").render(over: long)
        }
    }

    @Test func `given a template of one byte more than allowed, then it is refused`() throws {
        #expect(try Template(String(repeating: "x", count: Limits.template)).nodes.count == 1)
        #expect(throws: LanguageError.self) { try Template(String(repeating: "x", count: Limits.template + 1)) }
    }

    @Test(arguments: [
        "plain", "{{ event.summary }}", "a {{ event.summary.substring(1, 2) }} b", "{{#hosts}}\n{{name}}\n{{/hosts}}\n",
        #"{{ summary.replaceAll("a\"b", "\\n") }}"#, #"\{{ braces }} {{ status }}"#, #"back\\{{ status }}"#,
        "{{ summary.upperCase().substring(0, 1) }}",
        #"{{ compl:ex\ key-1.lowerCase() }}"#, "{{ codes.join(', ') }}",
    ])
    func `given a template, when taken apart and put together, then it says the same`(text: String) throws {
        let template = try Template(text)

        let form = JSONValue.object(["elements": template.elements])
        let again = try #require(try TemplateForm.text(of: form))

        #expect(try Template(again).nodes == template.nodes)
        #expect(try Template(again).render(over: EventScope(event())) == template.render(over: EventScope(event())))
    }

    @Test func `given elements, then they are told in the wire's words`() throws {
        let elements = try Template("Hi {{ summary.substring(1) }}{{#yes}}x{{/yes}}").elementsForTest

        #expect(
            elements == [
                .object(["type": .string("TEXT"), "val": .string("Hi ")]),
                .object([
                    "type": .string("VAR"), "val": .string("summary"), "func": .string("substring"),
                    "args": .array([.object(["N": .integer(1)])]),
                ]),
            ])
    }

    @Test(arguments: [
        #"{"elements": [{"type": "NOPE", "val": "x"}]}"#, #"{"elements": "x"}"#, #"{"textTemplate": 7}"#, #""x""#,
        #"{"elements": [{"type": "TEXT"}]}"#,
    ])
    func `given a form that is none, then it is refused`(json: String) throws {
        let value = try JSONValue.parse(json)

        #expect(throws: Failure.self) { try TemplateForm.text(of: value) }
    }

    @Test(arguments: ["null", "{}", #"{"textTemplate": ""}"#, #"{"elements": []}"#, #"{"elements": null}"#])
    func `given an empty form, then there is no template`(json: String) throws {
        #expect(try TemplateForm.text(of: JSONValue.parse(json)) == nil)
    }

    @Test func `given ten thousand invented templates, then none crashes and each that is taken is filled in`()
        async throws
    {
        var random = Random(seed: 3)
        let scope = EventScope(try event())
        let pieces = [
            "{{", "}}", "#", "/", "^", "hosts", "yes", ".", " ", "\n", "name", "(", ")", "'a'", "\"", "1", ",", "\\",
            "[0]",
            ".upperCase()", ".substring(1)", "{{#hosts}}", "{{/hosts}}", "{{.}}", "ü", ".extractRegex('a+')", "!", "{",
        ]
        var taken = 0
        for _ in 0..<12_000 {
            await Task.yield()
            let text = (0..<random.below(16)).map { _ in pieces[random.below(pieces.count)] }.joined()
            // Most of them are no templates.
            guard let template = try? Template(text) else { continue }
            taken += 1
            _ = try template.render(over: scope)
            _ = template.elements
        }
        #expect(taken > 500)
    }
}

extension Template {
    fileprivate var elementsForTest: [JSONValue] { Array(elements.array?.prefix(2) ?? []) }
}
