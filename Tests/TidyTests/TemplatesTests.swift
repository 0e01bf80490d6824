import Testing

struct TemplatesTests {
    @Test func `given the repository, then every tag of a template is a property of its page`() {
        let templates = Repository.files.filter { $0.path.hasSuffix(".mustache") }
        let pages = Repository.sources.filter { $0.path.hasPrefix("Sources/Web/") }

        #expect(Templates(templates, pages: pages).findings == [])
    }

    private let page = SourceFile(
        path: "Sources/Web/Pages/AlertPage.swift",
        text: """
            struct AlertPage {
                let summary: String
                let entries: [Entry]
                var link: String?, isOpen: Bool
                let labels: [String: String]
                var shout: String { summary.uppercased() }

                struct Entry: Sendable {
                    let text: String
                    let by: Person?
                }

                private static let limit = 5
            }

            struct Person { let name: String }
            """)

    private func messages(_ template: String, partial: String = "") -> [String] {
        let files = [
            SourceFile(path: "Sources/Web/Templates/alerts/alert.mustache", text: template),
            SourceFile(path: "Sources/Web/Templates/shared/row.mustache", text: partial),
        ]
        return Templates(files, pages: [page]).findings.map(\.message)
    }

    @Test(arguments: [
        "{{summary}} {{ link }} {{#isOpen}}{{summary}}{{/isOpen}}{{^link}}none{{/link}}",
        "{{#entries}}{{text}} {{summary}} {{#by}}{{name}}{{/by}} {{by.name}}{{/entries}}",
        "{{#labels}}{{team}}{{/labels}}{{#link}}{{.}}{{/link}}",
        "{{! {{nothing}} }}{{#first(entries)}}{{text}}{{/first(entries)}}",
    ])
    func `given tags that the page has, then nothing is reported`(template: String) {
        #expect(messages("{{! page: AlertPage }}\n" + template) == [])
    }

    @Test(arguments: [
        "{{sumary}}", "{{shout}}", "{{limit}}", "{{text}}", "{{by.name}}", "{{#entries}}{{name}}{{/entries}}",
        "{{#summary}}{{length}}{{/summary}}", "{{#missing}}text{{/missing}}", "{{^missing}}text{{/missing}}",
    ])
    func `given a tag that the page does not have, then it is reported`(template: String) {
        #expect(messages("{{! page: AlertPage }}\n" + template).count == 1)
    }

    @Test(arguments: [
        "{{{summary}}}", "{{&summary}}", "{{=<% %>=}}", "{{%CONTENT_TYPE:TEXT}}", "{{#isOpen}}", "{{/isOpen}}",
    ])
    func `given a tag that is forbidden or left open, then it is reported`(template: String) {
        #expect(!messages("{{! page: AlertPage }}\n" + template).isEmpty)
    }

    @Test func `given a partial, then it is checked where it stands`() {
        let page = "{{! page: AlertPage }}\n{{#entries}}{{>shared/row}}{{/entries}}"

        #expect(messages(page, partial: "{{! partial }}\n{{text}}") == [])
        #expect(messages(page, partial: "{{! partial }}\n{{test}}") == ["AlertPage has no stored property test"])
        #expect(
            messages("{{! page: AlertPage }}", partial: "{{! partial }}\n{{text}}") == ["no page shows this partial"])
    }

    @Test func `given a layout with a block, then both are checked`() {
        let page = "{{! page: AlertPage }}\n{{<row}}{{$body}}{{summary}}{{wrong}}{{/body}}{{/row}}"

        #expect(
            messages(page, partial: "{{! partial }}\n{{$body}}{{/body}}{{other}}")
                == ["AlertPage has no stored property wrong", "AlertPage has no stored property other"])
    }

    @Test func `given no word about its page, or a wrong one, then the template is reported`() {
        #expect(messages("<p>{{summary}}</p>") == ["the first line is neither {{! page: Type }} nor {{! partial }}"])
        #expect(messages("{{! page: NoPage }}") == ["no struct is called NoPage"])
        #expect(messages("{{! page: AlertPage }}{{>missing}}") == ["no template is called missing"])
    }
}
