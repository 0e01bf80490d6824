import Alerting
import Engine
import Foundation
import Hummingbird
import Logging
import NIOCore
import Outbound
import ServiceLifecycle
import Simulation
import Storage
import UnixSignals
import Web

/// The whole server, put together: the database open and migrated, nothing listening yet.
struct Server {
    let url: String
    let engine: Engine
    let administration: Administration
    /// Where this machine reaches the server, whatever others call it.
    var localURL: String { address.url }
    private let address: ListenAddress
    private let driver: StorageDriver
    private let lock: ServerLock
    private let role: NodeRecord.Role
    private let permit: WorkPermit
    private let node: NodeLoop
    private let services: WebServices
    private let deadline: ShutdownDeadline
    private let closeMail: @Sendable () -> Void
    private let client: GuardedHTTPClient
    private let prober: LiveProber
    /// `nil`: no mails are taken in.
    private let mailListener: SMTPListener?
    /// Fetch what people answer where nobody calls us.
    private let pollers: [any Service]
    private let logger: Logger

    /// For a request whose sender has gone silent, and for a connection between requests.
    private static let idleTimeout = Duration.seconds(30)
    /// For the requests under way at the end.
    private static let webPatience = Duration.seconds(3)
    /// For the mails under way at the end; what is broken off then goes out again after the next start.
    private static let mailGrace = Duration.milliseconds(3500)
    private static let backlog = 1024
    /// Between two signs of life.
    private static let sharedBeat = Duration.seconds(2)
    /// Nobody reads them but people, and each is written to the disk.
    private static let loneBeat = Duration.seconds(10)
    private static let mostConnections = 8192

    /// Opens the data folder for this process alone.
    ///
    /// - Throws: `Failure`, `StorageError` or `MigrationError`, each of which says in a sentence why not.
    static func open(_ configuration: ServerConfiguration, logger: Logger) async throws -> Server {
        let faults = configuration.faults
        let clock = faults.clock()
        let folder = DataFolder(configuration.dataDir)
        try folder.create()
        let lock = try folder.lock()
        let driver = try await storage(configuration, clock.now, logger)
        let permit = WorkPermit()
        let database = PermittedDatabase(faults.database(driver.database), permit: permit)
        let store = Store(database: database, ids: BlockIDs(database: database), clock: clock)
        let address = try configuration.listen.withPort()
        let url = configuration.publicURL ?? address.url
        let instance = try await InstanceID.load(from: store)
        // Other nodes of a shared database are alive, and their leases are theirs.
        if !driver.isShared { try await takeOver(in: store, logger) }

        let (client, prober) = outside(configuration, instance, own: [url, address.url])
        let mailDomain = configuration.mailDomain ?? ServerConfiguration.mailDomain(of: url)
        let identity = MailIdentity(
            from: configuration.mailFrom, instance: instance,
            replyDomain: configuration.smtpListen == nil ? nil : mailDomain)
        let (sender, closeMail) = mail(configuration, folder, identity, clock, logger)
        let deadline = ShutdownDeadline(driver: driver, logger: logger)
        let signals = driver.signals()
        let role = configuration.role
        let told = { @Sendable (topic: SignalTopic) in
            // A node that works does what it has committed itself; the others find what it leaves.
            if topic != .work || !role.works { signals?.send(topic) }
        }
        let pushKey = try await VAPIDKey.load(contact: "mailto:\(configuration.mailFrom.address)", from: store)
        let channels = configuration.channels
        let senders = [faults.sender(sender)] + channels.senders(client: client, pushKey: pushKey, clock: clock)
        let engine = Engine(
            store: store, senders: senders, links: try await ActionLinks.load(publicURL: url, from: store),
            throttles: channels.throttles.merging(faults.throttles) { $1 }, fetcher: client,
            actions: ActionClient(client: client), prober: prober, caller: client,
            journal: try journal(configuration, folder, permit, clock.now, logger), logger: logger, tell: told)
        if role.works { try await keep(engine.channels, channels.throttles, in: store) }
        let administration = engine.administration(mailDomain: mailDomain)
        return Server(
            url: url, engine: engine, administration: administration, address: address, driver: driver,
            lock: lock, role: role, permit: permit,
            node: NodeLoop(
                store: Store(database: driver.database, ids: store.ids, clock: clock),
                me: record(of: folder, at: address, role, clock.now),
                permit: permit, wakeups: engine.wakeups, signals: signals,
                interval: driver.isShared ? sharedBeat : loneBeat, logger: logger),
            services: WebServices(
                engine: engine, administration: administration,
                settings: web(configuration, url: url, instance: instance, pushKey: pushKey.publicKey),
                logger: logger,
                operations: OperationsFacts(
                    registry: Telemetry.registry, isDraining: { deadline.isRunning },
                    damage: { driver.damage }, standstill: { permit.refusal }, databaseBytes: { driver.bytes }),
                rehearsal: rehearsal(on: database, engine.channels, channels.throttles)),
            deadline: deadline, closeMail: closeMail, client: client, prober: prober,
            mailListener: try mailListener(configuration, hostname: mailDomain, engine, logger),
            pollers: channels.pollers(
                client: client, engine: engine, node: NodeName.of(folder), logger: logger),
            logger: logger)
    }

