import Alerting
import Storage

/// The settings of an alert action of the kind `automation_rule`.
///
/// The members are those of ilert's public OpenAPI document (v2.2026.5), read 2026-11-23. `resolveIncident` and
/// `templateId` are kept and echoed: there are no incidents here.
struct ServiceAutomation: Equatable, Sendable {
    static let kind = "automation_rule"
    static let mostServices = 50

    /// What of an alert makes it hold the services: that it is raised, or that it is accepted.
    var trigger: AlertTrigger
    var status: ServiceStatus
    /// By id.
    var services: [ServiceRecord.ID]
    /// Whether those who have subscribed are told. Clients leave out `false`.
    var isTold: Bool

    /// - Throws: `Failure.invalid` that names the member.
    init(_ params: JSONValue) throws(Failure) {
        guard let trigger = AlertActionRecord.automationTrigger(params) else {
            throw .invalid("params.alertType", "must be CREATED or ACCEPTED.")
        }
        self.trigger = trigger
        let word = params["serviceStatus"]?.string ?? ""
        guard let status = ServiceStatus(rawValue: word.lowercased()) else {
            let names = ServiceStatus.allCases.map { $0.rawValue.uppercased() }.joined(separator: ", ")
            throw .invalid("params.serviceStatus", "must be one of \(names).")
        }
        self.status = status
        var ids: Set<ServiceRecord.ID> = []
        for item in params["serviceIds"]?.array ?? [] {
            guard let id = item.scalarText.flatMap({ ServiceRecord.ID($0) }) else {
                throw .invalid("params.serviceIds", "must be a list of ids.")
            }
            ids.insert(id)
        }
        guard (1...Self.mostServices).contains(ids.count) else {
            throw .invalid("params.serviceIds", "must name 1 to \(Self.mostServices) services.")
        }
        services = ids.sorted()
        isTold = params["sendNotification"]?.scalarText == "true"
    }

    /// - Parameter known: services that need not be looked at: they are named already, whoever may see them.
    func check(besides known: [ServiceRecord.ID], by caller: Caller, in transaction: any Transaction) throws {
        for id in services where !known.contains(id) {
            guard try Services.find(id, scope: caller.reach, in: transaction) != nil else {
                throw Failure.invalid("params.serviceIds", "there is no service \(id).")
            }
        }
    }

    /// What an action names; none for one of another kind, and for settings that cannot be read any more.
    static func services(of action: AlertActionRecord?) -> [ServiceRecord.ID] {
        guard let action, action.kind == kind else { return [] }
        do {
            return try ServiceAutomation(action.params).services
        } catch {
            return []
        }
    }

    /// Lets an alert hold the services. What it is asked for again is not done again, unless a person asks.
    func hold(
        by action: AlertActionRecord, for id: Alert.ID, isPressed: Bool, _ change: Change
    ) throws -> ActionAnswer {
        // The alert may have ended since; then there is nothing to hold for.
        guard let record = try Alerts.find(id, in: change.transaction), record.alert.isOpen else {
            return ActionAnswer(.delivered(receipt: nil), text: "The alert is resolved: nothing was changed.")
        }
        if isPressed { try ServiceHolds.forgetReleased(of: action.id, alert: id, in: change.transaction) }
        let found = try Services.list(services, account: action.account, in: change.transaction)
        for service in found {
            _ = try change.hold(
                service,
                ServiceHold(
                    service: service.id, alert: id, action: action.id, status: status, isTold: isTold,
                    heldAt: change.now))
        }
        guard !found.isEmpty else { return ActionAnswer(.rejected(reason: "None of its services is there any more.")) }
        let names = found.map(\.name).joined(separator: ", ")
        return ActionAnswer(.delivered(receipt: nil), text: "\(names): \(status.words) while the alert is open.")
    }
}
