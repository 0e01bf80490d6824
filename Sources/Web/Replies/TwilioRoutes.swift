import Alerting
import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// Where Twilio tells us of messages and calls, what people write back and which keys they press. Only requests with
/// Twilio's own signature are believed.
enum TwilioRoutes {
    /// Bytes of a request.
    private static let limit = 64 * 1024

    static func add(to router: Router<WebContext>, _ services: WebServices) {
        guard let token = services.settings.twilioAuthToken else { return }
        let signature = TwilioSignature(authToken: token)
        let group = router.group()
            .add(middleware: RequestMetricsMiddleware(area: .api))
            .add(middleware: EnvelopeMiddleware(logger: services.logger))
        group.post("/twilio/messages") { request, context in
            let form = try await form(request, signature, services)
            let (address, channel) = sender(form["From"])
            let answer = try await services.engine.replies.receive(form["Body"], from: address, on: channel)
            return xml(TwiML.message(answer))
        }
        group.post("/twilio/status/:token") { request, context in
            let form = try await form(request, signature, services)
            let status = form.optional("CallStatus") ?? form["MessageStatus"]
            guard let receipt = receipt(status) else { return Response(status: .noContent) }
            try await services.engine.receipts.receive(
                receipt, of: context.parameters.require("token"),
                reason: form.optional("ErrorCode").map(TwilioError.words))
            return Response(status: .noContent)
        }
        group.post("/twilio/voice/:token") { request, context in
            _ = try await form(request, signature, services)
            let token = try context.parameters.require("token")
            return xml(TwiML.call(try await services.engine.voice.greeting(token), keysGoTo: keys(token, services)))
        }
        group.post("/twilio/voice/:token/keys") { request, context in
            let form = try await form(request, signature, services)
            let token = try context.parameters.require("token")
            let words = try await services.engine.voice.press(form["Digits"], token)
            return xml(TwiML.call(words, keysGoTo: keys(token, services)))
        }
    }

    private static func keys(_ token: String, _ services: WebServices) -> String {
        "\(services.settings.publicURL)/twilio/voice/\(token)/keys"
    }

    /// - Throws: `Failure.forbidden` for what Twilio has not signed.
    private static func form(
        _ request: Request, _ signature: TwilioSignature, _ services: WebServices
    ) async throws -> Form {
        let body = try await request.body.collect(upTo: limit)
        let form = Form(urlEncoded: String(buffer: body))
        let url = services.settings.publicURL + request.uri.description
        let given = request.headers[signatureHeader] ?? ""
        guard signature.isRight(given, url: url, fields: form.fields.map { ($0.name, $0.value) }) else {
            throw Failure(.forbidden, "This request is not signed by Twilio.")
        }
        return form
    }

    private static let signatureHeader = HTTPField.Name("X-Twilio-Signature")!

    /// A WhatsApp message comes from `whatsapp:+49…`.
    private static func sender(_ from: String) -> (address: String, channel: Alerting.Channel) {
        from.hasPrefix("whatsapp:") ? (String(from.dropFirst(9)), .whatsapp) : (from, .sms)
    }

    /// Source: Twilio, "Message status values" and "Call status values", read 2026-11-27.
    private static func receipt(_ status: String) -> Receipt? {
        switch status {
        case "sent", "sending", "ringing", "in-progress": .sent
        case "delivered", "read", "completed": .delivered
        case "busy", "no-answer": .unanswered
        case "failed", "undelivered", "canceled": .failed
        default: nil
        }
    }

    private static func xml(_ text: String) -> Response {
        let body = ByteBuffer(string: text)
        return Response(
            status: .ok, headers: [.contentType: "text/xml; charset=utf-8", .contentLength: "\(body.readableBytes)"],
            body: .init(byteBuffer: body))
    }
}
