public import Alerting

/// A page that tells the public how some services and monitors are.
public struct StatusPage: Equatable, Sendable {
    public typealias ID = Identifier<StatusPage>

    public var id: ID
    public var account: Account.ID
    /// The last part of its address.
    public var slug: String
    public var name: String
    public var intro: String
    /// Such as `#3b6fd4`.
    public var colour: String
    /// `false`: nobody sees it but people of the account.
    public var isPublic: Bool
    /// By id.
    public var monitors: [Monitor.ID]
    /// By id.
    public var services: [ServiceRecord.ID]
    /// Whether the public reads the summaries of alerts that hold its services.
    public var showsAlerts: Bool
    /// The beginning of a hash of its logo; `nil`: it has none.
    public var logoTag: String?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: ID, account: Account.ID, slug: String, name: String, intro: String = "", colour: String,
        isPublic: Bool = true, monitors: [Monitor.ID] = [], services: [ServiceRecord.ID] = [],
        showsAlerts: Bool = false, logoTag: String? = nil, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.services = services
        self.showsAlerts = showsAlerts
        self.logoTag = logoTag
        self.id = id
        self.account = account
        self.slug = slug
        self.name = name
        self.intro = intro
        self.colour = colour
        self.isPublic = isPublic
        self.monitors = monitors
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// The `status_pages` table with its monitors and services.
public enum StatusPages {
    private static let columns = """
        p.id, p.account_id, p.slug, p.name, p.intro, p.colour, p.is_public, p.shows_alerts, p.logo_tag, \
        p.created_at_ms, p.updated_at_ms
        """

    public static func insert(_ page: StatusPage, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO status_pages (id, account_id, slug, name, intro, colour, is_public, shows_alerts,
                created_at_ms, updated_at_ms)
            VALUES (:id, :account, :slug, :name, :intro, :colour, :public, :alerts, :created, :updated)
            """,
            [
                "id": .init(page.id), "account": .init(page.account), "slug": .text(page.slug),
                "name": .text(page.name), "intro": .text(page.intro), "colour": .text(page.colour),
                "public": .init(page.isPublic), "alerts": .init(page.showsAlerts), "created": .init(page.createdAt),
                "updated": .init(page.updatedAt),
            ])
        try monitorLinks.set(page.monitors, of: page.id, in: transaction)
        try serviceLinks.set(page.services, of: page.id, in: transaction)
    }

    public static func update(_ page: StatusPage, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE status_pages SET slug = :slug, name = :name, intro = :intro, colour = :colour, is_public = :public,
                shows_alerts = :alerts, updated_at_ms = :updated
            WHERE id = :id
            """,
            [
                "slug": .text(page.slug), "name": .text(page.name), "intro": .text(page.intro),
                "colour": .text(page.colour), "public": .init(page.isPublic), "alerts": .init(page.showsAlerts),
                "updated": .init(page.updatedAt), "id": .init(page.id),
            ])
        try monitorLinks.set(page.monitors, of: page.id, in: transaction)
        try serviceLinks.set(page.services, of: page.id, in: transaction)
    }

    public static func delete(_ id: StatusPage.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM status_pages WHERE id = :id", ["id": .init(id)])
    }

