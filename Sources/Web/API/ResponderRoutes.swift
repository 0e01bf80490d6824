import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Who is called to an alert.
enum ResponderRoutes {
    static let all: [APIRoute] = [
        .get("/alerts/{id}/suggested-responders") { call in
            try await AlertRoutes.ofAlert(call) { alert, rendering in try suggestions(alert, rendering) }
        },
        .get("/alerts/{id}/responders") { call in
            try await AlertRoutes.ofAlert(call) { alert, rendering in
                try AlertView.list([alert], includes: [], rendering)[0]["responders"] ?? .array([])
            }
        },
        .post("/alerts/{id}/responders") { call in
            let id: Alert.ID = try call.id("id")
            let fields = try await call.fields()
            guard let user: User.ID = try fields.reference("user") else {
                throw fields.invalid("user", "is needed: {\"id\": …}.")
            }
            do {
                try await call.engine.desk.addResponder(user, to: id, by: call.everywhere)
            } catch let failure as Failure where failure.cause == AlertDesk.isResponder {
                throw APIError(.methodNotAllowed, "ERROR", failure.message)
            }
            let answer = try await call.render { rendering in
                .object(["user": try rendering.userReference(user), "status": .string("PENDING")])
            }
            return JSONAnswer.created(answer, at: "/api/alerts/\(id)/responders/\(user)")
        },
        .delete("/alerts/{id}/responders/{user}") { call in
            try await call.engine.desk.removeResponder(
                call.user().id, from: call.id("id"), by: call.everywhere)
            return JSONAnswer.deleted
        },
    ]

    /// The people on the alert's levels first, then everybody else, then the policies that it may be handed to.
    private static func suggestions(_ record: AlertRecord, _ rendering: Rendering) throws -> JSONValue {
        let transaction = rendering.transaction
        let present = Set(
            try AlertResponders.list(of: [record.alert.id], in: transaction)[record.alert.id] ?? [])
        var suggested: Set<User.ID> = []
        for target in record.alert.escalation.policy.levels.flatMap(\.targets) {
            switch target {
            case .user(let id): suggested.insert(id)
            case .team(let id): suggested.formUnion(try Teams.members(of: id, in: transaction))
            case .schedule: break
            }
        }
        let users = try Users.list(account: rendering.caller.account, page: Page(limit: 200), in: transaction)
        let people = users.filter { suggested.contains($0.id) } + users.filter { !suggested.contains($0.id) }
        let policies = try EscalationPolicies.list(
            scope: rendering.caller.scope, page: Page(limit: 100), in: transaction)
        return .array(
            people.map { user in
                suggestion(
                    JSONValue(user.id), user.fullName, suggested.contains(user.id) ? "SUGGESTED" : "USER",
                    isDisabled: present.contains(user.id))
            }
                + policies.map { policy in
                    suggestion(
                        JSONValue(policy.id), policy.name, "ESCALATION_POLICY",
                        isDisabled: policy.id == record.alert.policy)
                })
    }

    private static func suggestion(_ id: JSONValue, _ name: String, _ group: String, isDisabled: Bool) -> JSONValue {
        .object(["id": id, "name": .string(name), "group": .string(group), "disabled": .bool(isDisabled)])
    }
}
