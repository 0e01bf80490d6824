import Alerting
import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// Debian's own Nagios as a sender, with the notification command of the guide.
    @Suite(.serialized) struct NagiosTests {
        @Test func `given Nagios, when a service is critical, acknowledged and well again, then the alert follows`()
            async throws
        {
            let shop = try await Shop.open(type: "NAGIOS")
            let nagios = try await Nagios.start(url: shop.server.url + shop.path)

            try nagios.command("PROCESS_SERVICE_CHECK_RESULT;web-1;http;2;HTTP CRITICAL: 503 Service Unavailable")
            let raised = try await shop.waitForAlert(in: "PENDING")
            #expect(raised["alertKey"]?.string == "web-1/http")
            #expect(raised["summary"]?.string == "web-1/http is CRITICAL: HTTP CRITICAL: 503 Service Unavailable")

            try nagios.command("ACKNOWLEDGE_SVC_PROBLEM;web-1;http;1;1;0;bob;Looking at it")
            let accepted = try await shop.waitForAlert(in: "ACCEPTED")
            #expect(try await shop.log(of: accepted).contains { $0.contains("bob: Looking at it") })

            try nagios.command("PROCESS_SERVICE_CHECK_RESULT;web-1;http;0;HTTP OK: 200")
            #expect(try await shop.waitForAlert(in: "RESOLVED")["id"] == raised["id"])
        }

        @Test func `given Nagios, when a host goes down and comes back, then the alert follows`() async throws {
            let shop = try await Shop.open(type: "NAGIOS")
            let nagios = try await Nagios.start(url: shop.server.url + shop.path)

            try nagios.command("PROCESS_HOST_CHECK_RESULT;web-1;1;CRITICAL: no answer")
            let raised = try await shop.waitForAlert(in: "PENDING")
            #expect(raised["summary"]?.string == "web-1 is DOWN: CRITICAL: no answer")

            try nagios.command("PROCESS_HOST_CHECK_RESULT;web-1;0;OK")
            #expect(try await shop.waitForAlert(in: "RESOLVED")["id"] == raised["id"])
        }
    }
}

/// Debian's `nagios4` with one host and one service, both told from outside how they are.
private struct Nagios {
    private let process: ChildProcess
    private let folder: TemporaryFolder

    static func start(url: String) async throws -> Nagios {
        let folder = TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/spool", withIntermediateDirectories: true)
        try Data(objects(url).utf8).write(to: URL(fileURLWithPath: folder.path + "/objects.cfg"))
        try Data(settings(folder.path).utf8).write(to: URL(fileURLWithPath: folder.path + "/nagios.cfg"))
        let process = try ChildProcess("/usr/sbin/nagios4", [folder.path + "/nagios.cfg"])
        try await process.waitForLine(containing: "Successfully launched command file worker")
        // The worker makes the pipe, in its own time.
        let deadline = ContinuousClock.now + .seconds(10)
        while !FileManager.default.fileExists(atPath: folder.path + "/nagios.cmd"), ContinuousClock.now < deadline {
            await Task.yield()
        }
        return Nagios(process: process, folder: folder)
    }

    /// Writes an external command into Nagios' pipe.
    func command(_ text: String) throws {
        let pipe = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path + "/nagios.cmd"))
        try pipe.write(contentsOf: Data("[\(Int(Date(timeIntervalSinceNow: 0).timeIntervalSince1970))] \(text)\n".utf8))
        try pipe.close()
    }

    /// Those of the guide's page about Nagios.
    private static let macros = [
        "NOTIFICATIONTYPE", "HOSTNAME", "HOSTALIAS", "HOSTADDRESS", "HOSTSTATE", "HOSTOUTPUT", "SERVICEDESC",
        "SERVICESTATE", "SERVICEOUTPUT", "LONGSERVICEOUTPUT", "NOTIFICATIONAUTHOR", "NOTIFICATIONCOMMENT",
    ]

    private static func objects(_ url: String) -> String {
        let values = macros.map { #"--data-urlencode "NAGIOS_\#($0)=$\#($0)$""# }.joined(separator: " ")
        let days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
        let checks = """
            check_command told
            active_checks_enabled 0
            max_check_attempts 1
            check_period always
            notification_period always
            notification_interval 3600
            contacts nightbell
            """
        return """
            define timeperiod {
            timeperiod_name always
            alias always
            \(days.map { "\($0) 00:00-24:00" }.joined(separator: "\n"))
            }
            define command {
            command_name told
            command_line /bin/true
            }
            define command {
            command_name notify-nightbell
            command_line /usr/bin/curl -fsS --max-time 10 \(values) \(url)
            }
            define contact {
            contact_name nightbell
            host_notification_period always
            service_notification_period always
            host_notification_options d,u,r
            service_notification_options w,u,c,r
            host_notification_commands notify-nightbell
            service_notification_commands notify-nightbell
            }
            define host {
            host_name web-1
            address 192.0.2.50
            \(checks)
            }
            define service {
            host_name web-1
            service_description http
            \(checks)
            }
            """
    }

    private static func settings(_ folder: String) -> String {
        let files = [
            "log_file": "nagios.log", "cfg_file": "objects.cfg", "object_cache_file": "objects.cache",
            "status_file": "status.dat", "state_retention_file": "retention.dat", "temp_file": "nagios.tmp",
            "lock_file": "nagios.lock", "command_file": "nagios.cmd", "query_socket": "nagios.qh",
            "check_result_path": "spool",
        ]
        return files.sorted { $0.key < $1.key }.map { "\($0.key)=\(folder)/\($0.value)" }.joined(separator: "\n") + """

            temp_path=\(folder)
            nagios_user=\(NSUserName())
            check_external_commands=1
            enable_notifications=1
            interval_length=1
            use_syslog=0
            illegal_macro_output_chars=`~$&|'"<>
            """
    }
}
