public import Engine
public import Hummingbird
public import Logging

/// What the routes need: the engine's doors and what the operator has set.
public struct WebServices: Sendable {
    public var engine: Engine
    public var administration: Administration
    public var settings: WebSettings
    public var logger: Logger
    public var operations: OperationsFacts
    /// Tries out who gets paged; `nil`: the page says that it cannot.
    public var rehearsal: (any Rehearsing)?

    public init(
        engine: Engine, administration: Administration, settings: WebSettings, logger: Logger,
        operations: OperationsFacts = OperationsFacts(), rehearsal: (any Rehearsing)? = nil
    ) {
        self.engine = engine
        self.administration = administration
        self.settings = settings
        self.logger = logger
        self.operations = operations
        self.rehearsal = rehearsal
    }
}

public struct WebSettings: Sendable {
    /// The address under which people and tools reach this server, without a slash at its end.
    public var publicURL: String
    public var version: String
    /// Marks what this installation sends; requests that carry it are our own and are refused on ingest.
    public var instance: String
    /// Whether `POST /healthz/echo`, which does nothing, is there to be compared with.
    public var hasBenchmarkEndpoint: Bool

    /// `false`: only what the server's operator asks is answered.
    public var acceptsRequests: Bool
    /// Whether mails to alert sources arrive.
    public var takesMail: Bool
    /// What browsers subscribe to push messages with; `nil`: none can.
    public var pushKey: String?
    /// What Twilio signs its requests with; `nil`: none are believed.
    public var twilioAuthToken: String?
    /// Without `@`; `nil`: people look the bot up themselves.
    public var telegramBotName: String?
    /// What Telegram shows us; `nil`: it is asked, and nothing that claims to come from it is believed.
    public var telegramSecret: String?

    public init(
        publicURL: String, version: String, instance: String, hasBenchmarkEndpoint: Bool = false,
        acceptsRequests: Bool = true, takesMail: Bool = false, pushKey: String? = nil,
        twilioAuthToken: String? = nil, telegramBotName: String? = nil, telegramSecret: String? = nil
    ) {
        self.publicURL = publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL
        self.version = version
        self.instance = instance
        self.hasBenchmarkEndpoint = hasBenchmarkEndpoint
        self.acceptsRequests = acceptsRequests
        self.takesMail = takesMail
        self.pushKey = pushKey
        self.twilioAuthToken = twilioAuthToken
        self.telegramBotName = telegramBotName
        self.telegramSecret = telegramSecret
    }
}

/// All connections that we accept.
public enum WebServer {
    /// What answers every request.
    public static func responder(_ services: WebServices) -> WebResponder {
        WebResponder(services)
    }

    /// Every route of the server.
    public static func router(_ services: WebServices) -> Router<WebContext> {
        let router = Router(context: WebContext.self)
        guard services.settings.acceptsRequests else {
            OperationsRoutes.add(to: router, services)
            return router
        }
        IngestRoutes.add(to: router, services)
        HeartbeatRoutes.add(to: router, services)
        SlackDoor.add(to: router, services)
        TwilioRoutes.add(to: router, services)
        TelegramRoutes.add(to: router, services)
        ProbeDoor.add(to: router, services)
        RapidSpikeDoor.add(to: router, services)
        APIRoutes.add(to: router, services)
        OperationsRoutes.add(to: router, services)
        PageRoutes.add(to: router, services)
        return router
    }
}

/// Answers what tools post to `/api/v1/events/{integration}/{key}` at once, and everything else by its routes: finding
/// that address among them costs a tenth of the whole request.
public struct WebResponder: HTTPResponder {
    private let rest: RouterResponder<WebContext>
    /// `nil`: this server takes no events.
    private let door: IngestDoor?
    private let counting = RequestMetricsMiddleware(area: .ingest)
    private let envelope: EnvelopeMiddleware

    init(_ services: WebServices) {
        rest = WebServer.router(services).buildResponder()
        door = services.settings.acceptsRequests ? IngestDoor(services) : nil
        envelope = EnvelopeMiddleware(logger: services.logger)
    }

    /// Takes most events before they get here; `nil`: this server takes none.
    var lane: EventLane.Taking? {
        door.map { EventLane.Taking(door: $0, metrics: counting.metrics, envelope: envelope, route: Self.route) }
    }

    public func respond(to request: Request, context: WebContext) async throws -> Response {
        guard let door, request.method == .post, let key = Self.integrationKey(in: request.uri.path) else {
            return try await rest.respond(to: request, context: context)
        }
        // For metrics and the log, as the router does.
        context.coreContext.endpointPath.value = Self.route
        return try await counting.handle(request, context: context) { request, context in
            try await envelope.handle(request, context: context) { request, _ in
                try await door.receive(request, key: key)
            }
        }
    }

    /// The last of two parts after `/api/v1/events/`; `nil` for any other path, and when it is encoded.
    static func integrationKey(in path: String) -> String? {
        var path = path
        return path.withUTF8 { bytes in
            guard bytes.starts(with: prefix) else { return nil }
            let rest = bytes[prefix.count...]
            guard let slash = rest.firstIndex(of: UInt8(ascii: "/")), slash > prefix.count else { return nil }
            let key = rest[(slash + 1)...]
            guard !key.isEmpty, key.allSatisfy({ $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "%") }) else {
                return nil
            }
            return String(decoding: UnsafeBufferPointer(rebasing: key), as: UTF8.self)
        }
    }

    private static let route = "/api/v1/events/{segment}/{key}"
    private static let prefix = Array("/api/v1/events/".utf8)
}
