import Alerting
import Storage

/// Tells the people of a maintenance window's alert sources about it.
struct MaintenanceNotices {
    enum Moment {
        case creation, start, end
    }

    let change: Change
    private static let mostPeople = 200

    /// Queues a mail to each person whom an alert of the sources would page and to the members of the sources' teams,
    /// when the window says so.
    func tell(_ window: MaintenanceWindowRecord, at moment: Moment) throws {
        guard isWanted(window, moment) else { return }
        let sources = try window.sources.compactMap { try AlertSources.find($0, in: change.transaction) }
        let subject = "[Maintenance] \(window.summary): \(Self.words(moment))"
        let body = """
            \(window.summary) \(Self.words(moment)).

            From: \(Self.time(window.span.start, in: window.timeZone))
            Until: \(Self.time(window.span.end, in: window.timeZone)) (\(window.timeZone))
            Alert sources: \(sources.map(\.name).joined(separator: ", "))
            \(Self.words(window.span.mode))
            \(window.details.isEmpty ? "" : "\n" + window.details)
            """
        for user in try people(of: sources) {
            guard let record = try Users.find(user, in: change.transaction) else { continue }
            try change.notify(record.email, account: window.account, subject: subject, body: body)
        }
    }

    private func isWanted(_ window: MaintenanceWindowRecord, _ moment: Moment) -> Bool {
        switch moment {
        case .creation: window.notifications.atCreation
        case .start: window.notifications.atStart
        case .end: window.notifications.atEnd
        }
    }

    /// Each once, by id.
    private func people(of sources: [AlertSourceRecord]) throws -> [User.ID] {
        var teams = Set(sources.flatMap(\.teams))
        var users: Set<User.ID> = []
        for policy in Set(sources.map(\.policy)) {
            for target in try EscalationPolicies.find(policy, in: change.transaction)?.policy.levels.flatMap(\.targets)
                ?? []
            {
                switch target {
                case .user(let user): users.insert(user)
                case .team(let team): teams.insert(team)
                // Who is on call changes; a window concerns those who are named.
                case .schedule: break
                }
            }
        }
        for team in teams { users.formUnion(try Teams.members(of: team, in: change.transaction)) }
        return Array(users.sorted().prefix(Self.mostPeople))
    }

    private static func words(_ moment: Moment) -> String {
        switch moment {
        case .creation: "is planned"
        case .start: "has begun"
        case .end: "is over"
        }
    }

    private static func words(_ mode: MaintenanceWindow.Mode) -> String {
        switch mode {
        case .hold: "What still fails at its end raises an alert then."
        case .discard: "What fails in it raises no alert."
        }
    }

    /// `2026-12-24 08:00` on a wall in the zone.
    private static func time(_ time: Timestamp, in zone: String) -> String {
        let wall = (Zone(zone) ?? .utc).wallTime(at: time)
        return "\(wall.day.text) \(SupportHours.text(wall.minute))"
    }
}
