import Alerting
import Engine
import Storage

/// An on-call schedule as it is typed. The form travels whole with each button, so layers, people and hours are added,
/// moved and removed without scripts, and nothing is stored before Save.
struct ScheduleForm: Sendable {
    struct Layer: Sendable {
        var name = ""
        var start: String
        var end = ""
        /// How often it hands over: a number of `unit`, or a duration as it is written.
        var every: String
        var unit: Unit
        var users: [User.ID] = []
        /// The wire's word for when it has somebody on duty; empty: always.
        var hours = ""
        var spans: [Hours] = []
    }

    struct Hours: Sendable {
        var fromDay: String
        var from: String
        var toDay: String
        var to: String
    }

    struct EnteredRow: Sendable {
        var user: String
        var start: String
        var end: String
    }

    enum Unit: String, CaseIterable, Sendable {
        case hours, days, weeks, months, written

        var words: String {
            switch self {
            case .hours: "hours"
            case .days: "days"
            case .weeks: "weeks"
            case .months: "months"
            case .written: "as a duration, such as P1DT12H"
            }
        }
    }

    var name = ""
    var kind: OnCallSchedule.Kind
    var zone: String
    var owner: String
    var warns = true
    var teams: Set<Team.ID> = []
    var layers: [Layer] = []
    var shifts: [EnteredRow] = []
    /// The layer that the last button changed; 0-based.
    private(set) var changed: Int?

    /// Shifts that one form can carry.
    static let mostShifts = 300

    init(new kind: OnCallSchedule.Kind, for user: UserRecord, now: Timestamp) {
        self.kind = kind
        zone = user.timeZone
        owner = "\(user.id)"
        let start = Self.monday(user.timeZone, now)
        switch kind {
        case .recurring: layers = [Layer(start: start, every: "1", unit: .weeks, users: [user.id])]
        case .static: shifts = [EnteredRow(user: "\(user.id)", start: start, end: "")]
        }
    }

    /// - Parameter now: entered shifts that are over are not shown.
    init(_ record: ScheduleRecord, now: Timestamp) {
        let draft = ScheduleDraft(record)
        name = record.name
        kind = record.kind
        zone = record.timeZone
        owner = record.owner.map { "\($0)" } ?? ""
        warns = record.showsGaps
        teams = Set(record.teams)
        layers = draft.layers.map(Layer.init)
        let ended = draft.endedShifts(at: now)
        shifts = draft.shifts.filter { !ended.contains($0) }.map {
            EnteredRow(user: "\($0.user)", start: $0.start, end: $0.end)
        }
    }

    init(_ form: Form) {
        name = form["name"]
        kind = OnCallSchedule.Kind(rawValue: form["kind"]) ?? .recurring
        zone = form["zone"]
        owner = form["owner"]
        warns = form.has("warns")
        teams = Set(form.all("team").compactMap { Team.ID($0) })
        let count = min(max(0, Int(form["layers"]) ?? 0), Limits.scheduleLayers)
        layers = (0..<count).map { Layer(form, $0) }
        let rows = min(max(0, Int(form["shifts"]) ?? 0), Self.mostShifts)
        shifts = (0..<rows).map { row in
            EnteredRow(user: form["who-\(row)"], start: form["from-\(row)"], end: form["until-\(row)"])
        }
    }

    /// Next Monday, 09:00, or today if it is one.
    private static func monday(_ zoneName: String, _ now: Timestamp) -> String {
        guard let zone = ZoneTables.table(zoneName) else { return "" }
        let today = CalendarDay(number: zone.localTime(at: now).day)
        return (today + -today.weekday.index).text + "T09:00"
    }

    // MARK: - Buttons

    /// Does what a button other than Save and Preview says, such as `up-2` or `drop-0-1`.
    mutating func press(_ button: String) {
        let parts = button.split(separator: "-").map(String.init)
        let index = parts.count > 1 ? Int(parts[1]) ?? -1 : -1
        let place = parts.count > 2 ? Int(parts[2]) ?? -1 : -1
        switch parts.first {
        case "layer" where layers.count < Limits.scheduleLayers:
            let last = layers.last
            layers.append(Layer(start: last?.start ?? "", every: last?.every ?? "1", unit: last?.unit ?? .weeks))
            changed = layers.count - 1
        case "shift" where shifts.count < Self.mostShifts:
            let last = shifts.last
            shifts.append(EnteredRow(user: "", start: last?.end ?? "", end: ""))
        case "unshift" where shifts.indices.contains(index): shifts.remove(at: index)
        default:
            guard layers.indices.contains(index) else { return }
            changed = index
            pressInLayer(parts[0], index, place)
        }
    }

    private mutating func pressInLayer(_ button: String, _ index: Int, _ place: Int) {
        switch button {
        case "remove" where layers.count > 1:
            layers.remove(at: index)
            changed = max(0, index - 1)
        case "up" where index > 0:
            layers.swapAt(index, index - 1)
            changed = index - 1
        case "down" where index < layers.count - 1:
            layers.swapAt(index, index + 1)
            changed = index + 1
        case "leave" where layers[index].users.indices.contains(place): layers[index].users.remove(at: place)
        case "earlier" where layers[index].users.indices.contains(place) && place > 0:
            layers[index].users.swapAt(place, place - 1)
        case "daily": addHours(to: index, "TIME_OF_DAY")
        case "weekly": addHours(to: index, "TIMES_OF_WEEK")
        case "unspan" where layers[index].spans.indices.contains(place):
            layers[index].spans.remove(at: place)
            if layers[index].spans.isEmpty { layers[index].hours = "" }
        default: break
        }
    }

