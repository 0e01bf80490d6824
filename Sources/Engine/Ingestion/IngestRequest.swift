public import Alerting
public import Integrations
import Storage
import Synchronization

/// A request to a known alert source, read and ready to be decided.
///
/// A class, because it is handed from queue to queue and copying all its parts each time is what costs.
public final class IngestRequest: Sendable {
    public let source: SourceEntry
    public let request: WebhookRequest
    public let events: [AlertEvent]
    /// Why the request was not understood; its events then are the alert about it, or none.
    public let fault: String?
    /// Why the request was not let in, when it was not.
    let refusal: IntakeReason?
    /// How it was read.
    let form: IngestForm
    public let receivedAt: Timestamp
    /// What the transaction will need, worked out here: requests are read side by side and committed one by one.
    let prepared: [PreparedEvent]
    let storedHeaders: String
    /// How many of its alert events are below the source's soft limit.
    let allowance = Atomic(Int.max)
    /// Held back by maintenance until now.
    let isReleased: Bool
    /// The event flow's node that it comes from, whose words go before the source's; `nil`: from no flow.
    let route: FlowRoute?

    /// What the timeline says of an alert that comes of this; `nil`: nothing special.
    var raisingReason: String? {
        fault != nil ? "unreadable" : isReleased ? "held_in_maintenance" : nil
    }

    /// Reads `request` as the source's integration does. What cannot be read becomes an alert about itself.
    public convenience init(_ request: WebhookRequest, source: SourceEntry, receivedAt: Timestamp) {
        do throws(IntegrationError) {
            let events =
                if let reader = source.reader(of: request) {
                    try reader.events(from: request, settings: source.settings)
                } else {
                    try EventsAPI.events(from: request, settings: source.settings)
                }
            self.init(request, source, events, fault: nil, receivedAt)
        } catch {
            let event = Self.unreadable(request, source: source, fault: error.message)
            self.init(request, source, [event], fault: error.message, receivedAt)
        }
    }

    /// A generic event whose body was taken apart already; a fault in it raises nothing.
    public convenience init(
        _ request: WebhookRequest, event: Result<AlertEvent, IntegrationError>, source: SourceEntry,
        receivedAt: Timestamp
    ) {
        switch event {
        case .success(let event): self.init(request, source, [event], fault: nil, form: .generic, receivedAt)
        case .failure(let error): self.init(request, source, [], fault: error.message, form: .generic, receivedAt)
        }
    }

    /// An event that maintenance held back and that still fails at its end.
    convenience init(held: HeldKey, source: SourceEntry, at now: Timestamp) {
        self.init(WebhookRequest(body: []), source, [held.event], fault: nil, now, isReleased: true)
    }

    /// An event that an event flow hands on; kept as the generic event, so that it can be handed in again.
    ///
    /// - Parameter fault: why the flow could not read the request, which the event then is about.
    convenience init(
        _ event: AlertEvent, by route: FlowRoute, of flow: FlowEntry, fault: String?, source: SourceEntry,
        at now: Timestamp
    ) {
        let request = WebhookRequest(
            path: "\(FlowReception.path)\(flow.record.id)", headers: [.init("Content-Type", "application/json")],
            body: event.wire.bytes())
        self.init(request, source, [event], fault: fault, form: .generic, now, route: route)
    }

    /// A request whose sender is told of a fault in it, which then raises nothing.
    convenience init(strict request: WebhookRequest, source: SourceEntry, receivedAt: Timestamp) {
        do throws(IntegrationError) {
            let events = try source.reader(of: request)?.events(from: request, settings: source.settings) ?? []
            self.init(request, source, events, fault: nil, form: .strict, receivedAt)
        } catch {
            self.init(request, source, [], fault: error.message, form: .strict, receivedAt)
        }
    }

    /// A request that is not from whom it should be, or that a filter holds back: a line in the event explorer, and
    /// nothing else.
    convenience init(
        refused request: WebhookRequest, because explanation: String, reason: IntakeReason = .refused,
        source: SourceEntry, receivedAt: Timestamp
    ) {
        self.init(request, source, [], fault: explanation, refusal: reason, form: .refused(explanation), receivedAt)
    }

