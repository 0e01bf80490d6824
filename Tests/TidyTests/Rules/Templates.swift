/// Compares the tags of each template with the page struct that is rendered by it.
///
/// The template library renders an unknown tag as nothing, so a misspelt one shows only as a blank on somebody's
/// phone. A template names its page in the first line: `{{! page: AlertPage }}`; a partial says `{{! partial }}` and
/// is checked in place, once for every page that shows it.
struct Templates {
    private struct Template {
        var file: SourceFile
        var nodes: [TemplateParser.Node]
        /// Empty for a partial.
        var pages: [String]
    }

    /// What a name is looked up in.
    private enum Shape {
        case type(PageTypes.PageType)
        /// A dictionary: any name will do.
        case open
        case scalar
    }

    private(set) var findings: [Finding] = []

    private let types: PageTypes
    private var templates: [Template] = []
    private var shown: Set<String> = []
    private var page = ""
    private var depth = 0

    private static let longestPartial = 40

    init(_ files: [SourceFile], pages: [SourceFile]) {
        types = PageTypes(pages)
        for file in files where file.text.contains(where: { !$0.isWhitespace }) { read(file) }
        for template in templates {
            for page in template.pages {
                self.page = page
                guard let type = types.type(named: page) else {
                    report("no struct is called \(page)", in: template, at: 1)
                    continue
                }
                check(template.nodes, in: template, stack: [.type(type)], blocks: [:])
            }
        }
        for template in templates where template.pages.isEmpty && !shown.contains(template.file.path) {
            report("no page shows this partial", in: template, at: 0)
        }
        findings = findings.reduce(into: []) { kept, finding in if !kept.contains(finding) { kept.append(finding) } }
    }

    private mutating func read(_ file: SourceFile) {
        let parser = TemplateParser(file)
        findings += parser.findings
        let first = file.lines.first.map { $0.filter { !$0.isWhitespace } } ?? ""
        var template = Template(file: file, nodes: parser.nodes, pages: [])
        if first.hasPrefix("{{!page:") {
            template.pages = first.dropFirst(8).prefix { $0 != "}" }.split(separator: ",").map(String.init)
        } else if !first.hasPrefix("{{!partial}}") {
            guard file.text.contains("{{") else { return }
            return report("the first line is neither {{! page: Type }} nor {{! partial }}", in: template, at: 1)
        } else if file.lines.count > Self.longestPartial + 1 {
            report("a partial has \(Self.longestPartial) lines at most", in: template, at: 0)
        }
        templates.append(template)
    }

    private mutating func check(
        _ nodes: [TemplateParser.Node], in template: Template, stack: [Shape],
        blocks: [String: ([TemplateParser.Node], Template)]
    ) {
        for node in nodes {
            switch node {
            case .variable(let name, let line):
                if lookUp(name, in: stack) == nil { report(unknown: name, in: template, at: line) }
                checkThrough(name, in: template, at: line, stack: stack)
            case .section(let name, let isInverted, let children, let line):
                let found = lookUp(name, in: stack)
                if found == nil { report(unknown: name, in: template, at: line) }
                checkThrough(name, in: template, at: line, stack: stack)
                let inside = isInverted ? stack : stack + [found ?? .open]
                check(children, in: template, stack: inside, blocks: blocks)
            case .partial(let name, let line): show(name, in: template, at: line, stack: stack, blocks: [:])
            case .parent(let name, let children, let line):
                var replaced = blocks
                for case .block(let block, let content) in children where replaced[block] == nil {
                    replaced[block] = (content, template)
                }
                show(name, in: template, at: line, stack: stack, blocks: replaced)
            case .block(let name, let children):
                let (content, origin) = blocks[name] ?? (children, template)
                check(content, in: origin, stack: stack, blocks: [:])
            }
        }
    }

    private mutating func show(
        _ name: String, in template: Template, at line: Int, stack: [Shape],
        blocks: [String: ([TemplateParser.Node], Template)]
    ) {
        guard let shownTemplate = templates.first(where: { Self.answers($0.file.path, to: name) }) else {
            return report("no template is called \(name)", in: template, at: line)
        }
        shown.insert(shownTemplate.file.path)
        guard depth < 10 else { return }
        depth += 1
        check(shownTemplate.nodes, in: shownTemplate, stack: stack, blocks: blocks)
        depth -= 1
    }

    /// Whether the file is meant by `name`: its path below the templates' folder, with any separator.
    private static func answers(_ path: String, to name: String) -> Bool {
        let below = path.firstRange(of: "Templates/").map { path[$0.upperBound...] } ?? path[...]
        let plain = below.hasSuffix(".mustache") ? below.dropLast(".mustache".count) : below
        return dashed(String(plain)) == dashed(name) || plain.split(separator: "/").last.map(String.init) == name
    }

    private static func dashed(_ name: String) -> String { String(name.map { "/_".contains($0) ? "-" : $0 }) }

    /// What `name` stands for; nil: nothing.
    private func lookUp(_ name: String, in stack: [Shape]) -> Shape? {
        var names = name.split(separator: ".")[...]
        guard let first = names.popFirst() else { return stack.last ?? .scalar }
        var found: Shape?
        for shape in stack.reversed() where found == nil { found = child(String(first), of: shape) }
        for name in names { found = found.flatMap { child(String(name), of: $0) } }
        return found
    }

    /// Reports an optional that shares its name with something further out: where it is nil, that is shown instead.
    private mutating func checkThrough(_ name: String, in template: Template, at line: Int, stack: [Shape]) {
        let named = stack.reversed().compactMap { shape -> String? in
            guard case .type(let type) = shape else { return nil }
            return type.properties[name]
        }
        guard named.count > 1, named[0].hasSuffix("?") else { return }
        report("\(page): where \(name) is nil, the one further out is shown", in: template, at: line)
    }

    private func child(_ name: String, of shape: Shape) -> Shape? {
        switch shape {
        case .open: return .open
        case .scalar: return nil
        case .type(let type):
            guard let written = type.properties[name] else { return nil }
            if written.hasPrefix("[") && written.contains(":") { return .open }
            let plain = written.filter { !"[]?".contains($0) }
            return types.type(named: plain, in: type.name).map(Shape.type) ?? .scalar
        }
    }

    private mutating func report(unknown name: String, in template: Template, at line: Int) {
        report("\(page) has no stored property \(name)", in: template, at: line)
    }

    private mutating func report(_ message: String, in template: Template, at line: Int) {
        findings.append(Finding(path: template.file.path, line: line, message: message))
    }
}
