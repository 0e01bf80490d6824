import Alerting
import Engine
import Foundation
import HTTPTypes
import Storage
import Testing

@testable import Web

/// Tools that poll RapidSpike, pointed here.
@Suite struct RapidSpikeDoorTests {
    private static func monitor(_ server: APIServer, _ kind: String, _ target: String, _ name: String) async throws {
        let made = try await server.post(
            "/api/monitors", .object(["name": .string(name), "kind": .string(kind), "target": .string(target)]))
        #expect(made.status == 201)
    }

    private static func signed(
        _ path: String, _ key: JSONValue?, _ server: APIServer, seconds: Int64 = 0, secret: String? = nil
    ) throws -> String {
        let publicKey = try #require(key?["publicKey"]?.string)
        let time = "\(server.engine.store.clock.now.milliseconds / 1000 + seconds)"
        let signature = RapidSpikeKeyring.signature(
            publicKey: publicKey, time: time, secret: try secret ?? #require(key?["privateKey"]?.string))
        let encoded = signature.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "\(path)\(path.contains("?") ? "&" : "?")public_key=\(publicKey)&time=\(time)&signature=\(encoded)"
    }

    @Test func `given a signed request, when monitors are listed with stats, then they have RapidSpike's shape`()
        async throws
    {
        try await APIServer.run { server in
            try await Self.monitor(server, "HTTP", "https://shop.example.com/cart", "Cart")
            try await Self.monitor(server, "TCP", "db.example.com:5432", "Database")
            let key = try await server.post("/api/rapidspike-keys", .object(["label": .string("warboard")])).json
            let path = "/v1/httpmonitors?stats=status,latest_response"
            let answer = try await server.send(.get, Self.signed(path, key, server), key: "")

            #expect(answer.status == 200)
            #expect(answer.json?["error_code"] == .null && answer.json?["status"]?["messsage"]?.string == "OK")
            let list = answer.json?["data"]?["http_monitors"]?.array
            #expect(list?.count == 1)
            let monitor = list?.first?["monitor"]
            #expect(monitor?["label"]?.string == "Cart" && monitor?["type"]?.string == "http")
            #expect(monitor?["paused"]?.bool == false && monitor?["target"]?.string == "/cart")
            #expect(monitor?["website"]?["domain_name"]?.string == "https://shop.example.com")
            #expect(list?.first?["stats"]?["status"]?.string == "pending")
            #expect(list?.first?["stats"]?.object?.keys.sorted() == ["latest_response", "status"])
            let tcp = try await server.send(.get, Self.signed("/v1/tcpmonitors", key, server), key: "")
            #expect(tcp.json?["data"]?["tcp_monitors"]?[0]?["monitor"]?["label"]?.string == "Database")
            #expect(try await server.send(.get, Self.signed("/v1/pingmonitors", key, server), key: "").status == 200)
        }
    }

    @Test func `given changes of a monitor, when statuses, websites and the wallboard are read, then they tell`()
        async throws
    {
        try await APIServer.run { server in
            try await Self.monitor(server, "HTTP", "https://shop.example.com/", "Home")
            let list = try await server.get("/v1/httpmonitors")
            let uuid = try #require(list.json?["data"]?["http_monitors"]?[0]?["monitor"]?["uuid"]?.string)
            let now = server.engine.store.clock.now
            try await server.engine.store.write { change in
                let scope = Scope(account: server.carol.account, user: server.carol.id, role: .admin)
                var monitor = try #require(
                    try Monitors.list(scope: scope, page: Page(limit: 1), in: change.transaction).first)
                monitor.watch = MonitorWatch(state: .failing, failingSince: now, changedAt: now)
                #expect(try Monitors.finish(monitor, in: change.transaction))
                try MonitorHistory.insert(
                    MonitorEvent(id: change.newID(), monitor: monitor.id, at: now, state: .failing, reason: "x"),
                    in: change.transaction)
            }
            let statuses = try await server.get("/v1/httpmonitors/\(uuid)/statuses")
            let websites = try await server.get("/v1/websites?stats=status,failing_monitors,total_status_changes")
            let wall = try await server.get("/v1/wallboards/http/websites/availability")
            let one = try await server.get("/v1/httpmonitors/\(uuid)")

            let event = statuses.json?["data"]?["events"]?[0]
            #expect(event?["status"]?.string == "failing" && event?["monitor"]?["uuid"]?.string == uuid)
            #expect(event?["unix_created_date"]?.integer == now.milliseconds / 1000)
            let website = websites.json?["data"]?["websites"]?[0]
            #expect(website?["stats"]?["status"]?.string == "has_failing")
            #expect(website?["stats"]?["failing_monitors"]?.integer == 1)
            #expect(website?["website"]?["uuid"] == event?["website"]?["uuid"])
            let page = wall.json?["data"]?[0]?["monitors"]?["http"]?[0]
            #expect(page?["current_status"]?.string == "failing" && page?["page"]?["path"]?.string == "/")
            #expect(one.json?["data"]?["http_monitor"]?["monitor"]?["uuid"]?.string == uuid)
            #expect(try await server.get("/v1/httpmonitors/no-such/statuses").status == 404)
        }
    }

