import Alerting
import Engine
import Hummingbird
import Storage

enum TeamRoutes {
    static let all: [APIRoute] = [
        .get("/teams") { call in
            let member = try call.query.ids("members") as [User.ID]
            let teams = try await call.administration.teams.list(
                member: member.first, page: call.query.page(), by: call.caller)
            return try await JSONAnswer.response(
                call.render { rendering in .array(try teams.map { try json($0, rendering) }) })
        },
        .post("/teams") { call in
            let draft = try await draft(call.fields())
            let team = try await call.administration.teams.create(draft, by: call.caller)
            return try await JSONAnswer.created(json(team, call), at: "/api/teams/\(team.id)")
        },
        .get("/teams/name/**") { call in
            try await one(call.administration.teams.find(name: call.name(), by: call.caller), call)
        },
        .get("/teams/{id}") { call in
            try await one(call.administration.teams.find(call.id("id"), by: call.caller), call)
        },
        .put("/teams/{id}") { call in
            let draft = try await draft(call.fields())
            return try await one(call.administration.teams.update(call.id("id"), with: draft, by: call.caller), call)
        },
        .delete("/teams/{id}") { call in
            try await call.administration.teams.delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
        .post("/teams/{id}/members") { call in
            let member = try await member(call.fields())
            return try await one(
                call.administration.teams.addMember(member, to: call.id("id"), by: call.caller), call)
        },
        .delete("/teams/{id}/members/{user}") { call in
            _ = try await call.administration.teams.removeMember(
                call.user().id, from: call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
    ]

    private static func draft(_ fields: JSONFields) throws(Failure) -> TeamDraft {
        var members: [TeamRecord.Member] = []
        for object in try fields.objects("members") ?? [] { members.append(try member(object)) }
        let visibility = try fields.filledText("visibility")?.lowercased() ?? "public"
        guard let visibility = Team.Visibility(rawValue: visibility) else {
            throw fields.invalid("visibility", "must be PUBLIC or PRIVATE.")
        }
        return TeamDraft(name: try fields.text("name") ?? "", visibility: visibility, members: members)
    }

    private static func member(_ fields: JSONFields) throws(Failure) -> TeamRecord.Member {
        guard let user: User.ID = try fields.reference("user") else {
            throw fields.invalid("user", "is needed: {\"id\": …}.")
        }
        return TeamRecord.Member(user: user, role: try fields.name("role") ?? .responder)
    }

    private static func one(_ team: TeamRecord, _ call: APICall) async throws -> Response {
        try await JSONAnswer.response(json(team, call))
    }

    private static func json(_ team: TeamRecord, _ call: APICall) async throws -> JSONValue {
        try await call.render { rendering in try json(team, rendering) }
    }

    private static func json(_ team: TeamRecord, _ rendering: Rendering) throws -> JSONValue {
        .object([
            "id": JSONValue(team.id), "name": .string(team.name),
            "visibility": .string(team.visibility.rawValue.uppercased()),
            "members": .array(
                try team.members.map { member in
                    .members([
                        "user": try rendering.user(member.user).map(UserBody.json),
                        "role": .string(member.role.rawValue.uppercased()),
                    ])
                }),
            "createdAt": JSONValue(team.createdAt), "updatedAt": JSONValue(team.updatedAt),
        ])
    }
}
