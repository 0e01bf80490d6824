public import Alerting
public import Storage

/// Offering a shift of one's own, and taking somebody else's.
extension ScheduleAdministration {
    private static let mostPeople = 200

    /// Those that are open and not over, by start.
    public func offers(of id: OnCallSchedule.ID, by caller: Caller) async throws -> [OfferRecord] {
        let now = clock.now
        return try await configuration.read { transaction in
            _ = try Self.find(id, by: caller, in: transaction)
            return try ShiftOffers.open(of: id, at: now, in: transaction)
        }
    }

    /// Asks the others on the schedule, by mail, to take a part of the caller's own duty. Until somebody does, the
    /// caller stays on call.
    ///
    /// - Throws: `Failure.invalid` when the caller is not on call in all of `span`; `Failure.conflict` when a part is
    ///   offered already.
    @discardableResult
    public func offer(
        _ span: TimeSpan, of id: OnCallSchedule.ID, note: String = "", by caller: Caller
    ) async throws -> OfferRecord {
        try caller.require(.responder, to: "offer shifts")
        return try await configuration.change { change in
            let schedule = try Self.find(id, by: caller, in: change.transaction)
            let span = TimeSpan(start: max(span.start, change.now), end: span.end)
            guard !span.isEmpty else { throw Failure.invalid("end", "must be after the start, and in the future.") }
            guard span.length <= Limits.shiftRange else {
                throw Failure.invalid("end", "may be at most two years after the start.")
            }
            let calculator = try OnCallDuty.calculator(id, since: span.start, in: change.transaction)
            guard Self.isOnDuty(caller.user, in: span, calculator) else {
                throw Failure.invalid("start", "you are not on call in all of that time.")
            }
            let open = try ShiftOffers.open(of: id, at: change.now, in: change.transaction)
            guard !open.contains(where: { $0.user == caller.user && $0.span.overlaps(span) }) else {
                throw Failure(.conflict, "You have offered a part of that time already.")
            }
            guard open.count < Limits.shiftOffers else {
                throw Failure(.conflict, "There are \(Limits.shiftOffers) open offers on this schedule already.")
            }
            let offer = OfferRecord(
                id: try change.newID(), schedule: id, user: caller.user, span: span,
                note: try FieldRules.words(note, "note", limit: Limits.name), createdAt: change.now)
            try ShiftOffers.insert(offer, in: change.transaction)
            try Self.tell(offer, of: schedule, by: caller, in: change)
            try Self.audit("on_call_schedule.shift_offered", schedule, by: caller, in: change)
            return (offer, .schedule(id))
        }
    }

    /// The caller takes over for what is left of an offered shift, by an override.
    ///
    /// - Throws: `Failure.conflict` when it is taken, withdrawn or over, or no longer the other's to give.
    public func take(_ id: OfferRecord.ID, by caller: Caller) async throws {
        try caller.require(.responder, to: "take shifts")
        try await configuration.change(conflict: Self.lateSentence) { change in
            let offer = try Self.find(id, by: caller, in: change.transaction)
            let schedule = try Self.find(offer.schedule, by: caller, in: change.transaction)
            let span = TimeSpan(start: max(offer.span.start, change.now), end: offer.span.end)
            guard !span.isEmpty else { throw Failure(.conflict, "The shift is over.") }
            guard offer.user != caller.user else {
                throw Failure(.conflict, "It is your own shift; withdraw the offer.")
            }
            let calculator = try OnCallDuty.calculator(schedule.id, since: span.start, in: change.transaction)
            guard Self.isOnDuty(offer.user, in: span, calculator) else {
                throw Failure(.conflict, "Somebody else is on call in a part of that time by now.")
            }
            guard try ShiftOffers.close(id, .taken, by: caller.user, in: change.transaction) else {
                throw Failure(.conflict, Self.lateSentence)
            }
            try Self.override(span, on: schedule, to: caller.user, by: caller, in: change)
            try Self.audit("on_call_schedule.shift_taken", schedule, by: caller, in: change)
            if let giver = try Users.find(offer.user, in: change.transaction) {
                let words = SpanWords.text(span, in: ZoneTables.known(schedule.timeZone))
                try change.notify(
                    giver.email, account: schedule.account,
                    subject: "[On call] \(caller.name) takes your shift: \(schedule.name)",
                    body: "\(caller.name) is on call for \(schedule.name) in your place:\n\(words) "
                        + "(\(schedule.timeZone))")
            }
            return ((), .schedule(schedule.id))
        }
    }

    /// Takes an offer back; its own person may, and whoever may change schedules.
    public func withdraw(_ id: OfferRecord.ID, by caller: Caller) async throws {
        try await configuration.change(conflict: Self.lateSentence) { change in
            let offer = try Self.find(id, by: caller, in: change.transaction)
            if offer.user != caller.user { try caller.require(.user, to: "withdraw offers of others") }
            guard try ShiftOffers.close(id, .withdrawn, by: nil, in: change.transaction) else {
                throw Failure(.conflict, Self.lateSentence)
            }
            let schedule = try Self.find(offer.schedule, by: caller, in: change.transaction)
            try Self.audit("on_call_schedule.offer_withdrawn", schedule, by: caller, in: change)
            return ((), .schedule(schedule.id))
        }
    }

    // MARK: - Inside

    private static let lateSentence = "Somebody was first: the offer is taken or withdrawn."

    private static func find(
        _ id: OfferRecord.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> OfferRecord {
        guard let offer = try ShiftOffers.find(id, in: transaction) else {
            throw Failure(.notFound, "There is no such offer.")
        }
        _ = try find(offer.schedule, by: caller, in: transaction)
        return offer
    }

    private static func isOnDuty(_ user: User.ID, in span: TimeSpan, _ calculator: OnCallCalculator) -> Bool {
        calculator.gaps(in: span).isEmpty && calculator.shifts(in: span).allSatisfy { $0.user == user }
    }

    private static func override(
        _ span: TimeSpan, on schedule: ScheduleRecord, to user: User.ID, by caller: Caller, in change: Change
    ) throws {
        let zone = ZoneTables.known(schedule.timeZone)
        let override = OverrideRecord(
            id: try change.newID(), schedule: schedule.id, user: user, startText: zone.localTime(at: span.start).text,
            endText: zone.localTime(at: span.end).text, span: span, createdBy: caller.user, createdAt: change.now)
        try requireRoom(on: schedule.id, in: change)
        try ScheduleHistory.insert(override, in: change.transaction)
    }

    private static func tell(
        _ offer: OfferRecord, of schedule: ScheduleRecord, by caller: Caller, in change: Change
    ) throws {
        let words = SpanWords.text(offer.span, in: ZoneTables.known(schedule.timeZone))
        let note = offer.note.isEmpty ? "" : "\n\n“\(offer.note)”"
        let people = schedule.duties.users.subtracting([caller.user]).sorted().prefix(mostPeople)
        for id in people {
            guard let user = try Users.find(id, in: change.transaction) else { continue }
            try change.notify(
                user.email, account: schedule.account,
                subject: "[On call] \(caller.name) offers a shift: \(schedule.name)",
                body: "\(caller.name) asks whether somebody takes this shift of \(schedule.name):\n\(words) "
                    + "(\(schedule.timeZone))\(note)\n\nTake it on the schedule's page. Until somebody does, "
                    + "\(caller.name) is on call.")
        }
    }
}

extension Duties {
    /// Everybody who is named.
    public var users: Set<User.ID> {
        switch self {
        case .recurring(let layers): Set(layers.flatMap(\.users))
        case .entered(let shifts): Set(shifts.map(\.user))
        }
    }
}
