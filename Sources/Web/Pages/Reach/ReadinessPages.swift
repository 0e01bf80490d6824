import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Whether pages would arrive, for administrators, and fire drills that show it.
struct ReadinessPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/readiness", use: show)
        group.post("/readiness/drills", use: start)
        group.post("/readiness/plans", use: plan)
        group.post("/readiness/plans/:id/deletion") { request, context in
            let visit = try site.visit(request, context)
            let id: DrillPlanRecord.ID = try visit.id()
            return try await site.act(back: Links.readiness, done: "The plan was removed.") {
                try await site.engine.readiness.removePlan(id, by: visit.caller)
            }
        }
    }

    @Sendable private func start(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        return try await site.act(back: Links.readiness, done: "Everybody is called on each of their contacts.") {
            let hours = min(max(0, Int(visit.form["hours"]) ?? 0), 24 * 30)
            let start = hours > 0 ? visit.moments.now + .hours(hours) : nil
            try await site.engine.readiness.startDrill(visit.form["name"], at: start, by: visit.caller)
        }
    }

    @Sendable private func plan(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let draft = DrillPlanDraft(
            name: visit.form["name"], start: visit.form["start"], timeZone: visit.user.timeZone,
            weeks: Int(visit.form["weeks"]) ?? 0)
        return try await site.act(back: Links.readiness, done: "The fire drill is planned.") {
            try await site.engine.readiness.plan(draft, by: visit.caller)
        }
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let report = try await site.engine.readiness.report(by: visit.caller)
        let drills = try await site.engine.readiness.drills(by: visit.caller)
        let plans = try await site.engine.readiness.plans(by: visit.caller)
        let last = drills.first.map { LastDrill($0.calls) }
        let names = Dictionary(report.people.map { ($0.user.id, $0.user.fullName) }) { $1 }
        let people = report.people.map { person in
            ReadinessPage.Person(
                name: person.user.fullName, link: Links.user(person.user.id) + "/notifications",
                state: ReadinessLine(person.readiness, visit.moments), drill: last?.words(person.user.id) ?? "–")
        }
        let levels = report.levels.map { level in
            ReadinessPage.Level(
                name: level.policy.name, link: Links.policy(level.policy.id), number: level.level + 1,
                people: level.people.isEmpty
                    ? "nobody just now" : level.people.compactMap { names[$0] }.joined(separator: ", "),
                status: level.isReady ? "active" : "pending",
                statusInWords: level.isReady ? "reachable" : "not reachable")
        }
        return site.response(
            ReadinessPage(
                frame: site.frame("Readiness", .readiness, context), people: people, levels: levels,
                hasLevels: !levels.isEmpty, unready: report.people.count { !$0.readiness.isReady },
                hasUnready: report.people.contains { !$0.readiness.isReady },
                drills: drills.map { ReadinessPage.Drill($0.drill, $0.calls, names, visit.moments) },
                hasDrills: !drills.isEmpty,
                plans: plans.map { ReadinessPage.Plan($0, visit.moments) }, hasPlans: !plans.isEmpty,
                zone: visit.user.timeZone))
    }
}

/// A person's readiness in words.
struct ReadinessLine {
    let status: String
    let statusInWords: String
    let channels: String
    let lastDelivered: Moment?
    let isReady: Bool

    init(_ readiness: Readiness, _ moments: Moments) {
        isReady = readiness.isReady
        status = readiness.isReady ? "active" : "pending"
        statusInWords =
            switch readiness.state {
            case .ready: "reachable"
            case .byFallback: "reachable by fallback"
            case .muted: "quiet time"
            case .noContact: "no verified contact"
            case .noChannel: "no usable channel"
            }
        channels = readiness.channels.map(\.name).joined(separator: ", ")
        lastDelivered = readiness.lastDelivered.map(moments.moment)
    }
}

struct ReadinessPage: HTMLPage {
    static let template = "readiness"
    let frame: Frame
    let people: [Person]
    let levels: [Level]
    let hasLevels: Bool
    let unready: Int
    let hasUnready: Bool
    let drills: [Drill]
    let hasDrills: Bool
    let plans: [Plan]
    let hasPlans: Bool
    let zone: String

    struct Plan {
        let name: String
        let rhythm: String
        let next: Moment
        let link: String
    }

    struct Person {
        let name: String
        let link: String
        let state: ReadinessLine
        /// How the last drill went.
        let drill: String
    }

    struct Level {
        let name: String
        let link: String
        let number: Int
        let people: String
        let status: String
        let statusInWords: String
    }

    struct Drill {
        let name: String
        let startedAt: Moment
        let summary: String
        let calls: [Call]

        struct Call {
            let name: String
            let channel: String
            let status: String
            let statusInWords: String
        }
    }
}

extension ReadinessPage.Drill {
    init(_ drill: DrillRecord, _ calls: [DrillCall], _ names: [User.ID: String], _ moments: Moments) {
        name = drill.name
        startedAt = moments.moment(drill.createdAt)
        summary = "\(calls.count { $0.answeredAt != nil }) of \(calls.count) answered"
        self.calls = calls.map { call in
            let isAnswered = call.answeredAt != nil
            let channel = call.channel?.name ?? "Message"
            return Call(
                name: names[call.user] ?? "a deleted user",
                channel: call.target.map { "\(channel) to \($0)" } ?? channel,
                status: isAnswered ? "active" : "pending",
                statusInWords: isAnswered ? "answered" : Self.words(call.message))
        }
    }
    private static func words(_ message: MessageRecord?) -> String {
        guard let message else { return "not answered" }
        if message.status == .delivered { return "not answered yet" }
        let words = message.reason.map { "\(message.status.rawValue): \($0)" } ?? message.status.rawValue
        return words.replacing("_", with: " ")
    }
}

extension ReadinessPage.Plan {
    init(_ plan: DrillPlanRecord, _ moments: Moments) {
        name = plan.name
        rhythm = plan.weeks == 1 ? "every week" : "every \(plan.weeks) weeks"
        next = moments.moment(plan.next)
        link = "\(Links.readiness)/plans/\(plan.id)/deletion"
    }
}

/// How a drill went, person by person.
struct LastDrill {
    private let calls: [User.ID: [DrillCall]]

    init(_ calls: [DrillCall]) {
        self.calls = Dictionary(grouping: calls, by: \.user)
    }

    func words(_ user: User.ID) -> String? {
        guard let own = calls[user] else { return nil }
        let answered = own.count { $0.answeredAt != nil }
        return answered == own.count ? "answered" : "\(answered) of \(own.count) answered"
    }
}

/// Somebody who would be called, and whether a page would arrive.
struct ReachablePerson {
    let name: String
    let link: String
    let state: ReadinessLine

    init(_ person: ReadinessReport.Person, _ moments: Moments) {
        name = person.user.fullName
        link = Links.user(person.user.id) + "/notifications"
        state = ReadinessLine(person.readiness, moments)
    }
}