    private static func rehearsal(
        on database: any Database, _ channels: Set<Alerting.Channel>, _ throttles: [Alerting.Channel: Throttle]
    ) -> LiveRehearsal {
        LiveRehearsal(.database(database), stage: TemporaryStage(), channels: channels, throttles: throttles)
    }

    private static func probes(
        _ configuration: ServerConfiguration, _ instance: String, _ own: [String]
    ) -> LiveProber.Settings {
        var settings = LiveProber.Settings(
            version: Nightbell.version, instance: instance,
            allowsPrivateAddresses: configuration.allowsPrivateAddresses)
        if let url = configuration.rdapURL { settings.rdapURL = url }
        if let server = configuration.whoisServer { settings.whoisServer = server }
        settings.ownPlaces = Set(
            own.compactMap { text in
                guard let url = URLComponents(string: text), let host = url.host else { return nil }
                return "\(host.lowercased()):\(url.port ?? (url.scheme == "https" ? 443 : 80))"
            })
        return settings
    }

    /// What opens connections to addresses that users typed in.
    private static func outside(
        _ configuration: ServerConfiguration, _ instance: String, own: [String]
    ) -> (GuardedHTTPClient, LiveProber) {
        let allows = configuration.allowsPrivateAddresses
        return (
            GuardedHTTPClient(version: Nightbell.version, instance: instance, allowsPrivateAddresses: allows),
            LiveProber(probes(configuration, instance, own))
        )
    }

    /// What takes mails in; `nil`: nothing does.
    private static func mailListener(
        _ configuration: ServerConfiguration, hostname: String, _ engine: Engine, _ logger: Logger
    ) throws(Failure) -> SMTPListener? {
        guard configuration.role.acceptsRequests, let address = try configuration.smtpListen?.withPort() else {
            return nil
        }
        return SMTPListener(
            host: address.host, port: address.port, hostname: hostname, router: engine.mail, logger: logger)
    }

    /// Notes what this server sends on, for those who rehearse beside it.
    private static func keep(
        _ channels: Set<Alerting.Channel>, _ throttles: [Alerting.Channel: Throttle], in store: Store
    ) async throws {
        let known = Dictionary(uniqueKeysWithValues: channels.map { ($0, throttles[$0] ?? .usual(for: $0)) })
        try await store.write { change in try ServerChannels.set(known, in: change.transaction) }
    }

    /// Makes due what was on its way when the last process ended.
    private static func takeOver(in store: Store, _ logger: Logger) async throws {
        let forgotten = try await store.write { change in
            try Messages.endLeases(at: change.now, in: change.transaction)
        }
        if forgotten > 0 { logger.info("messages taken over", metadata: ["count": "\(forgotten)"]) }
    }

    /// The database that the settings name, migrated and looked at.
    private static func storage(
        _ configuration: ServerConfiguration, _ now: Timestamp, _ logger: Logger
    ) async throws -> StorageDriver {
        let (driver, migrations) = try StorageDriver.openMigrated(configuration, at: now)
        if !migrations.isEmpty {
            logger.info("database migrated", metadata: ["migrations": "\(migrations.joined(separator: ", "))"])
        }
        guard try await !DatabaseCopy.isUnderWay(in: driver.database) else {
            throw Failure(
                .conflict, "A copy into this database has not ended: repeat nightbell copy, or empty the database.")
        }
        try driver.check(logger)
        return driver
    }

    /// Only where the database may be away while this process is not.
    static func journal(
        _ configuration: ServerConfiguration, _ folder: DataFolder, _ permit: WorkPermit, _ now: Timestamp,
        _ logger: Logger
    ) throws -> IntakeJournal? {
        guard configuration.database != nil, configuration.journalLimit > 0, configuration.role.acceptsRequests else {
            return nil
        }
        let id = String(format: "%013lld-", now.milliseconds) + Tokens.random(12)
        return try IntakeJournal(
            folder: folder.journalPath, id: id, node: NodeName.of(folder), limit: configuration.journalLimit,
            isAllowed: { permit.refusal == nil }, logger: logger)
    }

    private static func record(
        of folder: DataFolder, at address: ListenAddress, _ role: NodeRecord.Role, _ now: Timestamp
    ) -> NodeRecord {
        NodeRecord(
            name: NodeName.of(folder), address: address.url, version: Nightbell.version, role: role, startedAt: now,
            seenAt: now)
    }

