import Alerting
import Engine
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Storage

/// RapidSpike's API for reading, as far as it is known, for tools that poll it.
///
/// Source: RapidSpike/api-wrapper-php, dogsbodytech/warboard and rapidspike-oss/integration-otel, read 2026-11-23.
struct RapidSpikeDoor: Sendable {
    let services: WebServices
    private let credentials: Credentials

    init(_ services: WebServices) {
        self.services = services
        credentials = Credentials(services)
    }

    static func add(to router: Router<WebContext>, _ services: WebServices) {
        let door = RapidSpikeDoor(services)
        let group = router.group("/v1").add(middleware: RequestMetricsMiddleware(area: .api))
        for kind in [Monitor.Kind.http, .tcp, .ping] {
            let path = "/\(kind.rawValue)monitors"
            group.get(RouterPath(path)) { request, context in
                await door.answer(request, context) { try await door.list(kind, $0) }
            }
            group.get(RouterPath(path + "/{uuid}")) { request, context in
                await door.answer(request, context) { try await door.one(kind, $0, context) }
            }
            group.get(RouterPath(path + "/{uuid}/statuses")) { request, context in
                await door.answer(request, context) { try await door.statuses(kind, $0, context) }
            }
        }
        group.post("/users/login") { request, context in await door.logIn(request, context) }
        group.get("/websites") { request, context in await door.answer(request, context) { try await door.websites($0) }
        }
        group.get("/wallboards/http/websites/availability") { request, context in
            await door.answer(request, context) { try await door.wallboard($0) }
        }
    }

    /// A request by somebody who is known.
    struct Call: Sendable {
        let caller: Caller
        let query: QueryItems
        let now: Timestamp

        /// Numbers that are wanted beside the rest.
        var stats: Set<String> {
            Set((query.texts("stats").joined(separator: ",")).split(separator: ",").map(String.init))
        }

        /// 1-based pages of at most 500.
        func page() throws(Failure) -> Page {
            let number = Int(query.texts("page").first ?? "1") ?? 0
            let size = Int(query.texts("per_page").first ?? "100") ?? 0
            guard (1...100_000).contains(number), (1...500).contains(size) else {
                throw Failure(.invalid, "page must be 1 or more, per_page 1 to 500.")
            }
            return Page(offset: (number - 1) * size, limit: size)
        }
    }

    private func answer(
        _ request: Request, _ context: WebContext, _ body: @Sendable (Call) async throws -> JSONValue
    ) async -> Response {
        do {
            let query = QueryItems(request.uri.query)
            let call = Call(
                caller: try await caller(request, query, context), query: query, now: services.engine.store.clock.now)
            return RapidSpikeEnvelope.response(try await body(call))
        } catch let failure as Failure {
            return RapidSpikeEnvelope.response(failure)
        } catch {
            services.logger.error("request failed", metadata: ["reason": "\(error)"])
            return RapidSpikeEnvelope.response(Failure(.internal, "Something went wrong here."))
        }
    }

    /// Gives a token for `Authorization: Bearer`, as good as a session in the browser.
    ///
    /// Source: RapidSpike/rca-installer, read 2026-11-23.
    private func logIn(_ request: Request, _ context: WebContext) async -> Response {
        do {
            let bytes = [UInt8](buffer: try await request.body.collect(upTo: 4096))
            let body = try? JSONValue.parse(bytes)  // What is no JSON may be a form.
            let form = Form(urlEncoded: String(decoding: bytes, as: UTF8.self))
            let signedIn = try await services.administration.signIn.signIn(
                email: body?["email"]?.string ?? form["email"],
                password: body?["password"]?.string ?? form.raw("password"),
                address: context.remoteAddress?.ipAddress ?? "unknown")
            return RapidSpikeEnvelope.response(.object(["auth": .object(["token": .string(signedIn.token)])]))
        } catch let failure as Failure {
            return RapidSpikeEnvelope.response(failure)
        } catch {
            return RapidSpikeEnvelope.response(Failure(.invalid, "Send the email and the password as JSON."))
        }
    }

