public import Alerting
public import Storage

/// Delivery groups, as people see and change them.
public typealias DeliveryGroupAdministration = RecordAdministration<DeliveryGroup, DeliveryGroupDraft>

/// A delivery group as somebody wants it to be.
public struct DeliveryGroupDraft: Equatable, Sendable {
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

    public init(_ group: DeliveryGroup) {
        self.init(
            label: group.label, colour: group.colour, sensitivity: group.sensitivity, emails: group.emails,
            webhooks: group.webhooks, sources: group.sources)
    }

    /// - Throws: `Failure.invalid` that names the field.
    func checked() throws(Failure) -> DeliveryGroupDraft {
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

    func apply(to group: inout DeliveryGroup, by caller: Caller, in change: Change) throws {
        for webhook in webhooks where !group.webhooks.contains(webhook) {
            guard try WebhookIntegrations.find(webhook, account: caller.account, in: change.transaction) != nil else {
                throw Failure.invalid("webhooks", "there is no webhook integration \(webhook).")
            }
        }
        for source in sources where !group.sources.contains(source) {
            guard try AlertSources.find(source, scope: caller.reach, in: change.transaction) != nil else {
                throw Failure.invalid("alertSources", "there is no alert source \(source).")
            }
        }
        group.label = label
        group.colour = colour
        group.sensitivity = sensitivity
        group.emails = emails
        group.webhooks = Set(webhooks).sorted()
        group.sources = Set(sources).sorted()
        group.updatedAt = change.now
    }
}

extension RecordAdministration where Record == DeliveryGroup, Wish == DeliveryGroupDraft {
    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        let steps = Steps(
            noun: "delivery group", code: "delivery_group", check: { draft throws(Failure) in try draft.checked() },
            make: { id, account, draft, now in
                DeliveryGroup(
                    id: id, account: account, label: draft.label, colour: draft.colour, sensitivity: draft.sensitivity,
                    createdAt: now, updatedAt: now)
            }, apply: { try $0.apply(to: &$1, by: $2, in: $3) }, id: { $0.id }, name: { $0.label },
            list: { try DeliveryGroups.list(account: $0, in: $1) },
            find: { try DeliveryGroups.find($0, account: $1, in: $2) },
            insert: { try DeliveryGroups.insert($0, in: $1) }, update: { try DeliveryGroups.update($0, in: $1) },
            delete: { try DeliveryGroups.delete($0, in: $1) }, change: { .deliveryGroup($0) })
        self.init(steps, store: store, onChange: onChange)
    }
}
