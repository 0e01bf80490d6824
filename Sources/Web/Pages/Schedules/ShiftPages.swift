import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// One shift or gap, and what can be done about it: override, hand over, offer, take, end.
struct ShiftPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/on-call-schedules/:id/shift", use: show)
        group.post("/on-call-schedules/:id/overrides", use: override)
        group.post("/on-call-schedules/:id/overrides/:override/end", use: endOverride)
        group.post("/on-call-schedules/:id/offers", use: offer)
        group.post("/on-call-schedules/:id/offers/:offer/take", use: take)
        group.post("/on-call-schedules/:id/offers/:offer/withdraw", use: withdraw)
    }

    private var schedules: ScheduleAdministration { site.services.administration.schedules }

    /// How far the ends of a gap are looked for.
    private static let reach = Duration.days(31)

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: OnCallSchedule.ID = try visit.id()
        guard let number = Int64(visit.query["at"]), LocalTime.range.contains(number / 1000), number >= 0 else {
            throw Failure(.notFound, "There is nothing at this address.")
        }
        let time = Timestamp(milliseconds: number)
        let asked = try await schedules.asked(id, since: time - Self.reach, by: visit.caller)
        let users = try await site.services.administration.users.list(page: Page(limit: 500), by: visit.caller)
        return site.response(
            ShiftPage(
                asked, at: time, users: users, visit: visit,
                frame: site.frame("Shift", .schedules, crumbs: SchedulePages.crumbs(asked.record), context)))
    }

    @Sendable private func override(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: OnCallSchedule.ID = try visit.id()
        return try await act(visit, id, done: "The schedule is changed for that time.") {
            guard let user = User.ID(visit.form["user"]) else {
                throw Failure(.invalid, "Choose who takes over.")
            }
            try await schedules.addOverride(
                OverrideDraft(user: user, start: visit.form["start"], end: visit.form["end"]), to: id, by: visit.caller)
        }
    }

    @Sendable private func endOverride(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: OnCallSchedule.ID = try visit.id()
        return try await act(visit, id, done: "The override is over.") {
            try await schedules.deleteOverride(visit.id("override"), of: id, by: visit.caller)
        }
    }

    @Sendable private func offer(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: OnCallSchedule.ID = try visit.id()
        return try await act(visit, id, done: "The others are asked by mail. Until somebody takes it, you are on call.")
        {
            let record = try await schedules.find(id, by: visit.caller)
            guard let zone = ZoneTables.table(record.timeZone), let start = LocalTime(visit.form["start"]),
                let end = LocalTime(visit.form["end"])
            else { throw Failure(.invalid, "Enter from when until when.") }
            let span = TimeSpan(start: zone.start(of: start.seconds), end: zone.end(of: end.seconds))
            try await schedules.offer(span, of: id, note: visit.form["note"], by: visit.caller)
        }
    }

    @Sendable private func take(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        return try await act(visit, try visit.id(), done: "The shift is yours.") {
            try await schedules.take(visit.id("offer"), by: visit.caller)
        }
    }

    @Sendable private func withdraw(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        return try await act(visit, try visit.id(), done: "The offer is withdrawn.") {
            try await schedules.withdraw(visit.id("offer"), by: visit.caller)
        }
    }

    /// Goes on to the schedule, or back to the form when it did not work.
    private func act(
        _ visit: Visit, _ id: OnCallSchedule.ID, done: String, _ action: () async throws -> Void
    ) async throws -> Response {
        do {
            try await action()
            return site.seeOther(Links.inside(visit.form["next"], else: Links.schedule(id)), .done(done))
        } catch let failure as Failure where failure.isForTheForm {
            return site.seeOther(
                Links.inside(visit.form["back"], else: Links.schedule(id)), .problem(failure.sentence))
        }
    }
}

/// One shift or gap of a schedule.
struct ShiftPage: HTMLPage {
    static let template = "shift"
    let frame: Frame
    let heading: String
    let time: String
    let zone: String
    let origin: String?
    let isGap: Bool
    let link: String
    /// Where to come back to when a form is refused.
    let back: String
    let start: String
    let end: String
    let users: [Choice]
    let mayOverride: Bool
    let mayOffer: Bool
    let endLink: String?

    init(_ asked: AskedSchedule, at time: Timestamp, users: [UserRecord], visit: Visit, frame: Frame) {
        let (record, zone) = (asked.record, asked.zone)
        let shift = asked.calculator.shift(at: time)
        let span = shift?.span ?? Self.gap(at: time, asked.calculator)
        let isOver = span.end <= asked.now
        self.frame = frame
        self.zone = record.timeZone
        isGap = shift == nil
        let name = shift.map { shift in users.first { $0.id == shift.user }?.fullName ?? "A deleted user" }
        heading = name.map { "\($0) \(isOver ? "was" : "is") on call" } ?? "Nobody \(isOver ? "was" : "is") on call"
        self.time = SpanWords.text(span, in: zone)
        origin = shift.map { SchedulePages.words($0.origin, record.duties) }
        link = Links.schedule(record.id)
        back = Links.shift(time, of: record.id)
        start = Self.field(max(span.start, asked.now), zone)
        end = Self.field(span.end, zone)
        self.users = users.filter { $0.id != shift?.user && $0.role >= .responder }.map {
            Choice("\($0.id)", $0.fullName, isChosen: shift != nil && $0.id == visit.caller.user)
        }
        mayOverride = visit.mayAnswer && !isOver
        mayOffer = mayOverride && shift?.user == visit.caller.user
        if case .override(let id) = shift?.origin, mayOverride {
            endLink = "\(Links.schedule(record.id))/overrides/\(id)/end"
        } else {
            endLink = nil
        }
    }

    /// A month at most to both sides.
    private static func gap(at time: Timestamp, _ calculator: OnCallCalculator) -> TimeSpan {
        let around = TimeSpan(start: time - .days(31), end: time + .days(31))
        return calculator.gaps(in: around).first { $0.contains(time) } ?? around
    }

    /// For a field of type `datetime-local`.
    private static func field(_ time: Timestamp, _ zone: ZoneTable) -> String {
        String(zone.localTime(at: time).text.prefix(16))
    }
}
