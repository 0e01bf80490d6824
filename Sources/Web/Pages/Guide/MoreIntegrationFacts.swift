extension IntegrationFacts {
    static let second: [String: IntegrationFacts] = [
        "KUBERNETES": IntegrationFacts(
            raises: "eventType ALERT",
            resolves: "eventType RESOLVE",
            accepts: "eventType ACCEPT",
            key: "alertKey",
            note: "ilert's Kubernetes agent and kwatch send this form."),
        "LIBRENMS": IntegrationFacts(
            raises: "state 1, 3, 4 or 5",
            resolves: "state 0",
            accepts: "state 2",
            key: "the alert's id"),
        "LOKI": IntegrationFacts(
            raises: "status firing, for each alert of the notification",
            resolves: "status resolved",
            key: "the alert's fingerprint",
            note: "A notification with several alerts makes several events. The label severity is not read: map "
                + "it with a priority template."),
        "MIMIR": IntegrationFacts(
            raises: "status firing, for each alert of the notification",
            resolves: "status resolved",
            key: "the alert's fingerprint",
            note: "A notification with several alerts makes several events. The label severity is not read: map "
                + "it with a priority template."),
        "MQTT": IntegrationFacts(
            raises: "eventType ALERT",
            resolves: "eventType RESOLVE",
            accepts: "eventType ACCEPT",
            key: "alertKey",
            note: "ilagent forwards messages in this form."),
        "NAGIOS": IntegrationFacts(
            raises: "PROBLEM",
            resolves: "RECOVERY",
            accepts: "ACKNOWLEDGEMENT",
            ignores: "downtimes and flapping",
            key: "host and service",
            note: "XML, JSON or a form; the key is in the URL, or in the XML's apiKey."),
        "NETDATA": IntegrationFacts(
            raises: "severity critical; warning has low priority",
            resolves: "clear",
            ignores: "removed, undefined, reachable",
            key: "host, chart and alarm"),
        "NEWRELIC": IntegrationFacts(
            raises: "CREATED, ACTIVATED, open",
            resolves: "CLOSED, closed",
            accepts: "ACKNOWLEDGED",
            ignores: "test notifications",
            key: "the issue's or incident's id"),
        "OPSGENIE": IntegrationFacts(
            raises: "an alert created",
            resolves: "close",
            accepts: "acknowledge",
            key: "the alias",
            note: "The API is at /v2/alerts with identifier types id, alias and tiny; what has no counterpart "
                + "here (tags, responders, snooze) is taken and kept in the event explorer."),
        "PAGERDUTY": IntegrationFacts(
            raises: "event_action trigger",
            resolves: "resolve",
            accepts: "acknowledge",
            ignores: "change events",
            key: "dedup_key",
            note: "The API is at /v2/enqueue; PagerDuty's own webhooks (v3) are read too."),
        "PINGDOM": IntegrationFacts(
            raises: "DOWN, FAILING",
            resolves: "UP, SUCCESS",
            key: "the check's id"),
        "PROMETHEUS": IntegrationFacts(
            raises: "status firing, for each alert of the notification",
            resolves: "status resolved",
            key: "the alert's fingerprint",
            note: "A notification with several alerts makes several events. The label severity is not read: map "
                + "it with a priority template."),
        "PRTG": IntegrationFacts(
            raises: "Down; Warning and Unusual have low priority",
            resolves: "Up",
            ignores: "Paused, Unknown and Collecting",
            key: "the sensor's id"),
        "RAPIDSPIKE": IntegrationFacts(
            raises: "a monitor is failing; with low priority when it is a warning",
            resolves: "a monitor is passing",
            ignores: "paused and pending monitors",
            key: "the monitor's id, else website and target",
            note: "RapidSpike publishes no description of its webhook, so the fields are found by their names; "
                + "a mapping says where they are instead."),
        "ROLLBAR": IntegrationFacts(
            raises: "a new, repeated or reactivated item",
            resolves: "a resolved item",
            ignores: "deploys and tests",
            key: "the item's id"),
        "SENSU": IntegrationFacts(
            raises: "check status 2 and above; 1 has low priority",
            resolves: "check status 0",
            key: "namespace, host and check"),
        "SENTRY": IntegrationFacts(
            raises: "an issue created or unresolved; an issue alert; a metric alert",
            resolves: "resolved, archived or ignored",
            ignores: "assignments, comments, installations",
            key: "the issue's or the metric alert's id"),
        "SIGNALFX": IntegrationFacts(
            raises: "anomalous",
            resolves: "ok, stopped, manually resolved",
            key: "the incident's id"),
        "SIGNOZ": IntegrationFacts(
            raises: "status firing, for each alert of the notification",
            resolves: "status resolved",
            key: "the alert's fingerprint",
            note: "A notification with several alerts makes several events. The label severity is not read: map "
                + "it with a priority template."),
        "SITE24X7": IntegrationFacts(
            raises: "DOWN, TROUBLE, CRITICAL",
            resolves: "UP",
            ignores: "maintenance and suspended",
            key: "the monitor's id"),
        "SPLUNK": IntegrationFacts(
            raises: "a search that found something",
            resolves: "never: set a time after which alerts are resolved",
            key: "app and search",
            note: "Splunk does not say that something is over."),
        "STACKDRIVER": IntegrationFacts(
            raises: "state open",
            resolves: "state closed",
            accepts: "state acknowledged",
            key: "the incident's id"),
        "STATUSCAKE": IntegrationFacts(
            raises: "Down",
            resolves: "Up",
            key: "the test's id, else name and URL",
            note: "POST or GET."),
        "TOOL": IntegrationFacts(
            raises: "words such as down, failing, critical, firing, open",
            resolves: "words such as up, ok, resolved, closed",
            key: "found by its name, or where the mapping says",
            note: "Any JSON, form or query: state, key, summary and link are found by the names of their "
                + "fields, or where a mapping says."),
        "UPTIME": IntegrationFacts(
            raises: "words such as down, failing, critical, firing, open",
            resolves: "words such as up, ok, resolved, closed",
            key: "found by its name, or where the mapping says",
            note: "Any JSON, form or query: state, key, summary and link are found by the names of their "
                + "fields, or where a mapping says."),
        "UPTIMEKUMA": IntegrationFacts(
            raises: "heartbeat status 0 (down); a certificate about to expire has low priority",
            resolves: "heartbeat status 1 (up)",
            ignores: "pending, maintenance and test messages",
            key: "the monitor's id"),
        "UPTIMEROBOT": IntegrationFacts(
            raises: "alertType 1; 3 (a certificate or domain expires) has low priority",
            resolves: "alertType 2",
            key: "the monitor's id",
            note: "Choose “Send as query string”, JSON or form: all are read."),
        "VICTORIAMETRICS": IntegrationFacts(
            raises: "status firing, for each alert of the notification",
            resolves: "status resolved",
            key: "the alert's fingerprint",
            note: "A notification with several alerts makes several events. The label severity is not read: map "
                + "it with a priority template."),
        "ZABBIX": IntegrationFacts(
            raises: "EVENT.VALUE 1",
            resolves: "EVENT.VALUE 0",
            accepts: "an update with EVENT.ACK.STATUS Yes",
            key: "zabbix- and the event's id",
            note: "Zabbix' media type “ilert” with another address; it is answered as its script expects."),
    ]
}
