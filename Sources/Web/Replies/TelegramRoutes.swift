import Alerting
import Engine
import HTTPTypes
import Hummingbird

/// Where Telegram sends what people write to the bot and which buttons they press. Only requests with the secret that
/// was agreed on with it are believed; the answer to the person is the answer to the request.
///
/// Source: Telegram, "Bot API": setWebhook, "Making requests when getting updates"; read 2026-11-27.
enum TelegramRoutes {
    /// Bytes of a request.
    private static let limit = 256 * 1024

    static func add(to router: Router<WebContext>, _ services: WebServices) {
        guard let secret = services.settings.telegramSecret else { return }
        let group = router.group()
            .add(middleware: RequestMetricsMiddleware(area: .api))
            .add(middleware: EnvelopeMiddleware(logger: services.logger))
        group.post("/telegram/updates") { request, _ in
            guard Tokens.areEqual(request.headers[secretHeader] ?? "", secret) else {
                throw Failure(.forbidden, "This request does not come from Telegram.")
            }
            let body = try await request.body.collect(upTo: limit)
            let update: JSONValue
            do throws(JSONError) {
                update = try JSONValue.parse([UInt8](buffer: body))
            } catch {
                throw Failure(.invalid, "This is not JSON: \(error.message)")
            }
            guard let call = try await services.engine.telegram.take(update) else {
                return JSONAnswer.response(.object([:]))
            }
            return JSONAnswer.response(
                .object(call.members.merging(["method": .string(call.method)]) { $1 }))
        }
    }

    private static let secretHeader = HTTPField.Name("X-Telegram-Bot-Api-Secret-Token")!
}
