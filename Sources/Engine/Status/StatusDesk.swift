public import Alerting
public import Storage

/// What the public asks of status pages: how things are, and to be told by mail.
public struct StatusDesk: Sendable {
    /// All that a page shows.
    public struct View: Sendable {
        public var page: StatusPage
        /// By name.
        public var monitors: [MonitorRecord]
        /// Oldest first, as the next.
        public var hours: [Monitor.ID: [MonitorSum]]
        public var days: [Monitor.ID: [MonitorSum]]
        /// Of 90 days, the newest first.
        public var events: [MonitorEvent]
        /// By name.
        public var services: [ServiceRecord]
        /// Of 90 days, the oldest first.
        public var periods: [ServiceRecord.ID: [ServicePeriod]]
        /// What holds the services now, the oldest first; empty where the page does not show alerts.
        public var alerts: [HeldAlert]
    }

    /// What the public may read of an alert that holds a service.
    public struct HeldAlert: Sendable {
        public var service: ServiceRecord.ID
        public var summary: String
        public var since: Timestamp
    }

    private let store: Store
    private let wakeups: Wakeups
    private let links: ActionLinks
    /// Of one page.
    static let mostSubscribers = 2000
    /// Of all pages together, in an hour.
    static let mostUnconfirmed = 100
    /// Between two mails that ask the same address.
    static let askingPause = Duration.hours(1)

    init(store: Store, wakeups: Wakeups, links: ActionLinks) {
        self.store = store
        self.wakeups = wakeups
        self.links = links
    }

    /// - Parameter account: whose people may see it though it is not public; `nil`: nobody's.
    /// - Throws: `Failure.notFound` when there is none to be seen.
    public func view(_ slug: String, for account: Account.ID?) async throws -> View {
        let now = store.clock.now
        return try await Failure.translating {
            try await store.read { transaction in
                let page = try Self.page(slug, for: account, in: transaction)
                let monitors = try Monitors.list(page.monitors, account: page.account, in: transaction)
                    .filter { !$0.isPaused }
                let ids = monitors.map(\.id)
                return View(
                    page: page, monitors: monitors,
                    hours: try MonitorSums.hours(of: ids, from: now - .days(2), in: transaction),
                    days: try MonitorSums.days(of: ids, from: now - .days(91), in: transaction),
                    events: try MonitorHistory.events(of: ids, from: now - .days(90), limit: 500, in: transaction),
                    services: try Services.list(page.services, account: page.account, in: transaction),
                    periods: try ServicePeriods.list(of: page.services, from: now - .days(90), in: transaction),
                    alerts: page.showsAlerts ? try Self.alerts(of: page, in: transaction) : [])
            }
        }
    }

    private static let mostAlerts = 100

    private static func alerts(of page: StatusPage, in transaction: any Transaction) throws -> [HeldAlert] {
        try ServiceHolds.open(of: page.services, in: transaction).prefix(mostAlerts).compactMap { hold in
            try Alerts.find(hold.alert, in: transaction).map { record in
                HeldAlert(service: hold.service, summary: record.alert.summary, since: hold.heldAt)
            }
        }
    }

    /// A page's logo.
    ///
    /// - Throws: `Failure.notFound` when there is none to be seen.
    public func logo(_ slug: String, tag: String, for account: Account.ID?) async throws -> StatusPageLogo {
        try await Failure.translating {
            try await store.read { transaction in
                let page = try Self.page(slug, for: account, in: transaction)
                guard page.logoTag == tag, let logo = try StatusPageLogos.find(of: page.id, in: transaction) else {
                    throw Failure(.notFound, "There is no such picture.")
                }
                return logo
            }
        }
    }

