import Alerting
import Integrations
import Simulation
import Storage
import Testing

@testable import Engine

/// What many requests in one transaction do, beside what the same do one after the other.
struct BatchTests {
    private typealias Cast = SimulatedCast

    /// What is to be seen afterwards, whatever the ids are.
    private struct Picture: Equatable {
        var reasons: [IntakeReason]
        var alerts: [String]
        var keys: [String]
    }

    private static let ways = [
        "ONE_ALERT_PER_EMAIL", "ONE_PENDING_ALERT_ALLOWED", "ONE_OPEN_ALERT_ALLOWED", "ONE_ALERT_GROUPED_PER_WINDOW",
        "ONE_ALERT_PER_EMAIL_SUBJECT",
    ]

    /// Events over a few keys, some of them with times of the tool's own, in the order in which they come.
    private static func events(_ seed: UInt64, at now: Timestamp) -> [AlertEvent] {
        var generator = SeededGenerator(seed: seed)
        return (0..<60).map { number in
            let kinds: [AlertEvent.Kind] = [.alert, .alert, .alert, .resolve, .resolve, .accept]
            var event = AlertEvent(
                kind: kinds[Int.random(in: 0..<kinds.count, using: &generator)],
                alertKey: Int.random(in: 0..<12, using: &generator) == 0
                    ? nil : "key \(Int.random(in: 0..<7, using: &generator))",
                summary: "Page \(Int.random(in: 0..<3, using: &generator)) is down")
            if Bool.random(using: &generator) {
                event.occurredAt = now + .seconds(Int.random(in: -30...30, using: &generator))
            }
            if Int.random(in: 0..<3, using: &generator) == 0 { event.priority = .low }
            return event
        }
    }

    private static func picture(_ seed: UInt64, _ way: String, inBatchesOf size: Int) async throws -> Picture {
        var shop = Cast.source(creation: way, window: .minutes(5), at: SimulatedClock().now)
        shop.fields = .object(["eventLimitPerMinute": .integer(40)])
        let world = try await SimulatedWorld(sources: [shop])
        let source = try #require(try await world.engine.directory.entry(forKey: Cast.shopKey))
        let requests = events(seed, at: world.now).map {
            IngestRequest(WebhookRequest(body: []), event: .success($0), source: source, receivedAt: world.now)
        }
        var reasons: [IntakeReason] = []
        for start in stride(from: 0, to: requests.count, by: size) {
            let batch = Array(requests[start..<min(start + size, requests.count)])
            reasons += try world.engine.ingestion.commit(batch).map { try $0.get().answer.reason }
        }
        let alerts = try await world.alerts().map(\.alert).sorted { $0.id < $1.id }
        let places = Dictionary(uniqueKeysWithValues: alerts.enumerated().map { ($1.id.rawValue, $0) })
        let keys = try await world.disk.read { transaction in
            try transaction.query(
                "SELECT alert_key, alert_id, resolved_at_ms FROM alert_keys ORDER BY alert_key", [:]
            ).map { row in
                let alert = try row.optionalInteger("alert_id").flatMap { places[$0] }.map(String.init)
                let time = try row.optionalTime("resolved_at_ms")
                return "\(try row.text("alert_key")) \(alert ?? "closed") \(time?.milliseconds ?? 0)"
            }
        }
        return Picture(
            reasons: reasons,
            alerts: alerts.map { "\($0.status) \($0.priority) \($0.eventCount) \($0.summary)" },
            // Keys that nobody gave have the alert's id in them.
            keys: keys.filter { !$0.hasPrefix("nb-") })
    }

    @Test(arguments: ways)
    func `given any requests, when many are in one transaction, then it is as if each had one of its own`(
        way: String
    ) async throws {
        for seed in 1...8 as ClosedRange<UInt64> {
            let single = try await Self.picture(seed, way, inBatchesOf: 1)
            for size in [2, 7, 60] {
                let together = try await Self.picture(seed, way, inBatchesOf: size)
                #expect(together == single, "seed \(seed), \(size) at a time")
            }
        }
    }
}
