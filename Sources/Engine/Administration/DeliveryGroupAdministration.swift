public import Alerting
public import Storage

/// Delivery groups, as people see and change them.
public struct DeliveryGroupAdministration: Sendable {
    /// One as somebody wants it to be.
    public struct Draft: Equatable, Sendable {
        public var label: String
        public var colour: String
        public var sensitivity: Duration
        public var emails: [String]
        public var webhooks: [WebhookIntegration.ID]
        public var sources: [AlertSource.ID]

        public static let usualColour = "#3b6fd4"

        public init(
            label: String, colour: String = usualColour, sensitivity: Duration = .zero, emails: [String] = [],
            webhooks: [WebhookIntegration.ID] = [], sources: [AlertSource.ID] = []
        ) {
            self.label = label
            self.colour = colour
            self.sensitivity = sensitivity
            self.emails = emails
            self.webhooks = webhooks
            self.sources = sources
        }

        /// - Throws: `Failure.invalid` that names the field.
        func checked() throws(Failure) -> Draft {
            var draft = self
            draft.label = try FieldRules.name(label, "label")
            draft.colour = try Colour.checked(colour)
            guard (.zero ... .minutes(1440)).contains(sensitivity) else {
                throw .invalid("sensitivityMin", "must be 0 to 1440.")
            }
            guard emails.count <= 50, webhooks.count <= 50, sources.count <= 50 else {
                throw .invalid("webhooks", "there may be at most 50 webhooks, emails and alert sources.")
            }
            var addresses: [String] = []
            for (index, address) in emails.enumerated() {
                addresses.append(try FieldRules.email(address, "emails[\(index)]"))
            }
            draft.emails = addresses
            return draft
        }
    }

    private let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By label.
    public func list(by caller: Caller) async throws -> [DeliveryGroup] {
        try await configuration.read { try DeliveryGroups.list(account: caller.account, in: $0) }
    }

    /// - Throws: `Failure.notFound` when there is none; so do all below.
    public func find(_ id: DeliveryGroup.ID, by caller: Caller) async throws -> DeliveryGroup {
        try await configuration.read { try Self.find(id, by: caller, in: $0) }
    }

    public func create(_ draft: Draft, by caller: Caller) async throws -> DeliveryGroup {
        try caller.require(.user, to: "create delivery groups")
        let draft = try draft.checked()
        return try await configuration.change { change in
            var group = DeliveryGroup(
                id: try change.newID(), account: caller.account, label: draft.label, colour: draft.colour,
                sensitivity: draft.sensitivity, createdAt: change.now, updatedAt: change.now)
            try Self.apply(draft, to: &group, by: caller, in: change)
            try DeliveryGroups.insert(group, in: change.transaction)
            try Self.audit("delivery_group.created", group, by: caller, in: change)
            return (group, .deliveryGroup(group.id))
        }
    }

    public func update(
        _ id: DeliveryGroup.ID, with draft: Draft, by caller: Caller
    ) async throws -> DeliveryGroup {
        try caller.require(.user, to: "change delivery groups")
        let draft = try draft.checked()
        return try await configuration.change { change in
            var group = try Self.find(id, by: caller, in: change.transaction)
            try Self.apply(draft, to: &group, by: caller, in: change)
            group.updatedAt = change.now
            try DeliveryGroups.update(group, in: change.transaction)
            try Self.audit("delivery_group.updated", group, by: caller, in: change)
            return (group, .deliveryGroup(id))
        }
    }

    public func delete(_ id: DeliveryGroup.ID, by caller: Caller) async throws {
        try caller.require(.user, to: "delete delivery groups")
        try await configuration.change { change in
            let group = try Self.find(id, by: caller, in: change.transaction)
            try DeliveryGroups.delete(id, in: change.transaction)
            try Self.audit("delivery_group.deleted", group, by: caller, in: change)
            return ((), .deliveryGroup(id))
        }
    }

    private static func apply(
        _ draft: Draft, to group: inout DeliveryGroup, by caller: Caller, in change: Change
    ) throws {
        for webhook in draft.webhooks where !group.webhooks.contains(webhook) {
            guard try WebhookIntegrations.find(webhook, account: caller.account, in: change.transaction) != nil else {
                throw Failure.invalid("webhooks", "there is no webhook integration \(webhook).")
            }
        }
        for source in draft.sources where !group.sources.contains(source) {
            guard try AlertSources.find(source, scope: caller.reach, in: change.transaction) != nil else {
                throw Failure.invalid("alertSources", "there is no alert source \(source).")
            }
        }
        group.label = draft.label
        group.colour = draft.colour
        group.sensitivity = draft.sensitivity
        group.emails = draft.emails
        group.webhooks = Set(draft.webhooks).sorted()
        group.sources = Set(draft.sources).sorted()
    }

    private static func find(
        _ id: DeliveryGroup.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> DeliveryGroup {
        guard let group = try DeliveryGroups.find(id, account: caller.account, in: transaction) else {
            throw Failure(.notFound, "There is no delivery group \(id).")
        }
        return group
    }

    private static func audit(
        _ action: String, _ group: DeliveryGroup, by caller: Caller, in change: Change
    ) throws {
        try change.audit(
            action, account: caller.account, by: caller.user, target: "delivery_group", id: group.id.rawValue,
            details: "Delivery group “\(group.label)”")
    }
}
