import Alerting
import Engine
import HTTPTypes
import Hummingbird

/// What Zabbix's media type understands: 200, or 400 with a code that it takes for success.
///
/// Source: zabbix/zabbix, templates/media/ilert/media_ilert.yaml, read 2026-11-23.
enum ZabbixAnswer {
    /// - Parameter standard: the product's own answer, whose body is kept when all went as usual.
    static func response(_ answer: IngestAnswer, _ standard: Response) -> Response {
        let code: String? =
            switch answer.reason {
            case .noOpenAlert: "NO_OPEN_INCIDENT_WITH_KEY"
            case .alreadyAccepted: "INCIDENT_ALREADY_ACCEPTED"
            default: nil
            }
        guard let code else {
            var response = standard
            response.status = .ok
            return response
        }
        var error = APIError(.badRequest, code, answer.reason.sentence)
        error.headers = standard.headers
        error.headers[.contentType] = nil
        return error.response
    }
}
