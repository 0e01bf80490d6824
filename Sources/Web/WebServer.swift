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

    public init(
        publicURL: String, version: String, instance: String, hasBenchmarkEndpoint: Bool = false,
        acceptsRequests: Bool = true, takesMail: Bool = false, pushKey: String? = nil,
        twilioAuthToken: String? = nil, telegramBotName: String? = nil
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
        APIRoutes.add(to: router, services)
        OperationsRoutes.add(to: router, services)
        PageRoutes.add(to: router, services)
        return router
    }
}

/// Answers what tools post from a router of their own, which knows a dozen addresses; the hundreds of others are
/// walked through only for the rest.
public struct WebResponder: HTTPResponder {
    private let rest: RouterResponder<WebContext>
    /// `nil`: this server takes no events.
    private let events: RouterResponder<WebContext>?

    init(_ services: WebServices) {
        rest = WebServer.router(services).buildResponder()
        guard services.settings.acceptsRequests else {
            events = nil
            return
        }
        let router = Router(context: WebContext.self)
        IngestRoutes.addEvents(to: router, services)
        events = router.buildResponder()
    }

    public func respond(to request: Request, context: WebContext) async throws -> Response {
        guard let events, Self.isForEvents(request.uri.path) else {
            return try await rest.respond(to: request, context: context)
        }
        return try await events.respond(to: request, context: context)
    }

    /// `/api/v1/events/rapidspike/…` and its like: one or two parts after `events`.
    static func isForEvents(_ path: String) -> Bool {
        var path = path
        return path.withUTF8 { bytes in
            guard let length = prefixes.first(where: { bytes.starts(with: $0) })?.count else { return false }
            let parts = bytes[length...].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            return parts.count <= 2 && parts.allSatisfy { !$0.isEmpty }
        }
    }

    private static let prefixes = ["/api/v1/events/", "/api/events/"].map { Array($0.utf8) }
}
