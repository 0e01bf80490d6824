import Alerting
import Integrations
import Logging
import Metrics
import Storage

/// Takes requests to event flows in: reads them, leads their events through the tree and hands them on to the alert
/// sources that it names.
public struct FlowReception: Sendable {
    private let store: Store
    let flows: FlowDirectory
    private let sources: AlertSourceDirectory
    private let ingestion: Ingestion
    private let wakeups: Wakeups
    private let logger: Logger

    /// What the path of a request that a flow hands on begins with.
    static let path = "/event-flows/"

    init(
        store: Store, flows: FlowDirectory, sources: AlertSourceDirectory, ingestion: Ingestion, wakeups: Wakeups,
        logger: Logger
    ) {
        self.store = store
        self.flows = flows
        self.sources = sources
        self.ingestion = ingestion
        self.wakeups = wakeups
        self.logger = logger
    }

    /// - Throws: `Failure.invalid` for a request whose sender is told of a fault, `Failure.unavailable` when nothing
    ///   was stored and the sender should come back.
    func receive(_ request: WebhookRequest, at entrance: FlowDirectory.Entrance) async throws -> IngestAnswer {
        let type = entrance.integration.type
        let reader = IntegrationCatalog.entry(ofAPIAt: request.path) ?? IntegrationCatalog.entry(type: type)
        guard reader?.kind.isMail != true else { throw Failure(.invalid, "This event flow takes requests, not mails.") }
        let now = store.clock.now
        var log = FlowLogging(request, entrance, at: now)
        let events: [AlertEvent]
        var fault: String?
        do throws(IntegrationError) {
            let settings = IntegrationSettings()
            events =
                if let reader {
                    try reader.events(from: request, settings: settings)
                } else {
                    try EventsAPI.events(from: request, settings: settings)
                }
        } catch {
            if reader?.tellsItsSender ?? true {
                log.add(.unreadable, reason: error.message)
                try await write(log)
                throw Failure(.invalid, error.message)
            }
            fault = error.message
            events = [Self.unreadable(request, name: reader?.name ?? type, entrance.entry, fault: error.message)]
        }
        let answer = try await pass(events, fault: fault, entrance, at: now, &log)
        try await write(log)
        var told = answer ?? IngestAnswer(reason: .nothingToSay)
        told.dialect = reader?.kind.answers ?? .standard
        return told
    }

    /// - Returns: what became of the first event; `nil`: there was none.
    private func pass(
        _ events: [AlertEvent], fault: String?, _ entrance: FlowDirectory.Entrance, at now: Timestamp,
        _ log: inout FlowLogging
    ) async throws -> IngestAnswer? {
        var first: IngestAnswer?
        for walk in try await walks(events, entrance, at: now) {
            var answer: IngestAnswer
            switch walk.outcome {
            case .routed(let route):
                answer = try await submit(walk, route, fault: fault, entrance.entry, at: now, &log)
            case .waiting:
                log.add(.waiting, walk)
                answer = IngestAnswer(alertKey: walk.event.alertKey, reason: .waitingInFlow)
            case .dropped:
                // What nobody could read is not dropped: it goes where the flow's first events would.
                if fault != nil, let route = entrance.entry.flow.routes.first {
                    answer = try await submit(walk, route, fault: fault, entrance.entry, at: now, &log)
                } else {
                    log.add(.dropped, walk)
                    answer = IngestAnswer(alertKey: walk.event.alertKey, reason: .droppedByFlow)
                }
            }
            first = first ?? answer
        }
        return first
    }

    /// Leads the events through; where something has to be remembered, in a transaction.
    private func walks(
        _ events: [AlertEvent], _ entrance: FlowDirectory.Entrance, at now: Timestamp
    ) async throws -> [FlowWalk] {
        let (entry, type) = (entrance.entry, entrance.integration.type)
        guard entry.flow.usesCounters || entry.flow.hasWaits else {
            var counters = ConditionCounters()
            return events.map { entry.walk($0, integrationType: type, at: now, counters: &counters) }
        }
        return try await Failure.translating {
            let walks = try await store.write(ids: events.count) { change in
                try change.lead(events, through: entry, integrationType: type)
            }
            wakeups.flows.signal()
            return walks
        }
    }