    /// Sends a mail that asks for a confirmation. What it answers says nothing about who has subscribed already.
    public func subscribe(_ email: String, to slug: String) async throws {
        let email = try FieldRules.email(email).lowercased()
        let (links, token) = (links, Tokens.random(40))
        try await Failure.translating {
            try await store.write { change in
                let page = try Self.page(slug, for: nil, in: change.transaction)
                let known = try StatusSubscribers.find(email: email, page: page.id, in: change.transaction)
                if let known, known.confirmedAt != nil || change.now - known.askedAt < Self.askingPause { return }
                let waiting = try StatusSubscribers.countUnconfirmed(
                    since: change.now - Self.askingPause, in: change.transaction)
                let count = try StatusSubscribers.count(of: page.id, in: change.transaction)
                guard waiting < Self.mostUnconfirmed, count < Self.mostSubscribers else {
                    throw Failure(.conflict, "Too many people subscribe just now; try again later.")
                }
                if var again = known {
                    again.askedAt = change.now
                    try StatusSubscribers.update(again, in: change.transaction)
                } else {
                    let new = StatusSubscriber(
                        id: try change.newID(), page: page.id, email: email, token: token, askedAt: change.now)
                    try StatusSubscribers.insert(new, in: change.transaction)
                }
                try change.notify(
                    email, account: page.account, subject: "Confirm: news of \(page.name)",
                    body: """
                        Somebody, most likely you, wants to be told by mail when something on the status page
                        “\(page.name)” fails and when it works again.

                        To confirm that, open this link and press the button:
                        \(links.publicURL)/status/subscriptions/\(known?.token ?? token)

                        If it was not you, do nothing: you get no further mail.

                        """)
            }
        }
        wakeups.notices.signal()
    }

    /// The page that a link in a mail is about, and whether it is confirmed.
    ///
    /// - Throws: `Failure.notFound` for a link that is void.
    public func subscription(_ token: String) async throws -> (page: String, isConfirmed: Bool) {
        try await Failure.translating {
            try await store.read { transaction in
                let subscriber = try Self.subscriber(token, in: transaction)
                let name = try StatusPages.name(of: subscriber.page, in: transaction)
                return (name ?? "", subscriber.confirmedAt != nil)
            }
        }
    }

    public func confirm(_ token: String) async throws {
        try await Failure.translating {
            try await store.write { change in
                var subscriber = try Self.subscriber(token, in: change.transaction)
                subscriber.confirmedAt = subscriber.confirmedAt ?? change.now
                try StatusSubscribers.update(subscriber, in: change.transaction)
            }
        }
    }

    /// Forgets the address.
    public func end(_ token: String) async throws {
        try await Failure.translating {
            try await store.write { change in
                let subscriber = try Self.subscriber(token, in: change.transaction)
                try StatusSubscribers.delete(subscriber.id, in: change.transaction)
            }
        }
    }

    private static func page(
        _ slug: String, for account: Account.ID?, in transaction: any Transaction
    ) throws -> StatusPage {
        guard slug.utf8.count <= 40, let page = try StatusPages.find(slug: slug.lowercased(), in: transaction),
            page.isPublic || page.account == account
        else { throw Failure(.notFound, "There is no such status page.") }
        return page
    }

    private static func subscriber(_ token: String, in transaction: any Transaction) throws -> StatusSubscriber {
        guard token.utf8.count <= 100, let found = try StatusSubscribers.find(token: token, in: transaction) else {
            throw Failure(.notFound, "This link is void.")
        }
        return found
    }
}

extension Change {
    /// Queues a mail to everybody who wants to be told of the monitor.
    ///
    /// - Returns: whether there is anybody.
    func tellSubscribers(of monitor: MonitorRecord, isFailing: Bool, publicURL: String) throws -> Bool {
        let found = try StatusSubscribers.confirmed(
            of: monitor.id, limit: StatusDesk.mostSubscribers, in: transaction)
        for (subscriber, page) in found {
            let words = isFailing ? "does not work" : "works again"
            try notify(
                subscriber.email, account: monitor.account,
                subject: Limits.cut("\(page): \(monitor.name) \(words)", to: Limits.summary),
                body: """
                    \(monitor.name) \(words) since \(now.iso8601.prefix(16).replacing("T", with: " ")) UTC.

                    To get no more of these mails:
                    \(publicURL)/status/subscriptions/\(subscriber.token)

                    """)
        }
        return !found.isEmpty
    }

    /// Queues a mail to everybody who wants to be told of a page that shows the service.
    func tellSubscribers(of service: ServiceRecord) throws {
        let found = try StatusSubscribers.confirmed(
            of: service.id, limit: StatusDesk.mostSubscribers, in: transaction)
        for (subscriber, page) in found {
            let words = service.status.words.lowercased()
            try notify(
                subscriber.email, account: service.account,
                subject: Limits.cut("\(page): \(service.name): \(words)", to: Limits.summary),
                body: """
                    \(service.name): \(words) since \(now.iso8601.prefix(16).replacing("T", with: " ")) UTC.

                    To get no more of these mails:
                    \(publicURL)/status/subscriptions/\(subscriber.token)

                    """)
        }
    }
}
