/// Who is on call when: layers of people who take turns, or shifts as somebody entered them, and overrides above both.
public struct OnCallSchedule: Equatable, Sendable {
    public typealias ID = Identifier<OnCallSchedule>

    public enum Kind: String, CaseIterable, Sendable {
        case recurring, `static`
    }

    /// What the schedule said from when on, oldest first. An edit adds one and leaves the past as it was.
    public var revisions: [ScheduleRevision]
    /// Oldest first: a newer one wins over an older one.
    public var overrides: [ScheduleOverride]

    public init(revisions: [ScheduleRevision], overrides: [ScheduleOverride] = []) {
        self.revisions = revisions
        self.overrides = overrides
    }
}

/// A schedule as it is between two edits.
public struct ScheduleRevision: Equatable, Sendable {
    /// `nil`: always has been.
    public var effectiveFrom: Timestamp?
    public var zone: ZoneTable
    public var duties: Duties

    public init(effectiveFrom: Timestamp? = nil, zone: ZoneTable, duties: Duties) {
        self.effectiveFrom = effectiveFrom
        self.zone = zone
        self.duties = duties
    }
}

public enum Duties: Equatable, Sendable {
    /// A later layer wins where it has someone.
    case recurring([ScheduleLayer])
    case entered([EnteredShift])
}

/// People who take turns.
public struct ScheduleLayer: Equatable, Sendable {
    public var name: String
    public var startsOn: LocalTime
    public var endsOn: LocalTime?
    /// In the order of their turns; somebody may come several times.
    public var users: [User.ID]
    public var rotation: Rotation
    /// `nil`: always.
    public var hours: DutyHours?
    /// How many turns the order is ahead, so that an edit does not hand over by itself.
    public var phase: Int

    public init(
        name: String, startsOn: LocalTime, endsOn: LocalTime? = nil, users: [User.ID], rotation: Rotation,
        hours: DutyHours? = nil, phase: Int = 0
    ) {
        self.name = name
        self.startsOn = startsOn
        self.endsOn = endsOn
        self.users = users
        self.rotation = rotation
        self.hours = hours
        self.phase = phase
    }
}

/// A shift of a static schedule.
public struct EnteredShift: Equatable, Sendable {
    public var user: User.ID
    public var start: LocalTime
    public var end: LocalTime

    public init(user: User.ID, start: LocalTime, end: LocalTime) {
        self.user = user
        self.start = start
        self.end = end
    }
}

/// Somebody takes over for a while, whatever the schedule says.
public struct ScheduleOverride: Equatable, Sendable {
    public typealias ID = Identifier<ScheduleOverride>

    public var id: ID
    public var user: User.ID
    public var span: TimeSpan

    public init(id: ID, user: User.ID, span: TimeSpan) {
        self.id = id
        self.user = user
        self.span = span
    }
}
