import Alerting
import Engine
import Storage

/// The form of a new or an old schedule, with what saving it would do.
struct ScheduleEditPage: HTMLPage {
    static let template = "schedule-edit"
    let frame: Frame
    let heading: String
    let problem: String?
    let action: String
    let cancelLink: String
    let isNew: Bool
    let kind: String
    let otherKindLink: String
    let isRecurring: Bool
    let name: String
    let zones: [Choice]
    let owners: [Choice]
    let warns: Bool
    let teams: [Choice]
    let hasTeams: Bool
    let layerCount: String
    let layers: [Layer]
    let isFull: Bool
    let shiftCount: String
    let shifts: [EnteredRow]
    let areShiftsTooMany: Bool
    let mostShifts: String
    let mayAddShifts: Bool
    let ranges: [Choice]
    let preview: Preview?

    struct Layer {
        let index: String
        let number: String
        let name: String
        let start: String
        let end: String
        let every: String
        let units: [Choice]
        let users: [Member]
        let hasUsers: Bool
        let people: [Choice]
        let hours: String
        let spanCount: String
        let spans: [Hours]
        let hasSpans: Bool
        let mayBeDaily: Bool
        let mayBeWeekly: Bool
        let isFirst: Bool
        let isLast: Bool
        let isOnly: Bool
        let isChanged: Bool
    }

    struct Member {
        let place: String
        let value: String
        let label: String
        let isFirst: Bool
    }

    struct Hours {
        let place: String
        let isDaily: Bool
        let fromDays: [Choice]
        let from: String
        let toDays: [Choice]
        let to: String
    }

    struct EnteredRow {
        let row: String
        let number: String
        let people: [Choice]
        let start: String
        let end: String
    }

    /// What saving would do.
    struct Preview {
        let before: ScheduleTimeline?
        let after: ScheduleTimeline
        let title: String
        let changes: [String]
        let hasChanges: Bool
        let isUnchanged: Bool
        let moreChanges: String?
        let gaps: [String]
        let hasGaps: Bool
        let moreGaps: String?
    }
}

extension ScheduleEditPage {
    private static let weekdays = Weekday.allCases.map { $0.rawValue.uppercased() }

    init(
        _ form: ScheduleForm, of record: ScheduleRecord?, users: [UserRecord], teams: [TeamRecord], range: String,
        preview: Preview?, problem: String?, frame: Frame
    ) {
        self.frame = frame
        self.problem = problem
        self.preview = preview
        isNew = record == nil
        heading = record == nil ? "Create on-call schedule" : "Edit on-call schedule"
        action = record.map { Links.schedule($0.id) + "/edit" } ?? Links.newSchedule
        cancelLink = record.map { Links.schedule($0.id) } ?? Links.schedules
        kind = form.kind.rawValue
        isRecurring = form.kind == .recurring
        otherKindLink = Links.newSchedule + "?kind=" + (form.kind == .recurring ? "static" : "recurring")
        name = form.name
        zones = TimeZones.choices(form.zone)
        owners =
            [Choice("", "Nobody", isChosen: form.owner.isEmpty)]
            + users.map { Choice("\($0.id)", $0.fullName, isChosen: "\($0.id)" == form.owner) }
        warns = form.warns
        self.teams = teams.map { Choice("\($0.id)", $0.name, isChosen: form.teams.contains($0.id)) }
        hasTeams = !teams.isEmpty
        layerCount = "\(form.layers.count)"
        layers = form.layers.indices.map { Layer(form, $0, users) }
        isFull = form.layers.count >= Limits.scheduleLayers
        areShiftsTooMany = form.shifts.count > ScheduleForm.mostShifts
        shiftCount = "\(form.shifts.count)"
        shifts = form.shifts.enumerated().map { row, shift in
            EnteredRow(
                row: "\(row)", number: "\(row + 1)", people: Self.people(users, chosen: shift.user),
                start: String(shift.start.prefix(16)), end: String(shift.end.prefix(16)))
        }
        mostShifts = "\(ScheduleForm.mostShifts)"
        mayAddShifts = form.shifts.count < ScheduleForm.mostShifts
        ranges = ScheduleView.Range.allCases.map { known in
            let isChosen = ScheduleView.Range(rawValue: range) ?? .fortnight == known
            return Choice(known.rawValue, known.words, isChosen: isChosen)
        }
    }

