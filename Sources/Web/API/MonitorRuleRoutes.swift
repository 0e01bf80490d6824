import Alerting
import Engine
import Hummingbird
import Storage

/// Rules that attach delivery groups to monitors.
enum MonitorRuleRoutes {
    static let all: [APIRoute] = [
        .get("/monitor-rules") { call in
            JSONAnswer.response(.array(try await rules(call).list(by: call.caller).map(json)))
        },
        .post("/monitor-rules") { call in
            let made = try await rules(call).create(draft(call.fields()), by: call.caller)
            return JSONAnswer.created(json(made), at: "/api/monitor-rules/\(made.id)")
        },
        .get("/monitor-rules/{id}") { call in
            JSONAnswer.response(json(try await rules(call).find(call.id("id"), by: call.caller)))
        },
        .put("/monitor-rules/{id}") { call in
            let draft = try await draft(call.fields())
            return JSONAnswer.response(json(try await rules(call).update(call.id("id"), with: draft, by: call.caller)))
        },
        .delete("/monitor-rules/{id}") { call in
            try await rules(call).delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
    ]

    private static func rules(_ call: APICall) -> MonitorRuleAdministration { call.administration.monitorRules }

    private static func draft(_ fields: JSONFields) throws(Failure) -> MonitorRuleAdministration.Draft {
        guard let area = try fields.name("area", as: MonitorArea.self) else {
            throw fields.invalid("area", "is needed: WEBSITE, SERVER or TOOLS.")
        }
        return MonitorRuleAdministration.Draft(
            label: try fields.text("label") ?? "", area: area, isActive: try fields.bool("active") ?? true,
            monitors: try fields.references("monitors") ?? [], groups: try fields.references("deliveryGroups") ?? [])
    }

    private static func json(_ rule: MonitorRule) -> JSONValue {
        .object([
            "id": JSONValue(rule.id), "label": .string(rule.label), "area": .string(rule.area.rawValue.uppercased()),
            "active": .bool(rule.isActive),
            "monitors": .array(rule.monitors.map { .object(["id": JSONValue($0)]) }),
            "deliveryGroups": .array(rule.groups.map { .object(["id": JSONValue($0)]) }),
            "createdAt": JSONValue(rule.createdAt), "updatedAt": JSONValue(rule.updatedAt),
        ])
    }
}
