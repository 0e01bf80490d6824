import Alerting
import Engine
import Storage

/// What is read from the database when somebody asks for the metrics.
struct EngineGauges: Sendable {
    private struct Queue {
        var channel: Channel
        var waiting: Int
        /// How long ago its oldest message should have gone out.
        var oldest: Duration
    }

    private var openAlerts: [AlertStatus: Int]
    private var queues: [Queue]
    private var escalationLag: Duration
    /// When each node was last seen, ago.
    private var nodes: [Duration]

    static func read(_ store: Store) async throws -> EngineGauges {
        let now = store.clock.now
        return try await store.read { transaction in
            EngineGauges(
                openAlerts: try AlertList.openCounts(in: transaction),
                queues: try Messages.queues(in: transaction).map { queue in
                    Queue(
                        channel: queue.channel, waiting: queue.waiting, oldest: max(now - queue.oldestIntended, .zero))
                },
                escalationLag: try Timers.nextDue(in: transaction).map { max(now - $0, .zero) } ?? .zero,
                nodes: try Nodes.list(limit: 1000, in: transaction).map { now - $0.seenAt })
        }
    }

    func write(to page: inout PrometheusPage) {
        for status in AlertStatus.allCases where status != .resolved {
            page.add(
                "nightbell_open_alerts", .gauge, [("status", status.rawValue)],
                value: Double(openAlerts[status] ?? 0))
        }
        for channel in Channel.allCases {
            let queue = queues.first { $0.channel == channel }
            let labels = [("channel", channel.rawValue)]
            page.add("nightbell_notification_queue_messages", .gauge, labels, value: Double(queue?.waiting ?? 0))
            page.add(
                "nightbell_notification_oldest_pending_seconds", .gauge, labels,
                value: (queue?.oldest ?? .zero) / .seconds(1))
        }
        let silent = nodes.filter { $0 > NodeLoop.silence }.count
        page.add("nightbell_nodes", .gauge, [("state", "seen")], value: Double(nodes.count - silent))
        page.add("nightbell_nodes", .gauge, [("state", "silent")], value: Double(silent))
        page.add("nightbell_escalation_lag_seconds", .gauge, value: escalationLag / .seconds(1))
    }
}
