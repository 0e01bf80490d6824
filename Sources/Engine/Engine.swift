public import Alerting
public import Logging
public import ServiceLifecycle
public import Storage

/// All rooms of the engine, put together over one store.
public struct Engine: Sendable {
    public let store: Store
    public let wakeups: Wakeups
    public let channels: Set<Channel>
    public let links: ActionLinks
    public let directory: AlertSourceDirectory
    public let ingestion: Ingestion
    /// `nil`: what the database does not take is refused.
    public let journal: IntakeJournal?
    public let reception: Reception
    /// Who takes which mails; others may add themselves.
    public let mail: MailRouter
    public let desk: AlertDesk
    public let linkAnswers: LinkAnswers
    public let escalation: EscalationLoop
    public let notifications: [NotificationLoop]
    public let retention: RetentionLoop
    public let maintenance: MaintenanceLoop
    public let notices: NoticeLoop
    public let heartbeats: HeartbeatReception
    public let heartbeatLoop: HeartbeatLoop
    public let coverage: CoverageLoop
    public let flows: FlowDirectory
    public let flowLoop: FlowLoop
    public let actionLoop: ActionLoop
    public let actionDesk: ActionDesk
    public let slackClicks: SlackClicks
    public let dutyNotices: DutyNoticeLoop
    public let monitors: MonitorLoop
    public let probes: ProbeDesk
    public let status: StatusDesk
    public let serviceLoop: ServiceLoop
    public let webhooks: WebhookLoop
    public let subscriptionLoop: SubscriptionLoop
    public let drillLoop: DrillLoop

    /// - Parameters:
    ///   - senders: the providers of a channel in the order in which they are tried.
    ///   - fetcher: for what has to be fetched before a request is believed; `nil`: nothing can be.
    ///   - throttles: those that are not the usual ones.
    ///   - actions: does alert actions outside; `nil`: none of them works.
    ///   - prober: checks monitors; `nil`: this node checks none.
    ///   - caller: sends webhooks; `nil`: this node sends none.
    ///   - journal: keeps requests while the database is away.
    ///   - tell: passes this node's signals on to other nodes.
    public init(
        store: Store, senders: [any Sender], links: ActionLinks, throttles: [Channel: Throttle] = [:],
        fetcher: (any Fetcher)? = nil, actions: (any ActionSender)? = nil, prober: (any Prober)? = nil,
        caller: (any WebhookCaller)? = nil, journal: IntakeJournal? = nil, logger: Logger,
        tell: @escaping @Sendable (SignalTopic) -> Void = { _ in }
    ) {
        let channels = Set(senders.map(\.channel))
        var store = store
        (store.channels, store.publicURL) = (channels, links.publicURL)
        self.store = store
        self.links = links
        let wakeups = Wakeups(lanes: Self.lanes(of: senders), tell: tell)
        self.channels = channels
        self.wakeups = wakeups
        directory = AlertSourceDirectory(store: store)
        wakeups.elsewhere.add(directory.forgetAll)
        let commits = CommitTimes()
        self.journal = journal
        (escalation, notifications) = Self.page(store, wakeups, senders, throttles, commits, links, logger)
        ingestion = Ingestion(
            store: store, wakeups: wakeups, commits: commits, escalation: escalation, journal: journal, logger: logger)
        let sender = actions ?? NoActionSender()
        let runner = ActionRunner(store: store, sender: sender, links: links)
        actionLoop = ActionLoop(store: store, wakeups: wakeups, runner: runner, logger: logger)
        actionDesk = ActionDesk(store: store, wakeups: wakeups, runner: runner)
        flows = FlowDirectory(store: store)
        wakeups.elsewhere.add(flows.forgetAll)
        flowLoop = FlowLoop(store: store, wakeups: wakeups, logger: logger)
        reception = Reception(
            directory: directory, ingestion: ingestion, clock: store.clock, fetcher: fetcher,
            flows: FlowReception(
                store: store, flows: flows, sources: directory, ingestion: ingestion, wakeups: wakeups,
                logger: logger))
        mail = MailRouter([
            AlertSourceMail(directory: directory, ingestion: ingestion, clock: store.clock, logger: logger)
        ])
        desk = AlertDesk(store: store, wakeups: wakeups, channels: channels)
        slackClicks = SlackClicks(store: store, desk: desk, sender: sender, links: links)
        linkAnswers = LinkAnswers(store: store, links: links, wakeups: wakeups, channels: channels)
        mail.add(ReplyMail(store: store, links: links, wakeups: wakeups, channels: channels))
        dutyNotices = DutyNoticeLoop(store: store, wakeups: wakeups, logger: logger)
        subscriptionLoop = SubscriptionLoop(store: store, wakeups: wakeups, logger: logger)
        drillLoop = DrillLoop(store: store, wakeups: wakeups, logger: logger)
        retention = RetentionLoop(store: store, logger: logger)
        maintenance = MaintenanceLoop(store: store, wakeups: wakeups, directory: directory, logger: logger)
        heartbeats = HeartbeatReception(store: store, wakeups: wakeups, directory: directory, logger: logger)
        heartbeatLoop = HeartbeatLoop(store: store, wakeups: wakeups, logger: logger)
        coverage = CoverageLoop(store: store, wakeups: wakeups, links: links, logger: logger)
        (monitors, probes) = Self.watch(store, wakeups, prober, links, logger)
        (status, serviceLoop) = Self.offer(store, wakeups, links, logger)
        webhooks = WebhookLoop(store: store, wakeups: wakeups, caller: caller, logger: logger)
        notices = NoticeLoop(
            store: store, wakeups: wakeups, sender: senders.first { $0.channel == .email }, logger: logger)
    }

