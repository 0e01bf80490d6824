import Alerting
import Engine
import Hummingbird
import Storage

enum EscalationPolicyRoutes {
    static let all: [APIRoute] = [
        .get("/escalation-policies") { call in
            let page = try call.query.page(usual: 50, most: 50)
            let policies = try await call.administration.policies.list(page: page, by: call.caller)
            return try await JSONAnswer.response(
                call.render { rendering in
                    .array(try policies.map { try EscalationPolicyBody.json($0, rendering) })
                })
        },
        .post("/escalation-policies") { call in
            let draft = try await EscalationPolicyBody.draft(call.fields())
            let policy = try await call.administration.policies.create(draft, by: call.caller)
            return try await JSONAnswer.created(
                json(policy, call), at: "/api/escalation-policies/\(policy.id)")
        },
        .get("/escalation-policies/resolve") { call in
            guard let key = call.query.text("routing-key") else { throw Failure.invalid("routing-key", "is missing.") }
            return try await one(
                call.administration.policies.resolve(routingKey: key, by: call.caller), call)
        },
        .get("/escalation-policies/name/**") { call in
            try await one(call.administration.policies.find(name: call.name(), by: call.caller), call)
        },
        .get("/escalation-policies/{id}") { call in
            try await one(call.administration.policies.find(call.id("id"), by: call.caller), call)
        },
        .put("/escalation-policies/{id}") { call in
            let draft = try await EscalationPolicyBody.draft(call.fields())
            return try await one(
                call.administration.policies.update(call.id("id"), with: draft, by: call.caller), call)
        },
        .delete("/escalation-policies/{id}") { call in
            try await call.administration.policies.delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
        .put("/escalation-policies/{id}/levels/{level}") { call in
            guard let index = Int(try call.parameter("level")), index >= 0 else {
                throw Failure(.notFound, "There is no such level; the first is 0.")
            }
            let level = try await EscalationPolicyBody.level(call.fields())
            let policy = try await call.administration.policies.updateLevel(
                index, of: call.id("id"), with: level, by: call.caller)
            return try await JSONAnswer.response(
                call.render { rendering in try EscalationPolicyBody.json(policy.policy.levels[index], rendering) })
        },
    ]

    private static func one(_ policy: PolicyRecord, _ call: APICall) async throws -> Response {
        try await JSONAnswer.response(json(policy, call))
    }

    private static func json(_ policy: PolicyRecord, _ call: APICall) async throws -> JSONValue {
        try await call.render { rendering in try EscalationPolicyBody.json(policy, rendering) }
    }
}
