import Alerting
import Engine
import Foundation
import Logging
import Simulation
import Storage
import StorageSQLite
import Synchronization

/// A day of monitors through the engine and the storage that are shipped, as fast as they go; only the network is left
/// out, and time is what we say.
///
/// `monitor-history day RESULTS FOLDER` writes the day that ends now into the database of a server that was set up;
/// `monitor-history prune FOLDER` lets eight days go by in it. Prints one line of JSON.
@main
enum MonitorHistory {
    private static let minutes = 1440
    /// Monitors of one host.
    private static let perSite = 5

    static func main() async throws {
        let arguments = CommandLine.arguments
        switch (arguments.count, arguments.count > 1 ? arguments[1] : "") {
        case (4, "day"):
            guard let results = Int(arguments[2]), results >= minutes else { return usage() }
            try await day(count: results / minutes, arguments[3])
        case (3, "prune"): try await prune(arguments[2])
        default: usage()
        }
    }

    private static func usage() {
        FileHandle.standardError.write(Data("usage: monitor-history day RESULTS FOLDER | prune FOLDER\n".utf8))
        exit(64)
    }

    /// - Returns: an engine over the server's database, and the clock that it looks at.
    private static func engine(_ folder: String, at start: Timestamp) throws -> (Engine, SimulatedClock) {
        let database = try SQLiteDatabase(path: folder + "/nightbell.db")
        _ = try database.migrate(at: SystemClock().now)
        let clock = SimulatedClock(at: start)
        let store = Store(database: database, ids: BlockIDs(database: database), clock: clock)
        let links = ActionLinks(publicURL: "http://localhost", key: [UInt8](repeating: 7, count: 32))
        let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        return (Engine(store: store, senders: [], links: links, prober: LuckyProber(), logger: logger), clock)
    }

    private static func day(count: Int, _ folder: String) async throws {
        let start = SystemClock().now - .days(1)
        let (engine, clock) = try engine(folder, at: start)
        let caller = try await engine.store.read { transaction -> Caller? in
            try Users.find(email: "alice@example.com", in: transaction).map { Caller($0) }
        }
        guard let caller else { return usage() }
        let monitors = engine.administration(passwords: Passwords(log2N: 4)).monitors
        for number in 0..<count {
            let url = "https://site-\(number / perSite).example.com/\(number)"
            _ = try await monitors.create(
                MonitorDraft(name: "Page \(number)", subject: .http(HTTPCheck(url: url)), retests: 0), by: caller)
        }
        var (writing, sealing) = (Duration.zero, Duration.zero)
        for minute in 1...minutes {
            clock.advance(by: .minutes(1))
            writing += try await ContinuousClock().measure { while try await engine.monitors.runOnce() {} }
            guard minute % 60 == 10 || minute == minutes else { continue }
            sealing += try await ContinuousClock().measure { while try await engine.retention.runOnce() {} }
        }
        print(#"{"monitors":\#(count),"writing":\#(writing / .seconds(1)),"sealing":\#(sealing / .seconds(1))}"#)
    }

    private static func prune(_ folder: String) async throws {
        let (engine, _) = try engine(folder, at: SystemClock().now + .days(8))
        let time = try await ContinuousClock().measure { while try await engine.retention.runOnce() {} }
        print(#"{"pruning":\#(time / .seconds(1))}"#)
    }
}

/// Finds all well in some milliseconds, but for one check in five hundred.
final class LuckyProber: Prober {
    private let count = Mutex(0)

    func check(_ subject: MonitorSubject, within limit: Duration) async -> CheckAnswer {
        let number = count.withLock { count in
            count += 1
            return count
        }
        let total = Duration.milliseconds(20 + number % 97)
        let phases = CheckAnswer.Phases(
            lookUp: .milliseconds(1), connect: .milliseconds(5), encryption: .milliseconds(8),
            firstByte: total - .milliseconds(14))
        return CheckAnswer(total: total, phases: phases, status: number % 500 == 0 ? 503 : 200)
    }
}
