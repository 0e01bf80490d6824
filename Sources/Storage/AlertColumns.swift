public import Alerting

/// An escalation's state in four columns.
struct EscalationColumns {
    var state: String
    var level: Int64?
    var pass: Int64?
    var due: Timestamp?

    init(_ escalation: Escalation.State) {
        switch escalation {
        case .ready(let due): (state, self.due) = ("ready", due)
        case .waiting(let level, let pass, let deadline):
            (state, self.level, self.pass, due) = ("waiting", Int64(level), Int64(pass), deadline)
        case .rested(let level): (state, self.level) = ("rested", Int64(level))
        case .stopped: state = "stopped"
        case .exhausted: state = "exhausted"
        }
    }

    static func state(of row: Row) throws(StorageError) -> Escalation.State {
        switch try row.text("escalation_state") {
        case "ready": .ready(due: try row.time("escalation_due_ms"))
        case "waiting":
            .waiting(
                level: try row.int("escalation_level"), pass: try row.int("escalation_pass"),
                deadline: try row.time("escalation_due_ms"))
        case "rested": .rested(level: try row.int("escalation_level"))
        case "stopped": .stopped
        case "exhausted": .exhausted
        default: throw .unreadable(column: "escalation_state")
        }
    }
}

/// Who did something, in one column: `user:7`, `source` or `system`.
enum ActorColumn {
    static func text(of actor: Actor) -> String {
        switch actor {
        case .user(let id): "user:\(id)"
        case .source: "source"
        case .system: "system"
        }
    }

    static func actor(_ row: Row, _ column: String) throws(StorageError) -> Actor {
        guard let actor = try optionalActor(row, column) else { throw .unreadable(column: column) }
        return actor
    }

    static func optionalActor(_ row: Row, _ column: String) throws(StorageError) -> Actor? {
        guard let text = try row.optionalText(column) else { return nil }
        switch text {
        case "source": return .source
        case "system": return .system
        default:
            guard text.hasPrefix("user:"), let id = User.ID(text.dropFirst(5)) else {
                throw .unreadable(column: column)
            }
            return .user(id)
        }
    }
}

/// An event's links, images, labels and custom details as a column's text, so that it can be written before the
/// transaction that stores it.
public struct AlertExtrasText: Equatable, Sendable {
    let text: String?

    public init(_ event: AlertEvent) {
        text = AlertExtras.text(of: event)
    }

    init(_ alert: Alert) {
        text = AlertExtras.text(of: alert)
    }
}

/// The parts of an alert that are only shown, never searched: one JSON object in a column.
struct AlertExtras {
    var links: [AlertLink] = []
    var images: [AlertImage] = []
    var labels: [String: String] = [:]
    var customDetails: JSONValue?

    init(_ text: String?) throws(StorageError) {
        guard let text else { return }
        let value = try JSONColumn.value(of: text, "extras")
        links = (value["links"]?.array ?? []).compactMap { link in
            link["href"]?.string.map { AlertLink(href: $0, text: link["text"]?.string) }
        }
        images = (value["images"]?.array ?? []).compactMap { image in
            image["src"]?.string.map {
                AlertImage(source: $0, href: image["href"]?.string, alternative: image["alt"]?.string)
            }
        }
        labels = (value["labels"]?.object ?? [:]).compactMapValues(\.string)
        customDetails = value["customDetails"]
    }

    static func text(of alert: Alert) -> String? {
        text(
            links: alert.links, images: alert.images, labels: alert.labels,
            customDetails: alert.customDetails.map(JSONDocument.init))
    }

    static func text(of event: AlertEvent) -> String? {
        text(
            links: event.links, images: event.images, labels: event.labels, customDetails: event.customDocument,
            services: event.services)
    }

    /// Written by hand, member for member: it is written for every event, and its largest part is finished JSON.
    private static func text(
        links: [AlertLink], images: [AlertImage], labels: [String: String], customDetails: JSONDocument?,
        services: [String] = []
    ) -> String? {
        if customDetails == nil, images.isEmpty, labels.isEmpty, links.isEmpty, services.isEmpty { return nil }
        var json: [UInt8] = []
        json.reserveCapacity(1024)
        if let customDetails {
            json.append(contentsOf: #","customDetails":"#.utf8)
            customDetails.append(to: &json)
        }
        if !images.isEmpty {
            json.append(contentsOf: #","images":"#.utf8)
            JSONValue.array(images.map(value)).append(to: &json)
        }
        if !labels.isEmpty {
            json.append(contentsOf: #","labels":"#.utf8)
            JSONValue.object(labels.mapValues(JSONValue.string)).append(to: &json)
        }
        if !links.isEmpty {
            json.append(contentsOf: #","links":"#.utf8)
            append(links, to: &json)
        }
        if !services.isEmpty {
            json.append(contentsOf: #","services":"#.utf8)
            JSONValue.array(services.map(JSONValue.string)).append(to: &json)
        }
        json[0] = UInt8(ascii: "{")
        json.append(UInt8(ascii: "}"))
        return String(decoding: json, as: UTF8.self)
    }

    private static func append(_ links: [AlertLink], to json: inout [UInt8]) {
        for (index, link) in links.enumerated() {
            json.append(contentsOf: (index == 0 ? #"[{"href":"# : #",{"href":"#).utf8)
            JSONValue.append(text: link.href, to: &json)
            if let text = link.text {
                json.append(contentsOf: #","text":"#.utf8)
                JSONValue.append(text: text, to: &json)
            }
            json.append(UInt8(ascii: "}"))
        }
        json.append(UInt8(ascii: "]"))
    }

    private static func value(_ image: AlertImage) -> JSONValue {
        .object([
            "src": .string(image.source), "href": image.href.map(JSONValue.string) ?? .null,
            "alt": image.alternative.map(JSONValue.string) ?? .null,
        ])
    }
}
