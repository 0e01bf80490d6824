import Alerting
import Engine
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// Tells from a request's headers who sends it: an API key, or a username and password.
struct Credentials: Sendable {
    private let services: WebServices
    private static let teamHeaders = [HTTPField.Name("team-context")!, HTTPField.Name("x-team-context")!]

    init(_ services: WebServices) {
        self.services = services
    }

    /// - Throws: `Failure.unauthenticated` without credentials, `Failure.forbidden` with wrong ones.
    func caller(_ request: Request, _ context: WebContext) async throws -> Caller {
        let parts = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        let secret = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        var caller =
            switch (parts.first.map { $0.lowercased() } ?? "", secret.isEmpty) {
            case ("bearer", false): try await services.administration.apiKeys.authenticate(secret)
            case ("basic", false): try await basic(secret, context)
            default: throw Failure(.unauthenticated, "Send an API key: Authorization: Bearer <key>.")
            }
        caller.teams = try teams(request)
        return caller
    }

    /// `username@organization:password`; there is one organization, so its name does not matter.
    private func basic(_ secret: String, _ context: WebContext) async throws -> Caller {
        let wrong = Failure(.forbidden, "The username or the password is wrong.", cause: "KEY_ERROR")
        guard secret.utf8.count <= 4096, let data = Data(base64Encoded: secret),
            let text = String(data: data, encoding: .utf8), let colon = text.firstIndex(of: ":")
        else { throw wrong }
        let name = String(text[..<colon])
        var names = [name]
        if let at = name.lastIndex(of: "@") { names.append(String(name[..<at])) }
        let caller = try await services.administration.signIn.check(
            names: names, password: String(text[text.index(after: colon)...]),
            address: context.remoteAddress?.ipAddress ?? "unknown")
        guard let caller else { throw wrong }
        return caller
    }

    /// `0`: all, `-1`: the caller's own teams, else a team's id.
    private func teams(_ request: Request) throws(Failure) -> Scope.TeamContext {
        let text = Self.teamHeaders.lazy.compactMap { request.headers[$0] }.first ?? "0"
        switch text {
        case "", "0": return .all
        case "-1": return .mine
        default:
            guard let id = Team.ID(text) else {
                throw .invalid("team-context", "must be 0 for all, -1 for your teams, or a team's id.")
            }
            return .team(id)
        }
    }
}
