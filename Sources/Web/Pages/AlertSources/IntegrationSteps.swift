/// One thing to do in a tool, so that it tells an alert source of its failures.
struct IntegrationStep {
    let text: String
    /// To be pasted or typed.
    let code: String?

    init(_ text: String, _ code: String? = nil) {
        self.text = text
        self.code = code
    }

    /// - Parameters:
    ///   - type: the integration type.
    ///   - url: where the tool posts to, or the address that it writes to.
    static func steps(for type: String, key: String, name: String, url: String) -> [IntegrationStep] {
        let root = url.firstRange(of: "/api/").map { String(url[..<$0.lowerBound]) } ?? url
        return paging(type, key: key, url: url, root: root)
            ?? infrastructure(type, key: key, name: name, url: url, root: root) ?? payloads(type, url: url)
            ?? [
                IntegrationStep("Add a webhook, or whatever \(name) calls a notification that posts to a URL."),
                IntegrationStep("Paste this as its URL:", url),
            ]
    }

    /// Tools with an API or an address of their own.
    private static func paging(
        _ type: String, key: String, url: String, root: String
    ) -> [IntegrationStep]? {
        switch type {
        case "PAGERDUTY":
            [
                IntegrationStep("In your tool, choose its PagerDuty integration (Events API v2)."),
                IntegrationStep("Replace PagerDuty's address by this one:", root + "/v2/enqueue"),
                IntegrationStep("Use this as the routing key or integration key:", key),
            ]
        case "OPSGENIE":
            [
                IntegrationStep("In your tool, choose its Opsgenie integration."),
                IntegrationStep("Replace Opsgenie's API address by this one:", root),
                IntegrationStep("Use this as the API key:", key),
            ]
        case "AMAZONSNS", "CLOUDWATCH":
            [
                IntegrationStep("In Amazon SNS, create a subscription of the topic with the protocol HTTPS and:", url),
                IntegrationStep("Leave raw message delivery off. The subscription is confirmed by itself."),
            ]
        case "GITHUB", "GITLAB", "JIRA":
            [
                IntegrationStep(
                    "In the settings of the project, add a webhook with this URL and JSON as its form:", url),
                IntegrationStep("Choose the events that matter, and set the same secret there and on the edit page."),
            ]
        case "EMAIL", "EMAIL2":
            [
                IntegrationStep("Let your tool write mails to this address:", url),
                IntegrationStep("Say on the page “Mail rules” which mails raise alerts and which resolve them."),
            ]
        case "KUBERNETES", "KAFKA", "MQTT", "KEEP", "API":
            [
                IntegrationStep("Post events as JSON to this URL, or give it to the agent:", url),
                IntegrationStep("Agents that ask for an address and a key take the address:", root),
                IntegrationStep("and the key:", key),
            ]
        default: nil
        }
    }

    /// Tools that are told in their configuration files or by plugins.
    private static func infrastructure(
        _ type: String, key: String, name: String, url: String, root: String
    ) -> [IntegrationStep]? {
        switch type {
        case "NAGIOS", "ICINGA", "CHECKMK":
            [
                IntegrationStep("Install ilert's plugin for \(name) and give it this address as its endpoint:", root),
                IntegrationStep("Set this as the pager of the contact, or as the API key:", key),
                IntegrationStep(
                    "Or let a notification command of your own post the variables as XML, JSON or form to:", url),
            ]
        case "PROMETHEUS", "CORTEX", "MIMIR", "LOKI", "SIGNOZ", "VICTORIAMETRICS":
            [
                IntegrationStep("In alertmanager.yml, add a receiver with webhook_configs and this URL:", url),
                IntegrationStep("Leave send_resolved on, and route alerts to it."),
            ]
        case "NETDATA":
            [
                IntegrationStep("In health_alarm_notify.conf:", "SEND_ILERT=\"YES\""),
                IntegrationStep("and", "ILERT_ALERT_SOURCE_URL=\"\(url)\""),
            ]
        case "ZABBIX":
            [
                IntegrationStep("Import the media type “ilert” and change the address in its script to:", root),
                IntegrationStep("Use this as “Send to” of the user's media:", key),
            ]
        default: nil
        }
    }

    /// Tools that need to be told what to send.
    private static func payloads(
        _ type: String, url: String
    ) -> [IntegrationStep]? {
        switch type {
        case "PRTG":
            [
                IntegrationStep("Add a notification template with “Execute HTTP Action” and this URL:", url),
                IntegrationStep(
                    "Its payload:",
                    "sensorid=%sensorid&sensor=%sensor&device=%device&group=%group&host=%host&status=%status"
                        + "&message=%message&lastvalue=%lastvalue&link=%linksensor"),
            ]
        case "HEALTHCHECKSIO":
            [
                IntegrationStep("Add a webhook integration with POST, for down and for up, and this URL:", url),
                IntegrationStep("Its request body:", "$JSON"),
                IntegrationStep("Its request header:", "Check-Status: $STATUS"),
            ]
        case "UPTIMEROBOT":
            [
                IntegrationStep(
                    "Add an alert contact of type Webhook with this URL and a question mark at its end:", url + "?"),
                IntegrationStep("Choose “Send default variables as query string”, and notify of up and down."),
            ]
        case "DATADOG":
            [
                IntegrationStep("In the Webhooks integration, add a webhook with this URL:", url),
                IntegrationStep(
                    "Its payload:",
                    #"{"alert_id": "$ALERT_ID", "alert_cycle_key": "$ALERT_CYCLE_KEY", "alert_transition": "#
                        + #""$ALERT_TRANSITION", "title": "$EVENT_TITLE", "body": "$EVENT_MSG", "link": "$LINK"}"#),
                IntegrationStep("Name the webhook in the monitors' messages, such as @webhook-nightbell."),
            ]
        case "CHECKLY":
            [
                IntegrationStep("Add a webhook alert channel with POST and this URL:", url),
                IntegrationStep(
                    "Its payload:",
                    #"{"event": "{{ALERT_TITLE}}", "alert_type": "{{ALERT_TYPE}}", "check_name": "{{CHECK_NAME}}", "#
                        + #""check_id": "{{CHECK_ID}}", "link": "{{RESULT_LINK}}", "started_at": "{{STARTED_AT}}"}"#),
            ]
        case "DYNATRACE":
            [
                IntegrationStep("Add a problem notification “Custom integration” with this URL:", url),
                IntegrationStep(
                    "Its payload:",
                    #"{"State": "{State}", "ProblemID": "{ProblemID}", "ProblemTitle": "{ProblemTitle}", "#
                        + #""ProblemDetailsText": "{ProblemDetailsText}", "ProblemURL": "{ProblemURL}"}"#),
            ]
        default: nil
        }
    }
}
