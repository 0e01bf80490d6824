import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Integrations

/// PagerDuty's addresses, `/v2/enqueue` and `/v2/change/enqueue`: an alert source's integration key is the routing key.
struct PagerDutyDoor: Sendable {
    let door: IngestDoor

    @Sendable func enqueue(_ request: Request, _ context: WebContext) async throws -> Response {
        do {
            let webhook = try await door.webhook(request)
            guard let entry = IntegrationCatalog.entry(ofAPIAt: webhook.path) else {
                throw Failure(.notFound, "There is nothing here.")
            }
            guard entry.integrationKey(in: webhook) != nil else {
                throw Failure(.invalid, "'routing_key' is missing or blank")
            }
            return door.response(try await door.reception.receiveKeyed(webhook, integration: entry), to: request)
        } catch let failure as Failure where [.invalid, .notFound].contains(failure.code) {
            // A 400 is what its clients take as final.
            return JSONAnswer.response(
                .object([
                    "status": .string("invalid event"), "message": .string("Event object is invalid"),
                    "errors": .texts([failure.message]),
                ]), status: .badRequest)
        }
    }

    /// What a request that was taken is answered with.
    static func answer(_ answer: IngestAnswer) -> JSONValue {
        .members([
            "status": .string("success"), "message": .string("Event processed"),
            "dedup_key": answer.alertKey.map(JSONValue.string),
        ])
    }
}
