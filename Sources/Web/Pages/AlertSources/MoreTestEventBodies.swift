/// The bodies of test events of the tools that followed the first monitors; `STATE` stands for the word of the state.
extension TestEventBodies {
    static let others: [String: Pair] = [
        "AWX": pair(
            """
            {"id": 1, "name": "Nightbell test event", "friendly_name": "Job", "status": "STATE"}
            """, "failed", "successful"),
        "AZUREALERTS": pair(
            """
            {"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": {"alertId": "test-event",
            "alertRule": "Nightbell test event", "severity": "Sev1", "monitorCondition": "STATE"}}}
            """, "Fired", "Resolved"),
        "CLOUDFLARE": pair(
            """
            {"name": "Nightbell test event", "text": "Test event", "policy_id": "1", "alert_type": "test",
            "alert_correlation_id": "test-event", "alert_event": "STATE"}
            """, "ALERT_STATE_EVENT_START", "ALERT_STATE_EVENT_END"),
        "CRONITOR": pair(
            """
            {"id": "test-event", "monitor": "Nightbell test event", "description": "Test event",
            "type": "STATE"}
            """, "ALERT", "RECOVERY"),
        "DYNATRACE": pair(
            """
            {"State": "STATE", "ProblemID": "P-1", "ProblemTitle": "Nightbell test event"}
            """, "OPEN", "RESOLVED"),
        "GITHUB": pair(
            """
            {"action": "completed", "repository": {"full_name": "nightbell/test"}, "workflow_run": {"id": 1,
            "workflow_id": 1, "name": "Nightbell test event", "head_branch": "main", "conclusion": "STATE"}}
            """, "failure", "success"),
        "GITLAB": pair(
            """
            {"object_kind": "pipeline", "object_attributes": {"id": 1, "ref": "nightbell-test-event",
            "status": "STATE"}, "project": {"path_with_namespace": "nightbell/test"}}
            """, "failed", "success"),
        "HONEYBADGER": pair(
            """
            {"event": "STATE", "message": "Nightbell test event", "site": {"id": "test-event",
            "name": "Test"}}
            """, "down", "up"),
        "HONEYCOMB": pair(
            """
            {"id": "test-event", "name": "Nightbell test event", "status": "STATE",
            "summary": "Nightbell test event"}
            """, "TRIGGERED", "OK"),
        "JIRA": pair(
            """
            {"webhookEvent": "STATE", "issue": {"key": "TEST-1",
            "fields": {"summary": "Nightbell test event"}}}
            """, "jira:issue_created", "jira:issue_deleted"),
        "KAPACITOR": pair(
            """
            {"id": "nightbell-test-event", "message": "Nightbell test event", "level": "STATE",
            "time": "2026-01-01T10:00:00Z"}
            """, "CRITICAL", "OK"),
        "LIBRENMS": pair(
            """
            {"title": "Nightbell test event", "hostname": "test", "alert_id": 1, "severity": "critical",
            "state": STATE}
            """, "1", "0"),
        "NETDATA": pair(
            """
            {"host": "test", "alarm": "Nightbell test event", "chart": "test.event", "severity": "STATE",
            "message": "Nightbell test event"}
            """, "critical", "clear"),
        "NEWRELIC": pair(
            """
            {"id": "test-event", "title": "Nightbell test event", "priority": "CRITICAL", "state": "STATE"}
            """, "ACTIVATED", "CLOSED"),
        "OPSGENIE": pair(
            """
            {"action": "STATE", "alert": {"alertId": "1", "alias": "test-event",
            "message": "Nightbell test event"}}
            """, "Create", "Close"),
        "PAGERDUTY": pair(
            """
            {"event_action": "STATE", "dedup_key": "test-event",
            "payload": {"summary": "Nightbell test event", "source": "test", "severity": "critical"}}
            """, "trigger", "resolve"),
        "ROLLBAR": pair(
            """
            {"event_name": "STATE", "data": {"item": {"id": 1, "title": "Nightbell test event"}}}
            """, "new_item", "resolved_item"),
        "SENSU": pair(
            """
            {"entity": {"metadata": {"name": "test"}},
            "check": {"metadata": {"name": "nightbell-test-event"}, "output": "Test event",
            "status": STATE}}
            """, "2", "0"),
        "SIGNALFX": pair(
            """
            {"status": "STATE", "incidentId": "test-event", "messageTitle": "Nightbell test event",
            "severity": "Critical"}
            """, "anomalous", "ok"),
        "SPLUNK": pair(
            """
            {"result": {"count": "1"}, "sid": "test_event", "search_name": "Nightbell test event",
            "owner": "test", "app": "search"}
            """, "", ""),
        "STACKDRIVER": pair(
            """
            {"version": "1.2", "incident": {"incident_id": "test-event", "summary": "Nightbell test event",
            "state": "STATE"}}
            """, "open", "closed"),
        "TOOL": anyTool,
        "UPTIME": anyTool,
        "CORTEX": alertmanager,
        "LOKI": alertmanager,
        "MIMIR": alertmanager,
        "SIGNOZ": alertmanager,
        "VICTORIAMETRICS": alertmanager,
        "AMAZONSNS": alarm,
        "CLOUDWATCH": alarm,
        "NAGIOS": plugin("NAGIOS"),
        "ICINGA": plugin("ICINGA"),
        "PRTG": Pair(
            failing: "sensorid=1&device=test&sensor=Nightbell+test+event&status=Down&message=Test+event",
            passing: "sensorid=1&device=test&sensor=Nightbell+test+event&status=Up&message=Test+event", form: .form),
    ]

    private static let anyTool = pair(
        #"{"id": "nightbell-test-event", "name": "Nightbell test event", "status": "STATE"}"#, "down", "up")

    private static let alarm = pair(
        #"{"Type": "Notification", "MessageId": "1", "TopicArn": "test", "Message": "#
            + #""{\"AlarmName\":\"Nightbell test event\",\"NewStateValue\":\"STATE\"}"}"#, "ALARM", "OK")

    private static func plugin(_ prefix: String) -> Pair {
        pair(
            "<event><payload><entry key=\"\(prefix)_NOTIFICATIONTYPE\">STATE</entry>"
                + "<entry key=\"\(prefix)_HOSTNAME\">nightbell-test-event</entry>"
                + "<entry key=\"\(prefix)_HOSTOUTPUT\">Test event</entry></payload></event>",
            "PROBLEM", "RECOVERY", form: .xml)
    }

    private static func pair(_ body: String, _ failing: String, _ passing: String, form: Pair.Form = .json) -> Pair {
        Pair(
            failing: body.replacing("STATE", with: failing), passing: body.replacing("STATE", with: passing),
            form: form)
    }
}
