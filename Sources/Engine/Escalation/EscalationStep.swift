import Alerting
import Storage

extension EscalationLoop {
    /// What each timer brings about, in the transaction that takes it.
    struct Step {
        let change: Change
        private let commits: CommitTimes
        private let links: ActionLinks
        /// Shared by all timers of the transaction.
        private let lookup: LevelLookup

        init(change: Change, commits: CommitTimes, links: ActionLinks) {
            self.change = change
            self.commits = commits
            self.links = links
            lookup = LevelLookup(change: change, channels: change.channels)
        }

        /// Takes a timer and acts on it.
        ///
        /// - Returns: `nil`: it was taken already, or is not set any more.
        func take(_ timer: AlertTimer) throws -> Line? {
            guard try Timers.claim(timer, in: change.transaction) else { return nil }
            return try act(on: timer, Alerts.find(timer.alert, in: change.transaction))
        }

        /// - Parameter record: `nil`: the alert is gone.
        func act(on timer: AlertTimer, _ record: AlertRecord?) throws -> Line {
            var line = Line(alert: timer.alert, lag: change.now - timer.due, actions: [])
            guard let record, record.alert.isOpen else { return line }
            switch timer.kind {
            case .autoResolution:
                _ = try change.resolve(timer.alert, by: .system, reason: Change.timedOut)
            case .escalation:
                let walk = EscalationWalk(
                    change: change, channels: change.channels, intended: timer.due,
                    committedAt: record.committedAt == nil ? commits.time(of: timer.alert) : nil, lookup: lookup)
                line.actions = try walk.tick(record)
            case .storm: try change.lookAtStorm(record)
            case .acceptTimeout:
                try change.askAccepter(record, link: links.alert(timer.alert))
                line.hasNotice = true
            case .acceptAnswer: try change.takeBackAcceptance(record)
            case .supportHours: try change.lookAtSupportHours(record)
            case .snooze:
                try change.endSnooze(of: record, reason: nil)
            }
            line.channels = change.queuedChannels
            return line
        }
    }
}
