import Alerting
import Engine
import Storage

struct RulesPage: HTMLPage {
    static let template = "rules"
    let frame: Frame
    let head: AlertSourceHead
    let problem: String?
    let link: String
    let groupingLink: String
    let filter: Field
    let types: [Field]
    let templates: [Field]
    let links: [LinkRow]
    let priority: Mapping
    let severity: Mapping
    let hasMappings: Bool
    let services: String
    let hasServices: Bool
    let rows: [BuilderRow]
    let joins: [Choice]
    let targets: [Choice]
    let paths: [Path]
    let previews: [Preview]
    let hasPreviews: Bool

    struct Field {
        let name: String
        let label: String
        let hint: String
        let value: String
        let lines: String
    }

    struct LinkRow {
        let number: String
        let index: String
        let text: String
        let href: String
    }

    struct Mapping {
        let value: String
        let lines: String
    }

    struct BuilderRow {
        let index: String
        let number: String
        let field: String
        let value: String
        let comparators: [Choice]
    }

    struct Path {
        let path: String
        let sample: String
    }

    /// One event of a stored request, and what the rules as they are typed make of it.
    struct Preview {
        let at: Moment
        let link: String
        let outcome: String
        let style: String
        let facts: [Fact]
        let failures: [String]
    }

    struct Fact {
        let what: String
        let value: String
        let isChanged: Bool
    }
}

extension RulesPage {
    init(
        _ form: RulesForm, source: AlertSourceRecord, builder: ConditionBuilder, problem: String?,
        previews: [Preview], paths: [(path: String, sample: String)], head: AlertSourceHead, frame: Frame
    ) {
        self.frame = frame
        self.head = head
        self.problem = problem
        link = Links.rules(source.id)
        groupingLink = Links.grouping(source.id)
        let field = { (name: String) in
            let (label, hint) = Self.words[name] ?? (name, "")
            return Field(
                name: name, label: label, hint: hint, value: form[name],
                lines: "\(Self.lines(form[name]))")
        }
        filter = field("eventFilter")
        types = RulesForm.conditions.dropFirst().map(field)
        templates = RulesForm.templates.map(field)
        let shown = form.links + [.init(text: "", href: "")]
        links = shown.prefix(10).enumerated().map { index, link in
            LinkRow(number: "\(index + 1)", index: "\(index)", text: link.text, href: link.href)
        }
        priority = Mapping(value: form["priorityTemplate"], lines: form.priorityMappings)
        severity = Mapping(value: form["severityTemplate"], lines: form.severityMappings)
        hasMappings = !priority.value.isEmpty || !severity.value.isEmpty
        services = form.services
        hasServices = !services.isEmpty
        rows = builder.rows.enumerated().map { index, row in
            BuilderRow(
                index: "\(index)", number: "\(index + 1)", field: row.field, value: row.value,
                comparators: ConditionBuilder.comparators.map {
                    Choice($0.0, $0.1, isChosen: row.comparator == $0.0)
                })
        }
        joins = [
            Choice("and", "all of these", isChosen: !builder.isAny),
            Choice("or", "any of these", isChosen: builder.isAny),
        ]
        targets = RulesForm.conditions.map { Choice($0, Self.words[$0]?.0 ?? $0, isChosen: $0 == "eventFilter") }
        self.paths = paths.map { Path(path: $0.path, sample: $0.sample) }
        self.previews = previews
        hasPreviews = !previews.isEmpty
    }

    /// How high a text's field is, with long lines broken.
    private static func lines(_ text: String) -> Int {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return min(10, max(2, lines.reduce(1) { $0 + 1 + $1.utf8.count / 42 }))
    }

    private static let words: [String: (String, String)] = [
        "eventFilter": ("Event filter", "Events for which this is false are dropped. Empty: all pass."),
        "eventTypeFilterCreate": ("An event raises an alert when", "Empty: as the integration says."),
        "eventTypeFilterAccept": ("An event accepts an alert when", "Empty: as the integration says."),
        "eventTypeFilterResolve": ("An event resolves an alert when", "Empty: as the integration says."),
        "summaryTemplate": ("Summary", "Such as {{ event.customDetails.host }}: {{ event.summary }}"),
        "detailsTemplate": ("Details", "Markdown; blocks and loops are allowed."),
        "alertKeyTemplate": ("Alert key", "Events with one key belong to one open alert, and resolve it."),
        "routingTemplate": ("Routing key", "Escalation policies by their routing keys, the first that exists."),
    ]
}

extension RulesPage.Preview {
    init(_ outcome: RulesTrial.Outcome, _ stored: StoredEvent, moments: Moments) {
        let (native, shaped) = (outcome.native, outcome.shaped)
        at = moments.moment(stored.receivedAt)
        link = Links.event(stored.id, of: stored.source)
        let kind = shaped.event.kind
        self.outcome = shaped.drop?.sentence ?? (kind == .alert ? "Raises an alert" : "\(kind.verb) its alert")
        style = shaped.drop != nil ? "disabled" : kind == .resolve ? "resolved" : "pending"
        var facts: [RulesPage.Fact] = []
        func add(_ what: String, _ before: String?, _ now: String?) {
            guard let now, !now.isEmpty else { return }
            facts.append(.init(what: what, value: Limits.cut(now, to: 400), isChanged: before != now))
        }
        if shaped.drop == nil {
            add("Event", native.kind.rawValue.uppercased(), kind.rawValue.uppercased())
            add("Alert key", native.alertKey, shaped.event.alertKey)
        }
        if shaped.drop == nil, kind == .alert {
            add("Summary", native.summary, shaped.event.summary)
            add("Details", native.details, shaped.event.details)
            add("Priority", outcome.priority.rawValue.uppercased(), outcome.priority.rawValue.uppercased())
            add("Severity", native.severity.map(String.init), shaped.event.severity.map(String.init))
            add(
                "Routing", native.routingKeys.joined(separator: ", "),
                shaped.event.routingKeys.joined(separator: ", "))
            add("Links", Self.text(native.links), Self.text(shaped.event.links))
            add(
                "Services", native.services.joined(separator: ", "), shaped.event.services.joined(separator: ", "))
        }
        self.facts = facts
        failures = shaped.trace.failures.map { $0.words + "; the event's own text is used." }
    }

    private static func text(_ links: [AlertLink]) -> String {
        links.map { link in link.text.map { "\($0): \(link.href)" } ?? link.href }.joined(separator: "\n")
    }
}

extension AlertEvent.Kind {
    fileprivate var verb: String {
        switch self {
        case .alert: "Raises"
        case .accept: "Accepts"
        case .resolve: "Resolves"
        case .comment: "Comments on"
        }
    }
}
