import Alerting
import Testing

struct MaintenanceWindowTests {
    private static let start = Timestamp(milliseconds: 1_000_000)
    private static let end = Timestamp(milliseconds: 2_000_000)
    private static let hold = MaintenanceWindow.Span(start: start, end: end, mode: .hold)
    private static let discard = MaintenanceWindow.Span(start: start, end: end, mode: .discard)

    @Test(arguments: [(-1, false), (0, true), (999_999, true), (1_000_000, false)])
    func `given a window, when an alert event arrives around its edges, then its start counts and its end does not`(
        offset: Int, isHeld: Bool
    ) {
        let now = Self.start + .milliseconds(offset)
        let event = AlertEvent(kind: .alert, alertKey: "home", summary: "Down")

        let reason = MaintenanceWindow.decide(event, spans: [Self.hold], lastResolve: nil, at: now)

        #expect(reason == (isHeld ? .heldInMaintenance : nil))
    }

    @Test(arguments: [AlertEvent.Kind.accept, .resolve, .comment])
    func `given a window, when anything but an alert arrives, then it passes`(kind: AlertEvent.Kind) {
        let event = AlertEvent(kind: kind, alertKey: "home")

        #expect(MaintenanceWindow.decide(event, spans: [Self.hold], lastResolve: nil, at: Self.start) == nil)
    }

    @Test func `given several windows, when one holds, then the event is held, else discarded`() {
        let event = AlertEvent(kind: .alert, summary: "Down")
        func reason(_ spans: [MaintenanceWindow.Span]) -> IntakeReason? {
            MaintenanceWindow.decide(event, spans: spans, lastResolve: nil, at: Self.start)
        }

        #expect(reason([Self.discard]) == .discardedInMaintenance)
        #expect(reason([Self.discard, Self.hold]) == .heldInMaintenance)
        #expect(reason([]) == nil)
    }

    @Test func `given an event older than the last resolve of its key, when it arrives, then the intake judges it`() {
        let event = AlertEvent(kind: .alert, alertKey: "home", summary: "Down", occurredAt: Self.start)

        let stale = MaintenanceWindow.decide(
            event, spans: [Self.hold], lastResolve: Self.start + .milliseconds(1), at: Self.start)
        let fresh = MaintenanceWindow.decide(event, spans: [Self.hold], lastResolve: Self.start, at: Self.start)

        #expect(stale == nil)
        #expect(fresh == .heldInMaintenance)
    }

    @Test func `given an event with all it may have, when written and read, then it is the same`() {
        let event = AlertEvent(
            kind: .alert, alertKey: "home", summary: "Down", details: "So", priority: .low, severity: 2,
            links: [AlertLink(href: "https://example.org", text: "Status"), AlertLink(href: "https://example.org")],
            images: [AlertImage(source: "https://example.org/a.png", href: "https://example.org", alternative: "A")],
            comments: [AlertComment(creator: "Bob", content: "Looking")], labels: ["a": "b"], services: ["shop"],
            customDetails: .object(["x": .array([.integer(1), .null])]), routingKeys: ["web", "db"],
            occurredAt: Timestamp(milliseconds: 7))
        let small = AlertEvent(kind: .resolve)

        #expect(AlertEvent(json: event.json) == event)
        #expect(AlertEvent(json: small.json) == small)
        #expect(AlertEvent(json: .object([:])) == nil)
    }
}