    private static func web(
        _ configuration: ServerConfiguration, url: String, instance: String, pushKey: String
    ) -> WebSettings {
        WebSettings(
            publicURL: url, version: Nightbell.version, instance: instance,
            hasBenchmarkEndpoint: configuration.hasBenchmarkEndpoint,
            acceptsRequests: configuration.role.acceptsRequests, takesMail: configuration.smtpListen != nil,
            pushKey: pushKey,
            twilioAuthToken: configuration.channels.twilio?.authToken,
            telegramBotName: configuration.channels.telegramBotName,
            telegramSecret: configuration.channels.telegram.flatMap { telegram in
                telegram.webhookURL.map { _ in TelegramDesk.webhookSecret(botToken: telegram.token) }
            })
    }

    /// Where mails go, and what ends it.
    private static func mail(
        _ configuration: ServerConfiguration, _ folder: DataFolder, _ identity: MailIdentity, _ clock: any Clock,
        _ logger: Logger
    ) -> (sender: any Sender, close: @Sendable () -> Void) {
        switch configuration.mail {
        case .server(let settings):
            logger.info("mails go to a mail server", metadata: ["server": "\(settings)"])
            let sender = EmailSender(settings: settings, identity: identity, clock: clock)
            return (sender, { sender.close(grace: mailGrace) })
        case .outbox:
            logger.warning(
                "no mail server is set: mails become files",
                metadata: ["folder": "\(folder.outboxPath)", "setting": "\(Setting.smtpUrl.environmentName)"])
            return (OutboxSender(folder: folder.outboxPath, identity: identity, clock: clock), {})
        }
    }

    /// Serves until `stop` is called or the process is asked to end by SIGTERM or SIGINT; then stops accepting
    /// requests, ends the loops and closes the database, in ten seconds at most.
    ///
    /// - Parameter onReady: called once the port is open.
    func run(until stop: ServerStop = ServerStop(), onReady: @escaping @Sendable () async -> Void) async throws {
        let pages = engine.wakeups.pages
        let web = Bounded(application(onReady), patience: Self.webPatience) { [deadline] in
            deadline.begin()
            // Pages that are being freshened would keep their connections open.
            pages.finish()
        }
        let mail = mailListener.map { [Bounded($0, patience: Self.webPatience) as any Service] } ?? []
        let configuration = ServiceGroupConfiguration(
            services: [node, PermittedWork(loops, permit: permit, logger: logger)] + journalServices + mail
                + [web],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        let group = ServiceGroup(configuration: configuration)
        stop.attach { await group.triggerGracefulShutdown() }
        do {
            try await group.run()
        } catch {
            prober.close()
            await client.shutdown()
            // The reason for ending is what is told; the database is whole either way.
            try? driver.close()
            throw failure(for: error)
        }
        prober.close()
        await client.shutdown()
        try driver.close()
        withExtendedLifetime(lock) {}
        logger.info("server stopped")
    }

    private var journalServices: [any Service] {
        engine.journalLoop(logger: logger).map { [$0] } ?? []
    }

    /// Ended one after the other from the last on, after the web.
    private var loops: [any Service] {
        guard role.works else { return [] }
        let notifications = engine.notifications.map { loop in
            Bounded(loop, patience: Self.mailGrace * 2, onGracefulShutdown: closeMail)
        }
        let monitors = Bounded(engine.monitors, patience: Self.webPatience) { [prober] in prober.close() }
        return [engine.escalation] + notifications + engine.housekeeping + [monitors] + pollers
    }

    private func failure(for error: any Error) -> any Error {
        let listening = "Cannot listen on \(address.host):\(address.port)"
        return switch error {
        case let error as IOError: Failure(.unavailable, "\(listening): \(error.reasonInWords).")
        case is SocketAddressError: Failure(.invalid, "\(listening): there is no such address.")
        default: error
        }
    }

    private func application(_ onReady: @escaping @Sendable () async -> Void) -> some ApplicationProtocol {
        let connections = min(Self.mostConnections, FileLimit.raised() - 256)
        let responder = WebServer.responder(services)
        return Application(
            responder: responder, server: .http(idleTimeout: Self.idleTimeout, of: responder),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: nil, backlog: Self.backlog,
                availableConnectionsDelegate: .maximum(connections, logger: logger)),
            onServerRunning: { _ in await onReady() }, logger: logger.quieter)
    }
}

extension Logger {
    /// Without the web framework's own remarks about starting and stopping.
    fileprivate var quieter: Logger {
        var logger = self
        logger.logLevel = max(logLevel, .notice)
        return logger
    }
}

extension IOError {
    fileprivate var reasonInWords: String {
        switch errnoCode {
        case EADDRINUSE: "another program is using this port"
        case EACCES: "this port needs more rights"
        case EADDRNOTAVAIL: "this machine does not have that address"
        default: String(cString: strerror(errnoCode))
        }
    }
}
