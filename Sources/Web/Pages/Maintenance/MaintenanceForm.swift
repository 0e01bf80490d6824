import Alerting
import Engine
import Storage

/// What people type about a maintenance window. Its times are on a wall in its zone.
struct MaintenanceForm {
    var summary: String
    var details: String
    /// Such as `2026-12-24T08:00`.
    var start: String
    var end: String
    var zone: String
    var sources: Set<AlertSource.ID>
    var monitors: Set<Monitor.ID>
    var mode: String
    var notify: Set<String>

    /// For a new one: the next hour.
    init(zone name: String, now: Timestamp) {
        let zone = Zone(name) ?? .utc
        let wall = zone.wallTime(at: now + .hours(1))
        let hour = WallTime(wall.day, minute: wall.minute / 60 * 60)
        summary = ""
        details = ""
        start = Self.text(hour)
        end = Self.text(WallTime(milliseconds: hour.milliseconds + 3_600_000))
        self.zone = zone.name
        sources = []
        monitors = []
        mode = MaintenanceWindow.Mode.hold.rawValue
        notify = []
    }

    init(_ window: MaintenanceWindowRecord) {
        let zone = Zone(window.timeZone) ?? .utc
        summary = window.summary
        details = window.details
        start = Self.text(zone.wallTime(at: window.span.start))
        end = Self.text(zone.wallTime(at: window.span.end))
        self.zone = zone.name
        sources = Set(window.sources)
        monitors = Set(window.monitors)
        mode = window.span.mode.rawValue
        let told = window.notifications
        notify = Set(
            [("creation", told.atCreation), ("start", told.atStart), ("end", told.atEnd)].filter(\.1).map(\.0))
    }

    init(_ form: Form) {
        summary = form["summary"]
        details = form["details"]
        start = form["start"]
        end = form["end"]
        zone = form["zone"]
        sources = Set(form.all("source").compactMap { AlertSource.ID($0) })
        monitors = Set(form.all("monitor").compactMap { Monitor.ID($0) })
        mode = form["mode"]
        notify = Set(form.all("notify"))
    }

    func draft(services: [Int64]) throws(Failure) -> MaintenanceWindowDraft {
        guard let zone = Zone(zone) else { throw Failure(.invalid, "Choose a time zone.") }
        guard let start = WallTime(start), let end = WallTime(end) else {
            throw Failure(.invalid, "Enter when it begins and when it ends.")
        }
        return MaintenanceWindowDraft(
            summary: summary, details: details, timeZone: zone.name, start: zone.first(start), end: zone.last(end),
            mode: MaintenanceWindow.Mode(rawValue: mode) ?? .hold, sources: sources.sorted(),
            monitors: monitors.sorted(),
            services: services,
            notifications: .init(
                atCreation: notify.contains("creation"), atStart: notify.contains("start"),
                atEnd: notify.contains("end")))
    }

    var modeChoices: [Choice] {
        [
            Choice(
                "hold", "Hold back", isChosen: mode != "discard",
                hint: "What still fails at the end raises an alert then; what is well again never does."),
            Choice(
                "discard", "Discard", isChosen: mode == "discard",
                hint: "Nothing is raised at the end; the next event after it counts."),
        ]
    }

    var notificationChoices: [Choice] {
        [("creation", "When it is planned"), ("start", "When it begins"), ("end", "When it ends")].map {
            Choice($0.0, $0.1, isChosen: notify.contains($0.0))
        }
    }

    static func moments(_ told: MaintenanceWindowRecord.Notifications) -> [String] {
        [("When planned", told.atCreation), ("at its start", told.atStart), ("at its end", told.atEnd)]
            .filter(\.1).map(\.0)
    }

    /// `2026-12-24T08:00`.
    private static func text(_ wall: WallTime) -> String {
        "\(wall.day.text)T\(SupportHours.text(wall.minute))"
    }
}
