/// What tools send when something fails and when it is well again, cut down to what matters: the bodies of test events.
///
/// Source: the fixtures of `IntegrationsTests`, whose origin is named in each integration's file.
enum TestEventBodies {
    struct Pair: Sendable {
        let failing: String
        let passing: String
        var form = Form.json

        enum Form: Sendable { case json, form, query, xml, mail }
    }

    /// By integration type.
    static let pairs = monitors.merging(others) { first, _ in first }

    private static let monitors: [String: Pair] = [
        "UPTIMEKUMA": Pair(
            failing: """
                {"heartbeat": {"monitorID": 1, "status": 0, "msg": "Test event", "important": true},
                 "monitor": {"id": 1, "name": "Nightbell test event", "url": "https://example.com", "type": "http"},
                 "msg": "[Nightbell test event] [🔴 Down] Test event"}
                """,
            passing: """
                {"heartbeat": {"monitorID": 1, "status": 1, "msg": "200 - OK", "important": true},
                 "monitor": {"id": 1, "name": "Nightbell test event", "url": "https://example.com", "type": "http"},
                 "msg": "[Nightbell test event] [✅ Up] 200 - OK"}
                """),
        "PROMETHEUS": alertmanager, "GRAFANA": alertmanager,
        "BETTERSTACK": jsonAPI, "EMAIL": mail, "EMAIL2": mail,
        "CHECKLY": Pair(
            failing: """
                {"event": "Nightbell test event has failed", "alert_type": "ALERT_FAILURE",
                 "check_name": "Nightbell test event", "check_id": "00000000-0000-4000-8000-000000000001"}
                """,
            passing: """
                {"event": "Nightbell test event has recovered", "alert_type": "ALERT_RECOVERY",
                 "check_name": "Nightbell test event", "check_id": "00000000-0000-4000-8000-000000000001"}
                """),
        "CHECKMK": Pair(
            failing: """
                {"id": "1", "summary": "CheckMK test - UP -> DOWN", "host": "nightbell-test-event",
                 "event": "UP -> DOWN", "output": "Test event", "status": "DOWN", "severity": "CRITICAL",
                 "what": "HOST", "notification_type": "PROBLEM"}
                """,
            passing: """
                {"id": "1", "summary": "CheckMK test - DOWN -> UP", "host": "nightbell-test-event",
                 "event": "DOWN -> UP", "output": "Test event", "status": "UP", "severity": "OK",
                 "what": "HOST", "notification_type": "RECOVERY"}
                """),
        "DATADOG": Pair(
            failing: """
                {"title": "[Triggered] Nightbell test event", "body": "Test event", "alert_id": "1",
                 "alert_transition": "Triggered", "event_type": "query_alert_monitor", "id": "1"}
                """,
            passing: """
                {"title": "[Recovered] Nightbell test event", "body": "Test event", "alert_id": "1",
                 "alert_transition": "Recovered", "event_type": "query_alert_monitor", "id": "1"}
                """),
        "GATUS": Pair(
            failing: """
                {"name": "nightbell-test-event", "group": "", "status": "firing", "title": "Nightbell test event",
                 "details": "Test event", "url": "https://example.com",
                 "alert": {"Description": "Test event", "ResolveKey": "test-event"}}
                """,
            passing: """
                {"name": "nightbell-test-event", "group": "", "status": "resolved", "title": "Nightbell test event",
                 "details": "Test event", "url": "https://example.com",
                 "alert": {"Description": "Test event", "ResolveKey": "test-event"}}
                """),
        "HEALTHCHECKSIO": Pair(
            failing: """
                {"name": "Nightbell test event", "status": "down", "uuid": "00000000-0000-4000-8000-000000000001"}
                """,
            passing: """
                {"name": "Nightbell test event", "status": "up", "uuid": "00000000-0000-4000-8000-000000000001"}
                """),
        "HETRIXTOOLS": Pair(
            failing: """
                {"monitor_id": "1", "monitor_name": "Nightbell test event", "monitor_target": "https://example.com/",
                 "monitor_type": "website", "monitor_status": "offline", "monitor_errors": {"London": "timeout"}}
                """,
            passing: """
                {"monitor_id": "1", "monitor_name": "Nightbell test event", "monitor_target": "https://example.com/",
                 "monitor_type": "website", "monitor_status": "online"}
                """),
        "PINGDOM": Pair(
            failing: """
                {"check_id": 1, "check_name": "Nightbell test event", "check_type": "HTTP", "current_state": "DOWN",
                 "previous_state": "UP", "importance_level": "HIGH", "description": "Test event"}
                """,
            passing: """
                {"check_id": 1, "check_name": "Nightbell test event", "check_type": "HTTP", "current_state": "UP",
                 "previous_state": "DOWN", "importance_level": "HIGH", "description": "Test event"}
                """),
        "SENTRY": Pair(
            failing: """
                {"action": "created", "data": {"issue": {"id": "1", "title": "Nightbell test event", "level": "error",
                 "status": "unresolved", "culprit": "test", "project": {"id": "1", "slug": "test"}}}}
                """,
            passing: """
                {"action": "resolved", "data": {"issue": {"id": "1", "title": "Nightbell test event", "level": "error",
                 "status": "resolved", "culprit": "test", "project": {"id": "1", "slug": "test"}}}}
                """),
        "SITE24X7": Pair(
            failing: """
                {"MONITORNAME": "Nightbell test event", "MONITOR_ID": 1, "STATUS": "DOWN", "MONITORTYPE": "URL",
                 "INCIDENT_REASON": "Test event", "MONITORURL": "https://example.com"}
                """,
            passing: """
                {"MONITORNAME": "Nightbell test event", "MONITOR_ID": 1, "STATUS": "UP", "MONITORTYPE": "URL",
                 "INCIDENT_REASON": "Test event", "MONITORURL": "https://example.com"}
                """),
        "STATUSCAKE": Pair(
            failing: "URL=https%3A%2F%2Fexample.com&StatusCode=0&Status=Down&Name=Nightbell+test+event",
            passing: "URL=https%3A%2F%2Fexample.com&StatusCode=200&Status=Up&Name=Nightbell+test+event", form: .form),
        "UPTIMEROBOT": Pair(
            failing: uptimeRobot + "&alertType=1&alertTypeFriendlyName=Down&alertDetails=Test+event",
            passing: uptimeRobot + "&alertType=2&alertTypeFriendlyName=Up&alertDetails=Test+event", form: .query),
        "ZABBIX": Pair(
            failing: """
                {"EVENT.ID": "1", "EVENT.NAME": "Nightbell test event", "EVENT.VALUE": "1", "EVENT.SEVERITY": "High",
                 "EVENT.NSEVERITY": "4", "EVENT.UPDATE.STATUS": "0", "HOST.NAME": "test", "TRIGGER.ID": "1",
                 "TRIGGER.NAME": "Nightbell test event", "TRIGGER.STATUS": "PROBLEM", "TRIGGER.VALUE": "1"}
                """,
            passing: """
                {"EVENT.ID": "1", "EVENT.NAME": "Nightbell test event", "EVENT.VALUE": "0", "EVENT.SEVERITY": "High",
                 "EVENT.NSEVERITY": "4", "EVENT.UPDATE.STATUS": "0", "HOST.NAME": "test", "TRIGGER.ID": "1",
                 "TRIGGER.NAME": "Nightbell test event", "TRIGGER.STATUS": "OK", "TRIGGER.VALUE": "0"}
                """),
    ]

