import Alerting
import Foundation
import Storage
import StoragePostgres
import StorageSQLite
import Synchronization
import TestSupport
import Testing

/// A shop on a database of its own, with a mail server and a clock that can be turned.
final class FaultWorld: Sendable {
    let kind: TemporaryDatabase.Kind
    let postgres: PostgresServer?
    let sink: MailSink
    let shop: Shop
    /// Breaks its connections without harm for the others.
    let client: TestHTTPClient
    let databaseName: String
    private let clockFile: String
    private let folder: TemporaryFolder
    private let shift = Mutex(0)
    let environment: [String: String]

    /// - Parameters:
    ///   - given: a PostgreSQL server that is there already.
    ///   - databaseURL: how the server reaches the database of this name; `nil`: directly.
    ///   - more: environment of the server.
    static func start(
        _ kind: TemporaryDatabase.Kind, people: [String] = [], dataDir: String? = nil, isDurable: Bool = true,
        on given: PostgresServer? = nil,
        databaseURL: (@Sendable (PostgresServer, String) -> String)? = nil, environment more: [String: String] = [:]
    ) async throws -> FaultWorld {
        let postgres = try given ?? (kind == .postgres ? PostgresServer(isDurable: isDurable) : nil)
        let database = try postgres?.createDatabase(isMigrated: false) ?? ""
        let sink = try await MailSink.start()
        let folder = TemporaryFolder()
        let clockFile = folder.path + "/clock"
        try "0".write(toFile: clockFile, atomically: true, encoding: .utf8)
        var environment = more
        environment["NIGHTBELL_SMTP_URL"] = sink.url
        environment["NIGHTBELL_FAULTS"] = "throttle=off clock=\(clockFile)"
        if let postgres {
            environment["NIGHTBELL_DATABASE_URL"] = databaseURL?(postgres, database) ?? postgres.url(of: database)
        }
        let shop = try await Shop.open(environment: environment, dataDir: dataDir, people: people)
        return FaultWorld(
            kind: kind, postgres: postgres, sink: sink, shop: shop, database: database, clockFile: clockFile,
            folder: folder, environment: environment)
    }

    private init(
        kind: TemporaryDatabase.Kind, postgres: PostgresServer?, sink: MailSink, shop: Shop, database: String,
        clockFile: String, folder: TemporaryFolder, environment: [String: String]
    ) {
        self.kind = kind
        self.postgres = postgres
        self.sink = sink
        self.shop = shop
        databaseName = database
        self.clockFile = clockFile
        self.folder = folder
        self.environment = environment
        client = TestHTTPClient(url: shop.server.url, hasOwnConnections: true)
    }

    /// For a process that is to die at a point.
    func dying(at point: String) -> [String: String] {
        ["NIGHTBELL_FAULTS": "\(environment["NIGHTBELL_FAULTS"] ?? "") kill=\(point)"]
    }

    /// Turns all servers' clocks.
    func turnClock(by seconds: Int) throws {
        let shift = shift.withLock { shift in
            shift += seconds
            return shift
        }
        try "\(shift)".write(toFile: clockFile, atomically: true, encoding: .utf8)
    }

    /// Which posts are still to be made, and the keys of those that were answered 202.
    private final class Posts: Sendable {
        private let state: Mutex<(next: Int, accepted: Set<String>)>

        init(from first: Int) {
            state = Mutex((first, []))
        }

        var accepted: Set<String> { state.withLock(\.accepted) }

        func draw() -> Int {
            state.withLock { state in
                defer { state.next += 1 }
                return state.next
            }
        }

        /// - Returns: how many were accepted so far.
        func accept(_ key: String) -> Int {
            state.withLock { state in
                state.accepted.insert(key)
                return state.accepted.count
            }
        }
    }

