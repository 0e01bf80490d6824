import Alerting
import Dispatch
import Foundation

/// What conditions, templates and comparisons of summaries cost, each alone on one core.
///
/// `languages`: prints the median and the worst of fifteen rounds, in microseconds.
@main
enum Languages {
    private static let rounds = 15

    static func main() throws {
        let event = try Material.event()
        let scope = EventScope(event)
        let environment = ConditionEnvironment(now: Timestamp(milliseconds: 1_767_225_600_000))
        let bytes = try Material.payload().count
        print("languages: one event with a payload of \(bytes) bytes, \(rounds) rounds, microseconds")
        print(column("", 44) + column("median", 10) + column("worst", 10) + "  goal")
        for (name, text) in Material.templates {
            let template = try Template(text)
            let rendered = try template.render(over: scope)
            precondition(rendered.utf8.count > 20, "\(name) renders \(rendered)")
            // It was rendered once, so that it cannot fail.
            measure("template, " + name, goal: 20) { try? template.render(over: scope).utf8.count }
        }
        for (name, text) in Material.conditions {
            let condition = try Condition(text)
            precondition(condition.isTrue(of: scope, in: environment), "\(name) is false")
            measure("condition, " + name, goal: 5) { condition.isTrue(of: scope, in: environment) ? 1 : 0 }
        }
        let rules = try EventRules(checking: JSONValue.parse(Material.rules))
        var counters = ConditionCounters()
        measure("filter and three templates", goal: nil) {
            rules.shape(event, in: environment, counters: &counters).event.summary.utf8.count
        }
        let source = try JSONValue.parse(Material.rules)
        measure("reading those rules (once a change)", goal: nil) { EventRules(stored: source).isEmpty ? 0 : 1 }
        let candidates = Material.candidates
        let grouping = GroupingRule.similar(threshold: 0.9, within: nil)
        let words = grouping.groupText(of: "Disk is nearly full on web7 in Frankfurt")
        measure("similarity with 200 open alerts", goal: nil) {
            grouping.choice(among: candidates, text: words, at: environment.now) == nil ? 0 : 1
        }
    }

    /// - Parameter goal: microseconds; `nil`: none.
    private static func measure(_ name: String, goal: Int?, _ body: () -> Int?) {
        var sum = 0
        var count = 10
        // As many as take ten milliseconds.
        while time(count, body, &sum) < 10_000_000 { count *= 2 }
        let each = (0..<rounds).map { _ in Double(time(count, body, &sum)) / Double(count) / 1000 }.sorted()
        precondition(sum >= 0)
        print(
            column(name, 44) + column(String(format: "%.2f", each[rounds / 2]), 10)
                + column(String(format: "%.2f", each[rounds - 1]), 10) + (goal.map { "  below \($0)" } ?? ""))
    }

    private static func time(_ count: Int, _ body: () -> Int?, _ sum: inout Int) -> UInt64 {
        let start = DispatchTime.now().uptimeNanoseconds
        for _ in 0..<count { sum &+= body() ?? 0 }
        sum &= Int.max
        return DispatchTime.now().uptimeNanoseconds - start
    }

    private static func column(_ text: String, _ width: Int) -> String {
        let padding = String(repeating: " ", count: max(0, width - text.count))
        return width > 20 ? text + padding : padding + text
    }
}

/// An event as Alertmanager's webhook makes it, and what a source may want of it.
enum Material {
    static func payload() throws -> [UInt8] {
        let alerts = (1...9).map { number in
            """
            {"status":"firing","labels":{"alertname":"DiskFull","instance":"web\(number).shop.example:9100","severity":\
            "critical","team":"shop","mountpoint":"/var/lib/postgresql"},"annotations":{"summary":"Disk is nearly full \
            on web\(number)","description":"Only \(number) % are left on /var/lib/postgresql.\\nIt fills by 2 GB an \
            hour.","runbook_url":"https://runbooks.shop.example/disk"},"startsAt":"2026-01-01T00:0\(number):00.000Z",\
            "endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://prometheus.shop.example/graph?g0.expr=node_disk",\
            "fingerprint":"55b3a7cfb2b0d0a\(number)"}
            """
        }
        return Array(
            """
            {"version":"4","groupKey":"{}:{alertname=\\"DiskFull\\"}","truncatedAlerts":0,"status":"firing",\
            "receiver":"nightbell","groupLabels":{"alertname":"DiskFull"},"commonLabels":{"alertname":"DiskFull",\
            "severity":"critical","team":"shop","env":"production"},"commonAnnotations":{"runbook_url":\
            "https://runbooks.shop.example/disk"},"externalURL":"http://alertmanager.shop.example","alerts":[\
            \(alerts.joined(separator: ","))]}
            """.utf8)
    }

    static func event() throws -> AlertEvent {
        var event = AlertEvent(
            kind: .alert, alertKey: "disk-full", summary: "[FIRING:9] DiskFull", details: "See the alerts.",
            priority: .high, severity: 2, labels: ["team": "shop"])
        event.customDocument = JSONDocument(try JSONOutline(payload()))
        return event
    }

    static let templates = [
        (
            "a typical summary",
            "{{ event.customDetails.commonLabels.env.upperCase() }}: {{ event.customDetails.commonLabels.alertname }} on "
                + "{{ event.customDetails.alerts[0].labels.instance.splitTakeAt(':', 0) }}"
        ),
        (
            "details with a loop over nine alerts",
            "{{ event.summary }}\n{{#event.customDetails.alerts}}\n- {{ annotations.summary }}\n"
                + "{{/event.customDetails.alerts}}\n"
        ),
        (
            "a key by a regular expression",
            "disk-full-{{ event.customDetails.alerts[0].labels.instance.extractRegexGroups('^(\\\\w+)\\\\.') }}-"
                + "{{ event.customDetails.alerts[0].fingerprint }}"
        ),
    ]
    static let conditions = [
        ("two comparisons", "event.priority == HIGH and event.customDetails.commonLabels.env == production"),
        (
            "a list, a search and a number",
            "event.customDetails.commonLabels.team in [shop, web] and event.summary contains 'diskfull' "
                + "and event.severity <= 2"
        ),
        ("a regular expression", "event.customDetails.alerts[0].labels.instance regex '^web\\\\d+\\\\.shop'"),
    ]
    /// As the ingest benchmark gives them to its source, for this payload.
    static let rules = """
        {"eventFilter":"event.customDetails.commonLabels.env == production and event.severity <= 2",
         "summaryTemplate":{"textTemplate":"{{ event.customDetails.commonLabels.alertname }}: {{ event.summary }}"},
         "detailsTemplate":{"textTemplate":"{{ event.details }} {{ event.customDetails.externalURL }}"},
         "alertKeyTemplate":{"textTemplate":"{{ event.customDetails.alerts[0].fingerprint }}"}}
        """
    static let candidates = (0..<200).map { number in
        GroupCandidate(
            alert: OpenAlert(id: Alert.ID(Int64(number + 1)), status: .pending, priority: .high),
            raisedAt: Timestamp(milliseconds: 1_767_225_600_000),
            text: GroupingRule.similar(threshold: 0.9, within: nil).groupText(
                of: "Service \(String(repeating: "x", count: number % 23 + 1)) answers too slowly in Frankfurt"))
    }
}
