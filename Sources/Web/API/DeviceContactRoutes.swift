import Alerting
import Engine
import Hummingbird
import Storage

/// Nightbell's own beside ilert's contract: contacts of further kinds, and what shows that a contact reaches its owner.
enum DeviceContactRoutes {
    static let all: [APIRoute] =
        [("ntfy", .ntfy), ("gotify", .gotify), ("pushover", .pushover), ("push", .push), ("telegram", .telegram)]
        .flatMap(contacts)
        + [
            ("emails", .email), ("phone-numbers", .phone), ("ntfy", .ntfy), ("gotify", .gotify),
            ("pushover", .pushover), ("push", .push), ("telegram", .telegram),
        ].flatMap(proofs)

    private static func contacts(_ segment: String, _ kind: ContactRecord.Kind) -> [APIRoute] {
        let base = "/users/{user}/contacts/\(segment)"
        let reading: [APIRoute] = [
            .get(base) { call in
                let contacts = try await call.administration.contacts.list(
                    of: call.user().id, kind: kind, by: call.caller)
                return JSONAnswer.response(.array(contacts.map(json)))
            },
            .get("\(base)/{id}") { call in
                JSONAnswer.response(
                    json(
                        try await call.administration.contacts.find(
                            call.id("id"), kind: kind, of: call.user().id, by: call.caller)))
            },
            .delete("\(base)/{id}") { call in
                try await call.administration.contacts.delete(
                    call.id("id"), kind: kind, of: call.user().id, by: call.caller)
                return JSONAnswer.deleted
            },
        ]
        switch kind {
        // A chat shows who it is by a link that its owner follows there.
        case .telegram, .email, .phone: return reading
        case .push: return reading + [.post(base) { call in try await subscribe(call, base: segment) }]
        case .ntfy, .gotify, .pushover:
            return reading + [
                .post(base) { call in
                    let user = try await call.user()
                    let contact = try await call.administration.contacts.create(
                        try await draft(call.fields(), kind), for: user.id, by: call.caller)
                    return created(contact, segment)
                },
                .put("\(base)/{id}") { call in
                    let draft = try await draft(call.fields(), kind)
                    return JSONAnswer.response(
                        json(
                            try await call.administration.contacts.update(
                                call.id("id"), with: draft, of: call.user().id, by: call.caller)))
                },
            ]
        }
    }

    private static func proofs(_ segment: String, _ kind: ContactRecord.Kind) -> [APIRoute] {
        let base = "/users/{user}/contacts/\(segment)/{id}"
        return [
            .post("\(base)/code") { call in
                let contact = try await find(call, kind)
                try await call.administration.contacts.sendCode(to: contact.id, of: contact.user, by: call.caller)
                return JSONAnswer.deleted
            },
            .post("\(base)/verification") { call in
                let contact = try await find(call, kind)
                let fields = try await call.fields()
                try await call.administration.contacts.verify(
                    contact.id, code: try fields.text("code") ?? "", of: contact.user, by: call.caller)
                return JSONAnswer.response(json(try await find(call, kind)))
            },
            .post("\(base)/test") { call in
                let contact = try await find(call, kind)
                try await call.administration.contacts.test(contact.id, of: contact.user, by: call.caller)
                return JSONAnswer.deleted
            },
        ]
    }

    private static func find(_ call: APICall, _ kind: ContactRecord.Kind) async throws -> ContactRecord {
        try await call.administration.contacts.find(
            call.id("id"), kind: kind, of: call.user().id, by: call.caller)
    }

    private static func created(_ contact: ContactRecord, _ segment: String) -> Response {
        JSONAnswer.created(json(contact), at: "/api/users/\(contact.user)/contacts/\(segment)/\(contact.id)")
    }

    /// A browser's subscription in the form of the Push API's `toJSON`.
    private static func subscribe(_ call: APICall, base segment: String) async throws -> Response {
        let user = try await call.user()
        let fields = try await call.fields()
        let keys = try fields.object("keys")
        let subscription = try PushSubscription(
            endpoint: try fields.text("endpoint") ?? "", publicKey: try keys?.text("p256dh") ?? "",
            authSecret: try keys?.text("auth") ?? "")
        let contact = try await call.administration.contacts.create(
            subscription, label: try fields.text("label") ?? "", for: user.id, by: call.caller)
        return created(contact, segment)
    }

    private static func draft(_ fields: JSONFields, _ kind: ContactRecord.Kind) throws(Failure) -> ContactDraft {
        ContactDraft(
            kind: kind, target: try fields.text("target") ?? "", secret: try fields.filledText("token"),
            isPrimary: try fields.bool("primary") ?? false)
    }

    /// Keys and tokens are never shown; nor is a browser's address, which is as good as a key.
    private static func json(_ contact: ContactRecord) -> JSONValue {
        .members([
            "id": JSONValue(contact.id), "target": .string(contact.shownTarget),
            "label": contact.label.isEmpty ? nil : .string(contact.label),
            "primary": .bool(contact.isPrimary), "hasToken": .bool(contact.secret != nil),
            "status": .string(contact.verifiedAt == nil ? "LOCKED" : "OK"),
            "stopped": .bool(contact.stoppedAt != nil),
        ])
    }
}

/// Nightbell's own: hearing of alerts without being paged.
enum SubscriptionRoutes {
    static let all: [APIRoute] =
        routes("/alerts/{id}/subscription") { .alert(try $0.id("id")) }
        + routes("/alert-sources/{id}/subscription") { .source(try $0.id("id")) }
        + routes("/services/{id}/subscription") { .service(try $0.id("id")) }

    private static func routes(
        _ path: String, _ target: @escaping @Sendable (APICall) throws -> SubscriptionTarget
    ) -> [APIRoute] {
        [
            .get(path) { call in
                let isSubscribed = try await call.engine.subscriptions.isSubscribed(
                    try target(call), by: call.caller)
                return JSONAnswer.response(.object(["subscribed": .bool(isSubscribed)]))
            },
            .put(path) { call in
                try await call.engine.subscriptions.subscribe(to: try target(call), by: call.caller)
                return JSONAnswer.response(.object(["subscribed": .bool(true)]))
            },
            .delete(path) { call in
                try await call.engine.subscriptions.unsubscribe(from: try target(call), by: call.caller)
                return JSONAnswer.deleted
            },
        ]
    }
}
