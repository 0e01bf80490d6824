public import Alerting
public import Storage

/// A service as somebody wants it to be.
public struct ServiceDraft: Equatable, Sendable {
    public var name: String
    /// `nil` or empty: none.
    public var alias: String?
    public var details: String
    /// `nil`: as it is, operational on creation.
    public var status: ServiceStatus?
    public var hasOneOpenIncidentOnly: Bool
    public var showsUptimeHistory: Bool
    /// `nil`: as they are, none on creation.
    public var teams: [Team.ID]?
    /// A list; `nil`: as they are.
    public var labels: JSONValue?
    /// A list; `nil`: none.
    public var links: JSONValue?
    public var iconURL: String?

    public init(
        name: String, alias: String? = nil, details: String = "", status: ServiceStatus? = nil,
        hasOneOpenIncidentOnly: Bool = false, showsUptimeHistory: Bool = true, teams: [Team.ID]? = nil,
        labels: JSONValue? = nil, links: JSONValue? = nil, iconURL: String? = nil
    ) {
        self.name = name
        self.alias = alias
        self.details = details
        self.status = status
        self.hasOneOpenIncidentOnly = hasOneOpenIncidentOnly
        self.showsUptimeHistory = showsUptimeHistory
        self.teams = teams
        self.labels = labels
        self.links = links
        self.iconURL = iconURL
    }

    /// The service as it is, to change a part of it.
    public init(_ service: ServiceRecord) {
        self.init(
            name: service.name, alias: service.alias, details: service.details, status: service.status,
            hasOneOpenIncidentOnly: service.hasOneOpenIncidentOnly, showsUptimeHistory: service.showsUptimeHistory,
            teams: service.teams, labels: service.fields["labels"], links: service.fields["links"],
            iconURL: service.fields["iconUrl"]?.string)
    }

    /// - Throws: `Failure.invalid` that names the field.
    func checked() throws(Failure) -> ServiceDraft {
        var draft = self
        draft.name = try FieldRules.name(name)
        let alias = try FieldRules.words(alias ?? "", "alias", limit: Limits.name)
        draft.alias = alias.isEmpty ? nil : alias
        guard details.utf8.count <= Limits.serviceDetails else {
            throw .invalid("description", "may have at most \(Limits.serviceDetails) bytes.")
        }
        for (field, value) in [("labels", labels), ("links", links)] {
            guard let value, !value.isNull else { continue }
            guard value.array != nil || value.object != nil, value.bytes().count <= Limits.serviceFields else {
                throw .invalid(field, "must be a list of at most \(Limits.serviceFields) bytes.")
            }
        }
        guard (iconURL ?? "").utf8.count <= 2048 else { throw .invalid("iconUrl", "may have at most 2048 bytes.") }
        return draft
    }

    func write(to service: inout ServiceRecord) {
        service.name = name
        service.alias = alias
        service.details = details
        service.hasOneOpenIncidentOnly = hasOneOpenIncidentOnly
        service.showsUptimeHistory = showsUptimeHistory
        var fields = service.fields.object ?? [:]
        if let labels { fields["labels"] = labels }
        fields["links"] = links
        fields["iconUrl"] = iconURL.map(JSONValue.string)
        service.fields = .object(fields)
    }
}

/// Services, as people see and change them.
public struct ServiceAdministration: Sendable {
    /// How a service was, and what holds it.
    public struct History: Sendable {
        /// That reach into the time asked for, the oldest first.
        public var periods: [ServicePeriod]
        /// That hold it now, the oldest first.
        public var holds: [ServiceHold]

        public init(periods: [ServicePeriod] = [], holds: [ServiceHold] = []) {
            self.periods = periods
            self.holds = holds
        }
    }

    private let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By name and id.
    public func list(page: Page, by caller: Caller) async throws -> [ServiceRecord] {
        try await configuration.read { try Services.list(scope: caller.scope, page: page, in: $0) }
    }

    /// - Throws: `Failure.notFound` when there is none that the caller may see; so do all below.
    public func find(_ id: ServiceRecord.ID, by caller: Caller) async throws -> ServiceRecord {
        try await configuration.read { try Self.find(id, by: caller, in: $0) }
    }

    public func find(name: String, by caller: Caller) async throws -> ServiceRecord {
        try await configuration.read { transaction in
            guard let found = try Services.find(name: name, scope: caller.reach, in: transaction) else {
                throw Failure(.notFound, "There is no service named “\(Limits.cut(name, to: 100))”.")
            }
            return found
        }
    }

