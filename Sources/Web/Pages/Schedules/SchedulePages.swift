import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// On-call schedules: the list, one schedule over time, its deletion, its calendar's address.
struct SchedulePages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/on-call-schedules", use: list)
        group.get("/on-call-schedules/:id", use: show)
        group.get("/on-call-schedules/:id/deletion", use: askDeletion)
        group.post("/on-call-schedules/:id/deletion", use: delete)
        group.post("/on-call-schedules/:id/calendar", use: rotateCalendar)
        ScheduleEditPages(site: site).add(to: group)
        ShiftPages(site: site).add(to: group)
        CalendarImportPages(site: site).add(to: group)
        ScheduleLoadPages(site: site).add(to: group)
        OnCallPages(site: site).add(to: group)
    }

    private var schedules: ScheduleAdministration { site.services.administration.schedules }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let asked = try await schedules.askedList(page: Page(limit: 200), by: visit.caller)
        var users: Set<User.ID> = []
        for schedule in asked {
            users.formUnion([schedule.currentShift?.user, schedule.nextShift?.user].compactMap(\.self))
        }
        let names = try await site.services.administration.users.names(of: users, by: visit.caller)
        let people = ShiftPeople(users, names: names)
        let rows = asked.map { schedule in
            let current = schedule.currentShift
            let gaps = schedule.record.showsGaps ? schedule.comingGaps.gaps.count : 0
            return ScheduleListPage.Row(
                link: Links.schedule(schedule.record.id), name: schedule.record.name,
                person: current.map { people.name($0.user) }, until: current.map { visit.moments.moment($0.end) },
                next: schedule.nextShift.map { shift in
                    "\(people.name(shift.user)), \(SpanWords.moment(shift.start, in: schedule.zone))"
                },
                gaps: gaps == 0 ? nil : "\(gaps) \(gaps == 1 ? "gap" : "gaps") in 30 days",
                zone: schedule.record.timeZone)
        }
        return site.response(
            ScheduleListPage(
                frame: site.frame("On-call schedules", .schedules, isLive: true, context), rows: rows,
                hasRows: !rows.isEmpty, mayConfigure: visit.mayConfigure))
    }

    // MARK: - One schedule

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: OnCallSchedule.ID = try visit.id()
        let now = visit.moments.now
        let record = try await schedules.find(id, by: visit.caller)
        let isOwnZone = visit.query["zone"] == "own"
        let own = ZoneTables.table(record.timeZone)
        guard let zone = isOwnZone ? ZoneTables.table(visit.user.timeZone) : own else {
            throw Failure(.internal, "The time zone is not known any more.", cause: "zone")
        }
        let view = ScheduleView(
            range: visit.query["range"], from: visit.query["from"], zone: zone, now: now)
        let asked = try await schedules.asked(id, since: view.span.start, by: visit.caller)
        let offers = try await schedules.offers(of: id, by: visit.caller)
        let shifts = asked.calculator.shifts(in: view.span)
        let people = try await people(asked, shifts, offers, visit)
        let other = isOwnZone ? record.timeZone : visit.user.timeZone
        let head = ScheduleHead(
            view, link: Links.schedule(id), isOwnZone: isOwnZone, other: other == zone.name ? nil : other)
        let page = SchedulePage(
            asked, head: head, view: view, shifts: shifts, offers: offers, people: people,
            facts: try await facts(record, visit), feed: try await feed(id, visit),
            reach: try await reach(asked, visit), visit: visit,
            frame: site.frame(record.name, .schedules, crumbs: Self.crumbs(), isLive: true, context))
        return site.response(page)
    }

    private func people(
        _ asked: AskedSchedule, _ shifts: [Shift], _ offers: [OfferRecord], _ visit: Visit
    ) async throws -> ShiftPeople {
        let named = asked.record.duties.users
        let others = Set(shifts.map(\.user) + asked.overrides.map(\.user) + offers.map(\.user))
        let soon = Set([asked.currentShift?.user, asked.nextShift?.user].compactMap(\.self))
        let users = named.union(others).union(soon)
        let names = try await site.services.administration.users.names(of: users, by: visit.caller)
        return ShiftPeople(users, names: names)
    }

    /// Whether the people of a schedule could be paged: those on call now and next first.
    private func reach(_ asked: AskedSchedule, _ visit: Visit) async throws -> [ReachablePerson] {
        let soon = [asked.currentShift?.user, asked.nextShift?.user].compactMap(\.self)
        let others = asked.record.duties.users.union(asked.overrides.map(\.user)).subtracting(soon).sorted()
        var users: [User.ID] = []
        for user in soon + others where !users.contains(user) { users.append(user) }
        return try await site.engine.readiness.people(users, by: visit.caller).map {
            ReachablePerson($0, visit.moments)
        }
    }

    private func facts(_ record: ScheduleRecord, _ visit: Visit) async throws -> ScheduleFacts {
        let caller = visit.caller
        let owners = Set([record.owner].compactMap(\.self))
        let names = try await site.services.administration.users.names(of: owners, by: caller)
        let teams = try await site.services.administration.teams.names(of: Set(record.teams), by: caller)
        let policies = try await site.engine.store.read { transaction in
            try EscalationPolicies.list(scope: caller.scope, page: Page(limit: 1000), in: transaction).filter {
                $0.policy.levels.contains { $0.targets.contains(.schedule(record.id.rawValue)) }
            }
        }
        return ScheduleFacts(
            kind: record.kind == .recurring ? "Recurring: people take turns" : "Static: shifts one by one",
            zone: record.timeZone, owner: record.owner.flatMap { names[$0] } ?? "Nobody",
            warnings: record.showsGaps ? "On: the owner is told by mail" : "Off",
            policies: policies.map { .init(name: $0.name, link: Links.policy($0.id)) }, hasPolicies: !policies.isEmpty,
            teams: teams.values.sorted(), hasTeams: !teams.isEmpty)
    }

    private func feed(_ id: OnCallSchedule.ID, _ visit: Visit) async throws -> CalendarFeed {
        let token = try await site.services.administration.calendars.token(of: id, by: visit.caller)
        return CalendarFeed(
            url: token.map { site.calendarURL($0) }, action: Links.schedule(id) + "/calendar",
            mayRotate: visit.mayConfigure)
    }

    @Sendable private func rotateCalendar(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: OnCallSchedule.ID = try visit.id()
        return try await site.act(
            back: Links.schedule(id) + "#calendar", done: "The calendar has a new address; an older one leads nowhere."
        ) {
            _ = try await site.services.administration.calendars.rotate(id, by: visit.caller)
        }
    }

    // MARK: - Deletion

    @Sendable private func askDeletion(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        return site.ask(deletion(of: try await schedules.find(visit.id(), by: visit.caller)), context)
    }

    @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let record = try await schedules.find(visit.id(), by: visit.caller)
        return try await site.delete(
            deletion(of: record), visit, back: Links.schedules,
            done: "The on-call schedule “\(record.name)” was deleted."
        ) { try await schedules.delete(record.id, by: visit.caller) }
    }

    private func deletion(of record: ScheduleRecord) -> Deletion {
        Deletion(
            section: .schedules, crumbs: Self.crumbs(record),
            heading: "Delete “\(record.name)”?",
            consequence: "Its past is gone with it, and its calendar. This cannot be undone.", name: record.name,
            page: Links.schedule(record.id))
    }

    static func crumbs(_ record: ScheduleRecord? = nil) -> [Frame.Crumb] {
        let list = Frame.Crumb(label: "On-call schedules", link: Links.schedules)
        return [list] + (record.map { [Frame.Crumb(label: $0.name, link: Links.schedule($0.id))] } ?? [])
    }

    static func words(_ origin: Shift.Origin, _ duties: Duties) -> String {
        switch origin {
        case .override: return "Override"
        case .entered: return "Shift"
        case .layer(let index):
            guard case .recurring(let layers) = duties, layers.indices.contains(index), !layers[index].name.isEmpty
            else {
                return "Layer \(index + 1)"
            }
            return layers[index].name
        }
    }
}

