import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Monitors: our own addition to the contract, by its conventions.
enum MonitorRoutes {
    static let all: [APIRoute] = [
        .get("/monitors") { call in
            let page = try call.query.page(usual: 100, most: 1000)
            let found = try await monitors(call).list(page: page, by: call.caller)
            return try await JSONAnswer.response(
                call.render { rendering in .array(try found.map { try MonitorBody.json($0, rendering) }) })
        },
        .post("/monitors") { call in
            let draft = try await MonitorBody.draft(call.fields())
            let made = try await monitors(call).create(draft, by: call.caller)
            return try await JSONAnswer.created(json(made, call), at: "/api/monitors/\(made.id)")
        },
        .get("/monitors/{id}") { call in
            try await one(monitors(call).find(call.id("id"), by: call.caller), call)
        },
        .put("/monitors/{id}") { call in
            let draft = try await MonitorBody.draft(call.fields())
            return try await one(monitors(call).update(call.id("id"), with: draft, by: call.caller), call)
        },
        .delete("/monitors/{id}") { call in
            try await monitors(call).delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
        .post("/monitors/{id}/check-now") { call in
            let id: Monitor.ID = try call.id("id")
            try await monitors(call).checkNow(id, by: call.caller)
            var answer = try await one(monitors(call).find(id, by: call.caller), call)
            answer.status = .accepted
            return answer
        },
        .get("/monitors/{id}/results") { call in
            let page = try call.query.page(usual: 100, most: 1000)
            let found = try await monitors(call).results(of: call.id("id"), page: page, by: call.caller)
            return JSONAnswer.response(.array(found.map(MonitorBody.json)))
        },
        .get("/monitors/{id}/events") { call in
            let page = try call.query.page(usual: 100, most: 1000)
            let found = try await monitors(call).events(of: call.id("id"), page: page, by: call.caller)
            return JSONAnswer.response(.array(found.map(MonitorBody.json)))
        },
    ]

    private static func monitors(_ call: APICall) -> MonitorAdministration { call.administration.monitors }

    private static func one(_ monitor: MonitorRecord, _ call: APICall) async throws -> Response {
        try await JSONAnswer.response(json(monitor, call))
    }

    private static func json(_ monitor: MonitorRecord, _ call: APICall) async throws -> JSONValue {
        try await call.render { rendering in try MonitorBody.json(monitor, rendering) }
    }
}

extension JSONFields {
    /// - Returns: `nil` for what is missing or null.
    func texts(_ name: String) throws(Failure) -> [String]? {
        guard let value = members[name], !value.isNull else { return nil }
        guard let items = value.array else { throw invalid(name, "must be a list of texts.") }
        var texts: [String] = []
        for item in items {
            guard let text = item.string else { throw invalid(name, "must be a list of texts.") }
            texts.append(text)
        }
        return texts
    }
}

/// A monitor, its results and its changes on the wire.
enum MonitorBody {
    static func draft(_ fields: JSONFields) throws(Failure) -> MonitorDraft {
        guard let kind = try fields.name("kind", as: Monitor.Kind.self) else {
            throw fields.invalid("kind", "is needed: \(kinds).")
        }
        guard let target = try fields.filledText("target") else {
            throw fields.invalid("target", "is needed: a URL, host:port, a host or a name.")
        }
        let block = fields.members[kind.rawValue]
        guard block == nil || block == .null || block?.object != nil else {
            throw fields.invalid(kind.rawValue, "must be an object.")
        }
        return MonitorDraft(
            name: try fields.text("name") ?? "",
            subject: try MonitorSubject(kind: kind, target: target, block: block),
            interval: try fields.int("intervalSec").map { .seconds($0) } ?? MonitorDraft.usualInterval,
            timeout: try fields.int("timeoutSec").map { .seconds($0) } ?? MonitorDraft.usualTimeout,
            retests: try fields.int("retests") ?? MonitorDraft.usualRetests,
            isPaused: try fields.bool("paused") ?? false, source: try fields.reference("alertSource"),
            groups: try fields.references("deliveryGroups"), teams: try fields.references("teams"),
            regions: try fields.texts("regions") ?? [], agree: try fields.int("agree") ?? 1)
    }

    private static let kinds = Monitor.Kind.allCases.map { $0.rawValue.uppercased() }.joined(separator: ", ")

    static func json(_ monitor: MonitorRecord, _ rendering: Rendering) throws -> JSONValue {
        let kind = monitor.subject.kind
        return .members([
            "id": JSONValue(monitor.id), "uuid": .string(monitor.uuid), "name": .string(monitor.name),
            "kind": .string(kind.rawValue.uppercased()), "target": .string(monitor.subject.target),
            kind.rawValue: monitor.subject.block, "intervalSec": .integer(monitor.interval.components.seconds),
            "timeoutSec": .integer(monitor.timeout.components.seconds), "retests": JSONValue(monitor.retests),
            "paused": .bool(monitor.isPaused), "state": .string(monitor.watch.state.rawValue.uppercased()),
            "failingSince": monitor.watch.failingSince.json, "stateSince": monitor.watch.changedAt.json,
            "lastCheck": monitor.last.map { last in
                .members([
                    "at": JSONValue(last.at), "responseMs": .integer(last.total.wholeMilliseconds),
                    "reason": last.reason.json, "validUntil": last.validUntil.json,
                ])
            },
            "nextCheck": monitor.due.json, "alertSource": try monitor.source.map { try rendering.sourceReference($0) },
            "regions": .texts(monitor.regions), "agree": JSONValue(monitor.agree),
            "deliveryGroups": .array(monitor.groups.map { .object(["id": JSONValue($0)]) }),
            "teams": try rendering.teamReferences(monitor.teams), "createdAt": JSONValue(monitor.createdAt),
            "updatedAt": JSONValue(monitor.updatedAt),
        ])
    }

    static func json(_ result: MonitorResult) -> JSONValue {
        func milliseconds(_ duration: Duration?) -> JSONValue? { duration.map { .integer($0.wholeMilliseconds) } }
        return .members([
            "at": JSONValue(result.at), "state": .string(result.reason == nil ? "PASSING" : "FAILING"),
            "region": .string(result.region), "inMaintenance": result.isExcused ? .bool(true) : nil,
            "responseMs": milliseconds(result.total), "lateMs": milliseconds(result.late),
            "lookUpMs": milliseconds(result.phases.lookUp), "connectMs": milliseconds(result.phases.connect),
            "encryptionMs": milliseconds(result.phases.encryption),
            "firstByteMs": milliseconds(result.phases.firstByte), "status": result.status.json,
            "reason": result.reason.json,
        ])
    }

    static func json(_ event: MonitorEvent) -> JSONValue {
        .members([
            "id": JSONValue(event.id), "at": JSONValue(event.at),
            "state": .string(event.state.rawValue.uppercased()), "reason": event.reason.json,
        ])
    }
}