    /// Of services that the caller has found, back to `start`.
    public func histories(
        of services: [ServiceRecord], from start: Timestamp
    ) async throws -> [ServiceRecord.ID: History] {
        let ids = services.map(\.id)
        return try await configuration.read { transaction in
            let periods = try ServicePeriods.list(of: ids, from: start, in: transaction)
            let holds = Dictionary(grouping: try ServiceHolds.open(of: ids, in: transaction), by: \.service)
            return Dictionary(
                uniqueKeysWithValues: Set(ids).map {
                    ($0, History(periods: periods[$0] ?? [], holds: holds[$0] ?? []))
                })
        }
    }

    /// Which of the services the caller has subscribed to.
    public func subscribed(by caller: Caller) async throws -> Set<ServiceRecord.ID> {
        try await configuration.read { transaction in
            Set(
                try Subscriptions.list(of: caller.user, in: transaction).compactMap { target in
                    if case .service(let id) = target { id } else { nil }
                })
        }
    }

    public func create(_ draft: ServiceDraft, by caller: Caller) async throws -> ServiceRecord {
        try caller.require(.user, to: "create services")
        let draft = try draft.checked()
        return try await configuration.change { change in
            try Self.checkAlias(draft.alias, of: nil, by: caller, in: change.transaction)
            var service = ServiceRecord(
                id: try change.newID(), account: caller.account, name: draft.name,
                status: draft.status ?? .operational, createdAt: change.now, updatedAt: change.now)
            draft.write(to: &service)
            service.teams = try TeamLinks.checked(draft.teams, by: caller, in: change.transaction)
            try Services.insert(service, in: change.transaction)
            try change.begin(service, by: .user(caller.user))
            try Self.audit("service.created", service, by: caller, in: change)
            return (service, .service(service.id))
        }
    }

    /// Another status is as if it were said by `setStatus`; the one that the service has changes nothing.
    public func update(
        _ id: ServiceRecord.ID, with draft: ServiceDraft, by caller: Caller
    ) async throws -> ServiceRecord {
        try caller.require(.user, to: "change services")
        let draft = try draft.checked()
        return try await configuration.change { change in
            var service = try Self.find(id, by: caller, in: change.transaction)
            try Self.checkAlias(draft.alias, of: id, by: caller, in: change.transaction)
            service.teams = try TeamLinks.checked(
                draft.teams, current: service.teams, by: caller, in: change.transaction)
            draft.write(to: &service)
            service.updatedAt = change.now
            try Services.update(service, in: change.transaction)
            if let status = draft.status, status != service.status {
                service = try change.set(status, of: service, by: .user(caller.user), text: "")
            }
            try Self.audit("service.updated", service, by: caller, in: change)
            return (service, .service(id))
        }
    }

    /// Says how a service is.
    ///
    /// - Parameter text: why, for the history; may be empty.
    public func setStatus(
        _ status: ServiceStatus, of id: ServiceRecord.ID, text: String, by caller: Caller
    ) async throws -> ServiceRecord {
        try caller.require(.responder, to: "say how services are")
        let text = try FieldRules.words(text, "text", limit: Limits.summary)
        return try await configuration.change { change in
            let old = try Self.find(id, by: caller, in: change.transaction)
            let service = try change.set(status, of: old, by: .user(caller.user), text: text)
            try change.audit(
                "service.status", account: caller.account, by: caller.user, target: "service", id: id.rawValue,
                details: "Service “\(service.name)”: \(old.status.words) → \(status.words)")
            return (service, .service(id))
        }
    }

    public func delete(_ id: ServiceRecord.ID, by caller: Caller) async throws {
        try caller.require(.user, to: "delete services")
        try await configuration.change { change in
            let service = try Self.find(id, by: caller, in: change.transaction)
            try Services.delete(id, in: change.transaction)
            try Self.audit("service.deleted", service, by: caller, in: change)
            return ((), .service(id))
        }
    }

    private static func find(
        _ id: ServiceRecord.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> ServiceRecord {
        guard let service = try Services.find(id, scope: caller.reach, in: transaction) else {
            throw Failure(.notFound, "There is no service \(id).")
        }
        return service
    }

    private static func checkAlias(
        _ alias: String?, of id: ServiceRecord.ID?, by caller: Caller, in transaction: any Transaction
    ) throws {
        guard let alias,
            let holder = try Services.holder(ofAlias: alias, account: caller.account, in: transaction),
            holder != id
        else { return }
        throw Failure.invalid("alias", "another service has it.")
    }

    private static func audit(
        _ action: String, _ service: ServiceRecord, by caller: Caller, in change: Change
    ) throws {
        try change.audit(
            action, account: caller.account, by: caller.user, target: "service", id: service.id.rawValue,
            details: "Service “\(service.name)”")
    }
}
