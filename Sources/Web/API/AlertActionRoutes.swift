import Alerting
import Engine
import Hummingbird
import Storage

enum AlertActionRoutes {
    static let all: [APIRoute] = [
        .get("/alert-actions") { call in
            let source: [AlertSource.ID] = try call.query.ids("source", "alert-source")
            let connector: [ConnectorRecord.ID] = try call.query.ids("connector")
            let list = try await actions(call).list(
                source: source.first, connector: connector.first, page: call.query.page(usual: 100, most: 100),
                by: call.caller)
            let form = AlertActionBody.Form(call.query)
            return try await JSONAnswer.response(
                call.render { rendering in
                    .array(try list.map { try AlertActionBody.json($0, form, rendering) })
                })
        },
        .post("/alert-actions") { call in
            let fields = try await call.fields()
            let made = try await actions(call).create(AlertActionBody.draft(fields), by: call.caller)
            return try await JSONAnswer.created(json(made, call), at: "/api/alert-actions/\(made.id)")
        },
        .get("/alert-actions/name/**") { call in
            try await one(actions(call).find(name: call.name(), by: call.caller), call)
        },
        .get("/alert-actions/{id}") { call in
            try await one(actions(call).find(call.id("id"), by: call.caller), call)
        },
        .put("/alert-actions/{id}") { call in
            let draft = try await AlertActionBody.draft(call.fields())
            return try await one(actions(call).update(call.id("id"), with: draft, by: call.caller), call)
        },
        .delete("/alert-actions/{id}") { call in
            try await actions(call).delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
        .get("/alerts/{id}/actions") { call in
            let found = try await call.engine.actionDesk.manual(for: call.id("id"), by: call.caller)
            return JSONAnswer.response(
                .array(found.map { AlertActionBody.json($0.action, history: $0.runs) }))
        },
        .post("/alerts/{id}/actions") { call in
            let fields = try await call.fields()
            let text = fields.members["alertActionId"]?.scalarText ?? fields.members["id"]?.scalarText ?? ""
            guard let action = AlertActionRecord.ID(text) else { throw fields.invalid("alertActionId", "is needed.") }
            let alert: Alert.ID = try call.id("id")
            let record = try await actions(call).find(action, by: call.caller)
            let answer = try await call.engine.actionDesk.press(action, on: alert, by: call.caller)
            return JSONAnswer.response(
                .members([
                    "id": .string("\(action)-\(alert)"), "alertActionId": .string("\(action)"),
                    "connectorId": record.connector.map { .string("\($0)") }, "alertId": JSONValue(alert),
                    "success": .bool(answer.reason == nil), "message": .string(answer.reason ?? answer.text),
                    "actor": .object(["id": JSONValue(call.caller.user)]),
                ]), status: .created)
        },
    ]

    private static func actions(_ call: APICall) -> AlertActionAdministration { call.administration.actions }

    private static func one(_ action: AlertActionRecord, _ call: APICall) async throws -> Response {
        try await JSONAnswer.response(json(action, call))
    }

    private static func json(_ action: AlertActionRecord, _ call: APICall) async throws -> JSONValue {
        let form = AlertActionBody.Form(call.query)
        return try await call.render { rendering in try AlertActionBody.json(action, form, rendering) }
    }
}

/// An alert action on the wire, in its older and its newer form.
enum AlertActionBody {
    /// Which form a client asks for.
    struct Form: Sendable {
        /// `nil`: it does not say, and gets both.
        var version: String?
        var hasConditions: Bool

        init(_ query: QueryItems) {
            version = query.text("version")
            hasConditions = query.includes("conditions")
        }
    }

