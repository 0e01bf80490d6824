import Alerting
import Engine
import Hummingbird
import Storage

/// Answers who is on call across escalation policies.
enum OnCallAnswer {
    private static let longest = Duration.days(93)

    private struct Expansion {
        var policy: Bool
        var user: Bool
    }

    static func response(_ call: APICall) async throws -> Response {
        let page = try call.query.page(usual: 50, most: 250)
        let wanted = call.query.text("timezone")
        let zone = try wanted.map { name throws(Failure) in
            guard let zone = ZoneTables.table(name) else { throw .invalid("timezone", "is no known time zone.") }
            return zone
        }
        let filter = try await filter(call, zone: zone)
        let entries = try await call.administration.schedules.onCalls(filter, by: call.caller)
        let part = Array(entries.dropFirst(page.offset).prefix(page.limit))
        let names = call.query.texts("expand")
        let expansion = Expansion(
            policy: names.contains("policy") || names.contains("escalationPolicy"), user: names.contains("user"))
        return try await JSONAnswer.response(
            call.render { rendering in .array(try part.map { try json($0, expansion, zone, rendering) }) })
    }

    private static func filter(_ call: APICall, zone: ZoneTable?) async throws -> OnCallFilter {
        let now = call.engine.store.clock.now
        guard let zone = zone ?? ZoneTables.table("UTC") else { return OnCallFilter(at: now) }
        var filter = OnCallFilter(at: now)
        if call.query.text("from") != nil || call.query.text("until") != nil {
            let from = try call.query.instant("from", zone: zone) ?? now
            let until = try call.query.instant("until", zone: zone)
            if let until {
                guard from < until else { throw Failure.invalid("until", "must be after from.") }
                guard until - from <= longest else {
                    throw Failure.invalid("until", "may be at most 3 months after from.")
                }
                filter.span = TimeSpan(start: from, end: until)
            } else {
                filter = OnCallFilter(at: from)
            }
        }
        filter.policies = try call.query.ids("policies")
        filter.schedules = try call.query.ids("schedules")
        filter.levels = try levels(call.query)
        for reference in call.query.texts("users") { filter.users.append(try await user(reference, call)) }
        return filter
    }

    /// Nobody has id 0, so whoever does not exist finds nothing.
    private static func user(_ reference: String, _ call: APICall) async throws -> User.ID {
        do {
            return try await call.user(reference).id
        } catch let failure as Failure where failure.code == .notFound {
            return User.ID(0)
        }
    }

    /// `{"id":12,"level":1}`, repeated; the first level is 1.
    private static func levels(_ query: QueryItems) throws(Failure) -> [OnCallFilter.Level] {
        var levels: [OnCallFilter.Level] = []
        for text in query.whole("policy-levels") {
            let value: JSONValue
            do throws(JSONError) {
                value = try JSONValue.parse(text)
            } catch {
                throw .invalid("policy-levels", "must be objects such as {\"id\":12,\"level\":1}.")
            }
            for item in value.array ?? [value] {
                guard let id = item["id"]?.integer, let level = item["level"]?.integer, id > 0,
                    (1...1000).contains(level)
                else { throw .invalid("policy-levels", "must be objects such as {\"id\":12,\"level\":1}.") }
                levels.append(.init(policy: .init(id), level: Int(level) - 1))
            }
        }
        return levels
    }

    private static func json(
        _ entry: OnCallEntry, _ expansion: Expansion, _ zone: ZoneTable?, _ rendering: Rendering
    ) throws -> JSONValue {
        var members: [String: JSONValue?] = [
            "user": try rendering.userReference(entry.user), "escalationLevel": entry.level.map { JSONValue($0 + 1) },
        ]
        if expansion.user, let user = try rendering.user(entry.user) { members["user"] = UserBody.json(user) }
        if let id = entry.policy {
            let policy = expansion.policy ? try rendering.policy(id) : nil
            members["escalationPolicy"] =
                try policy.map { try EscalationPolicyBody.json($0, rendering) } ?? rendering.policyReference(id)
        }
        if let id = entry.schedule {
            members["schedule"] = try rendering.scheduleReference(id)
            let own = try rendering.schedule(id).flatMap { ZoneTables.table($0.timeZone) }
            if let shift = entry.shift, let zone = zone ?? own {
                members["start"] = .string(zone.localTime(at: shift.start).text)
                members["end"] = .string(zone.localTime(at: shift.end).text)
            }
        }
        return .members(members)
    }
}