extension Site {
    func calendarURL(_ token: String) -> String { "\(services.settings.publicURL)/calendar/\(token).ics" }
}

extension AskedSchedule {
    /// When nobody will be on call in the next 30 days.
    var comingGaps: CoverageGaps { CoverageLoop.gaps(of: calculator, at: now) }
}

extension SchedulePage {
    private static let mostGaps = 8
    private static let mostShifts = 120

    fileprivate init(
        _ asked: AskedSchedule, head: ScheduleHead, view: ScheduleView, shifts: [Shift], offers: [OfferRecord],
        people: ShiftPeople, facts: ScheduleFacts, feed: CalendarFeed, reach: [ReachablePerson], visit: Visit,
        frame: Frame
    ) {
        let (record, zone) = (asked.record, view.zone)
        self.frame = frame
        self.head = head
        self.facts = facts
        self.feed = feed
        self.people = reach
        hasPeople = !reach.isEmpty
        name = record.name
        link = Links.schedule(record.id)
        mayConfigure = visit.mayConfigure
        isCovered = asked.currentShift != nil
        now =
            asked.currentShift.map { shift in
                "\(people.name(shift.user)) is on call until \(SpanWords.moment(shift.end, in: zone))."
            } ?? "Nobody is on call now."
        next = asked.nextShift.map { shift in
            "Next: \(people.name(shift.user)), from \(SpanWords.moment(shift.start, in: zone))."
        }
        timeline = TimelineDrawing.timeline(
            asked.calculator, duties: record.duties, showsGaps: record.showsGaps, view: view, people: people,
            now: asked.now, label: "\(record.name), \(view.title)"
        ) { Links.shift($0, of: record.id) }
        let coming = asked.comingGaps
        let all = record.showsGaps ? coming.gaps : []
        gaps = all.prefix(Self.mostGaps).map { SpanWords.text($0, in: zone, horizon: coming.horizon) }
        hasGaps = !all.isEmpty
        moreGaps = all.count > Self.mostGaps ? "and \(all.count - Self.mostGaps) more" : nil
        self.shifts = shifts.prefix(Self.mostShifts).map { shift in
            Row(
                person: people.name(shift.user), style: people.style(shift.user),
                time: SpanWords.text(shift.span, in: zone), startISO: shift.start.iso8601,
                link: Links.shift(shift.start, of: record.id), origin: SchedulePages.words(shift.origin, record.duties))
        }
        hasShifts = !shifts.isEmpty
        moreShifts = shifts.count > Self.mostShifts ? "and \(shifts.count - Self.mostShifts) more" : nil
        overrides = asked.overrides.sorted { ($0.span.start, $0.id) < ($1.span.start, $1.id) }.map { override in
            Override(
                person: people.name(override.user), time: SpanWords.text(override.span, in: zone),
                endLink: visit.mayAnswer ? "\(Links.schedule(record.id))/overrides/\(override.id)/end" : nil)
        }
        hasOverrides = !asked.overrides.isEmpty
        self.offers = offers.map { Offer($0, record, zone: zone, people: people, visit: visit) }
        hasOffers = !offers.isEmpty
    }
}

extension Offer {
    init(_ offer: OfferRecord, _ record: ScheduleRecord, zone: ZoneTable, people: ShiftPeople, visit: Visit) {
        let link = "\(Links.schedule(record.id))/offers/\(offer.id)"
        let isOwn = offer.user == visit.caller.user
        person = people.name(offer.user)
        time = SpanWords.text(offer.span, in: zone)
        schedule = record.name
        scheduleLink = Links.schedule(record.id)
        note = offer.note.isEmpty ? nil : offer.note
        takeLink = visit.mayAnswer && !isOwn ? "\(link)/take" : nil
        withdrawLink = isOwn || visit.mayConfigure ? "\(link)/withdraw" : nil
    }
}
