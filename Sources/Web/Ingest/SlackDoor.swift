import Alerting
import Engine
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// Where Slack sends clicks to: one address a connector, proven by the app's signing secret.
enum SlackDoor {
    static func add(to router: Router<WebContext>, _ services: WebServices) {
        let group = router.group()
            .add(middleware: RequestMetricsMiddleware(area: .ingest))
            .add(middleware: EnvelopeMiddleware(logger: services.logger))
        let path = RouterPath("/api/v1/slack/{connector}")
        group.on(path, method: .post) { request, context in
            guard let id = ConnectorRecord.ID(try context.parameters.require("connector")) else {
                throw Failure(.notFound, "There is no such connector.")
            }
            let body = [UInt8](buffer: try await request.body.collect(upTo: Limits.ingestBody))
            let form = Form(urlEncoded: String(decoding: body, as: UTF8.self))
            try await services.engine.slackClicks.receive(
                connector: id, time: request.headers[timeHeader], signature: request.headers[signatureHeader],
                body: body, payload: form.raw("payload"))
            return Response(status: .ok)
        }
        OtherMethods.refuse(on: path, except: [.post], in: group)
    }

    private static let timeHeader = HTTPField.Name("X-Slack-Request-Timestamp")!
    private static let signatureHeader = HTTPField.Name("X-Slack-Signature")!
}