    /// By name.
    public static func list(
        account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> [StatusPage] {
        try linked(
            transaction.query(
                "SELECT \(columns) FROM status_pages p WHERE p.account_id = :account ORDER BY p.name, p.id LIMIT 200",
                ["account": .init(account)]), in: transaction)
    }

    public static func find(
        _ id: StatusPage.ID, account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> StatusPage? {
        try linked(
            transaction.query(
                "SELECT \(columns) FROM status_pages p WHERE p.id = :id AND p.account_id = :account",
                ["id": .init(id), "account": .init(account)]), in: transaction
        ).first
    }

    /// Whatever its account: addresses are everybody's.
    public static func find(slug: String, in transaction: any Transaction) throws(StorageError) -> StatusPage? {
        try linked(
            transaction.query(
                "SELECT \(columns) FROM status_pages p WHERE p.slug = :slug", ["slug": .text(slug)]), in: transaction
        ).first
    }

    public static func name(
        of id: StatusPage.ID, in transaction: any Transaction
    ) throws(StorageError) -> String? {
        try transaction.query("SELECT name FROM status_pages WHERE id = :id", ["id": .init(id)]).first?.text("name")
    }

    private static let monitorLinks = LinkTable<StatusPage, Monitor>(
        "status_page_monitors", owner: "status_page_id", member: "monitor_id")
    private static let serviceLinks = LinkTable<StatusPage, ServiceRecord>(
        "status_page_services", owner: "status_page_id", member: "service_id")

    private static func linked(
        _ rows: [Row], in transaction: any Transaction
    ) throws(StorageError) -> [StatusPage] {
        var pages: [StatusPage] = []
        for row in rows {
            pages.append(
                StatusPage(
                    id: try row.id("id"), account: try row.id("account_id"), slug: try row.text("slug"),
                    name: try row.text("name"), intro: try row.text("intro"), colour: try row.text("colour"),
                    isPublic: try row.bool("is_public"), showsAlerts: try row.bool("shows_alerts"),
                    logoTag: try row.optionalText("logo_tag"), createdAt: try row.time("created_at_ms"),
                    updatedAt: try row.time("updated_at_ms")))
        }
        try monitorLinks.read(into: &pages, id: \.id, \.monitors, in: transaction)
        try serviceLinks.read(into: &pages, id: \.id, \.services, in: transaction)
        return pages
    }
}

/// Somebody who is told by mail of a status page's monitors.
public struct StatusSubscriber: Equatable, Sendable {
    public typealias ID = Identifier<StatusSubscriber>

    public var id: ID
    public var page: StatusPage.ID
    public var email: String
    public var token: String
    /// `nil`: not yet, and told of nothing.
    public var confirmedAt: Timestamp?
    /// When the last mail that asks for it went out.
    public var askedAt: Timestamp

    public init(
        id: ID, page: StatusPage.ID, email: String, token: String, confirmedAt: Timestamp? = nil, askedAt: Timestamp
    ) {
        self.id = id
        self.page = page
        self.email = email
        self.token = token
        self.confirmedAt = confirmedAt
        self.askedAt = askedAt
    }
}

/// The `status_subscribers` table.
public enum StatusSubscribers {
    private static let columns =
        "s.id, s.status_page_id, s.email, s.token, s.confirmed_at_ms, s.asked_at_ms"

    public static func insert(_ subscriber: StatusSubscriber, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO status_subscribers (id, status_page_id, email, token, confirmed_at_ms, asked_at_ms)
            VALUES (:id, :page, :email, :token, :confirmed, :asked)
            """,
            [
                "id": .init(subscriber.id), "page": .init(subscriber.page), "email": .text(subscriber.email),
                "token": .text(subscriber.token), "confirmed": .init(subscriber.confirmedAt),
                "asked": .init(subscriber.askedAt),
            ])
    }

    public static func update(_ subscriber: StatusSubscriber, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            "UPDATE status_subscribers SET confirmed_at_ms = :confirmed, asked_at_ms = :asked WHERE id = :id",
            [
                "confirmed": .init(subscriber.confirmedAt), "asked": .init(subscriber.askedAt),
                "id": .init(subscriber.id),
            ])
    }

    public static func delete(_ id: StatusSubscriber.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM status_subscribers WHERE id = :id", ["id": .init(id)])
    }

    /// How many have asked, whether confirmed or not.
    public static func count(of page: StatusPage.ID, in transaction: any Transaction) throws(StorageError) -> Int {
        try transaction.query(
            "SELECT count(*) AS count FROM status_subscribers WHERE status_page_id = :page", ["page": .init(page)]
        ).first?.int("count") ?? 0
    }

    /// Asked and not confirmed since `start`, for all pages.
    public static func countUnconfirmed(
        since start: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        try transaction.query(
            """
            SELECT count(*) AS count FROM status_subscribers WHERE confirmed_at_ms IS NULL AND asked_at_ms > :start
            """,
            ["start": .init(start)]
        ).first?.int("count") ?? 0
    }

    public static func find(
        email: String, page: StatusPage.ID, in transaction: any Transaction
    ) throws(StorageError) -> StatusSubscriber? {
        try transaction.query(
            "SELECT \(columns) FROM status_subscribers s WHERE s.status_page_id = :page AND s.email = :email",
            ["page": .init(page), "email": .text(email)]
        ).first.map(subscriber)
    }

    public static func find(token: String, in transaction: any Transaction) throws(StorageError) -> StatusSubscriber? {
        try transaction.query(
            "SELECT \(columns) FROM status_subscribers s WHERE s.token = :token", ["token": .text(token)]
        ).first.map(subscriber)
    }

    /// Everybody who confirmed on a public page that shows the monitor, with the page's name, by id.
    public static func confirmed(
        of monitor: Monitor.ID, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [(subscriber: StatusSubscriber, page: String)] {
        try named(
            transaction.query(
                """
                SELECT \(columns), p.name AS page_name
                FROM status_page_monitors m JOIN status_pages p ON p.id = m.status_page_id
                    JOIN status_subscribers s ON s.status_page_id = p.id
                WHERE m.monitor_id = :monitor AND p.is_public = 1 AND s.confirmed_at_ms IS NOT NULL
                ORDER BY s.id LIMIT :limit
                """,
                ["monitor": .init(monitor), "limit": .init(limit)]))
    }

    /// Likewise of a public page that shows the service.
    public static func confirmed(
        of service: ServiceRecord.ID, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [(subscriber: StatusSubscriber, page: String)] {
        try named(
            transaction.query(
                """
                SELECT \(columns), p.name AS page_name
                FROM status_page_services v JOIN status_pages p ON p.id = v.status_page_id
                    JOIN status_subscribers s ON s.status_page_id = p.id
                WHERE v.service_id = :service AND p.is_public = 1 AND s.confirmed_at_ms IS NOT NULL
                ORDER BY s.id LIMIT :limit
                """,
                ["service": .init(service), "limit": .init(limit)]))
    }

    private static func named(
        _ rows: [Row]
    ) throws(StorageError) -> [(subscriber: StatusSubscriber, page: String)] {
        var found: [(subscriber: StatusSubscriber, page: String)] = []
        for row in rows { found.append((try subscriber(row), try row.text("page_name"))) }
        return found
    }

    private static func subscriber(_ row: Row) throws(StorageError) -> StatusSubscriber {
        StatusSubscriber(
            id: try row.id("id"), page: try row.id("status_page_id"), email: try row.text("email"),
            token: try row.text("token"), confirmedAt: try row.optionalTime("confirmed_at_ms"),
            askedAt: try row.time("asked_at_ms"))
    }
}