    static func draft(_ fields: JSONFields) throws(Failure) -> AlertActionDraft {
        let connector = fields.members["connectorId"]?.scalarText ?? fields.members["connector"]?["id"]?.scalarText
        let kind = try fields.filledText("connectorType") ?? fields.members["connector"]?["type"]?.string ?? ""
        var draft = AlertActionDraft(
            name: try fields.text("name") ?? "", kind: kind.lowercased(),
            connector: connector.flatMap { ConnectorRecord.ID($0) }.flatMap { $0.rawValue > 0 ? $0 : nil },
            params: try fields.object("params")?.json ?? .object([:]), conditions: try fields.filledText("conditions"),
            filter: fields.members["alertFilter"].flatMap { $0.isNull ? nil : $0 },
            sources: try sources(fields), teams: try fields.references("teams") ?? [])
        let mode = try fields.filledText("triggerMode")?.uppercased() ?? "AUTOMATIC"
        guard ["AUTOMATIC", "MANUAL"].contains(mode) else {
            throw fields.invalid("triggerMode", "must be AUTOMATIC or MANUAL.")
        }
        draft.isManual = mode == "MANUAL"
        draft.triggers = try triggers(fields)
        let old = try fields.int("delaySec") ?? 0
        draft.escalationEndedDelay = .seconds(try fields.int("escalationEndedDelaySec") ?? old)
        draft.notResolvedDelay = .seconds(try fields.int("notResolvedDelaySec") ?? old)
        return draft
    }

    private static func sources(_ fields: JSONFields) throws(Failure) -> [AlertSource.ID] {
        if let new: [AlertSource.ID] = try fields.references("alertSources"), !new.isEmpty { return new }
        guard let old = fields.members["alertSourceIds"], !old.isNull else { return [] }
        guard let items = old.array else { throw fields.invalid("alertSourceIds", "must be a list of ids.") }
        var ids: [AlertSource.ID] = []
        for item in items {
            guard let id = item.scalarText.flatMap({ AlertSource.ID($0) }) else {
                throw fields.invalid("alertSourceIds", "must be a list of ids.")
            }
            ids.append(id)
        }
        return ids
    }

    /// The names of the older connections, too: `incident-created`.
    private static func triggers(_ fields: JSONFields) throws(Failure) -> [AlertTrigger] {
        guard let value = fields.members["triggerTypes"], !value.isNull else { return [] }
        guard let items = value.array else { throw fields.invalid("triggerTypes", "must be a list.") }
        var triggers: [AlertTrigger] = []
        for item in items {
            let name = (item.string ?? "").replacing("incident-", with: "alert-")
            guard let trigger = AlertTrigger(rawValue: name), trigger != .manual else {
                let names = AlertTrigger.named.map(\.rawValue).joined(separator: ", ")
                throw fields.invalid("triggerTypes", "must be some of \(names).")
            }
            if !triggers.contains(trigger) { triggers.append(trigger) }
        }
        return triggers
    }

    static func json(_ action: AlertActionRecord, _ form: Form, _ rendering: Rendering) throws -> JSONValue {
        var members: [String: JSONValue?] = [
            "id": .string("\(action.id)"), "name": .string(action.name),
            "connectorId": action.connector.map { .string("\($0)") }, "connectorType": .string(action.kind),
            "triggerMode": .string(action.isManual ? "MANUAL" : "AUTOMATIC"),
            "triggerTypes": .texts(action.triggers.map(\.rawValue)),
            "escalationEndedDelaySec": .integer(action.escalationEndedDelay.components.seconds),
            "notResolvedDelaySec": .integer(action.notResolvedDelay.components.seconds),
            "bidirectional": .bool(action.kind == "slack"), "createdAt": JSONValue(action.createdAt),
            "updatedAt": JSONValue(action.updatedAt), "params": action.params, "alertFilter": action.filter,
            "teams": try rendering.teamReferences(action.teams),
        ]
        if form.version != "1" {
            members["alertSources"] = .array(try action.sources.map { try rendering.sourceReference($0) })
        }
        if form.version != "2" { members["alertSourceIds"] = .array(action.sources.map { JSONValue($0) }) }
        if form.hasConditions || form.version != "1" { members["conditions"] = action.conditions.json }
        return .members(members)
    }

    /// As an alert shows what may be done with it.
    static func json(_ action: AlertActionRecord, history: [AlertActionRun]) -> JSONValue {
        .members([
            "alertActionId": .string("\(action.id)"), "connectorId": action.connector.map { .string("\($0)") },
            "type": .string(action.kind), "name": .string(action.name), "iconUrl": .string(""),
            "history": .array(
                history.map { run in
                    .members([
                        "id": .string("\(run.key.cause)"), "alertActionId": .string("\(action.id)"),
                        "alertId": JSONValue(run.key.alert), "success": .bool(run.status == .done),
                        "time": run.finishedAt.json,
                    ])
                }),
        ])
    }
}
