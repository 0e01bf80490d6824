import Alerting
import Engine
import Hummingbird
import Storage

enum ServiceRoutes {
    static let all: [APIRoute] = [
        .get("/services") { call in
            let page = try call.query.page(usual: 10, most: ServiceBody.Includes(call.query).isEmpty ? 100 : 25)
            let found = try await services(call).list(page: page, by: call.caller)
            return try await JSONAnswer.response(.array(json(found, call)))
        },
        .post("/services") { call in
            let draft = try await ServiceBody.draft(call.fields())
            let made = try await services(call).create(draft, by: call.caller)
            return try await JSONAnswer.created(one(made, call), at: "/api/services/\(made.id)")
        },
        .get("/services/name/**") { call in
            try await JSONAnswer.response(one(services(call).find(name: call.name(), by: call.caller), call))
        },
        .get("/services/{id}") { call in
            try await JSONAnswer.response(one(services(call).find(call.id("id"), by: call.caller), call))
        },
        .put("/services/{id}") { call in
            let draft = try await ServiceBody.draft(call.fields())
            let changed = try await services(call).update(call.id("id"), with: draft, by: call.caller)
            return try await JSONAnswer.response(one(changed, call))
        },
        .delete("/services/{id}") { call in
            try await services(call).delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
    ]

    private static func services(_ call: APICall) -> ServiceAdministration { call.administration.services }

    private static func one(_ service: ServiceRecord, _ call: APICall) async throws -> JSONValue {
        try await json([service], call).first ?? .null
    }

    private static func json(_ list: [ServiceRecord], _ call: APICall) async throws -> [JSONValue] {
        let includes = ServiceBody.Includes(call.query)
        let now = call.engine.store.clock.now
        let histories =
            includes.uptime
            ? try await services(call).histories(of: list, from: now - ServiceBody.range) : [:]
        let subscribed = includes.subscribed ? try await services(call).subscribed(by: call.caller) : []
        let rendered = try await call.render { rendering in
            .array(
                try list.map { service in
                    var members = try ServiceBody.members(of: service, rendering)
                    if includes.uptime {
                        members["uptime"] = ServiceBody.uptime(
                            of: service, histories[service.id]?.periods ?? [], at: now)
                    }
                    if includes.subscribed { members["subscribed"] = .bool(subscribed.contains(service.id)) }
                    // Nothing here makes incidents, so there never was one.
                    if includes.incidents { members["incidents"] = .array([]) }
                    return .members(members)
                })
        }
        return rendered.array ?? []
    }
}

/// A service on the wire.
enum ServiceBody {
    /// What is only told when it is asked for.
    struct Includes: Sendable {
        let uptime: Bool
        let subscribed: Bool
        let incidents: Bool

        init(_ query: QueryItems) {
            uptime = query.includes("uptime")
            subscribed = query.includes("subscribed")
            incidents = query.includes("incidents")
        }

        var isEmpty: Bool { !uptime && !subscribed && !incidents }
    }

    /// Back to when uptime is told.
    static let range = Duration.days(90)

    static func draft(_ fields: JSONFields) throws(Failure) -> ServiceDraft {
        ServiceDraft(
            name: try fields.text("name") ?? "", alias: try fields.text("alias"),
            details: try fields.text("description") ?? "", status: try fields.name("status"),
            hasOneOpenIncidentOnly: try fields.bool("oneOpenIncidentOnly") ?? false,
            showsUptimeHistory: try fields.bool("showUptimeHistory") ?? true, teams: try fields.references("teams"),
            labels: present(fields.members["labels"]), links: present(fields.members["links"]),
            iconURL: try fields.filledText("iconUrl"))
    }

    private static func present(_ value: JSONValue?) -> JSONValue? {
        value.flatMap { $0.isNull ? nil : $0 }
    }

    static func members(of service: ServiceRecord, _ rendering: Rendering) throws -> [String: JSONValue?] {
        [
            "id": JSONValue(service.id), "name": .string(service.name), "alias": service.alias.json,
            "status": .string(service.status.rawValue.uppercased()), "description": .string(service.details),
            "oneOpenIncidentOnly": .bool(service.hasOneOpenIncidentOnly),
            "showUptimeHistory": .bool(service.showsUptimeHistory),
            "teams": try rendering.teamReferences(service.teams), "labels": service.fields["labels"],
            "links": service.fields["links"], "iconUrl": service.fields["iconUrl"],
            "createdAt": JSONValue(service.createdAt), "updatedAt": JSONValue(service.updatedAt),
        ]
    }

    /// Of 90 days, or since it was made.
    static func uptime(of service: ServiceRecord, _ periods: [ServicePeriod], at now: Timestamp) -> JSONValue {
        let outages = periods.compactMap(\.outage)
        func percentage(_ days: Int) -> JSONValue {
            let start = max(now - .days(days), min(service.createdAt, now))
            return .number(Double(ServiceUptime.hundredths(of: outages, in: start..<now)) / 100)
        }
        return .object([
            "rangeStart": JSONValue(now - range), "rangeEnd": JSONValue(now),
            "outages": .array(
                outages.map { outage in
                    .members([
                        "status": .string(outage.status.rawValue.uppercased()), "from": JSONValue(outage.from),
                        "until": outage.until.json,
                    ])
                }),
            "uptimePercentage": .object(["p90": percentage(90), "p60": percentage(60), "p30": percentage(30)]),
        ])
    }
}