    fileprivate static func people(_ users: [UserRecord], chosen: String) -> [Choice] {
        var choices = users.filter { $0.role >= .responder || "\($0.id)" == chosen }.map {
            Choice("\($0.id)", $0.fullName, isChosen: "\($0.id)" == chosen)
        }
        if !chosen.isEmpty, !choices.contains(where: \.isChosen) {
            choices.append(Choice(chosen, "A deleted user", isChosen: true))
        }
        return choices
    }

    fileprivate static func days(_ chosen: String) -> [Choice] {
        weekdays.map { day in
            Choice(day, "\(day.prefix(1))\(day.dropFirst().lowercased())", isChosen: day == chosen.uppercased())
        }
    }
}

extension ScheduleEditPage.Layer {
    fileprivate init(_ form: ScheduleForm, _ index: Int, _ people: [UserRecord]) {
        let layer = form.layers[index]
        self.index = "\(index)"
        number = "\(index + 1)"
        name = layer.name
        start = String(layer.start.prefix(16))
        end = String(layer.end.prefix(16))
        every = layer.every
        units = ScheduleForm.Unit.allCases.map { Choice($0.rawValue, $0.words, isChosen: $0 == layer.unit) }
        users = layer.users.enumerated().map { place, user in
            let name = people.first { $0.id == user }?.fullName ?? "A deleted user"
            return .init(place: "\(place)", value: "\(user)", label: name, isFirst: place == 0)
        }
        hasUsers = !layer.users.isEmpty
        self.people = ScheduleEditPage.people(people, chosen: "")
        hours = layer.hours
        spanCount = "\(layer.spans.count)"
        spans = layer.spans.enumerated().map { place, span in
            .init(
                place: "\(place)", isDaily: layer.isDaily, fromDays: ScheduleEditPage.days(span.fromDay),
                from: span.from, toDays: ScheduleEditPage.days(span.toDay), to: span.to)
        }
        hasSpans = !layer.spans.isEmpty
        mayBeDaily = layer.spans.isEmpty || layer.isDaily
        mayBeWeekly = layer.spans.isEmpty || !layer.isDaily
        isFirst = index == 0
        isLast = index == form.layers.count - 1
        isOnly = form.layers.count == 1
        isChanged = index == form.changed
    }
}

extension ScheduleEditPage.Preview {
    private static let mostLines = 12

    init(_ preview: SchedulePreview, view: ScheduleView, people: ShiftPeople, showsGaps: Bool) {
        let draw = { (calculator: OnCallCalculator, label: String) in
            TimelineDrawing.timeline(
                calculator, duties: preview.duties, showsGaps: showsGaps, view: view, people: people,
                now: preview.now, label: label)
        }
        title = view.title
        before = preview.before.map { draw($0, "As it is now, \(view.title)") }
        after = draw(preview.after, "As it would be, \(view.title)")
        let all = preview.changes
        changes = all.prefix(Self.mostLines).map { change in
            "\(SpanWords.text(change.span, in: preview.zone, horizon: preview.now + SchedulePreview.ahead)): "
                + "\(people.name(change.after)) instead of \(people.name(change.before))"
        }
        hasChanges = !all.isEmpty
        isUnchanged = preview.before != nil && all.isEmpty
        moreChanges = all.count > Self.mostLines ? "and \(all.count - Self.mostLines) more" : nil
        let coming = CoverageLoop.gaps(of: preview.after, at: preview.now)
        let open = coming.gaps
        gaps = open.prefix(Self.mostLines).map { SpanWords.text($0, in: preview.zone, horizon: coming.horizon) }
        hasGaps = !open.isEmpty
        moreGaps = open.count > Self.mostLines ? "and \(open.count - Self.mostLines) more" : nil
    }
}
