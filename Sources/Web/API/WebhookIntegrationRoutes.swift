import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Webhook integrations and delivery groups: who is told of monitors.
enum WebhookIntegrationRoutes {
    static let all: [APIRoute] = [
        .get("/webhook-integrations") { call in
            let found = try await webhooks(call).list(by: call.caller)
            return JSONAnswer.response(.array(found.map(json)))
        },
        .post("/webhook-integrations") { call in
            let made = try await webhooks(call).create(draft(call.fields()), by: call.caller)
            return JSONAnswer.created(json(made), at: "/api/webhook-integrations/\(made.id)")
        },
        .get("/webhook-integrations/{id}") { call in
            JSONAnswer.response(json(try await webhooks(call).find(call.id("id"), by: call.caller)))
        },
        .put("/webhook-integrations/{id}") { call in
            let draft = try await draft(call.fields())
            return JSONAnswer.response(
                json(try await webhooks(call).update(call.id("id"), with: draft, by: call.caller)))
        },
        .delete("/webhook-integrations/{id}") { call in
            try await webhooks(call).delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
        .post("/webhook-integrations/{id}/test") { call in
            let delivery = try await webhooks(call).test(call.id("id"), by: call.caller)
            return JSONAnswer.response(json(delivery), status: .accepted)
        },
        .get("/webhook-integrations/{id}/deliveries") { call in
            let found = try await webhooks(call).deliveries(of: call.id("id"), by: call.caller)
            return JSONAnswer.response(.array(found.map(json)))
        },
    ]

    private static func webhooks(_ call: APICall) -> WebhookAdministration { call.administration.webhooks }

    private static func draft(_ fields: JSONFields) throws(Failure) -> WebhookAdministration.Draft {
        WebhookAdministration.Draft(
            label: try fields.text("label") ?? "", url: try fields.text("url") ?? "",
            method: try fields.name("requestType", as: WebhookIntegration.Method.self) ?? .post,
            headers: try MonitorHeaders.read(fields.members["headers"], "headers"))
    }

    private static func json(_ webhook: WebhookIntegration) -> JSONValue {
        .object([
            "id": JSONValue(webhook.id), "label": .string(webhook.label), "url": .string(webhook.url),
            "requestType": .string(webhook.method.rawValue.uppercased()),
            "headers": .array(
                webhook.headers.map { .object(["key": .string($0.name), "value": .string($0.value)]) }),
            "createdAt": JSONValue(webhook.createdAt), "updatedAt": JSONValue(webhook.updatedAt),
        ])
    }

    private static func json(_ delivery: WebhookDelivery) -> JSONValue {
        .members([
            "id": JSONValue(delivery.id), "state": .string(delivery.status.rawValue.uppercased()),
            "attempts": JSONValue(delivery.attempts), "body": .string(delivery.body),
            "nextAttempt": delivery.due.json, "status": delivery.httpStatus.json,
            "answer": .string(delivery.answer), "reason": delivery.reason.json,
            "createdAt": JSONValue(delivery.createdAt), "triedAt": delivery.triedAt.json,
        ])
    }
}

enum DeliveryGroupRoutes {
    static let all: [APIRoute] = [
        .get("/delivery-groups") { call in
            let found = try await groups(call).list(by: call.caller)
            return try await JSONAnswer.response(
                call.render { rendering in .array(try found.map { try json($0, rendering) }) })
        },
        .post("/delivery-groups") { call in
            let made = try await groups(call).create(draft(call.fields()), by: call.caller)
            return try await JSONAnswer.created(
                call.render { try json(made, $0) }, at: "/api/delivery-groups/\(made.id)")
        },
        .get("/delivery-groups/{id}") { call in
            let group = try await groups(call).find(call.id("id"), by: call.caller)
            return try await JSONAnswer.response(call.render { try json(group, $0) })
        },
        .put("/delivery-groups/{id}") { call in
            let draft = try await draft(call.fields())
            let group = try await groups(call).update(call.id("id"), with: draft, by: call.caller)
            return try await JSONAnswer.response(call.render { try json(group, $0) })
        },
        .delete("/delivery-groups/{id}") { call in
            try await groups(call).delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
    ]

    private static func groups(_ call: APICall) -> DeliveryGroupAdministration { call.administration.deliveryGroups }

    private static func draft(_ fields: JSONFields) throws(Failure) -> DeliveryGroupAdministration.Draft {
        DeliveryGroupAdministration.Draft(
            label: try fields.text("label") ?? "",
            colour: try fields.filledText("colour") ?? DeliveryGroupAdministration.Draft.usualColour,
            sensitivity: .minutes(try fields.int("sensitivityMin") ?? 0), emails: try fields.texts("emails") ?? [],
            webhooks: try fields.references("webhooks") ?? [],
            sources: try fields.references("alertSources") ?? [])
    }

    private static func json(_ group: DeliveryGroup, _ rendering: Rendering) throws -> JSONValue {
        .object([
            "id": JSONValue(group.id), "label": .string(group.label), "colour": .string(group.colour),
            "sensitivityMin": .integer(group.sensitivity.components.seconds / 60), "emails": .texts(group.emails),
            "webhooks": .array(group.webhooks.map { .object(["id": JSONValue($0)]) }),
            "alertSources": .array(try group.sources.map { try rendering.sourceReference($0) }),
            "createdAt": JSONValue(group.createdAt), "updatedAt": JSONValue(group.updatedAt),
        ])
    }
}
