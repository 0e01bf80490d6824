/// One mustache template as a tree; only as much of the language as our templates may use.
struct TemplateParser {
    indirect enum Node {
        case variable(String, line: Int)
        case section(String, isInverted: Bool, [Node], line: Int)
        case partial(String, line: Int)
        /// `{{<name}}`: another template with some of its blocks replaced.
        case parent(String, [Node], line: Int)
        case block(String, [Node])
    }

    private(set) var nodes: [Node] = []
    private(set) var findings: [Finding] = []

    private let path: String
    private var tags: ArraySlice<(text: Substring, line: Int)> = []

    init(_ file: SourceFile) {
        path = file.path
        var line = 1
        var rest = file.text[...]
        var found: [(text: Substring, line: Int)] = []
        while let open = rest.firstRange(of: "{{") {
            line += rest[..<open.lowerBound].count { $0 == "\n" }
            rest = rest[open.upperBound...]
            guard let close = rest.firstRange(of: "}}") else {
                findings.append(Finding(path: path, line: line, message: "a tag has no end"))
                break
            }
            found.append((rest[..<close.lowerBound], line))
            line += rest[..<close.lowerBound].count { $0 == "\n" }
            rest = rest[close.upperBound...]
        }
        tags = found[...]
        nodes = parse(until: nil)
    }

    private mutating func parse(until end: String?) -> [Node] {
        var nodes: [Node] = []
        while let tag = tags.popFirst() {
            let sign = tag.text.first
            let name = name(of: tag.text)
            switch sign {
            case "!": continue
            case "#", "^":
                let children = parse(until: name)
                nodes.append(.section(name, isInverted: sign == "^", children, line: tag.line))
            case "<": nodes.append(.parent(name, parse(until: name), line: tag.line))
            case "$": nodes.append(.block(name, parse(until: name)))
            case ">": nodes.append(.partial(name, line: tag.line))
            case "/":
                if name == end { return nodes }
                report("\(name) is closed but not open", at: tag.line)
            case "{", "&": report("{{{ and {{& put text into the page unescaped", at: tag.line)
            case "=", "%": report("delimiters and content types stay as they are", at: tag.line)
            default: nodes.append(.variable(name, line: tag.line))
            }
        }
        if let end { report("\(end) is open but not closed", at: 0) }
        return nodes
    }

    /// The name in a tag, without its sign and without the functions applied to it.
    private func name(of text: Substring) -> String {
        var name = text
        if let sign = name.first, "#^/<>$!".contains(sign) { name.removeFirst() }
        if let open = name.lastIndex(of: "(") { name = name[name.index(after: open)...] }
        return String(name.filter { $0 != ")" && !$0.isWhitespace })
    }

    private mutating func report(_ message: String, at line: Int) {
        findings.append(Finding(path: path, line: line, message: message))
    }
}
