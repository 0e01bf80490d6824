import Alerting
import Engine
import Hummingbird
import Storage

/// Users. `{user}` is an id, `current`, an email address or a username.
enum UserRoutes {
    static let all: [APIRoute] = [
        .get("/users") { call in
            let users = try await call.administration.users.list(page: call.query.page(), by: call.caller)
            return JSONAnswer.response(.array(users.map(UserBody.json)))
        },
        .post("/users") { call in
            let draft = try await UserBody.draft(call.fields())
            let user = try await call.administration.users.create(draft, by: call.caller)
            return JSONAnswer.created(UserBody.json(user), at: "/api/users/\(user.id)")
        },
        .post("/users/search-email") { call in
            let fields = try await call.fields()
            guard let email = try fields.filledText("email"), email.contains("@") else {
                throw fields.invalid("email", "is missing.")
            }
            return JSONAnswer.response(UserBody.json(try await call.user(email)))
        },
        .get("/users/{user}") { call in JSONAnswer.response(UserBody.json(try await call.user())) },
        .put("/users/{user}") { call in
            let user = try await call.user()
            let draft = try await UserBody.draft(call.fields(), of: user)
            return JSONAnswer.response(
                UserBody.json(try await call.administration.users.update(user.id, with: draft, by: call.caller)))
        },
        .delete("/users/{user}") { call in
            try await call.administration.users.delete(call.user().id, by: call.caller)
            return JSONAnswer.deleted
        },
    ]
}

/// A user on the wire.
enum UserBody {
    /// - Parameter user: the user as they are; `nil` for a new one. What a request leaves out stays as it is, but for
    ///   position and department: clients leave out what they clear.
    static func draft(_ fields: JSONFields, of user: UserRecord? = nil) throws(Failure) -> UserDraft {
        var draft =
            user.map { UserDraft($0) } ?? UserDraft(email: "", firstName: "", lastName: "")
        draft.email = try fields.text("email") ?? draft.email
        draft.username = try fields.filledText("username") ?? draft.username
        draft.firstName = try fields.text("firstName") ?? draft.firstName
        draft.lastName = try fields.text("lastName") ?? draft.lastName
        draft.role = try fields.name("role") ?? draft.role
        draft.timeZone = try fields.filledText("timezone") ?? draft.timeZone
        draft.language = try fields.filledText("language") ?? draft.language
        draft.region = try fields.filledText("region") ?? draft.region
        draft.position = try fields.text("position") ?? ""
        draft.department = try fields.text("department") ?? ""
        if fields.has("shiftColor") { draft.shiftColor = try fields.filledText("shiftColor") }
        if fields.has("mutedUntil") { draft.mutedUntil = try fields.time("mutedUntil") }
        return draft
    }

    static func json(_ user: UserRecord) -> JSONValue {
        .members([
            "id": JSONValue(user.id), "firstName": .string(user.firstName), "lastName": .string(user.lastName),
            "email": .string(user.email), "username": .string(user.username), "timezone": .string(user.timeZone),
            "position": .string(user.position), "department": .string(user.department),
            "language": .string(user.language), "region": .string(user.region),
            "role": .string(user.role.rawValue.uppercased()), "shiftColor": user.shiftColor.json,
            "mutedUntil": user.mutedUntil.json, "createdAt": JSONValue(user.createdAt),
            "updatedAt": JSONValue(user.updatedAt),
        ])
    }
}
