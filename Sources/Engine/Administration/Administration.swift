import Integrations

/// All that people set: the doors of administration and of signing in, put together over one store.
public struct Administration: Sendable {
    public let sources: AlertSourceAdministration
    public let policies: EscalationPolicyAdministration
    public let schedules: ScheduleAdministration
    public let calendars: CalendarAdministration
    public let users: UserAdministration
    public let contacts: ContactAdministration
    public let preferences: PreferenceAdministration
    public let teams: TeamAdministration
    public let account: AccountAdministration
    public let supportHours: SupportHoursAdministration
    public let maintenance: MaintenanceWindowAdministration
    public let heartbeats: HeartbeatAdministration
    public let flows: EventFlowAdministration
    public let actions: AlertActionAdministration
    public let connectors: ConnectorAdministration
    public let retention: RetentionAdministration
    public let monitors: MonitorAdministration
    public let webhooks: WebhookAdministration
    public let deliveryGroups: DeliveryGroupAdministration
    public let monitorRules: MonitorRuleAdministration
    public let probes: ProbeAdministration
    public let rapidSpikeKeys: RapidSpikeKeyring
    public let statusPages: StatusPageAdministration
    public let services: ServiceAdministration
    public let signIn: SignIn
    public let setUp: SetUp
    public let apiKeys: APIKeyring

    /// - Parameters:
    ///   - passwords: one a process.
    ///   - directory: forgets what changes here, and so do `heartbeats` and `flows`.
    ///   - wakeups: pages are told of each change.
    ///   - mailDomain: what the addresses of alert sources that take mails end in.
    public init(
        store: Store, passwords: Passwords, directory: AlertSourceDirectory, heartbeats: HeartbeatReception,
        flows: FlowDirectory, wakeups: Wakeups, mailDomain: String = "localhost"
    ) {
        let apiKeys = APIKeyring(store: store)
        let onChange = Self.forgetting(directory, heartbeats, flows, apiKeys, wakeups)
        wakeups.elsewhere.add(apiKeys.forgetAll)
        self.apiKeys = apiKeys
        sources = AlertSourceAdministration(
            store: store, isKnownType: { IntegrationCatalog.knownTypes.contains($0) }, mailDomain: mailDomain,
            onChange: onChange)
        policies = EscalationPolicyAdministration(store: store, onChange: onChange)
        schedules = ScheduleAdministration(store: store, onChange: onChange)
        calendars = CalendarAdministration(store: store)
        users = UserAdministration(store: store, passwords: passwords, onChange: onChange)
        contacts = ContactAdministration(store: store, onChange: onChange)
        preferences = PreferenceAdministration(store: store, onChange: onChange)
        teams = TeamAdministration(store: store, onChange: onChange)
        account = AccountAdministration(store: store, onChange: onChange)
        supportHours = SupportHoursAdministration(store: store, onChange: onChange)
        maintenance = MaintenanceWindowAdministration(store: store, onChange: onChange)
        self.heartbeats = HeartbeatAdministration(store: store, onChange: onChange)
        self.flows = EventFlowAdministration(store: store, onChange: onChange)
        actions = AlertActionAdministration(store: store, onChange: onChange)
        connectors = ConnectorAdministration(store: store, onChange: onChange)
        retention = RetentionAdministration(store: store)
        monitors = MonitorAdministration(store: store, onChange: onChange)
        webhooks = WebhookAdministration(store: store, onChange: onChange)
        deliveryGroups = DeliveryGroupAdministration(store: store, onChange: onChange)
        monitorRules = MonitorRuleAdministration(store: store, onChange: onChange)
        probes = ProbeAdministration(store: store, onChange: onChange)
        rapidSpikeKeys = RapidSpikeKeyring(store: store, onChange: onChange)
        statusPages = StatusPageAdministration(store: store, onChange: onChange)
        services = ServiceAdministration(store: store, onChange: onChange)
        signIn = SignIn(store: store, passwords: passwords)
        setUp = SetUp(store: store, passwords: passwords)
    }

    /// Forgets what a change makes out of date, and wakes whoever has to do with it.
    private static func forgetting(
        _ directory: AlertSourceDirectory, _ heartbeats: HeartbeatReception, _ flows: FlowDirectory,
        _ apiKeys: APIKeyring, _ wakeups: Wakeups
    ) -> @Sendable (ConfigurationChange) -> Void {
        { change in
            switch change {
            case .alertSource:
                directory.forgetAll()
                heartbeats.forgetAll()
            // Conditions ask about support hours and schedules.
            case .policy, .team, .account, .supportHours:
                directory.forgetAll()
                flows.forgetAll()
            case .schedule:
                directory.forgetAll()
                flows.forgetAll()
                wakeups.notices.signal()
            case .eventFlow: flows.forgetAll()
            case .heartbeat:
                heartbeats.forgetAll()
                wakeups.heartbeats.signal()
            case .maintenance:
                directory.forgetAll()
                wakeups.maintenance.signal()
                wakeups.notices.signal()
            case .user(let user): apiKeys.forget(user)
            case .monitor, .deliveryGroup: wakeups.monitors.signal()
            // Whoever is told that an action holds no service any more.
            case .alertAction: wakeups.servicesChanged()
            case .monitorRule, .monitorProbe, .rapidSpikeKey, .statusPage: break
            case .webhook: wakeups.webhooks.signal()
            case .service: wakeups.servicesChanged()
            }
            wakeups.configurationChanged()
            // A code or a test may have been queued.
            if case .user = change { wakeups.messagesQueued() }
        }
    }
}

extension Engine {
    /// The doors of administration over the engine's own store.
    ///
    /// - Parameter mailDomain: what the addresses of alert sources that take mails end in.
    public func administration(
        passwords: Passwords = Passwords(), mailDomain: String = "localhost"
    ) -> Administration {
        Administration(
            store: store, passwords: passwords, directory: directory, heartbeats: heartbeats, flows: flows,
            wakeups: wakeups, mailDomain: mailDomain)
    }
}
