import Alerting
import Engine
import Foundation
import Storage

/// Monitors, websites and events in the words of RapidSpike's API.
enum RapidSpikeBodies {
    struct History: Sendable {
        /// Of 30 days.
        var hours: [Monitor.ID: [MonitorSum]] = [:]
        /// Of 30 days, the newest first.
        var events: [Monitor.ID: [MonitorEvent]] = [:]
    }

    static func monitor(_ monitor: MonitorRecord, _ history: History, _ call: RapidSpikeDoor.Call) -> JSONValue {
        var members: [String: JSONValue] = [
            "monitor": .object([
                "uuid": .string(monitor.uuid), "label": .string(monitor.name),
                "type": .string(monitor.subject.kind.rawValue), "asset_title": .string(monitor.subject.site.host),
                "target": .string(monitor.subject.path.isEmpty ? monitor.subject.target : monitor.subject.path),
                "paused": .bool(monitor.isPaused), "test_regions": regions(monitor), "website": site(monitor),
            ])
        ]
        let stats = call.stats
        guard !stats.isEmpty else { return .object(members) }
        let sums = history.hours[monitor.id] ?? []
        let changes = history.events[monitor.id] ?? []
        let all: [String: JSONValue] = [
            "status": .string(monitor.watch.state.rawValue),
            "latest_response": monitor.last.map { .integer($0.total.wholeMilliseconds) } ?? .null,
            "average_response": average(sums), "average_uptime_percentage": uptime(sums),
            "total_status_changes": .integer(Int64(changes.count)),
            "longest_outage": .integer(longest(changes, call.now)),
            "time_since_last_status_change": since(monitor.watch.changedAt, call.now),
        ]
        members["stats"] = .object(all.filter { stats.contains($0.key) })
        return .object(members)
    }

    static func event(_ event: MonitorEvent, of monitor: MonitorRecord) -> JSONValue {
        .object([
            "status": .string(event.state.rawValue), "notification_sent": .bool(monitor.source != nil),
            "monitor": .object(["uuid": .string(monitor.uuid), "test_regions": regions(monitor)]),
            "website": .object(["uuid": .string(monitor.subject.site.uuid(of: monitor.account))]),
            "created_date": .string(date(event.at)), "unix_created_date": .integer(event.at.milliseconds / 1000),
        ])
    }

    static func website(_ monitors: [MonitorRecord], _ history: History, _ call: RapidSpikeDoor.Call) -> JSONValue {
        guard let first = monitors.first else { return .null }
        var members: [String: JSONValue] = ["website": site(first)]
        guard !call.stats.isEmpty else { return .object(members) }
        func count(_ state: MonitorWatch.State) -> JSONValue {
            .integer(Int64(monitors.count { !$0.isPaused && $0.watch.state == state }))
        }
        let sums = monitors.flatMap { history.hours[$0.id] ?? [] }
        let changes = monitors.map { history.events[$0.id] ?? [] }
        let total = Int64(changes.reduce(0) { $0 + $1.count })
        let all: [String: JSONValue] = [
            "total_monitors": .integer(Int64(monitors.count)), "pending_monitors": count(.pending),
            "passing_monitors": count(.passing), "failing_monitors": count(.failing),
            "paused_monitors": .integer(Int64(monitors.count { $0.isPaused })),
            "status": .string(
                monitors.contains { !$0.isPaused && $0.watch.state == .failing } ? "has_failing" : "all_passing"),
            "average_response": average(sums), "average_uptime_percentage": uptime(sums),
            "time_since_last_status_change": since(monitors.compactMap(\.watch.changedAt).max(), call.now),
            "total_status_changes": .integer(total), "total_events": .integer(total),
            "longest_outage": .integer(changes.map { longest($0, call.now) }.max() ?? 0),
        ]
        members["stats"] = .object(all.filter { call.stats.contains($0.key) })
        return .object(members)
    }

    static func wallboard(_ monitors: [MonitorRecord]) -> JSONValue {
        guard let first = monitors.first, var members = site(first).object else { return .null }
        members["monitors"] = .object([
            "http": .array(
                monitors.map { monitor in
                    .object([
                        "current_status": .string(monitor.watch.state.rawValue), "paused": .bool(monitor.isPaused),
                        "page": .object([
                            "label": .string(monitor.name), "path": .string(monitor.subject.path),
                        ]),
                    ])
                })
        ])
        return .object(members)
    }

    private static func site(_ monitor: MonitorRecord) -> JSONValue {
        let site = monitor.subject.site
        return .object([
            "uuid": .string(site.uuid(of: monitor.account)), "label": .string(site.host),
            "domain_name": .string(site.root),
        ])
    }

    private static func regions(_ monitor: MonitorRecord) -> JSONValue {
        let regions = monitor.regions.isEmpty ? [Monitor.homeRegion] : monitor.regions
        return .array(regions.map { .object(["id": .string($0)]) })
    }

    private static func average(_ sums: [MonitorSum]) -> JSONValue {
        let checks = sums.reduce(0) { $0 + $1.checks }
        guard checks > 0 else { return .null }
        return .integer((sums.reduce(Duration.zero) { $0 + $1.total } / checks).wholeMilliseconds)
    }

    private static func uptime(_ sums: [MonitorSum]) -> JSONValue {
        let (checks, failures) = (sums.reduce(0) { $0 + $1.checks }, sums.reduce(0) { $0 + $1.failures })
        guard checks > 0 else { return .null }
        return .number(Double((checks - failures) * 10_000 / checks) / 100)
    }

    /// In seconds.
    private static func longest(_ events: [MonitorEvent], _ now: Timestamp) -> Int64 {
        Incident.of(events).map { $0.duration(at: now).wholeMilliseconds / 1000 }.max() ?? 0
    }

    private static func since(_ time: Timestamp?, _ now: Timestamp) -> JSONValue {
        guard let time else { return .null }
        return .object([
            "hours": .integer((now - time).wholeMilliseconds / 3_600_000), "date": .string(date(time)),
        ])
    }

    /// `2026-01-01 10:00:00`.
    private static func date(_ time: Timestamp) -> String {
        String(time.iso8601.prefix(19)).replacing("T", with: " ")
    }
}
