import Alerting
import Engine
import Hummingbird
import Storage

enum AlertRoutes {
    static let all: [APIRoute] = [
        .get("/alerts") { call in
            let (filter, page) = try await (AlertQuery.filter(call), call.query.page())
            let includes = Set(call.query.texts("include")).subtracting([AlertView.customDetails])
            return try await JSONAnswer.response(
                call.render { rendering in
                    let alerts = try AlertList.list(
                        filter, scope: rendering.caller.scope, page: page, in: rendering.transaction)
                    return .array(try AlertView.list(alerts, includes: includes, rendering))
                })
        },
        .get("/alerts/count") { call in
            let filter = try await AlertQuery.filter(call)
            return try await JSONAnswer.response(
                call.render { rendering in
                    let count = try AlertList.count(
                        filter, scope: rendering.caller.scope, in: rendering.transaction)
                    return .object(["count": JSONValue(count)])
                })
        },
        .post("/alerts") { call in
            let alert = try await NewAlertBody.raise(call)
            return try await JSONAnswer.created(json(alert, call), at: "/api/alerts/\(alert)")
        },
        .get("/alerts/{id}") { call in try await one(call.id("id"), call) },
        .put("/alerts/{id}/accept") { call in
            let id: Alert.ID = try call.id("id")
            try await call.engine.desk.accept(id, by: call.everywhere)
            return try await one(id, call)
        },
        .put("/alerts/{id}/resolve") { call in
            let id: Alert.ID = try call.id("id")
            try await call.engine.desk.resolve(id, by: call.everywhere)
            return try await one(id, call)
        },
        .put("/alerts/{id}/assign") { call in
            let id: Alert.ID = try call.id("id")
            try await assign(id, call)
            return try await one(id, call)
        },
        .put("/alerts/{id}/snooze") { call in
            let id: Alert.ID = try call.id("id")
            guard let minutes = call.query.text("minutes").flatMap(Int.init) else {
                throw Failure.invalid("minutes", "must be a whole number.")
            }
            try await call.engine.desk.snooze(id, minutes: minutes, by: call.everywhere)
            return try await one(id, call)
        },
        .get("/alerts/{id}/log-entries") { call in
            let filters = Set(call.query.texts("filter-types"))
            let hasVariables = call.query.includes("vars")
            return try await ofAlert(call) { alert, rendering in
                try AlertLog.json(alert.alert.id, filters: filters, hasVariables: hasVariables, rendering)
            }
        },
        .get("/alerts/{id}/notifications") { call in
            try await ofAlert(call) { alert, rendering in try AlertNotifications.json(alert, rendering) }
        },
    ]

    private static func one(_ id: Alert.ID, _ call: APICall) async throws -> Response {
        try await JSONAnswer.response(json(id, call))
    }

    private static func json(_ id: Alert.ID, _ call: APICall) async throws -> JSONValue {
        let includes = Set(call.query.texts("include"))
        return try await call.render { rendering in
            let alert = try find(id, rendering)
            return try AlertView.list([alert], includes: includes, rendering)[0]
        }
    }

    /// Answers what `body` says of the alert in the path.
    static func ofAlert(
        _ call: APICall, _ body: @escaping @Sendable (AlertRecord, Rendering) throws -> JSONValue
    ) async throws -> Response {
        let id: Alert.ID = try call.id("id")
        return try await JSONAnswer.response(call.render { rendering in try body(find(id, rendering), rendering) })
    }

    private static func find(_ id: Alert.ID, _ rendering: Rendering) throws -> AlertRecord {
        var scope = rendering.caller.scope
        scope.teams = .all
        guard let alert = try Alerts.find(id, scope: scope, in: rendering.transaction) else {
            throw Failure(.notFound, "There is no alert \(id).")
        }
        return alert
    }

    private static func assign(_ id: Alert.ID, _ call: APICall) async throws {
        let user = call.query.text("user", "user-id")
        let policy = call.query.text("policy", "policy-id")
        let schedule = call.query.text("schedule", "schedule-id")
        guard [user, policy, schedule].compactMap(\.self).count == 1 else {
            throw Failure(.invalid, "Say to whom: one of user, policy and schedule.")
        }
        if let user {
            try await call.engine.desk.assign(id, to: call.user(user).id, by: call.everywhere)
        } else if let policy {
            guard let policy = EscalationPolicy.ID(policy) else { throw Failure.invalid("policy", "must be an id.") }
            try await call.engine.desk.assign(id, to: policy, by: call.everywhere)
        } else if let schedule {
            guard let schedule = OnCallSchedule.ID(schedule) else {
                throw Failure.invalid("schedule", "must be an id.")
            }
            try await call.engine.desk.assign(id, to: schedule, by: call.everywhere)
        }
    }
}

extension APICall {
    /// The caller without a chosen team: that narrows lists only.
    var everywhere: Caller {
        var caller = caller
        caller.teams = .all
        return caller
    }
}
