/// How urgent an alert source says that its alerts are.
public enum PriorityRule: String, Sendable, CaseIterable {
    case high, low
    case highDuringSupportHours = "high_during_support_hours"
    case lowDuringSupportHours = "low_during_support_hours"

    /// - Parameter isSupported: whether the source's support hours are on; `nil` when it has none. Without hours to go
    ///   by an alert is urgent: a page too many is better than one too few.
    public func priority(isSupported: Bool?) -> (Priority, PriorityStep) {
        switch (self, isSupported) {
        case (.high, _): (.high, .rule)
        case (.low, _): (.low, .rule)
        case (.highDuringSupportHours, nil), (.lowDuringSupportHours, nil): (.high, .noSupportHours)
        case (.highDuringSupportHours, .some(let isOn)):
            (isOn ? .high : .low, isOn ? .duringSupportHours : .outsideSupportHours)
        case (.lowDuringSupportHours, .some(let isOn)):
            (isOn ? .low : .high, isOn ? .duringSupportHours : .outsideSupportHours)
        }
    }

    /// The next instant at which support hours, by beginning or ending, make alerts urgent; `nil`: never.
    public func nextRaise(after now: Timestamp, _ hours: SupportHours) -> Timestamp? {
        guard followsSupportHours, let first = hours.nextChange(after: now) else { return nil }
        if priority(isSupported: hours.isDuring(first)).0 == .high { return first }
        return hours.nextChange(after: first)
    }

    public var followsSupportHours: Bool {
        switch self {
        case .high, .low: false
        case .highDuringSupportHours, .lowDuringSupportHours: true
        }
    }
}
