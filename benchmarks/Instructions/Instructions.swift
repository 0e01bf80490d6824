import Alerting
import Dispatch
import Engine
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Storage
import StorageSQLite
import Web

/// In-process requests through the whole router, without a socket, for callgrind.
///
/// `instructions noop|durable COUNT FOLDER`. A synchronous main: valgrind does not survive an asynchronous one.
@main
enum Instructions {
    /// Requests under way at the same time, so that they share transactions as they do in a server.
    static let concurrency = 16

    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let count = Int(arguments[2]) else {
            FileHandle.standardError.write(Data("usage: instructions noop|durable COUNT FOLDER\n".utf8))
            exit(64)
        }
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            do {
                try await run(kind: arguments[1], count: count, folder: arguments[3])
            } catch {
                FileHandle.standardError.write(Data("\(error)\n".utf8))
                exit(1)
            }
            done.signal()
        }
        done.wait()
    }

    private static func run(kind: String, count: Int, folder: String) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let database = try SQLiteDatabase(path: folder + "/nightbell.sqlite")
        _ = try database.migrate(at: SystemClock().now)
        let store = Store(database: database, ids: BlockIDs(database: database), clock: SystemClock())
        var logger = Logger(label: "instructions")
        logger.logLevel = .error
        let links = ActionLinks(publicURL: "http://localhost", key: [UInt8](repeating: 7, count: 32))
        let engine = Engine(store: store, senders: [], links: links, logger: logger)
        var settings = WebSettings(publicURL: "http://localhost", version: "0", instance: "benchmark")
        settings.hasBenchmarkEndpoint = true
        let services = WebServices(
            engine: engine, administration: engine.administration(), settings: settings, logger: logger)
        let key = try await seed(store)
        let path = kind == "noop" ? "/healthz/echo" : "/api/v1/events/rapidspike/\(key)"
        let app = Application(responder: WebServer.responder(services), logger: logger)
        try await app.test(.router) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<concurrency {
                    group.addTask {
                        for number in stride(from: worker, to: count, by: concurrency) {
                            let body = ByteBuffer(string: Self.body(number % 100))
                            try await client.execute(uri: path, method: .post, body: body) { response in
                                precondition(response.status == .accepted)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    private static func seed(_ store: Store) async throws -> String {
        let key = "nb1rapi" + String(repeating: "benchmark", count: 5)
        try await store.write { change in
            let account: Account.ID = try change.newID()
            try Accounts.insert(id: account, name: "Benchmark", at: change.now, in: change.transaction)
            let policy = PolicyRecord(
                id: try change.newID(), account: account, name: "Benchmark", levels: [], delay: .minutes(15),
                createdAt: change.now, updatedAt: change.now)
            try EscalationPolicies.insert(policy, in: change.transaction)
            let source = AlertSourceRecord(
                id: try change.newID(), account: account, name: "Shop", integrationType: "RAPIDSPIKE",
                integrationKey: key, policy: policy.id, createdAt: change.now, updatedAt: change.now)
            try AlertSources.insert(source, in: change.transaction)
        }
        return key
    }

    private static func body(_ key: Int) -> String {
        """
        {"status":"failing","message":"Shop - Page \(key) is failing","monitor":{"uuid":"67f71e26-6d76-4d6b-9b6b-\(key)",\
        "type":"http","label":"Page \(key)","target":"/page/\(key)"},"website":{"uuid":"30031b9b-5df8-4b19-8dfe-17bf5bac7654",\
        "label":"Shop","domain_name":"https://shop.example.com"},"region":"eu-west-1",\
        "error":"operation timed out after 5000 milliseconds with 0 bytes received","created_date":"2026-01-01 10:00:00"}
        """
    }
}
