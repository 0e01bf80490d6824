import Alerting
import Engine
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// One request to the API by somebody who is known.
struct APICall: Sendable {
    let services: WebServices
    let caller: Caller
    let query: QueryItems
    private let request: Request
    private let context: WebContext

    init(_ request: Request, _ context: WebContext, services: WebServices, caller: Caller) {
        self.request = request
        self.context = context
        self.services = services
        self.caller = caller
        query = QueryItems(request.uri.query)
    }

    var engine: Engine { services.engine }
    var administration: Administration { services.administration }

    /// A part of the path, decoded.
    func parameter(_ name: String) throws -> String {
        let raw = try context.parameters.require(name)
        guard let text = raw.removingPercentEncoding else {
            throw Failure(.notFound, "There is nothing at this address.")
        }
        return text
    }

    /// - Throws: `Failure.notFound` for what is no id: nothing has such an id.
    func id<Entity>(_ name: String) throws -> Identifier<Entity> {
        let text = try parameter(name)
        guard let id = Identifier<Entity>(text) else {
            throw Failure(.notFound, "There is nothing with the id “\(Limits.cut(text, to: 60))”.")
        }
        return id
    }

    /// The end of a path such as `/…/name/<name>`: a name may have slashes in it.
    func name() throws -> String {
        guard let range = request.uri.path.firstRange(of: "/name/"),
            let name = String(request.uri.path[range.upperBound...]).removingPercentEncoding
        else { throw Failure(.notFound, "There is nothing at this address.") }
        return name
    }

    /// The body, which must be a JSON object.
    func fields() async throws -> JSONFields {
        try JSONFields(body: [UInt8](buffer: await request.body.collect(upTo: Limits.apiBody)))
    }

    /// An id, `current`, an email address or a username.
    func user(_ reference: String) async throws -> UserRecord {
        try await administration.users.find(reference: reference, by: caller)
    }

    /// The user of a path such as `/users/{user}/…`.
    func user() async throws -> UserRecord {
        try await user(parameter("user"))
    }

    /// Reads with the names of things at hand.
    func render(_ body: @escaping @Sendable (Rendering) throws -> JSONValue) async throws -> JSONValue {
        let (settings, caller) = (services.settings, caller)
        return try await engine.store.read { transaction in
            try body(Rendering(transaction, caller: caller, settings: settings))
        }
    }
}
