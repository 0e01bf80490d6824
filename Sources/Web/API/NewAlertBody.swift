import Alerting
import Engine

/// An alert that a client raises.
enum NewAlertBody {
    static func raise(_ call: APICall) async throws -> Alert.ID {
        let fields = try await call.fields()
        let alert = try manual(fields)
        let responders = try responders(fields)
        for user in responders { try await check(user, call) }
        let id = try await call.engine.desk.raise(alert, by: call.everywhere)
        for user in responders where user != alert.assigned { try await add(user, to: id, call) }
        return id
    }

    private static func check(_ user: User.ID, _ call: APICall) async throws {
        do {
            _ = try await call.administration.users.find(user, by: call.caller)
        } catch let failure as Failure where failure.code == .notFound {
            throw Failure.invalid("responders", "there is no user \(user).")
        }
    }

    /// Somebody who was paged by the first level meanwhile, or cannot be reached, does not undo the alert.
    private static func add(_ user: User.ID, to id: Alert.ID, _ call: APICall) async throws {
        do {
            try await call.engine.desk.addResponder(user, to: id, by: call.everywhere)
        } catch let failure as Failure where failure.code == .conflict {
            return
        }
    }

    private static func manual(_ fields: JSONFields) throws(Failure) -> ManualAlert {
        guard let source: AlertSource.ID = try fields.reference("alertSource") else {
            throw fields.invalid("alertSource", "is needed: {\"id\": …}.")
        }
        let severity = try fields.int("severity").flatMap { $0 == 0 ? nil : $0 }
        guard severity.map((1...5).contains) ?? true else { throw fields.invalid("severity", "must be 1 to 5.") }
        let links = try fields.objects("links") ?? []
        let images = try fields.objects("images") ?? []
        guard links.count <= Limits.links else {
            throw fields.invalid("links", "there may be at most \(Limits.links).")
        }
        guard images.count <= Limits.images else {
            throw fields.invalid("images", "there may be at most \(Limits.images).")
        }
        return ManualAlert(
            source: source, summary: try fields.text("summary") ?? "", details: try fields.text("details") ?? "",
            priority: try fields.name("priority"), severity: severity, links: try links.map(link),
            images: try images.map(image), labels: try labels(fields), customDetails: fields.members["customDetails"],
            policy: try fields.reference("escalationPolicy"), assigned: try fields.reference("assignedTo"))
    }

    private static func responders(_ fields: JSONFields) throws(Failure) -> [User.ID] {
        var users: [User.ID] = []
        for responder in try fields.objects("responders") ?? [] {
            guard let user: User.ID = try responder.reference("user") else {
                throw responder.invalid("user", "is needed: {\"id\": …}.")
            }
            if !users.contains(user) { users.append(user) }
        }
        return users
    }

    private static func link(_ fields: JSONFields) throws(Failure) -> AlertLink {
        guard let href = try fields.filledText("href") else { throw fields.invalid("href", "is missing.") }
        return AlertLink(href: href, text: try fields.text("text"))
    }

    private static func image(_ fields: JSONFields) throws(Failure) -> AlertImage {
        guard let source = try fields.filledText("src") else { throw fields.invalid("src", "is missing.") }
        return AlertImage(source: source, href: try fields.text("href"), alternative: try fields.text("alt"))
    }

    private static func labels(_ fields: JSONFields) throws(Failure) -> [String: String] {
        let members = try fields.object("labels")?.members ?? [:]
        guard members.count <= Limits.labels else {
            throw fields.invalid("labels", "there may be at most \(Limits.labels).")
        }
        return members.compactMapValues(\.scalarText)
    }
}
