/// What an edit means for those who take turns: the past stays, and nobody is handed over by an edit that does not
/// concern them.
extension OnCallSchedule {
    /// The schedule with `duties` from `now` on.
    public func edited(_ duties: Duties, zone: ZoneTable, at now: Timestamp) -> OnCallSchedule {
        var schedule = self
        guard let last = revisions.last else {
            schedule.revisions = [ScheduleRevision(zone: zone, duties: duties)]
            return schedule
        }
        let kept = Self.keepingTurns(duties, of: last, zone: zone, at: now)
        guard kept != last.duties || zone != last.zone else { return self }
        schedule.revisions.append(ScheduleRevision(effectiveFrom: now, zone: zone, duties: kept))
        return schedule
    }

    /// The schedule without `user` from `now` on: the next one takes over at once, the others keep their order.
    public func removing(_ user: User.ID, at now: Timestamp) -> OnCallSchedule {
        guard let last = revisions.last else { return self }
        let duties: Duties
        switch last.duties {
        case .recurring(let layers):
            duties = .recurring(
                layers.map { layer in
                    var layer = layer
                    layer.users.removeAll { $0 == user }
                    return layer
                })
        case .entered(let shifts):
            duties = .entered(shifts.filter { $0.user != user })
        }
        var schedule = edited(duties, zone: last.zone, at: now)
        schedule.overrides = overrides.map { override in
            var override = override
            if override.user == user { override.span.end = max(override.span.start, min(override.span.end, now)) }
            return override
        }
        return schedule
    }

    private static func keepingTurns(
        _ duties: Duties, of last: ScheduleRevision, zone: ZoneTable, at now: Timestamp
    ) -> Duties {
        guard case .recurring(let layers) = duties, case .recurring(let old) = last.duties, zone == last.zone else {
            return duties
        }
        return .recurring(
            layers.enumerated().map { index, layer in
                guard old.indices.contains(index) else { return layer }
                var layer = layer
                layer.phase = phase(of: layer, after: old[index], zone: zone, at: now)
                return layer
            })
    }

    /// How far the order must be turned so that whoever is on turn stays, or the next of those who stay begins.
    private static func phase(
        of new: ScheduleLayer, after old: ScheduleLayer, zone: ZoneTable, at now: Timestamp
    ) -> Int {
        guard new.startsOn.seconds == old.startsOn.seconds, new.rotation == old.rotation, !new.users.isEmpty,
            !old.users.isEmpty
        else { return 0 }
        if new.users == old.users { return old.phase }
        guard zone.start(of: old.startsOn.seconds) <= now, let places = places(of: old.users, in: new.users) else {
            return 0
        }
        let turn = LayerTurns(old, index: 0, zone: zone).turn(at: now)
        let count = Int64(old.users.count)
        let active = Int((((turn + Int64(old.phase)) % count) + count) % count)
        for step in old.users.indices {
            guard let place = places[(active + step) % old.users.count] else { continue }
            let size = Int64(new.users.count)
            return Int((((Int64(place) - turn) % size) + size) % size)
        }
        return 0
    }

    /// Where each of `old` is in `new`, `nil` for those who are gone; `nil` as a whole when somebody changed places:
    /// then the order counts from the start, as it was written.
    private static func places(of old: [User.ID], in new: [User.ID]) -> [Int?]? {
        let difference = new.difference(from: old)
        var removed: [Int: User.ID] = [:]
        var inserted: [Int: User.ID] = [:]
        for change in difference {
            switch change {
            case .remove(let offset, let user, _): removed[offset] = user
            case .insert(let offset, let user, _): inserted[offset] = user
            }
        }
        guard Set(removed.values).isDisjoint(with: inserted.values) else { return nil }
        let kept = new.indices.filter { inserted[$0] == nil }
        var next = 0
        return old.indices.map { index in
            guard removed[index] == nil, next < kept.count else { return nil }
            defer { next += 1 }
            return kept[next]
        }
    }
}