    private func submit(
        _ walk: FlowWalk, _ route: FlowRoute, fault: String?, _ entry: FlowEntry, at now: Timestamp,
        _ log: inout FlowLogging
    ) async throws -> IngestAnswer {
        guard let source = try await sources.entry(for: route.source), source.record.account == entry.record.account
        else {
            logger.error(
                "event flow leads to an alert source that is gone",
                metadata: ["event_flow": "\(entry.record.id)", "source": "\(route.source)"])
            log.add(.sourceGone, walk)
            return IngestAnswer(alertKey: walk.event.alertKey, reason: .droppedByFlow)
        }
        let answer = try await ingestion.submit(
            IngestRequest(walk.event.withinLimits(), by: route, of: entry, fault: fault, source: source, at: now))
        log.add(.routed, walk, source: route.source, answer)
        return answer
    }

    private func write(_ log: FlowLogging) async throws {
        for event in log.events { FlowMetrics.count(event.outcome) }
        do {
            try await store.write(ids: log.events.count) { change in
                for event in log.events {
                    var event = event
                    event.id = try change.newID()
                    try EventFlowLog.insert(event, in: change.transaction)
                }
            }
        } catch {
            logger.error("event flow not recorded", metadata: ["reason": "\(error)"])
            // What an alert source has taken is durable; what is nowhere else must come again.
            guard log.events.contains(where: { $0.outcome == .routed }) else {
                throw Failure(.unavailable, "The request could not be stored; come back soon.", cause: "\(error)")
            }
        }
        wakeups.pages.send()
    }

    private static func unreadable(
        _ request: WebhookRequest, name: String, _ entry: FlowEntry, fault: String
    ) -> AlertEvent {
        let body = Limits.cut(String(decoding: request.body, as: UTF8.self), to: 4000)
        return AlertEvent(
            kind: .alert, alertKey: IngestRequest.unreadableKey, summary: "\(name): unreadable notification",
            details: """
                A request to the event flow “\(entry.record.name)” could not be read: \(fault)

                \(body)
                """)
    }
}

/// The lines of one request in an event flow's record.
struct FlowLogging: Sendable {
    private(set) var events: [EventFlowEvent] = []
    private let request: WebhookRequest
    private let flow: EventFlow.ID
    private let type: String
    private let now: Timestamp

    init(_ request: WebhookRequest, _ entrance: FlowDirectory.Entrance, at now: Timestamp) {
        self.init(request, flow: entrance.entry.record.id, type: entrance.integration.type, at: now)
    }

    init(_ request: WebhookRequest, flow: EventFlow.ID, type: String, at now: Timestamp) {
        self.request = request
        self.flow = flow
        self.type = type
        self.now = now
    }

    /// - Parameter reason: why it could not be read.
    mutating func add(
        _ outcome: EventFlowEvent.Outcome, _ walk: FlowWalk? = nil, source: AlertSource.ID? = nil,
        _ answer: IngestAnswer? = nil, reason: String? = nil
    ) {
        var event = EventFlowEvent(
            id: .init(0), flow: flow, receivedAt: now, integrationType: type, kind: walk?.event.kind,
            key: walk?.event.alertKey, summary: walk?.event.summary ?? "", outcome: outcome,
            reason: reason ?? answer?.reason.rawValue, trace: walk?.trace ?? "[]", source: source, alert: answer?.alert)
        if events.isEmpty {
            event.method = request.method
            event.path = request.path
            event.query = request.query
            event.headers = StoredHeaders.text(of: request.headers)
            event.body = request.body
        }
        events.append(event)
    }
}

enum FlowMetrics {
    private static let byOutcome = Dictionary(
        uniqueKeysWithValues: EventFlowEvent.Outcome.allCases.map { outcome in
            (outcome, Counter(label: "nightbell_flow_events_total", dimensions: [("outcome", outcome.rawValue)]))
        })

    static func count(_ outcome: EventFlowEvent.Outcome) { byOutcome[outcome]?.increment() }
}

extension FlowWalk {
    /// What each node did, as it is kept.
    var trace: String {
        JSONValue.array(
            steps.map { .array([.integer($0.node), .string($0.name), .string($0.sentence)]) }
        ).text
    }
}