    /// A request that waited in the journal, read as it would have been when it came.
    convenience init(_ record: JournalRecord, source: SourceEntry) {
        let request = record.request
        switch record.form {
        case .standard: self.init(request, source: source, receivedAt: record.receivedAt)
        case .strict: self.init(strict: request, source: source, receivedAt: record.receivedAt)
        case .generic:
            self.init(
                request, event: EventsAPI.submission(readable: request), source: source,
                receivedAt: record.receivedAt)
        case .refused(let reason):
            self.init(refused: request, because: reason, source: source, receivedAt: record.receivedAt)
        }
        allowance.store(record.allowance, ordering: .relaxed)
    }

    private init(
        _ request: WebhookRequest, _ source: SourceEntry, _ events: [AlertEvent], fault: String?,
        refusal: IntakeReason? = nil, form: IngestForm = .standard, _ receivedAt: Timestamp, isReleased: Bool = false,
        route: FlowRoute? = nil
    ) {
        self.form = form
        self.isReleased = isReleased
        self.route = route
        self.refusal = refusal
        self.source = source
        self.request = request
        self.events = events
        self.fault = fault
        self.receivedAt = receivedAt
        storedHeaders = StoredHeaders.text(of: request.headers)
        // What was held back followed the source's rules when it came.
        let followed = fault == nil && !isReleased ? source : nil
        prepared = events.map { PreparedEvent($0, source: followed, at: receivedAt) }
    }

    /// The alert key of a source's alert about what could not be read.
    static let unreadableKey = "unreadable notification"

    private static func unreadable(_ request: WebhookRequest, source: SourceEntry, fault: String) -> AlertEvent {
        let name = source.integration?.name ?? source.record.name
        // Some tools put the key into what they send; the alert goes to people who need not know it.
        let hidden = { (text: String) in text.replacing(source.record.integrationKey, with: "…") }
        let body = Limits.cut(hidden(String(decoding: request.body, as: UTF8.self)), to: 4000)
        let query = request.query.isEmpty ? "" : "\nQuery: \(Limits.cut(hidden(request.query), to: 1000))"
        return AlertEvent(
            kind: .alert, alertKey: unreadableKey, summary: "\(name): unreadable notification",
            details: """
                A request to the alert source “\(source.record.name)” could not be read: \(fault)
                Open the source's event explorer to see it whole and to say where state and key are found.
                \(query)
                \(body)
                """)
    }
}

/// An event as its source wants it, with its key and its columns' text.
final class PreparedEvent: Sendable {
    let shaped: ShapedEvent
    let key: AlertKey?
    let extras: AlertExtrasText
    /// Whether the source's rules still have to be followed, because they count.
    let isRaw: Bool

    var event: AlertEvent { shaped.event }

    /// - Parameter source: `nil`: its rules do not count, as for what could not be read.
    convenience init(_ event: AlertEvent, source: SourceEntry?, at now: Timestamp) {
        switch source?.shaping {
        case nil, .some(.none): self.init(ShapedEvent(event))
        case .counted: self.init(ShapedEvent(event), isRaw: true)
        case .pure:
            var counters = ConditionCounters()
            let shaped = source?.eventRules.shape(
                event, in: source?.environment(at: now) ?? ConditionEnvironment(now: now), counters: &counters)
            self.init(shaped ?? ShapedEvent(event))
        }
    }

    init(_ shaped: ShapedEvent, isRaw: Bool = false) {
        self.shaped = shaped
        self.isRaw = isRaw
        key = shaped.event.alertKey.flatMap(AlertKey.init)
        extras = AlertExtrasText(shaped.event)
    }
}

/// What became of a request.
public struct IngestAnswer: Equatable, Sendable {
    /// Of the first event; `nil` when there was none.
    public var alertKey: String?
    /// The alert that the first event touched.
    public var alert: Alert.ID?
    public var reason: IntakeReason
    /// How the sender is answered.
    public var dialect = AnswerDialect.standard

    public init(alertKey: String? = nil, alert: Alert.ID? = nil, reason: IntakeReason) {
        self.alertKey = alertKey
        self.alert = alert
        self.reason = reason
    }
}
