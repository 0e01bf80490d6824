import Integrations
import Storage

/// One thing to do in a tool, so that it tells an alert source of its failures.
struct IntegrationStep {
    let text: String
    /// To be pasted or typed.
    let code: String?

    init(_ text: String, _ code: String? = nil) {
        self.text = text
        self.code = code
    }

    static func steps(for source: AlertSourceRecord, name: String, url: String) -> [IntegrationStep] {
        let key = source.integrationKey
        let root = url.firstRange(of: "/api/").map { String(url[..<$0.lowerBound]) } ?? url
        switch source.integrationType {
        case "PAGERDUTY":
            return [
                IntegrationStep("In your tool, choose its PagerDuty integration (Events API v2)."),
                IntegrationStep("Replace PagerDuty's address by this one:", root + "/v2/enqueue"),
                IntegrationStep("Use this as the routing key or integration key:", key),
            ]
        case "OPSGENIE":
            return [
                IntegrationStep("In your tool, choose its Opsgenie integration."),
                IntegrationStep("Replace Opsgenie's API address by this one:", root),
                IntegrationStep("Use this as the API key:", key),
            ]
        case "NAGIOS", "ICINGA", "CHECKMK":
            return [
                IntegrationStep("Install ilert's plugin for \(name) and give it this address as its endpoint:", root),
                IntegrationStep("Set this as the pager of the contact, or as the API key:", key),
                IntegrationStep("Or let a notification command of your own post the variables as XML or JSON to:", url),
            ]
        case "AMAZONSNS", "CLOUDWATCH":
            return [
                IntegrationStep("In Amazon SNS, create a subscription of the topic with the protocol HTTPS and:", url),
                IntegrationStep("Leave raw message delivery off. The subscription is confirmed by itself."),
            ]
        case "GITHUB", "GITLAB", "JIRA":
            return [
                IntegrationStep(
                    "In the settings of the project, add a webhook with this URL and JSON as its form:", url),
                IntegrationStep("Choose the events that matter, and set the same secret there and on the edit page."),
            ]
        default:
            return agentSteps(for: source.integrationType, key: key, root: root, url: url)
                ?? [
                    IntegrationStep("Add a webhook, or whatever \(name) calls a notification that posts to a URL."),
                    IntegrationStep("Paste this as its URL:", url),
                ]
        }
    }

    /// For tools whose notifications are put together in a file or a form of theirs.
    private static func agentSteps(for type: String, key: String, root: String, url: String) -> [IntegrationStep]? {
        switch type {
        case "PRTG":
            return [
                IntegrationStep("Add a notification template with “Execute HTTP Action” and this URL:", url),
                IntegrationStep(
                    "Its payload:",
                    "sensorid=%sensorid&sensor=%sensor&device=%device&group=%group&host=%host&status=%status"
                        + "&message=%message&lastvalue=%lastvalue&link=%linksensor"),
            ]
        case "PROMETHEUS", "CORTEX", "MIMIR", "LOKI", "SIGNOZ", "VICTORIAMETRICS":
            return [
                IntegrationStep("In alertmanager.yml, add a receiver with webhook_configs and this URL:", url),
                IntegrationStep("Leave send_resolved on, and route alerts to it."),
            ]
        case "NETDATA":
            return [
                IntegrationStep("In health_alarm_notify.conf:", "SEND_ILERT=\"YES\""),
                IntegrationStep("and", "ILERT_ALERT_SOURCE_URL=\"\(url)\""),
            ]
        case "ZABBIX":
            return [
                IntegrationStep("Import the media type “ilert” and change the address in its script to:", root),
                IntegrationStep("Use this as “Send to” of the user's media:", key),
            ]
        default: return nil
        }
    }
}
