/// What is kept of a check, judged.
public struct CheckReport: Equatable, Sendable {
    /// `nil`: it passed.
    public var reason: String?
    public var total: Duration
    public var phases: CheckAnswer.Phases
    public var status: Int?
    public var validUntil: Timestamp?
    public var screenshot: [UInt8]?

    public init(
        reason: String?, total: Duration, phases: CheckAnswer.Phases = .init(), status: Int? = nil,
        validUntil: Timestamp? = nil, screenshot: [UInt8]? = nil
    ) {
        self.reason = reason
        self.total = total
        self.phases = phases
        self.status = status
        self.validUntil = validUntil
        self.screenshot = screenshot
    }

    public var isPassing: Bool { reason == nil }
}

extension MonitorSubject {
    /// Judges what a check found that ended at `now`.
    public func report(on answer: CheckAnswer, at now: Timestamp) -> CheckReport {
        let verdict = verdict(on: answer, at: now)
        return CheckReport(
            reason: verdict.reason, total: answer.total, phases: answer.phases, status: answer.status,
            validUntil: answer.validUntil, screenshot: verdict.isPassing ? nil : answer.screenshot)
    }
}
