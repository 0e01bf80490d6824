import Alerting
public import Engine
public import Logging
public import ServiceLifecycle

/// Gets what people write to a bot and which buttons they press: by a webhook where Telegram can reach this server,
/// else by long polling, which one node at a time does.
///
/// Source: Telegram, "Bot API": getUpdates, setWebhook, deleteWebhook, answerCallbackQuery; read 2026-11-27. Updates
/// are not handed out by `getUpdates` while a webhook is set; the secret token is 1 to 256 of `A-Z a-z 0-9 _ -`.
public struct TelegramReplies: Service {
    private let settings: TelegramSettings
    private let client: GuardedHTTPClient
    private let desk: TelegramDesk
    private let lease: NodeLease
    private let logger: Logger
    /// Seconds that Telegram keeps a question open for.
    private let patience: Int
    /// Between two looks when another node asks, or something failed.
    private static let pause = Duration.seconds(5)
    /// How often the webhook is set again: somebody may have taken it away.
    private static let renewal = Duration.hours(6)

    /// - Parameter lease: held by the node that asks.
    public init(
        settings: TelegramSettings, client: GuardedHTTPClient, desk: TelegramDesk, lease: NodeLease, logger: Logger,
        patience: Int = 20
    ) {
        self.settings = settings
        self.client = client
        self.desk = desk
        self.lease = lease
        self.logger = logger
        self.patience = patience
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            if settings.webhookURL != nil { await keepWebhook() } else { await keepAsking() }
        }
    }

    private func keepWebhook() async {
        while !Task.isCancelled {
            var pause = Self.renewal
            do {
                try await setWebhook()
            } catch {
                logger.warning("telegram webhook not set", metadata: ["reason": "\(error)"])
                pause = .seconds(60)
            }
            // Ended by a shutdown only.
            try? await Task.sleep(for: pause)
        }
    }

    /// Harmless to repeat, and the same from each node.
    func setWebhook() async throws {
        guard let url = settings.webhookURL else { return }
        _ = try await call(
            "setWebhook",
            [
                "url": .string(url),
                "secret_token": .string(TelegramDesk.webhookSecret(botToken: settings.token)),
                "allowed_updates": Self.updates,
            ])
    }

    private func keepAsking() async {
        var offset: Int64?
        while !Task.isCancelled {
            do {
                offset = try await ask(from: offset)
                if offset == nil { try await Task.sleep(for: Self.pause) }
            } catch {
                if !Task.isCancelled { logger.warning("telegram not asked", metadata: ["reason": "\(error)"]) }
                offset = nil
                // Ended by a shutdown only.
                try? await Task.sleep(for: Self.pause)
            }
        }
        do {
            try await lease.release()
        } catch {
            // It ends by itself soon.
            logger.debug("lease not released", metadata: ["reason": "\(error)"])
        }
    }

    /// One question and what follows from its answer, if this node may ask.
    ///
    /// - Parameter offset: `nil`: this node has not asked before.
    /// - Returns: where the next one begins; `nil`: another node asks.
    func ask(from offset: Int64?) async throws -> Int64? {
        guard try await lease.hold(for: .seconds(patience + 30)) else { return nil }
        guard let offset else {
            _ = try await call("deleteWebhook", [:])
            return try await poll(from: 0)
        }
        return try await poll(from: offset)
    }

    private func poll(from offset: Int64) async throws -> Int64 {
        let answer = try await call(
            "getUpdates",
            [
                "offset": .integer(offset), "timeout": .integer(Int64(patience)), "allowed_updates": Self.updates,
            ])
        var next = offset
        for update in answer["result"]?.array ?? [] {
            guard let id = update["update_id"]?.integer else { continue }
            next = max(next, id + 1)
            guard let reply = try await desk.take(update) else { continue }
            do {
                _ = try await call(reply.method, reply.members)
            } catch let refused as Refused {
                // What was asked for is done; that it cannot be said must not do it again.
                logger.warning("telegram not answered", metadata: ["reason": "\(refused)"])
            }
        }
        return next
    }

    private static let updates = JSONValue.array([.string("message"), .string("callback_query")])

    private struct Refused: Error, CustomStringConvertible {
        var description: String
    }

    private func call(_ method: String, _ members: [String: JSONValue]) async throws -> JSONValue {
        var limits = GuardedRequest.Limits()
        limits.read = .seconds(patience + 10)
        limits.total = .seconds(patience + 15)
        limits.responseBody = 1024 * 1024
        let request = GuardedRequest(
            url: settings.url(method), headers: [("Content-Type", "application/json")],
            body: JSONValue.object(members).bytes(), limits: limits)
        switch await client.send(request) {
        case .failure(let failure): throw Refused(description: failure.reason)
        case .success(let answer):
            guard (200...299).contains(answer.status), answer.cut == nil else {
                throw Refused(description: "http \(answer.status)")
            }
            return try JSONValue.parse(answer.body)
        }
    }
}
