public import Alerting
import Foundation

/// A running server with the alert source "Shop" and whom it calls, made through the REST API.
public struct Shop: Sendable {
    public struct Unexpected: Error, CustomStringConvertible {
        public var description: String

        public init(description: String) {
            self.description = description
        }
    }

    public let server: RunningServer
    /// As Alice.
    public let api: TestHTTPClient
    /// Where RapidSpike posts to, from the first slash on.
    public let path: String
    public let integrationKey: String
    public let source: Int64

    /// Starts a server on which a level of the escalation policy calls each of `people`, five minutes apart.
    ///
    /// - Parameter people: email addresses of further users; Alice, the owner, is the only one when there are none.
    public static func open(
        environment: [String: String] = [:], dataDir: String? = nil, people: [String] = [], type: String = "RAPIDSPIKE"
    ) async throws -> Shop {
        let server = try await RunningServer.start(environment: environment, dataDir: dataDir)
        let api = try await server.api()
        var ids: [Int64] = []
        for email in people {
            let name = email.prefix { $0 != "@" }.capitalized
            let user = try await create(
                "/api/users", #"{"email": "\#(email)", "firstName": "\#(name)", "lastName": "Baker", "role": "USER"}"#,
                by: api)
            ids.append(try id(of: user))
        }
        if ids.isEmpty { ids = [try id(of: try await api.get("/api/users/current").json)] }
        let levels = ids.map { #"{"users": [{"id": \#($0)}], "escalationTimeout": 5}"# }.joined(separator: ", ")
        let policy = try await create(
            "/api/escalation-policies", #"{"name": "Shop on call", "escalationRules": [\#(levels)]}"#, by: api)
        let source = try await create(
            "/api/alert-sources",
            #"{"name": "Shop", "integrationType": "\#(type)", "escalationPolicy": {"id": \#(try id(of: policy))}, "#
                + #""eventLimitPerMinute": 1000000}"#,
            by: api)
        guard let key = source["integrationKey"]?.string else {
            throw Unexpected(description: "no key: \(source.text)")
        }
        return Shop(
            server: server, api: api, path: "/api/v1/events/\(type.lowercased())/\(key)", integrationKey: key,
            source: try id(of: source))
    }

    /// Adds a RapidSpike source that calls the user with `email` only.
    ///
    /// - Parameter minutes: how long its escalation policy waits first.
    /// - Returns: where it is posted to.
    public static func addSource(to shop: Shop, for email: String, after minutes: Int = 0) async throws -> String {
        let user = try await shop.api.post("/api/users/search-email", json: #"{"email": "\#(email)"}"#).json
        let level = #"{"users": [{"id": \#(try id(of: user))}], "escalationTimeout": 5}"#
        let policy = try await create(
            "/api/escalation-policies",
            #"{"name": "Other", "delayMin": \#(minutes), "escalationRules": [\#(level)]}"#, by: shop.api)
        let source = try await create(
            "/api/alert-sources",
            #"{"name": "Other", "integrationType": "RAPIDSPIKE", "escalationPolicy": {"id": \#(try id(of: policy))}}"#,
            by: shop.api)
        return "/api/v1/events/rapidspike/\(source["integrationKey"]?.string ?? "")"
    }

    /// What RapidSpike may send when a monitor's state changes.
    public func rapidSpike(_ state: String, monitor: String = "Home") async throws -> TestHTTPClient.Answer {
        try await server.client.post(path, json: Self.body(state, monitor: monitor))
    }

    public static func body(_ state: String, monitor: String = "Home") -> String {
        """
        {"status": "\(state)", "message": "Shop - \(monitor) is \(state)",
         "monitor": {"uuid": "monitor-\(monitor)", "type": "http", "label": "\(monitor)", "target": "/"},
         "website": {"uuid": "shop", "label": "Shop", "domain_name": "https://shop.example.com"}}
        """
    }

    /// All alerts, newest first.
    public func alerts() async throws -> [JSONValue] {
        var all: [JSONValue] = []
        while true {
            let answer = try await api.get("/api/alerts?max-results=100&start-index=\(all.count)")
            guard answer.status == 200, let page = try answer.json.array else {
                throw Unexpected(description: "alerts: \(answer.status) \(answer.text)")
            }
            all += page
            if page.count < 100 { return all }
        }
    }

    /// Waits until the alerts' states, in the order of the alphabet, are these.
    public func waitForAlerts(_ states: [String], within limit: Duration = .seconds(30)) async throws {
        let deadline = ContinuousClock.now + limit
        var found: [String] = []
        while ContinuousClock.now < deadline {
            found = try await alerts().compactMap { $0["status"]?.string }.sorted()
            if found == states { return }
            await Task.yield()
        }
        throw Unexpected(description: "alerts are \(found) and not \(states)")
    }

    /// The only alert, once it is in this state.
    public func waitForAlert(in state: String) async throws -> JSONValue {
        try await waitForAlerts([state])
        guard let alert = try await alerts().first else { throw Unexpected(description: "no alert") }
        return alert
    }

    /// Waits until the process that runs now has written that it did something about an alert.
    ///
    /// - Parameter message: the log message, such as "message handed over".
    public func waitForLog(_ message: String, about alert: JSONValue) async throws {
        let id = try Self.id(of: alert)
        try await server.process.waitForLine(containing: "\(message) alert_id=\(id) ", on: .error)
    }

    /// The sentences of an alert's log.
    public func log(of alert: JSONValue) async throws -> [String] {
        let lines = try await api.get("/api/alerts/\(try Self.id(of: alert))/log-entries").json.array ?? []
        return lines.compactMap { $0["text"]?.string }
    }

    public static func id(of value: JSONValue) throws -> Int64 {
        guard let id = value["id"]?.integer else { throw Unexpected(description: "no id in \(value.text)") }
        return id
    }

    private static func create(_ path: String, _ json: String, by api: TestHTTPClient) async throws -> JSONValue {
        let answer = try await api.post(path, json: json)
        guard answer.status == 201 else {
            throw Unexpected(description: "\(path): \(answer.status) \(answer.text)")
        }
        return try answer.json
    }
}
