import Alerting

/// What the lines of one alert's timeline say about its way up the policy, and whether that can be.
struct TimelineOrder {
    let alert: Alert
    let lines: [TimelineEntry]

    /// A sentence for everything that cannot be.
    var faults: [String] { order + pace + silentLevels }

    /// Levels are entered or skipped one after the other; only what starts the paging anew goes back to the first.
    private var order: [String] {
        var last: Int?
        var found: [String] = []
        for line in lines {
            if Self.restarts.contains(line.kind) { last = nil }
            guard line.kind == .levelEntered || line.kind == .levelSkipped, let level = line.level else { continue }
            if level != 0, level != (last ?? -1) + 1 {
                let before = last.map { "level \($0 + 1)" } ?? "nothing"
                found.append("Alert \(alert.id) went from \(before) to level \(level + 1).")
            }
            last = level
        }
        return found
    }

    /// Whoever was called has the level's whole time to accept, unless a person goes on before.
    private var pace: [String] {
        var last: TimelineEntry?
        var found: [String] = []
        for line in lines {
            if Self.restarts.contains(line.kind) || Self.hurries.contains(line.kind) { last = nil }
            guard line.kind == .levelEntered, let level = line.level else { continue }
            if let last, let before = last.level, level == before + 1 || level == 0,
                let timeout = timeout(of: before), line.at - last.at < timeout
            {
                found.append("Alert \(alert.id) left level \(before + 1) after \(line.at - last.at), not \(timeout).")
            }
            last = line
        }
        return found
    }

    /// A level that was entered has queued a message, or says that one waits already.
    private var silentLevels: [String] {
        lines.indices.compactMap { index in
            let line = lines[index]
            guard line.kind == .levelEntered else { return nil }
            let followers = lines[(index + 1)...].prefix { $0.at == line.at }
            let isTold = followers.contains {
                $0.level == line.level && ($0.kind == .messageQueued || $0.kind == .messageCancelled)
            }
            return isTold ? nil : "Alert \(alert.id) entered level \((line.level ?? 0) + 1) and nobody was paged."
        }
    }

    /// `nil` once the alert has another policy than it had then.
    private func timeout(of level: Int) -> Duration? {
        let isReassigned = lines.contains { Self.reassignments.contains($0.kind) }
        guard !isReassigned, alert.escalation.policy.levels.indices.contains(level) else { return nil }
        return alert.escalation.policy.levels[level].timeout
    }

    private static let reassignments: Set<TimelineEntry.Kind> = [.policyAssigned, .userAssigned, .scheduleAssigned]
    private static let restarts: Set<TimelineEntry.Kind> = reassignments.union([.priorityRaised, .acceptanceTimedOut])
    /// After these the next level may come before the time of the last one is over.
    private static let hurries: Set<TimelineEntry.Kind> = [.escalatedByUser, .snoozed, .snoozeEnded]
}
