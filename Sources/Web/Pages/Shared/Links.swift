import Alerting
import Foundation
import Storage

/// Where every page is.
enum Links {
    static let signIn = "/sign-in"
    static let changes = "/changes"
    static let alerts = "/alerts"
    static let newAlert = "/alerts/new"
    static let sources = "/alert-sources"
    static let newSource = "/alert-sources/new"
    static let policies = "/escalation-policies"
    static let newPolicy = "/escalation-policies/new"
    static let onCall = "/on-call"
    static let myShifts = "/on-call/mine"
    static let schedules = "/on-call-schedules"
    static let newSchedule = "/on-call-schedules/new"
    static let users = "/users"
    static let newUser = "/users/new"
    static let teams = "/teams"
    static let newTeam = "/teams/new"
    static let profile = "/profile"
    static let account = "/account"
    static let audit = "/audit-log"
    static let nodes = "/nodes"
    static let times = "/paging-times"
    static let rehearsal = "/who-gets-paged"
    static let retention = "/retention"
    static let guide = "/guide"
    static let deliveries = "/deliveries"
    static let readiness = "/readiness"
    static let heartbeats = "/heartbeat-monitors"
    static let newHeartbeat = "/heartbeat-monitors/new"
    static let monitors = "/monitors"
    static let integrations = "/integrations"
    static let wallboard = "/wallboard"
    static let statusPages = "/status-pages"
    static let services = "/services"
    static func service(_ id: ServiceRecord.ID) -> String { "/services/\(id)" }
    static func statusPage(_ id: StatusPage.ID) -> String { "/status-pages/\(id)" }
    /// What the public sees.
    static func status(_ slug: String) -> String { "/status/\(slug)" }
    static func statusLogo(_ page: StatusPage) -> String? { page.logoTag.map { "/status/\(page.slug)/logo/\($0)" } }
    static func rapidSpikeKey(_ id: RapidSpikeKey.ID) -> String { "/integrations/rapidspike-keys/\(id)" }
    static let certificates = "/monitors/certificates"
    /// All monitors of a host.
    static func site(_ host: String) -> String {
        "/monitors/sites/" + (host.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
    }
    static func screenshot(_ id: Monitor.ID, _ time: Timestamp) -> String {
        "/monitors/\(id)/screenshots/\(time.milliseconds)"
    }
    static func monitorRule(_ id: MonitorRule.ID) -> String { "/integrations/rules/\(id)" }
    static func probe(_ id: MonitorProbe.ID) -> String { "/integrations/probes/\(id)" }
    static let maintenance = "/maintenance-windows"
    static let newMaintenance = "/maintenance-windows/new"
    static let supportHours = "/support-hours"
    static let newSupportHours = "/support-hours/new"
    static let flows = "/event-flows"
    static let actions = "/alert-actions"
    static let connectors = "/connectors"
    static let newFlow = "/event-flows/new"

    static func setUp(_ token: String) -> String { "/setup/\(Form.encode(token))" }
    static func mail(_ token: String) -> String { "/m/\(Form.encode(token))" }
    static func alert(_ id: Alert.ID) -> String { "/alerts/\(id)" }
    static func alerts(of source: AlertSource.ID) -> String { "/alerts?source=\(source)" }
    static func source(_ id: AlertSource.ID) -> String { "/alert-sources/\(id)" }
    static func events(_ id: AlertSource.ID) -> String { "/alert-sources/\(id)/events" }
    static func event(_ event: AlertEvent.ID, of id: AlertSource.ID) -> String {
        "/alert-sources/\(id)/events/\(event)"
    }
    static func rules(_ id: AlertSource.ID) -> String { "/alert-sources/\(id)/rules" }
    static func grouping(_ id: AlertSource.ID) -> String { "/alert-sources/\(id)/grouping" }
    static func mapping(_ id: AlertSource.ID) -> String { "/alert-sources/\(id)/mapping" }
    static func mailRules(_ id: AlertSource.ID) -> String { "/alert-sources/\(id)/mail-rules" }
    static func policy(_ id: EscalationPolicy.ID) -> String { "/escalation-policies/\(id)" }
    static func schedule(_ id: OnCallSchedule.ID) -> String { "/on-call-schedules/\(id)" }
    static func shift(_ time: Timestamp, of id: OnCallSchedule.ID) -> String {
        "/on-call-schedules/\(id)/shift?at=\(time.milliseconds)"
    }
    static func user(_ id: User.ID) -> String { "/users/\(id)" }
    static func team(_ id: Team.ID) -> String { "/teams/\(id)" }
    static func supportHours(_ id: SupportHours.ID) -> String { "/support-hours/\(id)" }
    static func maintenance(_ id: MaintenanceWindow.ID) -> String { "/maintenance-windows/\(id)" }
    static func heartbeat(_ id: HeartbeatMonitor.ID) -> String { "/heartbeat-monitors/\(id)" }
    static func action(_ id: AlertActionRecord.ID) -> String { "/alert-actions/\(id)" }
    static func connector(_ id: ConnectorRecord.ID) -> String { "/connectors/\(id)" }
    static func flow(_ id: EventFlow.ID) -> String { "/event-flows/\(id)" }
    static func monitor(_ id: Monitor.ID) -> String { "/monitors/\(id)" }
    static func webhook(_ id: WebhookIntegration.ID) -> String { "/integrations/webhooks/\(id)" }
    static func deliveryGroup(_ id: DeliveryGroup.ID) -> String { "/integrations/groups/\(id)" }
    static func guide(_ name: String) -> String { "/guide/\(name)" }

    /// A link of somebody else's, when a browser may follow it; `nil` for scripts and the like.
    static func outside(_ text: String) -> String? {
        let lower = text.lowercased()
        let isSafe = ["https://", "http://", "mailto:"].contains { lower.hasPrefix($0) }
        return isSafe && !text.contains { $0.isWhitespace || $0.isNewline } ? text : nil
    }

    /// A path on this server to go back to; anything else is `fallback`.
    static func inside(_ text: String, else fallback: String) -> String {
        guard text.hasPrefix("/"), !text.hasPrefix("//"), text.utf8.count <= 2000,
            text.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 92 })
        else { return fallback }
        return text
    }
}