    /// Posts alert events with keys of their own, some at a time, to the servers in turn; each is tried once.
    ///
    /// - Parameter onAccepted: told how many were answered 202 so far.
    /// - Returns: the alert keys that were answered 202.
    func post(
        _ numbers: Range<Int>, to clients: [TestHTTPClient]? = nil, width: Int = 12,
        onAccepted: @escaping @Sendable (Int) -> Void = { _ in }
    ) async -> Set<String> {
        let clients = clients ?? [client]
        let posts = Posts(from: numbers.lowerBound)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<width {
                group.addTask { [path = shop.path] in
                    while true {
                        let number = posts.draw()
                        guard number < numbers.upperBound else { return }
                        let body = Shop.body("failing", monitor: "\(number)")
                        // A dead server gives no answer at all.
                        let answer = try? await clients[number % clients.count].post(path, json: body)
                        guard answer?.status == 202 else { continue }
                        onAccepted(posts.accept("monitor-\(number)"))
                    }
                }
            }
        }
        return posts.accepted
    }

    /// Until the node has brought its journal into the database.
    func waitForEmptyJournal(of server: RunningServer) async throws {
        try await repeatedly("an empty journal") {
            let answer = try await server.client.get("/metrics")
            let waiting = answer.text.split(separator: "\n").first {
                $0.hasPrefix("nightbell_journal_waiting_requests ")
            }
            return waiting?.hasSuffix(" 0") == true && answer.text.contains("nightbell_database_up 1")
        }
    }

    /// Until the server's folder tells a node that starts without its database about the shop's alert source.
    func waitForKeysOnDisk() async throws {
        try await repeatedly("the keys on the disk") {
            let facts = FileManager.default.contents(atPath: shop.server.dataDir + "/journal/sources.json")
            return facts.map { String(decoding: $0, as: UTF8.self).contains("RAPIDSPIKE") } == true
        }
    }

    /// All mails, once `count` pages are among them.
    func waitForPages(_ count: Int) async throws -> [MailSink.Mail] {
        var mails = try await sink.waitForMail(count: count, timeout: .seconds(60))
        while Set(mails.compactMap { $0.header("X-Nightbell-Message") }).count < count {
            mails = try await sink.waitForMail(count: mails.count + 1, timeout: .seconds(60))
        }
        return mails
    }

    /// Asks again and again, each time after an answer, for up to `limit`.
    func repeatedly(
        _ thing: String, within limit: Duration = .seconds(60), _ look: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if try await look() { return }
        }
        throw ChildProcess.NotSeen(description: "\(thing) did not come within \(limit)")
    }

    /// The mails about one monitor, once there is one.
    func mails(about monitor: String) async throws -> [MailSink.Mail] {
        var count = 0
        while true {
            let mails = try await sink.waitForMail(count: count + 1)
            let found = mails.filter { $0.subject.contains("- \(monitor) is") }
            if !found.isEmpty { return found }
            count = mails.count
        }
    }
}

extension [MailSink.Mail] {
    /// How many there are of each message, by its number.
    var countsOfMessages: [String: Int] {
        reduce(into: [:]) { counts, mail in
            if let number = mail.header("X-Nightbell-Message") { counts[number, default: 0] += 1 }
        }
    }
}

/// What a fault cost.
struct Figures: CustomStringConvertible {
    var name: String
    var accepted = 0
    var lost = 0
    /// Keys with more than one alert, or alerts that counted an event twice.
    var doubled = 0
    var pages = 0
    var doublePages = 0
    var notes: [String] = []

    var description: String {
        "faults: \(name): \(accepted) accepted, \(lost) lost, \(doubled) doubled, \(pages) pages, "
            + "\(doublePages) sent twice" + notes.map { "; \($0)" }.joined()
    }

    init(_ name: String) { self.name = name }

    /// Compares what was promised with what is there.
    mutating func count(_ accepted: Set<String>, _ alerts: [JSONValue]) {
        self.accepted = accepted.count
        var counts: [String: Int] = [:]
        for alert in alerts { counts[alert["alertKey"]?.string ?? "", default: 0] += 1 }
        lost = accepted.count { counts[$0] == nil }
        doubled += counts.values.count { $0 > 1 }
    }

    /// Mails with the same message's number are one page that was sent again.
    mutating func count(_ mails: [MailSink.Mail]) {
        let counts = mails.countsOfMessages
        pages = counts.count
        doublePages = counts.values.reduce(0, +) - pages
    }

    mutating func note(_ what: String, _ duration: Duration) {
        notes.append("\(what) \((duration / .milliseconds(1)).rounded() / 1000) s")
    }
}

/// What stands in the database, asked without a server of ours.
extension FaultWorld {
    /// How many alerts of PostgreSQL have counted more than one event.
    func countTwice() async throws -> Int {
        guard let postgres else { return 0 }
        let database = try postgres.database(databaseName)
        defer { database.close() }
        return try await database.read { transaction in
            try transaction.query("SELECT count(*) AS n FROM alerts WHERE event_count > 1", [:]).first?.int("n") ?? 0
        }
    }

    /// The messages that are known to be handed over, by the number in their mails.
    func deliveredMessages() async throws -> Set<String> {
        let look: @Sendable (any Transaction) throws -> Set<String> = { transaction in
            let rows = try transaction.query("SELECT id FROM messages WHERE status = 'delivered'", [:])
            return Set(try rows.map { "\(try $0.int("id"))" })
        }
        guard let postgres else {
            let database = try SQLiteDatabase(path: shop.server.dataDir + "/nightbell.db")
            let messages = try await database.read(look)
            try database.close()
            return messages
        }
        let database = try postgres.database(databaseName)
        defer { database.close() }
        return try await database.read(look)
    }
}
