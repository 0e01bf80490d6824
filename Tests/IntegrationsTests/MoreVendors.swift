/// The pairs of fixtures of the tools that followed the first monitors; see `VendorTests`.
enum MoreVendors {
    static let all: [VendorTests.Vendor] = [
        .init(
            type: "NAGIOS", firing: "nagios/firing.xml", resolved: "nagios/resolved.xml",
            key: "web-1/http", summary: "web-1/http is CRITICAL: HTTP CRITICAL: 503 Service Unavailable",
            state: #"NOTIFICATIONTYPE">PROBLEM"#, unknown: #"NOTIFICATIONTYPE">sideways"#),
        .init(
            type: "ICINGA", firing: "icinga/firing.xml", resolved: "icinga/resolved.xml",
            key: "web-1/http", summary: "web-1/http is CRITICAL: HTTP CRITICAL: 503 Service Unavailable",
            state: #"NOTIFICATIONTYPE">PROBLEM"#, unknown: #"NOTIFICATIONTYPE">sideways"#),
        .init(
            type: "CHECKMK", firing: "checkmk/plugin-firing.xml", resolved: "checkmk/plugin-resolved.xml",
            key: "web-1/Filesystem /", summary: "web-1/Filesystem / is CRIT: Used: 97.10% - 48.6 GB of 50.0 GB(!!)",
            state: #"NOTIFICATIONTYPE">PROBLEM"#, unknown: #"NOTIFICATIONTYPE">sideways"#),
        .init(
            type: "AMAZONSNS", firing: "amazonsns/firing.json", resolved: "amazonsns/resolved.json",
            key: "000000000000/EU (Ireland)/diskAlarm", summary: #"ALARM: "diskAlarm" in EU (Ireland)"#,
            state: #"\"NewStateValue\":\"ALARM\""#, unknown: #"\"NewStateValue\":\"sideways\""#),
        .init(
            type: "PAGERDUTY", firing: "pagerduty/firing.json", resolved: "pagerduty/resolved.json",
            key: "shop/checkout", summary: "Checkout answers with 503",
            state: #""event_action": "trigger""#),
        .init(
            type: "OPSGENIE", firing: "opsgenie/firing.json", resolved: "opsgenie/resolved.json",
            key: "shop/checkout", summary: "Checkout is down",
            state: #""action": "Create""#),
        .init(
            type: "GITHUB", firing: "github/firing.json", resolved: "github/resolved.json",
            key: "workflow_run/example/shop/159038/main", summary: "example/shop: CI on main failed",
            state: #""conclusion": "failure""#),
        .init(
            type: "GITLAB", firing: "gitlab/firing.json", resolved: "gitlab/resolved.json",
            key: "pipeline/shop/web/main", summary: "shop/web: pipeline on main failed",
            state: #""status": "failed""#),
        .init(
            type: "NETDATA", firing: "netdata/firing.json", resolved: "netdata/resolved.json",
            key: "web-1/disk_space._/disk_space_usage", summary: "web-1 disk space usage critical",
            state: #""severity": "critical""#),
        .init(
            type: "LIBRENMS", firing: "librenms/firing.json", resolved: "librenms/resolved.json",
            key: "4711", summary: "Alert for device web-1 - Devices up/down",
            state: #""state": 1"#),
        .init(
            type: "PRTG", firing: "prtg/firing.form", resolved: "prtg/resolved.form",
            key: "2047", summary: "web-1/Ping is Down",
            state: "status=Down"),
        .init(
            type: "JIRA", firing: "jira/firing.json", resolved: "jira/resolved.json",
            key: "SHOP-7", summary: "SHOP-7: Checkout is down",
            state: #""webhookEvent": "jira:issue_created""#),
        .init(
            type: "SIGNALFX", firing: "signalfx/firing.json", resolved: "signalfx/resolved.json",
            key: "DxVmRi1AYAA", summary: "Critical Alert: Shop latency",
            state: #""status": "anomalous""#),
        .init(
            type: "DYNATRACE", firing: "dynatrace/firing.json", resolved: "dynatrace/resolved.json",
            key: "P-260101", summary: "Failure rate increase of checkout",
            state: #""State": "OPEN""#),
        .init(
            type: "NEWRELIC", firing: "newrelic/firing.json", resolved: "newrelic/resolved.json",
            key: "0ea2df1c-adab-45d2-aae0-042b609d2322", summary: "Memory used > 90% for at least 2 minutes on 'web-1'",
            state: #""state": "ACTIVATED""#),
        .init(
            type: "NEWRELIC", firing: "newrelic/legacy-firing.json", resolved: "newrelic/legacy-resolved.json",
            key: "98765", summary: "Apdex (low)",
            state: #""current_state": "open""#),
        .init(
            type: "HONEYCOMB", firing: "honeycomb/firing.json", resolved: "honeycomb/resolved.json",
            key: "abcdefg", summary: "Triggered: Slow checkout",
            state: #""status": "TRIGGERED""#),
        .init(
            type: "AZUREALERTS", firing: "azurealerts/firing.json", resolved: "azurealerts/resolved.json",
            key: "/subscriptions/00000000/providers/Microsoft.AlertsManagement/alerts/aaaa0a0a",
            summary: "High CPU on web-1 is fired",
            state: #""monitorCondition": "Fired""#),
        .init(
            type: "STACKDRIVER", firing: "stackdriver/firing.json", resolved: "stackdriver/resolved.json",
            key: "0.ligwyr056k2l", summary: "An uptime check on shop.example.com is failing.",
            state: #""state": "open""#),
        .init(
            type: "SENSU", firing: "sensu/firing.json", resolved: "sensu/resolved.json",
            key: "default/web-1/check-http", summary: "check-http on web-1: HTTP CRITICAL: 503",
            state: #""status": 2"#),
        .init(
            type: "AWX", firing: "awx/firing.json", resolved: "awx/resolved.json",
            key: "Job/Shop/Deploy the shop", summary: "Deploy the shop failed",
            state: #""status": "failed""#),
        .init(
            type: "CRONITOR", firing: "cronitor/firing.json", resolved: "cronitor/resolved.json",
            key: "UH6G3i/production", summary: "Nightly backup is failing",
            state: #""type": "ALERT""#),
        .init(
            type: "ROLLBAR", firing: "rollbar/firing.json", resolved: "rollbar/resolved.json",
            key: "272716944", summary: "TypeError: cart is undefined",
            state: #""event_name": "new_item""#),
        .init(
            type: "HONEYBADGER", firing: "honeybadger/firing.json", resolved: "honeybadger/resolved.json",
            key: "site/c42aa79a", summary: "[Shop] is down",
            state: #""event": "down""#),
        .init(
            type: "KAPACITOR", firing: "kapacitor/firing.json", resolved: "kapacitor/resolved.json",
            key: "cpu:host=web-1", summary: "cpu:host=web-1 is CRITICAL",
            state: #""level": "CRITICAL""#),
        .init(
            type: "CLOUDFLARE", firing: "cloudflare/firing.json", resolved: "cloudflare/resolved.json",
            key: "c0ffee", summary: "Origin errors",
            state: #""alert_event": "ALERT_STATE_EVENT_START""#),
    ]
}
