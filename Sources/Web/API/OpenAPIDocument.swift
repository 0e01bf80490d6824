import Alerting
import Hummingbird

/// The description of the API that clients build themselves from.
///
/// Each area of the API is described in a file of its own, `Assets/openapi-<area>.json`, which has the members `paths`
/// and `components` only; they are merged into `openapi.json`, which has what is common to all.
enum OpenAPIDocument {
    private static let areas: [(name: String, bytes: [UInt8])] = [
        ("openapi-escalation", PackageResources.openapi_escalation_json),
        ("openapi-monitors", PackageResources.openapi_monitors_json),
        ("openapi-windows", PackageResources.openapi_windows_json),
        ("openapi-flows", PackageResources.openapi_flows_json),
        ("openapi-actions", PackageResources.openapi_actions_json),
        ("openapi-reach", PackageResources.openapi_reach_json),
        ("openapi-rules", PackageResources.openapi_rules_json),
        ("openapi-schedules", PackageResources.openapi_schedules_json),
        ("openapi-services", PackageResources.openapi_services_json),
        rapidSpike,
    ]
    /// Its paths begin at the server's root and not at `/api`.
    private static let rapidSpike = (name: "openapi-rapidspike", bytes: PackageResources.openapi_rapidspike_json)

    /// - Parameter settings: the server that the document names.
    static func response(_ settings: WebSettings) -> Response {
        JSONAnswer.response(document(settings))
    }

    static func document(_ settings: WebSettings) -> JSONValue {
        var members = merged.object ?? [:]
        members["servers"] = .array([.object(["url": .string("\(settings.publicURL)/api")])])
        var info = members["info"]?.object ?? [:]
        info["version"] = .string(settings.version)
        members["info"] = .object(info)
        var paths = members["paths"]?.object ?? [:]
        let root = JSONValue.array([.object(["url": .string(settings.publicURL)])])
        for (path, operations) in parsed(rapidSpike.name, rapidSpike.bytes)["paths"]?.object ?? [:] {
            paths[path] = .object(
                (operations.object ?? [:]).mapValues { operation in
                    .object((operation.object ?? [:]).merging(["servers": root]) { $1 })
                })
        }
        members["paths"] = .object(paths)
        return .object(members)
    }

    private static let merged: JSONValue = areas.reduce(parsed("openapi", PackageResources.openapi_json)) {
        merge($0, parsed($1.name, $1.bytes), at: $1.name)
    }

    private static func merge(_ one: JSONValue, _ other: JSONValue, at place: String) -> JSONValue {
        guard let left = one.object, let right = other.object else {
            preconditionFailure("\(place) is described twice in the API's description")
        }
        return .object(left.merging(right) { merge($0, $1, at: place) })
    }

    private static func parsed(_ name: String, _ bytes: [UInt8]) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue.parse(bytes)
        } catch {
            preconditionFailure("\(name).json: \(error.message)")
        }
    }
}
