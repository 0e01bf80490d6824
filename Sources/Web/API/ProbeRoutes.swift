import Alerting
import Engine
import Hummingbird
import Storage

/// Probes in other places, for people.
enum ProbeRoutes {
    static let all: [APIRoute] = [
        .get("/monitor-probes") { call in
            let found = try await call.administration.probes.list(by: call.caller)
            return JSONAnswer.response(.array(found.map { json($0) }))
        },
        .post("/monitor-probes") { call in
            let fields = try await call.fields()
            let (probe, token) = try await call.administration.probes.create(
                name: fields.text("name") ?? "", region: fields.text("region") ?? "", by: call.caller)
            return JSONAnswer.created(json(probe, token: token), at: "/api/monitor-probes/\(probe.id)")
        },
        .delete("/monitor-probes/{id}") { call in
            try await call.administration.probes.delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
    ]

    private static func json(_ probe: MonitorProbe, token: String? = nil) -> JSONValue {
        .members([
            "id": JSONValue(probe.id), "name": .string(probe.name), "region": .string(probe.region),
            "version": .string(probe.version), "seenAt": probe.seenAt.json, "createdAt": JSONValue(probe.createdAt),
            "token": token.json,
        ])
    }
}
