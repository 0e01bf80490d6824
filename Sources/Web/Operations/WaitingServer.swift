import Alerting
public import Engine
import HTTPTypes
public import Hummingbird
public import Logging

/// What a node answers that was started while its database is away: events go to its journal, whoever runs it is told
/// how it is, and everything else comes back later.
public enum WaitingServer {
    /// - Parameters:
    ///   - journal: `nil`: nothing is kept.
    ///   - registry: shown by `/metrics`.
    public static func responder(
        _ reception: WaitingReception, journal: IntakeJournal?, instance: String, publicURL: String, version: String,
        registry: PrometheusRegistry?, logger: Logger
    ) -> some HTTPResponder<WebContext> {
        let router = Router(context: WebContext.self)
        let intake = router.group()
            .add(middleware: RequestMetricsMiddleware(area: .ingest))
            .add(middleware: EnvelopeMiddleware(logger: logger))
        IngestRoutes.addDoors(to: intake, IngestDoor(reception, publicURL: publicURL, instance: instance))
        let operations = router.group()
            .add(middleware: RequestMetricsMiddleware(area: .operations))
            .add(middleware: EnvelopeMiddleware(logger: logger))
        for method in [HTTPRequest.Method.get, .head] {
            operations.on("/healthz", method: method) { _, _ in OperationsRoutes.answer([], version: version) }
            operations.on("/readyz", method: method) { _, _ in readiness(journal, version: version) }
        }
        operations.get("/metrics") { _, _ in
            var page = registry?.page() ?? PrometheusPage()
            page.add("nightbell_database_up", .gauge, value: 0)
            if let journal { JournalWords.write(journal, to: &page) }
            page.add("nightbell_build_info", .gauge, [("version", version)], value: 1)
            return page.response
        }
        router.add(middleware: EnvelopeMiddleware(logger: logger)).add(middleware: AwayMiddleware())
        return router.buildResponder()
    }

    private static func readiness(_ journal: IntakeJournal?, version: String) -> Response {
        guard let journal else {
            return OperationsRoutes.answer(
                ["The database does not answer since this node was started."], version: version)
        }
        let sentence = JournalWords.sentence(about: journal)
        return journal.isFull
            ? OperationsRoutes.answer([sentence], version: version)
            : OperationsRoutes.answer([], remarks: [sentence], version: version)
    }
}

/// Answers what no route of a waiting node takes. A route for the rest of the paths would not do: a path that begins as
/// another one does never gets there.
private struct AwayMiddleware: RouterMiddleware {
    /// - Throws: `Failure.unavailable`, always.
    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        throw Failure(.unavailable, "This server waits for its database; come back soon.")
    }
}