    /// Grafana's alerting speaks Alertmanager's form.
    static let alertmanager = Pair(
        failing: """
            {"version": "4", "status": "firing", "groupKey": "{}:{}", "receiver": "nightbell", "alerts": [
             {"status": "firing", "fingerprint": "0000000000000001", "labels": {"alertname": "Nightbell test event"},
              "annotations": {"summary": "Nightbell test event"}, "startsAt": "2026-01-01T10:00:00Z",
              "endsAt": "0001-01-01T00:00:00Z"}]}
            """,
        passing: """
            {"version": "4", "status": "resolved", "groupKey": "{}:{}", "receiver": "nightbell", "alerts": [
             {"status": "resolved", "fingerprint": "0000000000000001", "labels": {"alertname": "Nightbell test event"},
              "annotations": {"summary": "Nightbell test event"}, "startsAt": "2026-01-01T10:00:00Z",
              "endsAt": "2026-01-01T10:05:00Z"}]}
            """)

    private static let jsonAPI = Pair(
        failing: """
            {"event": "started", "data": {"id": "1", "type": "incident",
             "attributes": {"name": "Nightbell test event", "url": "https://example.com", "cause": "Test event",
                            "started_at": "2026-01-01T10:00:00.000Z", "resolved_at": null}}}
            """,
        passing: """
            {"event": "resolved", "data": {"id": "1", "type": "incident",
             "attributes": {"name": "Nightbell test event", "url": "https://example.com", "cause": "Test event",
                            "started_at": "2026-01-01T10:00:00.000Z", "resolved_at": "2026-01-01T10:05:00.000Z"}}}
            """)

    private static let uptimeRobot =
        "monitorID=1&monitorURL=https%3A%2F%2Fexample.com&monitorFriendlyName=Nightbell+test+event"

    /// Whether the second resolves the first is for the source's rules to say.
    private static let mail = Pair(
        failing: """
            From: Nightbell test event <test@example.com>
            Subject: Nightbell test event is failing
            Message-ID: <nightbell-test-event@example.com>

            Sent from the alert source's page. Nothing is broken.
            """,
        passing: """
            From: Nightbell test event <test@example.com>
            Subject: Nightbell test event is passing
            Message-ID: <nightbell-test-event-over@example.com>
            In-Reply-To: <nightbell-test-event@example.com>

            Sent from the alert source's page. Nothing was broken.
            """, form: .mail)
}