    @Test func `given a login, when its token is used, then monitors are told, and a wrong password gets none`()
        async throws
    {
        try await APIServer.run { server in
            try await Self.monitor(server, "HTTP", "https://shop.example.com/", "Home")
            func logIn(_ password: String) async throws -> APIServer.Answer {
                try await server.post(
                    "/v1/users/login",
                    .object(["email": .string(server.carol.email), "password": .string(password)]), key: "")
            }
            let right = try await logIn(APIServer.password)
            let token = try #require(right.json?["data"]?["auth"]?["token"]?.string)
            let list = try await server.get("/v1/httpmonitors", key: token)
            let wrong = try await logIn("no such password")

            #expect(right.status == 200 && right.json?["status"]?["messsage"]?.string == "OK")
            #expect(list.json?["data"]?["http_monitors"]?.array?.count == 1)
            #expect(wrong.status == 401 && wrong.json?["data"] == .null)
            #expect(try await server.get("/v1/httpmonitors", key: "no-such-token").status == 403)
            #expect(try await server.send(.post, "/v1/users/login", Array("nonsense".utf8), key: "").status == 401)
        }
    }

    @Test func `given signatures that are wrong, old or of a deleted key, when they are used, then nothing is told`()
        async throws
    {
        try await APIServer.run { server in
            let made = try await server.post("/api/rapidspike-keys", .object(["label": .string("x")]))
            let key = made.json
            let paths = [
                try Self.signed("/v1/httpmonitors", key, server, secret: "wrong"),
                try Self.signed("/v1/httpmonitors", key, server, seconds: -901),
                try Self.signed("/v1/httpmonitors", key, server, seconds: 901),
                "/v1/httpmonitors?public_key=x&time=abc&signature=",
            ]
            for path in paths {
                let answer = try await server.send(.get, path, key: "")
                #expect(answer.status == 403 && answer.json?["status"]?["code"]?.integer == 403)
                #expect(answer.json?["data"] == .null)
            }
            let good = try Self.signed("/v1/httpmonitors", key, server, seconds: -899)
            #expect(try await server.send(.get, good, key: "").status == 200)
            #expect(try await server.get("/api/rapidspike-keys").json?[0]?["privateKey"] == nil)
            #expect(try await server.delete(try #require(made.headers[.location])).status == 204)
            #expect(try await server.send(.get, good, key: "").status == 403)
            #expect(try await server.get("/v1/httpmonitors?per_page=501").status == 400)
        }
    }

    @Test func `given a key, a time and a secret, when they are signed, then others get the same signature`() {
        // Counted by hmac and base64 of Python 3.11.
        #expect(
            RapidSpikeKeyring.signature(publicKey: "rapidspike-aabC2sA1", time: "1700000000", secret: "secret")
                == "AluYjJd2A9yMdf96EJW0gCgA5JI=")
    }
}
