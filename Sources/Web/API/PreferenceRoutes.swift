import Alerting
import Engine
import Hummingbird
import Storage

/// How people want to be told of what; `{area}` is `alerts`, `duties`, `updates` or `subscriptions`.
enum PreferenceRoutes {
    private static let base = "/users/{user}/notification-preferences/{area}"

    static let all: [APIRoute] = [
        .get(base) { call in
            let preferences = try await call.administration.preferences.list(
                of: call.user().id, area: area(call), by: call.caller)
            return try await JSONAnswer.response(.array(json(preferences, call)))
        },
        .post(base) { call in
            let (user, area) = try await (call.user(), area(call))
            let draft = try await draft(call.fields(), area)
            let preference = try await call.administration.preferences.create(draft, for: user.id, by: call.caller)
            let path = "/api/users/\(user.id)/notification-preferences/\(area.rawValue)/\(preference.id)"
            return try await JSONAnswer.created(one(preference, call), at: path)
        },
        .get("\(base)/{id}") { call in
            let preference = try await call.administration.preferences.find(
                call.id("id"), area: area(call), of: call.user().id, by: call.caller)
            return try await JSONAnswer.response(one(preference, call))
        },
        .put("\(base)/{id}") { call in
            let draft = try await draft(call.fields(), area(call))
            let preference = try await call.administration.preferences.update(
                call.id("id"), with: draft, of: call.user().id, by: call.caller)
            return try await JSONAnswer.response(one(preference, call))
        },
        .delete("\(base)/{id}") { call in
            try await call.administration.preferences.delete(
                call.id("id"), area: area(call), of: call.user().id, by: call.caller)
            return JSONAnswer.deleted
        },
    ]

    private static func area(_ call: APICall) throws -> PreferenceRecord.Area {
        guard let area = PreferenceRecord.Area(rawValue: try call.parameter("area")) else {
            throw Failure(.notFound, "There are the areas alerts, duties, updates and subscriptions.")
        }
        return area
    }

    private static func draft(
        _ fields: JSONFields, _ area: PreferenceRecord.Area
    ) throws(Failure) -> PreferenceDraft {
        guard let channel = try fields.name("method", as: Channel.self) else {
            throw fields.invalid("method", "is missing.")
        }
        return PreferenceDraft(
            area: area, channel: channel, contact: try fields.reference("contact"),
            delayMinutes: try fields.int(area == .duties ? "beforeMin" : "delayMin") ?? 0,
            kind: try fields.text("type") ?? "")
    }

    private static func one(_ preference: PreferenceRecord, _ call: APICall) async throws -> JSONValue {
        try await json([preference], call)[0]
    }

    /// With the addresses of the contacts that they name.
    private static func json(_ preferences: [PreferenceRecord], _ call: APICall) async throws -> [JSONValue] {
        guard let user = preferences.first?.user else { return [] }
        let contacts = try await call.administration.contacts.list(of: user, by: call.caller)
        return preferences.map { preference in
            json(preference, contact: contacts.first { $0.id == preference.contact })
        }
    }

    private static func json(_ preference: PreferenceRecord, contact: ContactRecord?) -> JSONValue {
        var members: [String: JSONValue?] = [
            "id": JSONValue(preference.id), "method": .string(preference.channel.rawValue.uppercased()),
            "contact": preference.contact.map { id in
                .members(["id": JSONValue(id), "target": contact.map { .string($0.target) }])
            },
            "type": preference.kind.isEmpty ? nil : .string(preference.kind),
        ]
        switch preference.area {
        case .alerts: members["delayMin"] = JSONValue(preference.delayMinutes)
        case .duties: members["beforeMin"] = JSONValue(preference.delayMinutes)
        case .updates, .subscriptions: break
        }
        return .members(members)
    }
}