    /// By signature, by the token of a login, or by an API key of ours.
    private func caller(_ request: Request, _ query: QueryItems, _ context: WebContext) async throws -> Caller {
        guard let key = query.texts("public_key").first else {
            let words = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
            if words.count == 2, words[0].lowercased() == "bearer",
                let found = try await services.administration.signIn.find(token: String(words[1]))
            {
                return Caller(found.user)
            }
            return try await credentials.caller(request, context)
        }
        return try await services.administration.rapidSpikeKeys.authenticate(
            publicKey: key, time: query.texts("time").first ?? "", signature: query.texts("signature").first ?? "")
    }

    private var monitors: MonitorAdministration { services.administration.monitors }
    private static let most = 5000

    private func all(_ kind: Monitor.Kind?, _ call: Call) async throws -> [MonitorRecord] {
        let found = try await monitors.list(page: Page(limit: Self.most), by: call.caller)
        return found.filter { kind == nil || $0.subject.kind == kind }
    }

    private func list(_ kind: Monitor.Kind, _ call: Call) async throws -> JSONValue {
        let page = try call.page()
        let found = Array(try await all(kind, call).dropFirst(page.offset).prefix(page.limit))
        let history = try await history(of: found, call)
        return .object([
            "\(kind.rawValue)_monitors": .array(found.map { RapidSpikeBodies.monitor($0, history, call) })
        ])
    }

    private func find(_ kind: Monitor.Kind, _ call: Call, _ context: WebContext) async throws -> MonitorRecord {
        let uuid = context.parameters.get("uuid")?.lowercased() ?? ""
        guard let found = try await all(kind, call).first(where: { $0.uuid == uuid }) else {
            throw Failure(.notFound, "There is no such monitor.")
        }
        return found
    }

    private func one(_ kind: Monitor.Kind, _ call: Call, _ context: WebContext) async throws -> JSONValue {
        let monitor = try await find(kind, call, context)
        let history = try await history(of: [monitor], call)
        return .object(["\(kind.rawValue)_monitor": RapidSpikeBodies.monitor(monitor, history, call)])
    }

    private func statuses(_ kind: Monitor.Kind, _ call: Call, _ context: WebContext) async throws -> JSONValue {
        let monitor = try await find(kind, call, context)
        let events = try await monitors.events(of: monitor.id, page: call.page(), by: call.caller)
        return .object(["events": .array(events.map { RapidSpikeBodies.event($0, of: monitor) })])
    }

    private func websites(_ call: Call) async throws -> JSONValue {
        let page = try call.page()
        let found = try await all(nil, call)
        let history = try await history(of: found, call)
        let groups = Dictionary(grouping: found, by: \.subject.site.host).sorted { $0.key < $1.key }
        return .object([
            "websites": .array(
                groups.dropFirst(page.offset).prefix(page.limit).map {
                    RapidSpikeBodies.website($0.value, history, call)
                })
        ])
    }

    private func wallboard(_ call: Call) async throws -> JSONValue {
        let groups = Dictionary(grouping: try await all(.http, call), by: \.subject.site.host)
        return .array(groups.sorted { $0.key < $1.key }.map { RapidSpikeBodies.wallboard($0.value) })
    }

    /// What numbers are counted from, when some are wanted.
    private func history(of found: [MonitorRecord], _ call: Call) async throws -> RapidSpikeBodies.History {
        guard !call.stats.isEmpty else { return .init() }
        let start = call.now - .days(30)
        return RapidSpikeBodies.History(
            hours: try await monitors.hours(of: found, from: start),
            events: Dictionary(grouping: try await monitors.events(of: found, from: start), by: \.monitor))
    }
}

/// The frame around every answer; `messsage` is theirs.
enum RapidSpikeEnvelope {
    static func response(_ data: JSONValue) -> Response {
        response(status: .ok, word: "OK", message: "Success", code: .null, data: data)
    }

    static func response(_ failure: Failure) -> Response {
        let status: HTTPResponse.Status = failure.code == .invalid ? .badRequest : failure.code.status
        return response(
            status: status, word: status.reasonPhrase, message: failure.message, code: .string(failure.code.rawValue),
            data: .null)
    }

    private static func response(
        status: HTTPResponse.Status, word: String, message: String, code: JSONValue, data: JSONValue
    ) -> Response {
        JSONAnswer.response(
            .object([
                "error_code": code,
                "status": .object(["code": .integer(Int64(status.code)), "messsage": .string(word)]),
                "message": .string(message), "data": data,
            ]), status: status)
    }
}
