import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Storage

/// For whoever runs the server: is it alive, is it ready, how is it doing.
enum OperationsRoutes {
    static func add(to router: Router<WebContext>, _ services: WebServices) {
        let group = router.group()
            .add(middleware: RequestMetricsMiddleware(area: .operations))
            .add(middleware: EnvelopeMiddleware(logger: services.logger))
        group.get("/healthz") { _, _ in answer([], services) }
        group.head("/healthz") { _, _ in answer([], services).createHeadResponse() }
        group.get("/readyz") { _, _ in await readiness(services) }
        group.head("/readyz") { _, _ in await readiness(services).createHeadResponse() }
        group.get("/metrics") { _, _ in try await metrics(services) }
        if services.settings.hasBenchmarkEndpoint {
            group.post("/healthz/echo") { request, _ in
                _ = try await request.body.collect(upTo: Limits.ingestBody)
                return JSONAnswer.response([UInt8]("{}".utf8), status: .accepted)
            }
        }
    }

    private static func answer(
        _ reasons: [String], remarks: [String] = [], _ services: WebServices
    ) -> Response {
        answer(reasons, remarks: remarks, version: services.settings.version)
    }

    /// - Parameter remarks: what does not keep requests away.
    static func answer(_ reasons: [String], remarks: [String] = [], version: String) -> Response {
        let status = reasons.isEmpty ? (remarks.isEmpty ? "ok" : "journaling") : "unavailable"
        let body: JSONValue = .object([
            "status": .string(status), "reasons": .texts(reasons + remarks), "version": .string(version),
        ])
        return JSONAnswer.response(
            body, status: reasons.isEmpty ? .ok : .serviceUnavailable, headers: [.cacheControl: "no-store"])
    }

    private static func readiness(_ services: WebServices) async -> Response {
        let journal = services.engine.journal
        var remarks: [String] = []
        if let journal, journal.isDatabaseAway || journal.waiting > 0 {
            remarks.append(JournalWords.sentence(about: journal))
        }
        return answer(await reasonsAgainst(services), remarks: remarks, services)
    }

    /// Why this server should get no requests now; empty: it should.
    private static func reasonsAgainst(_ services: WebServices) async -> [String] {
        var reasons: [String] = []
        if services.operations.isDraining() { reasons.append("The server is stopping.") }
        if let damage = services.operations.damage() { reasons.append("The database is damaged: \(damage)") }
        if let standstill = services.operations.standstill() { reasons.append(standstill) }
        if let journal = services.engine.journal, journal.isDatabaseAway {
            // Known already: whoever asks need not wait for a database that does not answer.
            if journal.isFull { reasons.append("The database does not answer, and the journal is full.") }
            return reasons
        }
        do {
            _ = try await services.engine.store.read { transaction in try Timers.nextDue(in: transaction) }
        } catch {
            services.logger.error("database not readable", metadata: ["reason": "\(error)"])
            // With a journal the next look at the database finds it away, and requests are kept meanwhile.
            if services.engine.journal == nil { reasons.append("The database does not answer.") }
        }
        return reasons
    }

    private static func metrics(_ services: WebServices) async throws -> Response {
        var page = services.operations.registry?.page() ?? PrometheusPage()
        do {
            try await EngineGauges.read(services.engine.store).write(to: &page)
            page.add("nightbell_database_up", .gauge, value: 1)
        } catch {
            // What this process counts itself is told all the same.
            services.logger.error("database not readable", metadata: ["reason": "\(error)"])
            page.add("nightbell_database_up", .gauge, value: 0)
        }
        if let journal = services.engine.journal { JournalWords.write(journal, to: &page) }
        if let bytes = services.operations.databaseBytes() {
            page.add("nightbell_database_bytes", .gauge, value: Double(bytes))
        }
        page.add("nightbell_build_info", .gauge, [("version", services.settings.version)], value: 1)
        return page.response
    }
}

extension PrometheusPage {
    var response: Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .xContentTypeOptions: "nosniff"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
