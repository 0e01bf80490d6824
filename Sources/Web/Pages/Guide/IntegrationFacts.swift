/// How a tool's requests are read, in words for people.
struct IntegrationFacts: Sendable {
    let raises: String
    let resolves: String
    var accepts: String?
    /// What is taken and does nothing.
    var ignores: String?
    /// What makes two events speak of the same alert.
    let key: String
    var note: String?

    /// By integration type.
    static let all = first.merging(second) { first, _ in first }

    private static let first: [String: IntegrationFacts] = [
        "AMAZONSNS": IntegrationFacts(
            raises: "an alarm in state ALARM, or any other message",
            resolves: "an alarm in state OK",
            ignores: "INSUFFICIENT_DATA, and the confirmation of a subscription",
            key: "account, region and alarm name; else topic and subject",
            note: "Amazon's signature is always checked, and a subscription is confirmed by itself. A message "
                + "that is JSON with an eventType is read as an event of the events API."),
        "API": IntegrationFacts(
            raises: "eventType ALERT",
            resolves: "eventType RESOLVE",
            accepts: "eventType ACCEPT",
            key: "alertKey",
            note: "COMMENT adds a comment. A fault is answered 400 and names the field."),
        "AWX": IntegrationFacts(
            raises: "a job's status failed or error",
            resolves: "successful",
            ignores: "new, pending, waiting, running and canceled",
            key: "template and project"),
        "AZUREALERTS": IntegrationFacts(
            raises: "monitorCondition Fired; a budget that reached its threshold has low priority",
            resolves: "monitorCondition Resolved",
            key: "the alert's id; a budget's name",
            note: "Choose the common alert schema in the action group. Sev3 and Sev4 have low priority."),
        "BETTERSTACK": IntegrationFacts(
            raises: "an incident started",
            resolves: "an incident resolved",
            accepts: "an incident acknowledged",
            ignores: "webhooks of monitors and of on-call contacts",
            key: "the incident's id"),
        "CHECKLY": IntegrationFacts(
            raises: "ALERT_FAILURE; ALERT_DEGRADED and ALERT_SSL have low priority",
            resolves: "ALERT_RECOVERY, ALERT_DEGRADED_RECOVERY",
            ignores: "NO_ALERT",
            key: "the check's id; certificates have a key of their own"),
        "CHECKMK": IntegrationFacts(
            raises: "PROBLEM",
            resolves: "RECOVERY",
            accepts: "ACKNOWLEDGEMENT",
            ignores: "downtimes and flapping",
            key: "host and service"),
        "CLOUDFLARE": IntegrationFacts(
            raises: "a notification",
            resolves: "ALERT_STATE_EVENT_END",
            key: "the alert's correlation id, else policy and type"),
        "CLOUDWATCH": IntegrationFacts(
            raises: "an alarm in state ALARM, or any other message",
            resolves: "an alarm in state OK",
            ignores: "INSUFFICIENT_DATA, and the confirmation of a subscription",
            key: "account, region and alarm name; else topic and subject",
            note: "Amazon's signature is always checked, and a subscription is confirmed by itself. A message "
                + "that is JSON with an eventType is read as an event of the events API."),
        "CORTEX": IntegrationFacts(
            raises: "status firing, for each alert of the notification",
            resolves: "status resolved",
            key: "the alert's fingerprint",
            note: "A notification with several alerts makes several events. The label severity is not read: map "
                + "it with a priority template."),
        "CRONITOR": IntegrationFacts(
            raises: "type ALERT",
            resolves: "type RECOVERY",
            key: "the monitor's key and environment"),
        "DATADOG": IntegrationFacts(
            raises: "Triggered, Re-Triggered, No Data, Re-No Data, Renotify; Warn and Re-Warn have low priority",
            resolves: "Recovered",
            key: "ALERT_CYCLE_KEY when the template has it, else the alert's id"),
        "DYNATRACE": IntegrationFacts(
            raises: "State OPEN",
            resolves: "RESOLVED, MERGED",
            key: "the problem's id"),
        "EMAIL": IntegrationFacts(
            raises: "any mail, or those that pass the filter",
            resolves: "mails that pass the resolve filter",
            key: "what is extracted, else the mail's Message-ID",
            note: "The server must take mails: NIGHTBELL_SMTP_LISTEN."),
        "EMAIL2": IntegrationFacts(
            raises: "any mail, or those that pass the filter",
            resolves: "mails that pass the resolve filter",
            key: "what is extracted, else the mail's Message-ID",
            note: "The server must take mails: NIGHTBELL_SMTP_LISTEN."),
        "GATUS": IntegrationFacts(
            raises: "status firing or TRIGGERED",
            resolves: "status resolved",
            key: "group and name"),
        "GITHUB": IntegrationFacts(
            raises: "a run or check that failed; an issue opened; a security alert created",
            resolves: "a run that succeeded; an issue closed; an alert fixed or dismissed",
            ignores: "cancelled and skipped runs, edits",
            key: "workflow and branch, issue, or alert"),
        "GITLAB": IntegrationFacts(
            raises: "a pipeline, job or deployment failed; an issue opened; a vulnerability detected",
            resolves: "success; closed; resolved",
            ignores: "what is still running",
            key: "pipeline and branch, job, environment, issue or vulnerability"),
        "GRAFANA": IntegrationFacts(
            raises: "status firing, for each alert; alerting and no_data of versions before 9",
            resolves: "resolved; ok",
            ignores: "paused and pending",
            key: "the alert's fingerprint; the rule's id before 9"),
        "HEALTHCHECKSIO": IntegrationFacts(
            raises: "down",
            resolves: "up",
            ignores: "new and paused",
            key: "the check's id",
            note: "Body $JSON and the header Check-Status: $STATUS."),
        "HETRIXTOOLS": IntegrationFacts(
            raises: "offline",
            resolves: "online",
            key: "the monitor's id"),
        "HONEYBADGER": IntegrationFacts(
            raises: "an error occurred, a site down, a check-in missing, an alarm",
            resolves: "resolved, up, reporting, ok",
            ignores: "assigned, commented, deployed",
            key: "the error, site, check-in or alarm"),
        "HONEYCOMB": IntegrationFacts(
            raises: "TRIGGERED",
            resolves: "OK",
            key: "the trigger's id"),
        "ICINGA": IntegrationFacts(
            raises: "PROBLEM",
            resolves: "RECOVERY",
            accepts: "ACKNOWLEDGEMENT",
            ignores: "downtimes and flapping",
            key: "host and service",
            note: "XML, JSON or a form; the key is in the URL, or in the XML's apiKey."),
        "JIRA": IntegrationFacts(
            raises: "an issue created or put back to do",
            resolves: "an issue done or deleted",
            accepts: "an issue in progress",
            key: "the issue's key",
            note: "Comments are added to the alert."),
        "KAFKA": IntegrationFacts(
            raises: "eventType ALERT",
            resolves: "eventType RESOLVE",
            accepts: "eventType ACCEPT",
            key: "alertKey",
            note: "ilagent forwards messages in this form."),
        "KAPACITOR": IntegrationFacts(
            raises: "level CRITICAL; WARNING and INFO have low priority",
            resolves: "level OK",
            key: "the alert's id"),
        "KEEP": IntegrationFacts(
            raises: "eventType ALERT",
            resolves: "eventType RESOLVE",
            accepts: "eventType ACCEPT",
            key: "alertKey",
            note: "Keep's ilert provider sends this form."),
    ]
}
