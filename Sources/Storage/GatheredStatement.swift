/// What every event writes, in the order in which it has to be written: no row before one that it refers to, and of one
/// table's row what happens first before what happens later.
public enum GatheredRows: Int, CaseIterable, Sendable {
    case alerts, appends, ends
    case keys
    case timeline
    case timers, endedTimers
    case events

    /// As it stands in statements.
    public var table: String {
        switch self {
        case .alerts, .appends, .ends: "alerts"
        case .keys: "alert_keys"
        case .timeline: "timeline"
        case .timers, .endedTimers: "timers"
        case .events: "events"
        }
    }
}

/// A change of one row, of which a remote database may be sent many at once.
public final class GatheredStatement: Sendable {
    /// What becomes of rows that are alike in some parameters.
    public enum Repeats: Sendable {
        /// They are none of each other's business.
        case together
        /// They become one, which keeps what the first says but for these parameters.
        case merged(by: [String], [String: Merging])
        /// They are counted: the parameter `as`, which is 1, is 2 of the second, and so on.
        case numbered(by: [String], as: String)
    }

    /// How a parameter of two rows becomes one.
    public enum Merging: Sendable {
        case sum
        /// The later one's.
        case last
        /// The later one's that is not `NULL`.
        case lastGiven
        /// The greater number of those that are not `NULL`.
        case greatest
    }

    public let rows: GatheredRows
    /// Of one row, written at once.
    public let alone: String
    /// Of as many rows as there are, in the place of the one behind the word `VALUES`; nothing around it holds
    /// parameters. PostgreSQL takes one that is `NULL` in every row for a text unless it is cast or inserted.
    public let together: String
    /// The parameter that says which row of the table is changed, where statements of several kinds change it.
    public let subject: String?
    public let repeats: Repeats

    /// - Parameter together: `nil`: an `INSERT … VALUES (…)` of one row does for many.
    public init(
        _ rows: GatheredRows, _ alone: String, together: String? = nil, subject: String? = nil,
        repeats: Repeats = .together
    ) {
        self.rows = rows
        self.alone = alone
        self.together = together ?? alone
        self.subject = subject
        self.repeats = repeats
    }
}
