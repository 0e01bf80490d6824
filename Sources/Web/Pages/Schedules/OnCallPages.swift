import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Who is on call now across escalation policies, and the reader's own shifts.
struct OnCallPages: Sendable {
    let site: Site

    /// How far ahead a person's own shifts are listed, and how many at most.
    private static let ahead = Duration.days(62)
    private static let mostShifts = 100

    func add(to group: RouterGroup<WebContext>) {
        group.get("/on-call", use: now)
        group.get("/on-call/mine", use: mine)
        group.post("/on-call/calendar", use: rotateCalendar)
    }

    private var schedules: ScheduleAdministration { site.services.administration.schedules }

    @Sendable private func now(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let caller = visit.caller
        let entries = try await schedules.onCalls(OnCallFilter(at: visit.moments.now), by: caller)
        let (policies, records) = try await site.engine.store.read { transaction in
            (
                try EscalationPolicies.list(scope: caller.scope, page: Page(limit: 1000), in: transaction),
                try OnCallSchedules.list(scope: caller.scope, page: Page(limit: 1000), in: transaction)
            )
        }
        let names = try await site.services.administration.users.names(of: Set(entries.map(\.user)), by: caller)
        let titles = Dictionary(records.map { ($0.id, $0.name) }) { $1 }
        let person = { (entry: OnCallEntry) in
            OnCallPage.Person(
                name: names[entry.user] ?? "A deleted user", isReader: entry.user == caller.user,
                schedule: entry.schedule.flatMap { titles[$0] }, link: entry.schedule.map(Links.schedule) ?? "",
                until: entry.shift.map { visit.moments.moment($0.end) })
        }
        let shown = policies.map { policy in
            OnCallPage.Policy(
                name: policy.name, link: Links.policy(policy.id),
                levels: policy.policy.levels.indices.map { level in
                    let people = entries.filter { $0.policy == policy.id && $0.level == level }.map(person)
                    return .init(number: "\(level + 1)", people: people, isEmpty: people.isEmpty)
                })
        }
        let others = entries.filter { $0.policy == nil }.map(person)
        let isOnCall = entries.contains { $0.user == caller.user }
        return site.response(
            OnCallPage(
                frame: site.frame("Who is on call", .onCall, isLive: true, context), isReaderOnCall: isOnCall,
                policies: shown, hasPolicies: !shown.isEmpty, others: others, hasOthers: !others.isEmpty))
    }

    @Sendable private func mine(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let now = visit.moments.now
        let zone = ZoneTables.table(visit.user.timeZone) ?? ZoneTable("UTC", first: 0, changes: [])
        let asked = try await schedules.askedList(page: Page(limit: 1000), by: visit.caller)
        let span = TimeSpan(start: now, end: now + Self.ahead)
        let shifts = asked.flatMap { schedule in
            schedule.calculator.shifts(in: span).filter { $0.user == visit.caller.user }.map { (schedule.record, $0) }
        }.sorted { ($0.1.start, $0.0.id) < ($1.1.start, $1.0.id) }
        var offers: [(ScheduleRecord, OfferRecord)] = []
        for schedule in asked {
            let open = try await schedules.offers(of: schedule.record.id, by: visit.caller)
            offers += open.map { (schedule.record, $0) }
        }
        let givers = Set(offers.map(\.1.user))
        let names = try await site.services.administration.users.names(of: givers, by: visit.caller)
        let people = ShiftPeople(givers, names: names)
        let token = try await site.services.administration.calendars.ownToken(by: visit.caller)
        let page = MyShiftsPage(
            frame: site.frame("My shifts", .onCall, isLive: true, context), zone: zone.name,
            shifts: shifts.prefix(Self.mostShifts).map { record, shift in
                .init(
                    schedule: record.name, scheduleLink: Links.schedule(record.id),
                    time: SpanWords.text(shift.span, in: zone), startISO: shift.start.iso8601,
                    isNow: shift.span.contains(now), link: Links.shift(max(shift.start, now), of: record.id))
            }, hasShifts: !shifts.isEmpty,
            moreShifts: shifts.count > Self.mostShifts ? "and \(shifts.count - Self.mostShifts) more" : nil,
            offers: offers.map { Offer($1, $0, zone: zone, people: people, visit: visit) }, hasOffers: !offers.isEmpty,
            feed: CalendarFeed(
                url: token.map { site.calendarURL($0) }, action: Links.onCall + "/calendar", mayRotate: true))
        return site.response(page)
    }

    @Sendable private func rotateCalendar(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        return try await site.act(
            back: Links.myShifts + "#calendar", done: "Your calendar has a new address; an older one leads nowhere."
        ) {
            _ = try await site.services.administration.calendars.rotateOwn(by: visit.caller)
        }
    }
}

/// Whom each level of each policy would page now.
struct OnCallPage: HTMLPage {
    static let template = "on-call"
    let frame: Frame
    let isReaderOnCall: Bool
    let policies: [Policy]
    let hasPolicies: Bool
    /// By schedules that no policy calls.
    let others: [Person]
    let hasOthers: Bool

    struct Policy {
        let name: String
        let link: String
        let levels: [Level]
    }

    struct Level {
        let number: String
        let people: [Person]
        let isEmpty: Bool
    }

    struct Person {
        let name: String
        let isReader: Bool
        let schedule: String?
        let link: String
        let until: Moment?
    }
}

/// The reader's own shifts, what others offer, and the calendar of all that.
struct MyShiftsPage: HTMLPage {
    static let template = "my-shifts"
    let frame: Frame
    let zone: String
    let shifts: [Row]
    let hasShifts: Bool
    let moreShifts: String?
    let offers: [Offer]
    let hasOffers: Bool
    let feed: CalendarFeed

    struct Row {
        let schedule: String
        let scheduleLink: String
        let time: String
        let startISO: String
        let isNow: Bool
        let link: String
    }
}
