import Alerting
import Engine
import Hummingbird
import Storage

/// People's email addresses and phone numbers.
enum ContactRoutes {
    static let all: [APIRoute] = routes("emails", .email) + routes("phone-numbers", .phone)

    private static func routes(_ segment: String, _ kind: ContactRecord.Kind) -> [APIRoute] {
        let base = "/users/{user}/contacts/\(segment)"
        return [
            .get(base) { call in
                let contacts = try await call.administration.contacts.list(
                    of: call.user().id, kind: kind, by: call.caller)
                return JSONAnswer.response(.array(contacts.map(json)))
            },
            .post(base) { call in
                let user = try await call.user()
                let draft = try await draft(call.fields(), kind)
                let contact = try await call.administration.contacts.create(draft, for: user.id, by: call.caller)
                return JSONAnswer.created(
                    json(contact), at: "/api/users/\(user.id)/contacts/\(segment)/\(contact.id)")
            },
            .post("\(base)/search-target") { call in
                let fields = try await call.fields()
                guard let target = try fields.filledText("target") else {
                    throw fields.invalid("target", "is missing.")
                }
                return JSONAnswer.response(
                    json(
                        try await call.administration.contacts.find(
                            target: target, kind: kind, of: call.user().id, by: call.caller)))
            },
            .get("\(base)/{id}") { call in
                JSONAnswer.response(
                    json(
                        try await call.administration.contacts.find(
                            call.id("id"), kind: kind, of: call.user().id, by: call.caller)))
            },
            .put("\(base)/{id}") { call in
                let draft = try await draft(call.fields(), kind)
                return JSONAnswer.response(
                    json(
                        try await call.administration.contacts.update(
                            call.id("id"), with: draft, of: call.user().id, by: call.caller)))
            },
            .delete("\(base)/{id}") { call in
                try await call.administration.contacts.delete(
                    call.id("id"), kind: kind, of: call.user().id, by: call.caller)
                return JSONAnswer.deleted
            },
        ]
    }

    private static func draft(_ fields: JSONFields, _ kind: ContactRecord.Kind) throws(Failure) -> ContactDraft {
        ContactDraft(
            kind: kind, target: try fields.text("target") ?? "", regionCode: try fields.filledText("regionCode"),
            isPrimary: try fields.bool("primary") ?? false)
    }

    static func json(_ contact: ContactRecord) -> JSONValue {
        .members([
            "id": JSONValue(contact.id), "target": .string(contact.target),
            "regionCode": contact.kind == .phone ? contact.regionCode.json : nil,
            "primary": .bool(contact.isPrimary),
            // Never paged until its owner has shown that it is theirs.
            "status": .string(contact.verifiedAt == nil ? "LOCKED" : "OK"),
        ])
    }
}
