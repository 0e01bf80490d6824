import Alerting
import Crypto
import Engine
import Foundation

/// Any URL: the alert as JSON, or the filled-in body template.
enum WebhookAction: ActionService {
    static func request(for order: ActionOrder) throws(ActionFault) -> GuardedRequest? {
        let body = order.body.map { Array($0.utf8) } ?? order.snapshot.payload.bytes()
        var headers: [(name: String, value: String)] = [("Idempotency-Key", order.idempotencyKey)]
        for header in order.params["headers"]?.array ?? [] {
            guard let name = header["key"]?.string, !name.isEmpty else { continue }
            headers.append((name, header["value"]?.scalarText ?? ""))
        }
        if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            headers.append(("Content-Type", "application/json"))
        }
        if let secret = order.text("secret") {
            headers.append(("Nightbell-Signature", signature(of: body, secret: secret, at: order.now)))
        }
        return GuardedRequest(url: try order.needed("webhookUrl"), headers: headers, body: body)
    }

    /// `t=<epoch seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`.
    static func signature(of body: [UInt8], secret: String, at now: Timestamp) -> String {
        let time = now.milliseconds / 1000
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(time).".utf8) + Data(body), using: SymmetricKey(data: Data(secret.utf8)))
        return "t=\(time),v1=" + code.hexadecimal
    }
}
