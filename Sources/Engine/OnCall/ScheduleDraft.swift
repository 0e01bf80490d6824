public import Alerting
public import Storage

/// An on-call schedule as somebody wants it to be; times and durations as they were written.
public struct ScheduleDraft: Equatable, Sendable {
    public struct Layer: Equatable, Sendable {
        public var name: String
        public var startsOn: String
        public var endsOn: String?
        public var users: [User.ID]
        public var rotation: String
        public var restrictionType: String?
        public var restrictions: [Restriction]

        public init(
            name: String = "", startsOn: String, endsOn: String? = nil, users: [User.ID], rotation: String,
            restrictionType: String? = nil, restrictions: [Restriction] = []
        ) {
            self.name = name
            self.startsOn = startsOn
            self.endsOn = endsOn
            self.users = users
            self.rotation = rotation
            self.restrictionType = restrictionType
            self.restrictions = restrictions
        }
    }

    /// Days such as `MONDAY`, times such as `09:00`.
    public struct Restriction: Equatable, Sendable {
        public var fromDay: String?
        public var fromTime: String
        public var toDay: String?
        public var toTime: String

        public init(fromDay: String? = nil, fromTime: String, toDay: String? = nil, toTime: String) {
            self.fromDay = fromDay
            self.fromTime = fromTime
            self.toDay = toDay
            self.toTime = toTime
        }
    }

    public struct Shift: Equatable, Sendable {
        public var user: User.ID
        public var start: String
        public var end: String

        public init(user: User.ID, start: String, end: String) {
            self.user = user
            self.start = start
            self.end = end
        }
    }

    public var name: String
    public var kind: OnCallSchedule.Kind
    public var timeZone: String
    /// Of a recurring schedule.
    public var layers: [Layer]
    /// Of a static schedule.
    public var shifts: [Shift]
    public var showsGaps: Bool
    public var defaultShiftDuration: String?
    /// `nil`: as they are, none on creation.
    public var teams: [Team.ID]?
    /// `nil`: as it is, whoever creates it.
    public var owner: User.ID?

    public init(
        name: String, kind: OnCallSchedule.Kind = .recurring, timeZone: String, layers: [Layer] = [],
        shifts: [Shift] = [], showsGaps: Bool = true, defaultShiftDuration: String? = nil, teams: [Team.ID]? = nil,
        owner: User.ID? = nil
    ) {
        self.name = name
        self.kind = kind
        self.timeZone = timeZone
        self.layers = layers
        self.shifts = shifts
        self.showsGaps = showsGaps
        self.defaultShiftDuration = defaultShiftDuration
        self.teams = teams
        self.owner = owner
    }

    /// The schedule as it is, to change a part of it.
    public init(_ record: ScheduleRecord) {
        self.init(
            name: record.name, kind: record.kind, timeZone: record.timeZone, showsGaps: record.showsGaps,
            defaultShiftDuration: record.defaultShiftDuration, teams: record.teams, owner: record.owner)
        switch record.duties {
        case .recurring(let layers): self.layers = layers.map(Layer.init)
        case .entered(let shifts):
            self.shifts = shifts.map { Shift(user: $0.user, start: $0.start.text, end: $0.end.text) }
        }
    }

    /// Everybody who is named.
    var users: [(field: String, user: User.ID)] {
        switch kind {
        case .recurring:
            layers.enumerated().flatMap { index, layer in
                layer.users.map { ("scheduleLayers[\(index)].users", $0) }
            }
        case .static:
            shifts.enumerated().map { ("shifts[\($0)].user", $1.user) }
        }
    }
}

extension ScheduleDraft.Layer {
    public init(_ layer: ScheduleLayer) {
        self.init(
            name: layer.name, startsOn: layer.startsOn.text, endsOn: layer.endsOn?.text, users: layer.users,
            rotation: layer.rotation.text, restrictionType: layer.hours?.kind.rawValue,
            restrictions: (layer.hours?.spans ?? []).map { span in
                .init(
                    fromDay: span.from.day?.rawValue.uppercased(), fromTime: span.from.timeText,
                    toDay: span.to.day?.rawValue.uppercased(), toTime: span.to.timeText)
            })
    }
}

extension DutyHours.Edge {
    /// Such as `09:00`.
    public var timeText: String {
        let (hour, minute) = (minute / 60, minute % 60)
        return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }
}