    /// The queue of each sender, in their order.
    private static func lanes(of senders: [any Sender]) -> [Lane] {
        senders.indices.map { index in
            let channel = senders[index].channel
            return Lane(channel, provider: senders[..<index].count { $0.channel == channel })
        }
    }

    /// The loops from an alert to its people.
    private static func page(
        _ store: Store, _ wakeups: Wakeups, _ senders: [any Sender], _ throttles: [Channel: Throttle],
        _ commits: CommitTimes, _ links: ActionLinks, _ logger: Logger
    ) -> (EscalationLoop, [NotificationLoop]) {
        let lanes = lanes(of: senders)
        let boards = Dictionary(
            uniqueKeysWithValues: store.channels.map { channel in
                (channel, ProviderBoard(channel, count: lanes.count { $0.channel == channel }))
            })
        let notifications = zip(senders, lanes).compactMap { sender, lane in
            boards[lane.channel].map { board in
                NotificationLoop(
                    store: store, wakeups: wakeups, sender: sender, commits: commits, links: links, board: board,
                    provider: lane.provider, throttle: throttles[lane.channel] ?? .usual(for: lane.channel),
                    logger: logger)
            }
        }
        let escalation = EscalationLoop(
            store: store, wakeups: wakeups, commits: commits, links: links,
            firstProviders: Dictionary(zip(lanes.map(\.channel), notifications)) { first, _ in first }, logger: logger)
        return (escalation, notifications)
    }

    /// Brings the journal into the database; `nil` without a journal.
    public func journalLoop(logger: Logger) -> JournalLoop? {
        journal.map {
            JournalLoop(journal: $0, ingestion: ingestion, directory: directory, store: store, logger: logger)
        }
    }

    private static func watch(
        _ store: Store, _ wakeups: Wakeups, _ prober: (any Prober)?, _ links: ActionLinks, _ logger: Logger
    ) -> (MonitorLoop, ProbeDesk) {
        let loop = MonitorLoop(
            store: store, wakeups: wakeups, prober: prober, publicURL: links.publicURL, logger: logger)
        return (loop, ProbeDesk(store: store, loop: loop))
    }

    private static func offer(
        _ store: Store, _ wakeups: Wakeups, _ links: ActionLinks, _ logger: Logger
    ) -> (StatusDesk, ServiceLoop) {
        (
            StatusDesk(store: store, wakeups: wakeups, links: links),
            ServiceLoop(store: store, wakeups: wakeups, logger: logger)
        )
    }

    /// What runs for as long as the server does.
    public var services: [any Service] { [escalation] + notifications + housekeeping + [monitors] }

    /// The loops beside those that escalate, send and check.
    public var housekeeping: [any Service] {
        [
            retention, maintenance, notices, heartbeatLoop, flowLoop, actionLoop, coverage, dutyNotices, webhooks,
            subscriptionLoop, drillLoop, serviceLoop,
        ]
    }
}
