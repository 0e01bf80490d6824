import Alerting
import Engine
import Storage

/// A webhook as it is typed.
struct WebhookForm: Sendable {
    var label = ""
    var url = ""
    var requestType = WebhookIntegration.Method.post.rawValue
    /// One `Name: value` a line.
    var headers = ""

    init(_ webhook: WebhookIntegration?) {
        guard let webhook else { return }
        label = webhook.label
        url = webhook.url
        requestType = webhook.method.rawValue
        headers = webhook.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
    }

    init(_ form: Form) {
        label = form["label"]
        url = form["url"]
        requestType = form["requestType"]
        headers = form.raw("headers")
    }

    func draft() throws(Failure) -> WebhookDraft {
        guard let method = WebhookIntegration.Method(rawValue: requestType) else {
            throw Failure(.invalid, "Choose the request type: POST or GET.")
        }
        return WebhookDraft(label: label, url: url, method: method, headers: try Self.headers(headers))
    }

    private static func headers(_ text: String) throws(Failure) -> [HTTPCheck.Header] {
        var headers: [HTTPCheck.Header] = []
        for line in text.split(separator: "\n") where line.contains(where: { !$0.isWhitespace }) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw Failure(.invalid, "Write one header a line, such as X-Token: abc.") }
            headers.append(
                HTTPCheck.Header(
                    name: String(parts[0].filter { !$0.isWhitespace }),
                    value: String(parts[1].drop { $0.isWhitespace }).replacing("\r", with: "")))
        }
        return headers
    }
}

/// A delivery group as it is typed.
struct DeliveryGroupForm: Sendable {
    var label = ""
    var colour = DeliveryGroupDraft.usualColour
    /// Whole minutes.
    var sensitivity = "0"
    /// Parted by commas or blanks.
    var emails = ""
    var webhooks: Set<WebhookIntegration.ID> = []
    var sources: Set<AlertSource.ID> = []

    init(_ group: DeliveryGroup?) {
        guard let group else { return }
        label = group.label
        colour = group.colour
        sensitivity = "\(group.sensitivity.components.seconds / 60)"
        emails = group.emails.joined(separator: ", ")
        webhooks = Set(group.webhooks)
        sources = Set(group.sources)
    }

    init(_ form: Form) {
        label = form["label"]
        colour = form.optional("colour") ?? DeliveryGroupDraft.usualColour
        sensitivity = form.optional("sensitivity") ?? "0"
        emails = form["emails"]
        webhooks = Set(form.all("webhook").compactMap { WebhookIntegration.ID($0) })
        sources = Set(form.all("source").compactMap { AlertSource.ID($0) })
    }

    func draft() throws(Failure) -> DeliveryGroupDraft {
        guard let minutes = Int(sensitivity), (0...1440).contains(minutes) else {
            throw Failure(.invalid, "Enter for how many minutes a monitor fails before the group is told: 0 to 1440.")
        }
        return DeliveryGroupDraft(
            label: label, colour: colour, sensitivity: .minutes(minutes),
            emails: emails.split { $0 == "," || $0 == ";" || $0.isWhitespace }.map(String.init),
            webhooks: webhooks.sorted(), sources: sources.sorted())
    }
}

/// A rule as it is typed.
struct RuleForm: Sendable {
    var label = ""
    var area = MonitorArea.website
    var isActive = true
    var monitors: Set<Monitor.ID> = []
    var groups: Set<DeliveryGroup.ID> = []

    init(_ rule: MonitorRule?) {
        guard let rule else { return }
        label = rule.label
        area = rule.area
        isActive = rule.isActive
        monitors = Set(rule.monitors)
        groups = Set(rule.groups)
    }

    init(_ form: Form) {
        label = form["label"]
        area = MonitorArea(rawValue: form["area"]) ?? .website
        isActive = form["isActive"] == "true"
        monitors = Set(form.all("monitor").compactMap { Monitor.ID($0) })
        groups = Set(form.all("group").compactMap { DeliveryGroup.ID($0) })
    }

    func draft() -> MonitorRuleDraft {
        MonitorRuleDraft(
            label: label, area: area, isActive: isActive, monitors: monitors.sorted(), groups: groups.sorted())
    }
}

extension MonitorArea {
    /// What it holds.
    var sentence: String {
        switch self {
        case .website: "Websites (HTTP, TLS, domain, page, journey, sitemap)"
        case .server: "Servers (TCP, ping)"
        case .tools: "Tools (DNS, heartbeat)"
        }
    }
}
