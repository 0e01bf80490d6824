import Alerting
import Engine
import Foundation
import HTTPTypes
import Hummingbird
import Integrations
import Storage

/// Opsgenie's addresses below `/v2/alerts`: an alert source's integration key is the API key.
struct OpsgenieDoor: Sendable {
    let door: IngestDoor

    @Sendable func create(_ request: Request, _ context: WebContext) async throws -> Response {
        try await told { try await receive(door.webhook(request), request) }
    }

    /// Close, acknowledge, add a note and the like, for an alert named by alias, id or tiny id.
    @Sendable func act(_ request: Request, _ context: WebContext) async throws -> Response {
        try await told {
            var webhook = try await door.webhook(request)
            let identifier = try decoded(context.parameters.require("identifier"))
            switch request.uri.queryParameters["identifierType"]?.lowercased() {
            case "alias": break
            case nil, "id", "tiny":
                let key = try await door.reception.alertKey(ofAlert: identifier, source: try key(in: webhook))
                guard let key else {
                    throw Failure(.notFound, "Alert with id [\(Limits.cut(identifier, to: 100))] does not exist")
                }
                // From here on the alias counts, in the event explorer and when the request is replayed.
                let action = try context.parameters.require("action")
                let name = key.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                webhook.path = "\(Opsgenie.root)/\(name)/\(action)"
                webhook.query = "identifierType=alias"
            case let type?:
                throw Failure(.invalid, "identifierType [\(Limits.cut(type, to: 50))] must be id, alias or tiny")
            }
            return try await receive(webhook, request)
        }
    }

    /// What became of a request: all of it is in the id, but for the alert's key.
    @Sendable func status(_ request: Request, _ context: WebContext) async throws -> Response {
        try await told {
            let key = try key(in: try await door.webhook(request))
            let source = try await door.reception.source(withKey: key)
            let text = try context.parameters.require("id")
            guard let id = OpsgenieRequestID(text) else { throw Failure(.notFound, "There is no such request") }
            let alertKey = try await id.alert.asyncFlatMap { alert in
                try await door.reception.alertKey(ofAlert: "\(alert)", source: key)
            }
            let isDone = id.reason.isSuccess
            return JSONAnswer.response(
                .object([
                    "data": .members([
                        "success": .bool(isDone), "isSuccess": .bool(isDone), "action": .string(id.reason.action),
                        "status": .string(id.reason.sentence), "integrationId": .string("\(source)"),
                        "alertId": alertKey == nil ? nil : id.alert.map { .string("\($0)") },
                        "alias": alertKey.map(JSONValue.string),
                    ]), "took": .number(0.001), "requestId": .string(text),
                ]))
        }
    }

    static func answer(_ answer: IngestAnswer) -> JSONValue {
        .object([
            "result": .string("Request will be processed"), "took": .number(0.001),
            "requestId": .string(OpsgenieRequestID(alert: answer.alert, reason: answer.reason).text),
        ])
    }

    private func receive(_ webhook: WebhookRequest, _ request: Request) async throws -> Response {
        let answer = try await door.reception.receive(webhook, key: key(in: webhook))
        return door.response(answer, to: request)
    }

    private func key(in webhook: WebhookRequest) throws -> String {
        guard let key = Opsgenie.integrationKey(in: webhook) else {
            throw Failure(.unauthenticated, "Key is missing in the Authorization header")
        }
        return key
    }

    private func decoded(_ text: String) throws -> String {
        guard let decoded = text.removingPercentEncoding, !decoded.isEmpty else {
            throw Failure(.invalid, "The identifier cannot be read")
        }
        return decoded
    }

    /// Failures in Opsgenie's words.
    private func told(_ body: () async throws -> Response) async throws -> Response {
        do {
            return try await body()
        } catch let failure as Failure where failure.code != .unavailable && failure.code != .internal {
            let status: HTTPResponse.Status =
                switch failure.code {
                case .invalid: .unprocessableContent
                case .notFound: .notFound
                case .unauthenticated: .unauthorized
                case .tooLarge: .contentTooLarge
                case .forbidden: .forbidden
                case .conflict, .unavailable, .internal: .conflict
                }
            return JSONAnswer.response(
                .object([
                    "message": .string(failure.message), "took": .number(0.001),
                    "requestId": .string(OpsgenieRequestID(alert: nil, reason: .nothingToSay).text),
                ]), status: status)
        }
    }
}

/// The id of a request, which carries what became of it, so that nothing has to be kept to tell: the alert and the
/// reason, in the form of a UUID.
struct OpsgenieRequestID: Equatable {
    var alert: Alert.ID?
    var reason: IntakeReason
    private var chance: UInt64

    init(alert: Alert.ID?, reason: IntakeReason) {
        self.alert = alert
        self.reason = reason
        chance = UInt64.random(in: 0...UInt64.max) >> 8
    }

    init?(_ text: String) {
        let digits = text.filter { $0 != "-" }
        guard text.utf8.count == 36, digits.utf8.count == 32, let alert = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.suffix(16), radix: 16), let id = Int64(exactly: alert)
        else { return nil }
        let index = Int(low >> 56)
        guard IntakeReason.allCases.indices.contains(index) else { return nil }
        self.alert = id == 0 ? nil : Alert.ID(id)
        reason = IntakeReason.allCases[index]
        chance = low & 0x00FF_FFFF_FFFF_FFFF
    }

    var text: String {
        let index = UInt64(IntakeReason.allCases.firstIndex(of: reason) ?? 0)
        let digits = Self.hex(UInt64(bitPattern: alert?.rawValue ?? 0)) + Self.hex(index << 56 | chance)
        let parts = [(0, 8), (8, 4), (12, 4), (16, 4), (20, 12)]
        return parts.map { String(digits.dropFirst($0.0).prefix($0.1)) }.joined(separator: "-")
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension IntakeReason {
    /// Opsgenie's word for what a request wanted.
    fileprivate var action: String {
        let words: [IntakeReason: String] = [
            .acceptedBySource: "Acknowledge", .alreadyAccepted: "Acknowledge", .resolvedBySource: "Close",
            .keyResolved: "Close", .commentAdded: "AddNote",
        ]
        return words[self] ?? "Create"
    }

    fileprivate var isSuccess: Bool { self != .noOpenAlert && self != .unreadable && self != .sourceDisabled }
}

extension Optional {
    fileprivate func asyncFlatMap<Result>(_ transform: (Wrapped) async throws -> Result?) async rethrows -> Result? {
        guard let value = self else { return nil }
        return try await transform(value)
    }
}
