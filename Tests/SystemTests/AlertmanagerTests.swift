import Alerting
import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// Debian's own Alertmanager and `amtool` as senders: its webhook, its PagerDuty client and its Opsgenie client.
    @Suite(.serialized) struct AlertmanagerTests {
        @Test func `given Alertmanager's webhook, when an alert fires and ends, then it is raised and resolved`()
            async throws
        {
            let shop = try await Shop.open(type: "PROMETHEUS")
            let alertmanager = try await Alertmanager.start(
                receiver: "webhook_configs: [{url: '\(shop.server.url)\(shop.path)'}]")

            try await alertmanager.fire("CheckoutDown", instance: "web-1")
            let raised = try await shop.waitForAlert(in: "PENDING")
            #expect(raised["summary"]?.string == "Checkout is down")
            #expect(raised["details"]?.string?.contains("web-1") == true)

            try await alertmanager.end("CheckoutDown", instance: "web-1")
            let resolved = try await shop.waitForAlert(in: "RESOLVED")
            #expect(resolved["id"] == raised["id"])
        }

        @Test func `given two alerts of one group, when one ends, then only that one is resolved`() async throws {
            let shop = try await Shop.open(type: "PROMETHEUS")
            let alertmanager = try await Alertmanager.start(
                receiver: "webhook_configs: [{url: '\(shop.server.url)\(shop.path)'}]")

            try await alertmanager.fire("CheckoutDown", instance: "web-1")
            try await alertmanager.fire("CheckoutDown", instance: "web-2")
            try await shop.waitForAlerts(["PENDING", "PENDING"])
            try await alertmanager.end("CheckoutDown", instance: "web-2")

            try await shop.waitForAlerts(["PENDING", "RESOLVED"])
        }

        @Test
        func `given Alertmanager's PagerDuty client, when an alert fires and ends, then it is raised and resolved`()
            async throws
        {
            let shop = try await Shop.open(type: "PAGERDUTY")
            let alertmanager = try await Alertmanager.start(
                receiver: "pagerduty_configs: [{routing_key: '\(shop.integrationKey)', "
                    + "url: '\(shop.server.url)/v2/enqueue', severity: error}]")

            try await alertmanager.fire("CheckoutDown", instance: "web-1")
            let raised = try await shop.waitForAlert(in: "PENDING")
            #expect(raised["summary"]?.string?.contains("CheckoutDown") == true)
            #expect(raised["severity"]?.integer == 2)

            try await alertmanager.end("CheckoutDown", instance: "web-1")
            #expect(try await shop.waitForAlert(in: "RESOLVED")["id"] == raised["id"])
        }

        @Test
        func `given Alertmanager's Opsgenie client, when an alert fires and ends, then it is raised and resolved`()
            async throws
        {
            let shop = try await Shop.open(type: "OPSGENIE")
            let alertmanager = try await Alertmanager.start(
                receiver: "opsgenie_configs: [{api_key: '\(shop.integrationKey)', api_url: '\(shop.server.url)/', "
                    + "priority: P1}]")

            try await alertmanager.fire("CheckoutDown", instance: "web-1")
            let raised = try await shop.waitForAlert(in: "PENDING")
            #expect(raised["summary"]?.string?.contains("CheckoutDown") == true)

            try await alertmanager.end("CheckoutDown", instance: "web-1")
            #expect(try await shop.waitForAlert(in: "RESOLVED")["id"] == raised["id"])
        }
    }
}

/// Debian's `prometheus-alertmanager`, in a process and a folder of its own.
private struct Alertmanager {
    private let process: ChildProcess
    private let folder: TemporaryFolder
    private let url: String

    /// - Parameter receiver: the part of the configuration that says where alerts go.
    static func start(receiver: String) async throws -> Alertmanager {
        let folder = TemporaryFolder()
        let configuration = """
            route: {receiver: shop, group_by: [alertname], group_wait: 100ms, group_interval: 200ms}
            receivers: [{name: shop, \(receiver)}]
            """
        let file = folder.path + "/alertmanager.yml"
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: file))
        let process = try ChildProcess(
            "/usr/bin/prometheus-alertmanager",
            [
                "--config.file=\(file)", "--storage.path=\(folder.path)/data", "--web.listen-address=127.0.0.1:0",
                "--cluster.listen-address=",
            ])
        let line = try await process.waitForLine(containing: "Listening on", on: .error)
        let address = line.split(separator: "=").last.map(String.init) ?? ""
        return Alertmanager(process: process, folder: folder, url: "http://\(address)")
    }

    func fire(_ name: String, instance: String) async throws {
        try await amtool([
            "alert", "add", "alertname=\(name)", "instance=\(instance)", "severity=page",
            "--annotation=summary=Checkout is down", "--annotation=description=\(instance) answers with 503",
        ])
    }

    func end(_ name: String, instance: String) async throws {
        let end = Date(timeIntervalSinceNow: -1).formatted(.iso8601)
        try await amtool([
            "alert", "add", "alertname=\(name)", "instance=\(instance)", "severity=page", "--end=\(end)",
            "--annotation=summary=Checkout is down",
        ])
    }

    private func amtool(_ arguments: [String]) async throws {
        let result = try await ChildProcess.run("/usr/bin/amtool", ["--alertmanager.url=\(url)"] + arguments)
        guard result.exit == .status(0) else { throw Shop.Unexpected(description: "amtool: \(result.error)") }
    }
}