    private mutating func addHours(to index: Int, _ kind: String) {
        guard layers[index].spans.count < Limits.layerRestrictions else { return }
        if layers[index].hours.isEmpty { layers[index].hours = kind }
        layers[index].spans.append(Hours(fromDay: "MONDAY", from: "09:00", toDay: "FRIDAY", to: "17:00"))
    }

    // MARK: - To a draft

    /// - Parameter record: as it is now, with the shifts that are over.
    func draft(of record: ScheduleRecord?, now: Timestamp) throws(Failure) -> ScheduleDraft {
        var draft = ScheduleDraft(
            name: name, kind: kind, timeZone: zone, showsGaps: warns,
            defaultShiftDuration: record?.defaultShiftDuration, teams: teams.sorted(), owner: User.ID(owner))
        switch kind {
        case .recurring:
            for (index, layer) in layers.enumerated() { draft.layers.append(try layer.draft(number: index + 1)) }
        case .static:
            if let record { draft.shifts = ScheduleDraft(record).endedShifts(at: now) }
            for (row, shift) in shifts.enumerated() where !(shift.user + shift.start + shift.end).isEmpty {
                guard let user = User.ID(shift.user) else {
                    throw Failure(.invalid, "Shift \(row + 1): choose a person.")
                }
                guard !shift.start.isEmpty, !shift.end.isEmpty else {
                    throw Failure(.invalid, "Shift \(row + 1): enter when it begins and ends.")
                }
                draft.shifts.append(.init(user: user, start: shift.start, end: shift.end))
            }
        }
        return draft
    }
}

extension ScheduleForm.Layer {
    init(_ layer: ScheduleDraft.Layer) {
        let (every, unit) = Self.parts(of: layer.rotation)
        self.init(
            name: layer.name, start: layer.startsOn, end: layer.endsOn ?? "", every: every, unit: unit,
            users: layer.users, hours: layer.restrictions.isEmpty ? "" : layer.restrictionType ?? "TIMES_OF_WEEK",
            spans: layer.restrictions.map {
                .init(
                    fromDay: $0.fromDay ?? "MONDAY", from: $0.fromTime, toDay: $0.toDay ?? "MONDAY", to: $0.toTime)
            })
    }

    init(_ form: Form, _ index: Int) {
        let count = min(max(0, Int(form["spans-\(index)"]) ?? 0), Limits.layerRestrictions)
        let chosen = form.all("user-\(index)") + form.all("add-\(index)")
        self.init(
            name: form["name-\(index)"], start: form["start-\(index)"], end: form["end-\(index)"],
            every: form["every-\(index)"], unit: ScheduleForm.Unit(rawValue: form["unit-\(index)"]) ?? .days,
            users: chosen.prefix(Limits.layerUsers).compactMap { User.ID($0) }, hours: form["hours-\(index)"],
            spans: (0..<count).map { span in
                let place = "\(index)-\(span)"
                return .init(
                    fromDay: form["fromDay-\(place)"], from: form["fromTime-\(place)"],
                    toDay: form["toDay-\(place)"], to: form["toTime-\(place)"])
            })
    }

    var isDaily: Bool { DutyHours.Kind(rawValue: hours)?.isDaily ?? false }

    fileprivate func draft(number: Int) throws(Failure) -> ScheduleDraft.Layer {
        guard !users.isEmpty else { throw Failure(.invalid, "Layer \(number): choose at least one person.") }
        guard !start.isEmpty else { throw Failure(.invalid, "Layer \(number): enter when it begins.") }
        return ScheduleDraft.Layer(
            name: name, startsOn: start, endsOn: end.isEmpty ? nil : end, users: users,
            rotation: try rotation(number: number), restrictionType: spans.isEmpty ? nil : hours,
            restrictions: spans.map { span in
                .init(
                    fromDay: isDaily ? nil : span.fromDay, fromTime: String(span.from.prefix(5)),
                    toDay: isDaily ? nil : span.toDay, toTime: String(span.to.prefix(5)))
            })
    }

    private func rotation(number: Int) throws(Failure) -> String {
        guard unit != .written else { return every }
        guard let count = Int(every), (1...9000).contains(count) else {
            throw Failure(.invalid, "Layer \(number): enter after how many \(unit.words) it hands over.")
        }
        return switch unit {
        case .hours: "PT\(count)H"
        case .days, .written: "P\(count)D"
        case .weeks: "P\(count * 7)D"
        case .months: "P\(count)M"
        }
    }

    /// Such as `1` and `weeks` for `P7D`.
    private static func parts(of rotation: String) -> (String, ScheduleForm.Unit) {
        for unit in [ScheduleForm.Unit.weeks, .days, .hours, .months] {
            let (head, tail): (String, Character) =
                switch unit {
                case .hours: ("PT", "H")
                case .months: ("P", "M")
                case .weeks, .days, .written: ("P", "D")
                }
            guard rotation.hasPrefix(head), rotation.last == tail,
                let count = Int(rotation.dropFirst(head.count).dropLast())
            else { continue }
            if unit == .weeks {
                guard count % 7 == 0 else { continue }
                return ("\(count / 7)", .weeks)
            }
            return ("\(count)", unit)
        }
        return (rotation, .written)
    }
}
